"""Read CSV files with required columns, and check that numbers are numbers."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError, unknown_name

FIRST_ROW = 2
"""Line number, as in an editor, of the row that has label 0 in the data frame."""


def read_csv(file: Path, columns: Sequence[str], text: str) -> pd.DataFrame:
    """Read a CSV file, plain or gzipped. Blank lines are left out.

    Parameters
    ----------
    file : Path
    columns : sequence of str
        Required columns.
    text : str
        A further required column, which is read as text.

    Raises
    ------
    BenchmarkError
        If the file cannot be read as CSV, lacks a column, or has one twice.
    """
    # Blank lines are dropped after reading, so that the labels of the other rows count every line.
    options: dict[str, Any] = {"compression": "gzip" if file.suffix == ".gz" else None, "skip_blank_lines": False}
    try:
        names = pd.read_csv(file, nrows=1, header=None, dtype=str, **options).iloc[0].fillna("").tolist()
        for column in dict.fromkeys([text, *columns]):
            if column not in names:
                raise BenchmarkError(f"{file}: {unknown_name('column', column, names)}")
            if names.count(column) > 1:
                raise BenchmarkError(f"{file}: column {column!r} occurs {names.count(column)} times in the header")
        _check_fields(file, len(names))
        wanted = list(dict.fromkeys([text, *columns]))
        frame: pd.DataFrame = pd.read_csv(file, dtype={text: str}, usecols=wanted, low_memory=False, **options)
        return frame.dropna(how="all")
    except BenchmarkError:
        raise
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise BenchmarkError(f"{file} cannot be read as CSV: {error}") from error


def _check_fields(file: Path, expected: int) -> None:
    """Refuse rows with more fields than the header.

    Decimal commas do that, and shift the columns. pandas drops the surplus without a message if it reads some columns.
    """
    with (gzip.open if file.suffix == ".gz" else open)(file, "rt", encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.reader(stream), 1):
            if len(row) > expected:
                raise ValueError(f"line {number} has more fields than the header: expected {expected}, got {len(row)}")


def numbers(frame: pd.DataFrame, columns: Sequence[str], file: Path) -> NDArray[np.float64]:
    """Return some columns as numbers, ``(n, len(columns))``; NaN where a cell is empty.

    Raises
    ------
    BenchmarkError
        If a cell is neither empty nor a number. Booleans are not numbers.
    """
    values = np.empty((len(frame), len(columns)))
    for j, column in enumerate(columns):
        cells = frame[column]
        if pd.api.types.is_bool_dtype(cells) or not pd.api.types.is_numeric_dtype(cells):
            texts = cells.astype(str)
            given, cells = cells.notna(), pd.to_numeric(texts, errors="coerce")
            wrong = frame.index[given & cells.isna()]
            if len(wrong):
                raise BenchmarkError(
                    f"{file}, row {wrong.min() + FIRST_ROW}: {column}: expected a number, got"
                    f" {texts[wrong.min()]!r}; leave the cell empty if nothing was recorded"
                )
        values[:, j] = cells.to_numpy(dtype=np.float64)
    return values

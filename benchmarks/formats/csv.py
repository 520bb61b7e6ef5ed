"""Tables in CSV files: columns that must be there, and numbers that must be numbers."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError, unknown_name

FIRST_ROW = 2
"""The row of a file, as an editor counts, whose label in the data frame is 0."""


def read_csv(file: Path, columns: Sequence[str], text: str) -> pd.DataFrame:
    """Read a CSV (also gzipped) that must have these columns; the column ``text`` as text. Blank lines are left out.

    Raises
    ------
    BenchmarkError
        If the file cannot be read as CSV, or lacks a column, or has one twice.
    """
    # Blank lines go last, so that the labels of the other rows count every line.
    options: dict[str, Any] = {"compression": "gzip" if file.suffix == ".gz" else None, "skip_blank_lines": False}
    try:
        names = pd.read_csv(file, nrows=1, header=None, dtype=str, **options).iloc[0].fillna("").tolist()
        for column in dict.fromkeys([text, *columns]):
            if column not in names:
                raise BenchmarkError(f"{file}: {unknown_name('column', column, names)}")
            if names.count(column) > 1:
                raise BenchmarkError(f"{file}: column {column!r} stands {names.count(column)} times in the header")
        # Not usecols=: it cuts off what a row has too many, be it a decimal comma that shifts the columns.
        frame: pd.DataFrame = pd.read_csv(file, dtype={text: str}, low_memory=False, **options)
        if not isinstance(frame.index, pd.RangeIndex):
            raise ValueError("its rows have more fields than its header")
        return frame.dropna(how="all")
    except BenchmarkError:
        raise
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise BenchmarkError(f"{file} cannot be read as CSV: {error}") from error


def numbers(frame: pd.DataFrame, columns: Sequence[str], file: Path) -> NDArray[np.float64]:
    """Numbers of some columns, ``(n, len(columns))``; NaN where a cell is empty.

    Raises
    ------
    BenchmarkError
        If a cell holds anything else, a truth value too.
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
                    f"{file}, row {wrong.min() + FIRST_ROW}: {column}: {texts[wrong.min()]!r} is no number; leave the"
                    " cell empty where nothing was recorded"
                )
        values[:, j] = cells.to_numpy(dtype=np.float64)
    return values

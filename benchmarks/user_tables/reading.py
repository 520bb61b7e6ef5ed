"""Read the columns of a table that an import needs, as texts or as numbers."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError
from benchmarks.user_tables.files import Source, open_source, readable

Array = NDArray[np.float64]
Progress = Callable[[float], None]
"""Called with the share of the file that has been read."""

NOTHING = ("", "nan", "na", "n/a", "null", "none")
"""Contents of a cell of a column of numbers, in lower case, if nothing was recorded."""

HINTS = {
    r"[-+\d.]*,\d+": "; write decimals with a point",
    r"[-+\d.]+\s*%": "; remove the percent sign, and give --scale accuracy-percent or error-percent",
    r"\d+(:\d\d){1,2}(\.\d+)?": "; write times as numbers, such as seconds",
}
"""Advice on a text that is no number, by its form."""


@dataclass
class Texts:
    """A column of texts, ``(n,)``: a code for each row, and the text of each code. The code -1 is null."""

    codes: NDArray[np.int32]
    levels: list[str]


@dataclass
class Rows:
    """The columns of a table that an import needs.

    Attributes
    ----------
    n : int
    texts : dict
        By column: its texts.
    numbers : dict
        By column: its numbers ``(n,)``, NaN where nothing was recorded; or, if the cells are lists, a list of arrays.
    file : Path
    first : int
        Number of the first row, as an editor or a reader of the file shows it.
    read : array of int32, ``(n,)``
        Places of the rows among all rows that were read, blank ones too.
    """

    n: int
    texts: dict[str, Texts]
    numbers: dict[str, Array | list[Array]]
    file: Path
    first: int
    read: NDArray[np.int32]

    def number(self, row: int) -> int:
        """Return the number of a row in the file."""
        return int(self.read[row]) + self.first

    def chosen(self, rows: NDArray[np.int64]) -> Rows:
        """Return some of the rows, in ascending order."""
        numbers = {
            column: [values[row] for row in rows.tolist()] if isinstance(values, list) else values[rows]
            for column, values in self.numbers.items()
        }
        texts = {column: Texts(text.codes[rows], text.levels) for column, text in self.texts.items()}
        return Rows(len(rows), texts, numbers, self.file, self.first, self.read[rows])

    def blank(self) -> NDArray[np.bool_]:
        """Return whether all cells of a row are empty, ``(n,)``."""
        blank = np.ones(self.n, dtype=np.bool_)
        for text in self.texts.values():
            empty = np.array([level == "" for level in text.levels] + [True])
            blank &= empty[text.codes]
        for values in self.numbers.values():
            blank &= np.array([not len(v) for v in values]) if isinstance(values, list) else np.isnan(values)
        return blank

    def place(self, row: int) -> str:
        """Return the file and the number of a row, for a message."""
        return f"{self.file}, row {self.number(row)}"


def read_rows(source: Source, texts: Sequence[str], numbers: Sequence[str], progress: Progress | None = None) -> Rows:
    """Read some columns of a table.

    Parameters
    ----------
    source : Source
    texts, numbers : sequence of str
        Columns of the file to read as they stand, and as numbers.
    progress : callable, optional

    Raises
    ------
    BenchmarkError
        If the file cannot be read, or a cell is not a number.
    """
    collected = _Collected(source, list(dict.fromkeys(texts)), list(dict.fromkeys(numbers)))
    with readable(source.file, source.kind):
        for batch, share in source.batches(list(dict.fromkeys([*texts, *numbers]))):
            collected.add(batch)
            if progress is not None:
                progress(share)
    rows = collected.rows()
    if not rows.n:
        raise BenchmarkError(f"{source.file} has no rows")
    return rows


class _Collected:
    """The columns that were read so far."""

    def __init__(self, source: Source, texts: list[str], numbers: list[str]) -> None:
        self._source = source
        self._codes: dict[str, list[NDArray[np.int32]]] = {column: [] for column in texts}
        self._levels: dict[str, dict[str, int]] = {column: {} for column in texts}
        self._numbers: dict[str, list[Any]] = {column: [] for column in numbers}
        self._n = 0

    def add(self, batch: Mapping[str, Any]) -> None:
        """Add a batch of rows."""
        for column, codes in self._codes.items():
            codes.append(self._encoded(column, batch[column]))
        for column, parts in self._numbers.items():
            parts.append(self._read_numbers(column, batch[column]))
        self._n += len(next(iter(batch.values())))

    def rows(self) -> Rows:
        """Return all rows."""
        texts = {
            column: Texts(np.concatenate([np.empty(0, np.int32), *codes]), list(self._levels[column]))
            for column, codes in self._codes.items()
        }
        numbers: dict[str, Array | list[Array]] = {}
        for column, parts in self._numbers.items():
            if any(isinstance(part, list) for part in parts):
                numbers[column] = [
                    one for part in parts for one in (part if isinstance(part, list) else map(_alone, part))
                ]
            else:
                numbers[column] = np.concatenate([np.empty(0), *parts])
        rows = Rows(self._n, texts, numbers, self._source.file, self._source.first, np.arange(self._n, dtype=np.int32))
        blank = rows.blank()
        return rows.chosen(np.flatnonzero(~blank)) if blank.any() else rows

    def _encoded(self, column: str, values: Any) -> NDArray[np.int32]:
        """Return the codes of a column of texts."""
        known = self._levels[column]
        if isinstance(values, list):
            texts: Iterable[Any] = values
            return np.array(
                [-1 if v is None else known.setdefault(_text(v), len(known)) for v in texts], dtype=np.int32
            )
        encoded = values.dictionary_encode() if not pa.types.is_dictionary(values.type) else values
        own = np.array([known.setdefault(_text(v), len(known)) for v in encoded.dictionary.to_pylist()], dtype=np.int32)
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return np.where(codes < 0, np.int32(-1), own[codes] if len(own) else np.int32(-1)).astype(np.int32)

    def _read_numbers(self, column: str, values: Any) -> Array | list[Array]:
        """Return a column of numbers, or of lists of numbers."""
        if not isinstance(values, list):
            kind = values.type
            if pa.types.is_integer(kind) or pa.types.is_floating(kind):
                numbers: Array = values.cast(pa.float64()).fill_null(math.nan).to_numpy(zero_copy_only=False)
                return numbers
            if pa.types.is_string(kind):
                try:
                    return _fast_numbers(values)
                except (pa.ArrowException, ValueError):
                    pass
            values = values.to_pylist()
        cells = [self._cell(column, value, row) for row, value in enumerate(values, self._n)]
        if any(isinstance(cell, np.ndarray) for cell in cells):
            return [cell if isinstance(cell, np.ndarray) else _alone(cell) for cell in cells]
        return np.array(cells, dtype=np.float64)

    def _cell(self, column: str, value: Any, row: int) -> float | Array:
        """Return the number in a cell, or the numbers of a list."""
        if isinstance(value, str) and value.lstrip().startswith("["):
            try:
                value = json.loads(value.replace("nan", "NaN").replace("None", "null"))
            except ValueError:
                raise self._not_a_number(column, value, row) from None
        if isinstance(value, list):
            items = [self._cell(column, item, row) for item in value]
            if any(isinstance(item, np.ndarray) for item in items):
                raise self._not_a_number(column, value, row)
            return np.array(items, dtype=np.float64)
        if value is None or (isinstance(value, str) and value.strip().lower() in NOTHING):
            return math.nan
        if isinstance(value, bool):
            raise self._not_a_number(column, value, row)
        try:
            if isinstance(value, str) and "_" in value:
                raise ValueError
            return float(value)
        except (TypeError, ValueError, OverflowError):
            raise self._not_a_number(column, value, row) from None

    def _not_a_number(self, column: str, value: object, row: int) -> BenchmarkError:
        number = row + self._source.first
        hint = next((hint for form, hint in HINTS.items() if re.fullmatch(form, str(value).strip())), "")
        return BenchmarkError(
            f"{self._source.file}, row {number}: {column}: expected a number, got {str(value)[:60]!r}; leave the cell"
            f" empty if nothing was recorded{hint}"
        )


def _fast_numbers(values: Any) -> Array:
    """Convert a column of texts to numbers at once. Raise an error if a text is not a plain number."""
    import pyarrow.compute as pc

    trimmed = pc.utf8_trim_whitespace(values)
    empty = pc.is_in(pc.utf8_lower(trimmed), value_set=pa.array(NOTHING))
    kept = pc.if_else(empty, pa.scalar(None, pa.string()), trimmed)
    numbers: Array = kept.cast(pa.float64()).fill_null(math.nan).to_numpy(zero_copy_only=False)
    return numbers


def _alone(value: float) -> Array:
    return np.array([] if math.isnan(value) else [value])


def _text(value: object) -> str:
    """Return a cell as text."""
    return value if isinstance(value, str) else str(value)


def all_cells(file: Path, wanted: Sequence[int]) -> list[dict[str, str]]:
    """Return all cells of some rows as text, by column.

    Parameters
    ----------
    file : Path
    wanted : sequence of int
        Places of the rows among all rows.
    """
    source = open_source(file)
    names = [name for name in dict.fromkeys(source.names) if source.names.count(name) == 1]
    found: dict[int, dict[str, str]] = {}
    begin = 0
    for batch, _ in source.batches(names):
        size = len(next(iter(batch.values())))
        for row in wanted:
            if begin <= row < begin + size:
                cells = {name: batch[name][row - begin] for name in names}
                found[row] = {
                    name: _text(cell.as_py() if hasattr(cell, "as_py") else cell) for name, cell in cells.items()
                }
        begin += size
        if len(found) == len(set(wanted)):
            break
    return [found[row] for row in wanted]

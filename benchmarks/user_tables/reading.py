"""Read the columns of a table: CSV with any delimiter, plain or gzipped, Parquet, JSON records, or JSON lines."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import math
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError, unknown_name

Array = NDArray[np.float64]
Progress = Callable[[float], None]
"""Called with the share of the file that has been read."""

DELIMITERS = ",;\t|"
BLOCK = 8 << 20
"""Bytes of a CSV file that are read at once."""
MOST_COLUMNS = 100_000
NOTHING = ("", "nan", "na", "n/a", "null", "none")
"""Contents of a cell of a column of numbers, in lower case, if nothing was recorded."""


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
        Columns to read as they stand, and as numbers.
    progress : callable, optional

    Raises
    ------
    BenchmarkError
        If the file cannot be read, lacks a column or has it twice, or if a cell is not a number.
    """
    file = source.file
    for column in dict.fromkeys([*texts, *numbers]):
        if column not in source.names:
            raise BenchmarkError(f"{file}: {unknown_name('column', column, source.names)}")
        if source.names.count(column) > 1:
            raise BenchmarkError(f"{file}: column {column!r} occurs {source.names.count(column)} times in the header")
    collected = _Collected(source, list(dict.fromkeys(texts)), list(dict.fromkeys(numbers)))
    with _said(file, source.kind):
        for batch, share in source.batches(list(dict.fromkeys([*texts, *numbers]))):
            collected.add(batch)
            if progress is not None:
                progress(share)
    rows = collected.rows()
    if not rows.n:
        raise BenchmarkError(f"{file} has no rows")
    return rows


@dataclass
class Source:
    """A table in a file: its columns, and how to read batches of them with the share of the file read so far."""

    file: Path
    kind: str
    names: list[str]
    batches: Callable[[list[str]], Iterator[tuple[Mapping[str, Any], float]]]
    first: int


def open_source(file: Path) -> Source:
    """Find the columns of a table.

    Parameters
    ----------
    file : Path
        Its format is told by its suffix: ``.parquet``, ``.json``, ``.jsonl``, otherwise CSV; ``.gz`` may follow.

    Raises
    ------
    BenchmarkError
        If it is not a file that can be read.
    """
    if not file.is_file():
        what = "is a folder" if file.is_dir() else "is not a regular file" if file.exists() else "does not exist"
        raise BenchmarkError(f"{file} {what}; expected a file with a table")
    suffix = file.suffixes[-2] if file.suffix == ".gz" and len(file.suffixes) > 1 else file.suffix
    openers = {".parquet": _parquet, ".json": _json, ".jsonl": _json_lines, ".ndjson": _json_lines}
    kinds = {".parquet": "Parquet", ".json": "JSON records", ".jsonl": "JSON lines", ".ndjson": "JSON lines"}
    kind = kinds.get(suffix, "CSV")
    with _said(file, kind):
        source = openers.get(suffix, _csv)(file)
    if len(source.names) > MOST_COLUMNS:
        raise BenchmarkError(f"{file} has {len(source.names):,} columns; expected at most {MOST_COLUMNS:,}")
    return source


_UNREADABLE = (OSError, EOFError, ValueError, KeyError, RecursionError, zlib.error, csv.Error, pa.ArrowException)


@contextlib.contextmanager
def _said(file: Path, kind: str) -> Iterator[None]:
    """Turn what readers raise into a `BenchmarkError` with the name of the file."""
    try:
        yield
    except BenchmarkError:
        raise
    except _UNREADABLE as error:
        if isinstance(error, UnicodeDecodeError) or "invalid UTF8" in str(error):
            raise BenchmarkError(
                f"{file} is not UTF-8 text, it may be Latin-1; save it as UTF-8 (iconv -f latin1 -t utf8)"
            ) from error
        text = (str(error).splitlines() or [type(error).__name__])[0][:300]
        raise BenchmarkError(f"{file} cannot be read as {kind}: {text}") from error


# CSV


@contextlib.contextmanager
def _unpacked(file: Path, raw: IO[bytes]) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """Yield the content of an open file, unpacked if its name says that it is gzipped."""
    if file.suffix != ".gz":
        yield raw
        return
    with gzip.open(raw, "rb") as stream:
        yield stream


@contextlib.contextmanager
def _stream(file: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    with file.open("rb") as raw, _unpacked(file, raw) as stream:
        yield stream


def _csv(file: Path) -> Source:
    with _stream(file) as stream, io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
        blank, header = 0, ""
        for header in text:
            if header.strip():
                break
            blank += 1
        if not header.strip():
            raise BenchmarkError(f"{file} is empty; expected a line with the names of the columns")
        if header.count('"') % 2:  # a name has a line break
            header += "".join(text.readline() for _ in range(9))
    rows = {delimiter: next(csv.reader(io.StringIO(header), delimiter=delimiter)) for delimiter in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda one: len(rows[one]))
    names = [name.strip() for name in rows[delimiter]]
    source = Source(file, "CSV", names, lambda wanted: _csv_batches(source, delimiter, blank, wanted), blank + 2)
    return source


def _csv_batches(
    source: Source, delimiter: str, blank: int, wanted: list[str]
) -> Iterator[tuple[Mapping[str, Any], float]]:
    """Read a CSV file in blocks, all columns as text."""
    names = [name if source.names.count(name) == 1 else f"{name} {i}" for i, name in enumerate(source.names)]

    def ragged(row: Any) -> str:
        ragged_rows.append((row.number, row.actual_columns))
        return "skip"

    ragged_rows: list[tuple[int | None, int]] = []
    size = max(os.path.getsize(source.file), 1)
    with source.file.open("rb") as raw, _unpacked(source.file, raw) as stream:
        reader = pa_csv.open_csv(
            pa.PythonFile(stream, mode="r"),
            read_options=pa_csv.ReadOptions(
                use_threads=False, block_size=BLOCK, column_names=names, skip_rows=blank + 1
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=ragged
            ),
            convert_options=pa_csv.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
            ),
        )
        for batch in reader:
            if ragged_rows:
                raise _ragged(source, *ragged_rows[0])
            yield {name: batch.column(name) for name in wanted}, raw.tell() / size
    if ragged_rows:
        raise _ragged(source, *ragged_rows[0])


def _ragged(source: Source, number: int | None, got: int) -> BenchmarkError:
    """Make the error for a line with another number of fields than the header."""
    expected = len(source.names)
    return BenchmarkError(
        f"{source.file}, line {number}: {'more' if got > expected else 'fewer'} fields than the header: expected"
        f" {expected}, got {got}; quote fields that contain the delimiter, and write decimals with a point"
    )


# Parquet


def _parquet(file: Path) -> Source:
    with pq.ParquetFile(file) as opened:
        names = list(map(str, opened.schema_arrow.names))

    def batches(wanted: list[str]) -> Iterator[tuple[Mapping[str, Any], float]]:
        with pq.ParquetFile(file) as opened:
            done, total = 0, max(opened.metadata.num_rows, 1)
            for batch in opened.iter_batches(batch_size=1 << 16, columns=wanted):
                done += batch.num_rows
                yield {name: batch.column(batch.schema.get_field_index(name)) for name in wanted}, done / total

    return Source(file, "Parquet", names, batches, 1)


# JSON


def _json(file: Path) -> Source:
    with _stream(file) as stream:
        content = json.load(stream)
    if isinstance(content, dict) and content and all(isinstance(value, list) for value in content.values()):
        lengths = {len(value) for value in content.values()}
        if len(lengths) > 1:
            raise BenchmarkError(f"{file}: expected columns of equal length, got {few(sorted(lengths))}")
        content = [dict(zip(content, values, strict=True)) for values in zip(*content.values(), strict=True)]
    if isinstance(content, dict) and content and all(isinstance(value, dict) for value in content.values()):
        content = [{"key": key, **value} for key, value in content.items()]
    if not isinstance(content, list) or not all(isinstance(record, dict) for record in content):
        raise BenchmarkError(
            f'{file}: expected JSON records, a list of objects such as [{{"depth": 2, "val_acc": 91.3}}, ...]; got'
            f" {_shape(content)}"
        )
    return _records(file, "JSON records", lambda: iter([(content, 1.0)]))


def _json_lines(file: Path) -> Source:
    size = max(os.path.getsize(file), 1)

    def parts() -> Iterator[tuple[list[Any], float]]:
        with file.open("rb") as raw, _unpacked(file, raw) as stream:
            part: list[Any] = []
            for number, line in enumerate(stream, 1):
                try:
                    record = json.loads(line) if line.strip() else {}
                except ValueError as error:
                    raise BenchmarkError(f"{file}, row {number}: expected a JSON object, got {error}") from None
                if not isinstance(record, dict):
                    raise BenchmarkError(f"{file}, row {number}: expected a JSON object, got {_shape(record)}")
                part.append(record)
                if len(part) == 1 << 15:
                    yield part, raw.tell() / size
                    part = []
            yield part, 1.0

    return _records(file, "JSON lines", parts)


def _records(file: Path, kind: str, parts: Callable[[], Iterator[tuple[list[Any], float]]]) -> Source:
    seen = next(parts(), ([], 1.0))[0]
    names = list(dict.fromkeys(str(key) for record in seen for key in record))

    def batches(wanted: list[str]) -> Iterator[tuple[Mapping[str, Any], float]]:
        for records, share in parts():
            yield {name: [record.get(name) for record in records] for name in wanted}, share

    return Source(file, kind, names, batches, 1)


def _shape(content: object) -> str:
    if isinstance(content, list):
        return f"a list of {type(content[0]).__name__}" if content else "an empty list"
    return f"an object with the keys {few(list(content))}" if isinstance(content, dict) else type(content).__name__


def few(values: Sequence[object], most: int = 5) -> str:
    """Return at most five values, and how many more there are."""
    more = f" and {len(values) - most:,} more" if len(values) > most else ""
    return ", ".join(str(value)[:60] for value in values[:most]) + more


# Columns


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
        hint = "; write decimals with a point" if isinstance(value, str) and value.count(",") == 1 else ""
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

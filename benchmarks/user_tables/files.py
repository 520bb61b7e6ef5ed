"""Open a file with a table: CSV with any delimiter, plain or gzipped, Parquet, JSON records, or JSON lines."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from benchmarks.errors import BenchmarkError, few

DELIMITERS = ",;\t|"
BLOCK = 8 << 20
"""Bytes of a CSV file that are read at once."""
MOST_COLUMNS = 100_000


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
    with readable(file, kind):
        source = openers.get(suffix, _csv)(file)
    if len(source.names) > MOST_COLUMNS:
        raise BenchmarkError(f"{file} has {len(source.names):,} columns; expected at most {MOST_COLUMNS:,}")
    return source


_UNREADABLE = (OSError, EOFError, ValueError, KeyError, RecursionError, zlib.error, csv.Error, pa.ArrowException)


@contextlib.contextmanager
def readable(file: Path, kind: str) -> Iterator[None]:
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

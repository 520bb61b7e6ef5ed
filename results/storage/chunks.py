"""Chunks: some trials of one cell in one Parquet file, sealed, and checked when they are read back.

A chunk that the runner writes has one origin: all its trials were made by the same command and code. A compacted chunk
holds the rows of several chunks, and says of each trial which origin it has.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from results.storage.files import read_content, read_end
from results.storage.records import OUTCOMES, SCHEMA_VERSION, Column, ResultsError, Trial, trace_hashes
from results.storage.sealing import BLANK, SEAL, is_intact, is_sealed, seal
from results.storage.trial_table import (
    Numbers,
    TrialRecord,
    TrialTable,
    from_ranges,
    parse_columns,
    parse_records,
    to_columns,
    to_ranges,
    trial_table,
)

CHUNK_FORMAT = 2
"""The format of chunks of few trials. Files of format 1 have no seal."""
COMPACTED_FORMAT = 3
"""The format of compacted chunks and of chunks of many trials, the newest that this version reads."""
MOST_RECORDS = 100
"""Trials of a chunk of format 2, at most. More are written as in a compacted chunk, in a third of the space."""
METADATA = b"regretta"
ID_LENGTH = 16
"""Digits of a cell's id in the name of its folder."""
_LARGEST_FOOTER = 64 << 20
"""Bytes of the metadata of a chunk, at most."""
_OWN = ("schema", "format", "rows", "trials", "real_seconds")
"""Keys of a chunk's metadata that say nothing about where its trials come from."""


class DamagedError(ResultsError):
    """The content of a file is not what was written."""


class ChunkCell(BaseModel):
    """The record of the cell in a chunk's metadata. Other keys are kept."""

    model_config = ConfigDict(strict=True, extra="allow")

    id: str
    label: str


class _Provenance(BaseModel):
    """Keys of the provenance on which reading depends. Other keys are kept."""

    model_config = ConfigDict(strict=True, extra="allow")

    cell: ChunkCell | None = None
    code: str | None = None


class ChunkRecord(BaseModel):
    """The metadata of a chunk that reading depends on.

    The cell and the code of a compacted chunk are those that all its trials have in common, or None.
    """

    model_config = ConfigDict(strict=True)

    schema_: Annotated[int, Field(alias="schema")]
    format: int = 1
    cell: ChunkCell | None = None
    rows: Annotated[int, Field(ge=0)]
    real_seconds: float = 0.0
    code: str | None = None


class _OriginRecord(BaseModel):
    """An origin in the metadata of a compacted chunk."""

    model_config = ConfigDict(strict=True)

    trials: list[Annotated[list[int], Field(min_length=2, max_length=2)]]
    real_seconds: float
    sealed: bool
    metadata: dict[str, Any]


class _CompactedRecord(BaseModel):
    """The metadata of a compacted chunk."""

    model_config = ConfigDict(strict=True)

    trials: list[Annotated[list[Annotated[int, Field(ge=0, lt=10**10)]], Field(min_length=2, max_length=2)]]
    ended: list[tuple[str, Annotated[int, Field(ge=1)]]]
    decisions: str
    outcomes: str
    origins: list[_OriginRecord]


@dataclass(frozen=True)
class Origin:
    """Where some trials of a chunk come from.

    Attributes
    ----------
    trials : (n_trials,) array of int64
    real_seconds : float
        What they took together [s].
    sealed : bool
        Whether a checksum covered them since they were made.
    metadata : dict
        The cell, the data hash, the hash of the code and the provenance, as they were stored with the trials.
    """

    trials: Numbers
    real_seconds: float
    sealed: bool
    metadata: dict[str, Any]

    @property
    def code(self) -> str | None:
        """The hash of the source code that made the trials, or None in files of older versions."""
        code: str | None = self.metadata.get("code")
        return code

    @property
    def cell(self) -> dict[str, Any] | None:
        """The cell for which the trials were made, or None in files of older versions."""
        cell: dict[str, Any] | None = self.metadata.get("cell")
        return cell


@dataclass(frozen=True)
class Footer:
    """Summary of the trials of a chunk file.

    Attributes
    ----------
    file : Path
    record : ChunkRecord
    trials : TrialTable
        The trials of the chunk, by number.
    origins : tuple of Origin
        Every trial has exactly one.
    sealed : bool
        Whether a checksum covered every byte since the trials were made. Older files have none.
    """

    file: Path
    record: ChunkRecord
    trials: TrialTable
    origins: tuple[Origin, ...]
    sealed: bool

    @property
    def code(self) -> dict[int, str | None]:
        """By trial, the hash of the source code that made it, or None in files of older versions."""
        return {trial: origin.code for origin in self.origins for trial in origin.trials.tolist()}

    @property
    def cells(self) -> list[dict[str, Any]]:
        """The cells for which the trials were made. They have the same id, and may differ in their labels."""
        return [origin.cell for origin in self.origins if origin.cell is not None]

    @property
    def compacted(self) -> bool:
        """Whether the trials are kept as in a compacted chunk."""
        return self.record.format >= COMPACTED_FORMAT


@dataclass(frozen=True)
class Chunk(Footer):
    """A chunk file whose content was checked.

    Attributes
    ----------
    content : bytes
    """

    content: bytes

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Read the rows.

        Parameters
        ----------
        columns : sequence of str, optional
            Default: all. The column ``trial`` must be among them.

        Raises
        ------
        DamagedError
            If the rows are not those of the trials that the metadata names.
        """
        with (
            _damage_is_said(self.file),
            pq.ParquetFile(pa.BufferReader(self.content), page_checksum_verification=True) as source,
        ):
            names = source.schema_arrow.names
            if lacking := [name for name in columns or () if name not in names]:
                raise ValueError(f"it lacks the columns {', '.join(lacking)}; it has {', '.join(names)}")
            if source.metadata.num_rows != self.record.rows:
                raise ValueError(f"expected {self.record.rows} rows, got {source.metadata.num_rows}")
            table = source.read(columns=None if columns is None else list(columns))
            if table.num_rows != self.record.rows:
                raise ValueError(f"expected {self.record.rows} rows, got {table.num_rows}")
            unknown = np.setdiff1d(table["trial"].to_numpy(), self.trials.numbers)
            if len(unknown):
                raise ValueError(f"it has rows of trials {unknown.tolist()[:10]}, which it does not name")
        return table


def encode_chunk(trials: Sequence[Trial], metadata: Mapping[str, Any]) -> bytes:
    """Return the content of a chunk file, sealed.

    Parameters
    ----------
    trials : sequence of Trial
        At least one, in ascending order.
    metadata : mapping
        The cell, the data hash and the provenance, kept in the file. JSON.
    """
    table = pa.table(_concatenate(trials))
    if len(trials) > MOST_RECORDS:
        known = trial_table(
            (t.trial for t in trials), *([getattr(t, name) for t in trials] for name in TrialRecord.model_fields)
        )
        own = {key: value for key, value in metadata.items() if key not in _OWN}
        return encode_compacted(table, known, [Origin(known.numbers, metadata.get("real_seconds", 0.0), True, own)])
    record = {
        **metadata,
        "schema": SCHEMA_VERSION,
        "format": CHUNK_FORMAT,
        "rows": table.num_rows,
        "trials": {
            str(trial.trial): {"ended": trial.ended, "decisions": trial.decisions, "outcomes": trial.outcomes}
            for trial in trials
        },
    }
    sink = pa.BufferOutputStream()
    described = table.replace_schema_metadata({METADATA: json.dumps(record).encode(), SEAL: BLANK})
    pq.write_table(described, sink, compression="zstd", write_page_checksum=True)
    return seal(sink.getvalue().to_pybytes())


def encode_compacted(rows: pa.Table, trials: TrialTable, origins: Sequence[Origin]) -> bytes:
    """Return the content of a compacted chunk, sealed.

    The metadata stands in the footer alone, and not a second time in the schema that Arrow keeps beside it.

    Parameters
    ----------
    rows : pyarrow.Table
        Sorted by (trial, number).
    trials : TrialTable
        With the hashes that the original chunks have: they are carried over, not computed from the rows, so that a
        chunk whose rows were changed does not become a sound one.
    origins : sequence of Origin
        Every trial has exactly one, all of the same cell.
    """
    record = {
        "schema": SCHEMA_VERSION,
        "format": COMPACTED_FORMAT,
        "rows": rows.num_rows,
        "real_seconds": sum(origin.real_seconds for origin in origins),
        **to_columns(trials),
        "origins": [
            {
                "trials": to_ranges(origin.trials),
                "real_seconds": origin.real_seconds,
                "sealed": origin.sealed,
                "metadata": origin.metadata,
            }
            for origin in origins
        ],
    }
    sink, plain = pa.BufferOutputStream(), rows.replace_schema_metadata(None)
    with pq.ParquetWriter(sink, plain.schema, compression="zstd", write_page_checksum=True) as writer:
        writer.write_table(plain)
        entries = [(METADATA, json.dumps(record, separators=(",", ":")).encode()), (SEAL, BLANK)]
        writer.add_key_value_metadata(pa.KeyValueMetadata(entries))
    return seal(sink.getvalue().to_pybytes())


def _concatenate(trials: Sequence[Trial]) -> dict[str, pa.Array]:
    lengths = [len(trial.columns["number"]) for trial in trials]
    columns = {"trial": pa.array(np.repeat(np.array([t.trial for t in trials], dtype=np.int32), lengths))}
    for name in trials[0].columns:
        values = np.concatenate([trial.columns[name] for trial in trials])
        if name == "architecture":
            columns[name] = pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])
        elif name == "status":
            columns[name] = pa.array(values).dictionary_encode()
        else:
            columns[name] = pa.array(values)
    return columns


def open_chunk(file: Path) -> Chunk:
    """Read a chunk file and check all of it.

    Raises
    ------
    DamagedError
        If its content is not what was written.
    ResultsError
        If the machine cannot read it now, or a newer version of Regretta wrote it.
    """
    return read_chunk(file, read_content(file))


def read_chunk(file: Path, content: bytes) -> Chunk:
    """Check the content of a chunk file; see `open_chunk`."""
    sealed = is_sealed(content)
    if sealed and not is_intact(content):
        raise DamagedError("its content does not match its checksum")
    footer = _parse_footer(file, content, sealed=sealed)
    chunk = Chunk(**vars(footer), content=content)
    if not sealed:
        with _damage_is_said(file):
            check_hashes(chunk.read(), chunk.trials)
    return chunk


def open_footer(file: Path) -> Footer:
    """Read what a chunk file says about its trials, without a look at its rows or its checksum.

    Raises
    ------
    DamagedError
        If the footer is not one of a chunk.
    ResultsError
        As `open_chunk`.
    """
    content = read_end(file, 4 * _LARGEST_FOOTER)
    return _parse_footer(file, content, sealed=is_sealed(content))


def _parse_footer(file: Path, content: bytes, *, sealed: bool) -> Footer:
    """Parse the footer in the content of a file, or in its end."""
    with _damage_is_said(file):
        text = pq.read_metadata(pa.BufferReader(content)).metadata[METADATA]
        if len(text) > _LARGEST_FOOTER:
            raise ValueError(f"its metadata has {len(text):,} bytes; expected at most {_LARGEST_FOOTER:,}")
        raw = json.loads(text)
        for key, known in (("schema", SCHEMA_VERSION), ("format", COMPACTED_FORMAT)):
            found = raw.get(key, 1)
            if sealed and isinstance(found, int) and found > known:
                raise ResultsError(
                    f"{file} has the result {key} {found}; this version of Regretta reads up to {known}. Install"
                    " a newer version, or use another --out"
                )
        record = ChunkRecord.model_validate(raw)
        if record.schema_ != SCHEMA_VERSION:
            raise ValueError(f"expected the result schema {SCHEMA_VERSION}, got {record.schema_}")
        if record.format >= CHUNK_FORMAT and not sealed:
            raise ValueError("its checksum is missing")
        trials, origins = _parse_trials(raw, record, sealed=sealed)
        for origin in origins:
            _check_place(_Provenance.model_validate(origin.metadata).cell, file.parent)
        if record.format >= COMPACTED_FORMAT:
            record = _with_common_origin(record, origins)
        return Footer(file, record, trials, origins, sealed and all(origin.sealed for origin in origins))


def _with_common_origin(record: ChunkRecord, origins: Sequence[Origin]) -> ChunkRecord:
    """Return the record with the cell and the code that all origins have in common."""
    found = [_Provenance.model_validate(origin.metadata) for origin in origins]
    common = {
        name: values[0]
        for name, values in (("cell", [o.cell for o in found]), ("code", [o.code for o in found]))
        if values and all(value == values[0] for value in values)
    }
    return record.model_copy(update=common)


def _parse_trials(raw: dict[str, Any], record: ChunkRecord, *, sealed: bool) -> tuple[TrialTable, tuple[Origin, ...]]:
    """Return the trials that the metadata of a chunk names, and their origins."""
    if record.format < COMPACTED_FORMAT:
        table = parse_records(raw["trials"])
        metadata = {key: value for key, value in raw.items() if key not in _OWN}
        return table, (Origin(table.numbers, record.real_seconds, sealed, metadata),)
    found = _CompactedRecord.model_validate(raw | {"ended": [tuple(pair) for pair in raw["ended"]]})
    table = parse_columns([(a, b) for a, b in found.trials], found.ended, found.decisions, found.outcomes)
    origins = tuple(
        Origin(from_ranges([(a, b) for a, b in o.trials]), o.real_seconds, o.sealed, o.metadata) for o in found.origins
    )
    named = np.sort(np.concatenate([origin.trials for origin in origins])) if origins else table.numbers[:0]
    if not np.array_equal(named, table.numbers):
        raise ValueError("expected one origin of every trial, got other trials with an origin")
    return table, origins


@contextmanager
def _damage_is_said(file: Path) -> Iterator[None]:
    """Turn whatever unreadable content raises into a `DamagedError`."""
    try:
        yield
    except ResultsError:
        raise
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise DamagedError(f"its metadata is wrong at {where!r}: {first['msg']}") from error
    except (pa.ArrowException, LookupError, TypeError, ValueError, OSError, RecursionError, AttributeError) as error:
        text = str(error).splitlines()
        raise DamagedError(text[0][:300] if text else type(error).__name__) from error


def _check_place(cell: ChunkCell | None, folder: Path) -> None:
    """Refuse a file that was copied from another cell."""
    short = folder.name.rpartition("--")[2]
    if cell is not None and cell.id[:ID_LENGTH] != short:
        raise ValueError(f"it holds trials of {cell.label!r}, cell {cell.id[:ID_LENGTH]}, not of cell {short}")


def check_hashes(table: pa.Table, trials: Mapping[int, TrialRecord]) -> None:
    """Recompute both hashes of every trial from its rows.

    Parameters
    ----------
    table : pyarrow.Table
        With ``trial`` and the columns of `OUTCOMES`; the rows of a trial in the order of submission.
    trials : mapping
        What the metadata says of each trial.

    Raises
    ------
    DamagedError
        If a hash differs, or a trial is missing.
    """
    found = trial_hashes(table, trials)
    for trial, record in trials.items():
        if found[trial] != (record.decisions, record.outcomes):
            raise DamagedError(f"the rows of trial {trial} do not give the hashes that were stored with them")


def trial_hashes(table: pa.Table, trials: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return the hashes of decisions and outcomes by trial, recomputed from the rows."""
    columns = trial_columns(table.select(["trial", *OUTCOMES]), trials)
    return {trial: trace_hashes(rows) for trial, rows in columns.items()}


def trial_columns(table: pa.Table, trials: Iterable[int]) -> dict[int, dict[str, Column]]:
    """Split rows by trial into columns as in :class:`results.storage.records.Trial`."""
    column = table["trial"].to_numpy()
    order = np.argsort(column, kind="stable")
    values = {name: _values(table[name])[order] for name in table.column_names if name != "trial"}
    wanted, ascending = list(trials), column[order]
    firsts, lasts = (np.searchsorted(ascending, wanted, side=side).tolist() for side in ("left", "right"))
    return {
        trial: {name: array[first:last] for name, array in values.items()}
        for trial, first, last in zip(wanted, firsts, lasts, strict=True)
    }


def _values(column: pa.ChunkedArray) -> Column:
    """Return a column as an array; the architecture as ``(n_rows, n_positions)``."""
    combined = column.combine_chunks()
    fixed = pa.types.is_fixed_size_list(combined.type)
    flat: Column = (combined.flatten() if fixed else combined).to_numpy(zero_copy_only=False)
    return flat.reshape(len(combined), combined.type.list_size) if fixed else flat

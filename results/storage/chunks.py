"""Chunks: some trials of one cell in one Parquet file, sealed, and checked when they are read back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from results.storage.files import read_content
from results.storage.records import DECISIONS, OUTCOMES, SCHEMA_VERSION, Column, ResultsError, Trial, trace_hash
from results.storage.sealing import BLANK, SEAL, is_intact, is_sealed, seal

CHUNK_FORMAT = 2
"""The format of chunk files. Files of format 1 have no seal."""
METADATA = b"regretta"
ID_LENGTH = 16
"""Digits of a cell's id in the name of its folder."""
_LARGEST_FOOTER = 64 << 20
"""Bytes of the metadata of a chunk, at most."""


class DamagedError(ResultsError):
    """The content of a file is not what was written."""


class TrialRecord(BaseModel):
    """The record of one trial in a chunk's metadata."""

    model_config = ConfigDict(frozen=True, strict=True)

    ended: Literal["budget", "done", "stalled"]
    decisions: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    outcomes: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class ChunkCell(BaseModel):
    """The record of the cell in a chunk's metadata. Other keys are kept."""

    model_config = ConfigDict(strict=True, extra="allow")

    id: str
    label: str


class ChunkRecord(BaseModel):
    """The metadata of a chunk that reading depends on. Other keys, such as the provenance, are ignored."""

    model_config = ConfigDict(strict=True)

    schema_: Annotated[int, Field(alias="schema")]
    format: int = 1
    cell: ChunkCell | None = None
    rows: Annotated[int, Field(ge=0)]
    trials: dict[Annotated[str, Field(pattern="^(0|[1-9][0-9]{0,9})$")], TrialRecord]
    real_seconds: float = 0.0
    code: str | None = None


@dataclass(frozen=True)
class Chunk:
    """A chunk file whose content was checked.

    Attributes
    ----------
    file : Path
    record : ChunkRecord
    content : bytes
    sealed : bool
        Whether a seal covers every byte. Older files have none; their rows were checked against their hashes.
    """

    file: Path
    record: ChunkRecord
    content: bytes
    sealed: bool

    @property
    def trials(self) -> dict[int, TrialRecord]:
        """The trials of the chunk, by number."""
        return {int(key): record for key, record in self.record.trials.items()}

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
            trials = set(table["trial"].unique().to_pylist())
            if not trials <= self.trials.keys():
                raise ValueError(f"it has rows of trials {sorted(trials - self.trials.keys())}, which it does not name")
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
    with _damage_is_said(file):
        footer = pq.read_metadata(pa.BufferReader(content))
        text = footer.metadata[METADATA]
        if len(text) > _LARGEST_FOOTER:
            raise ValueError(f"its metadata has {len(text):,} bytes; expected at most {_LARGEST_FOOTER:,}")
        raw = json.loads(text)
        for key, known in (("schema", SCHEMA_VERSION), ("format", CHUNK_FORMAT)):
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
        _check_place(record, file.parent)
        chunk = Chunk(file, record, content, sealed)
        if not sealed:
            check_hashes(chunk.read(), chunk.trials)
    return chunk


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


def _check_place(record: ChunkRecord, folder: Path) -> None:
    """Refuse a file that was copied from another cell."""
    short = folder.name.rpartition("--")[2]
    if record.cell is not None and record.cell.id[:ID_LENGTH] != short:
        raise ValueError(
            f"it holds trials of {record.cell.label!r}, cell {record.cell.id[:ID_LENGTH]}, not of cell {short}"
        )


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
    return {trial: (trace_hash(rows, DECISIONS), trace_hash(rows, OUTCOMES)) for trial, rows in columns.items()}


def trial_columns(table: pa.Table, trials: Iterable[int]) -> dict[int, dict[str, Column]]:
    """Split rows by trial into columns as in :class:`results.storage.records.Trial`."""
    column = table["trial"].to_numpy()
    order = np.argsort(column, kind="stable")
    values = {name: _values(table[name])[order] for name in table.column_names if name != "trial"}
    bounds = {trial: np.searchsorted(column[order], (trial, trial + 1)) for trial in trials}
    return {
        trial: {name: array[first:last] for name, array in values.items()} for trial, (first, last) in bounds.items()
    }


def _values(column: pa.ChunkedArray) -> Column:
    """Return a column as an array; the architecture as ``(n_rows, n_positions)``."""
    combined = column.combine_chunks()
    fixed = pa.types.is_fixed_size_list(combined.type)
    flat: Column = (combined.flatten() if fixed else combined).to_numpy(zero_copy_only=False)
    return flat.reshape(len(combined), combined.type.list_size) if fixed else flat

"""Compaction: few large chunks in place of many small ones, without ever holding less than before.

The rows of several chunks are written as one file, which is read back and compared before the first of them is removed.
A process that is killed in between leaves a file whose trials are all in another one. `results.storage.store.scan`
counts them once, and the next compaction removes the file. The hashes, the provenance and the missing checksums of
older files stay with each trial.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from results.storage.chunks import DamagedError, Footer, Origin, encode_compacted, open_chunk
from results.storage.files import atomic_write, refuse_links, synchronise
from results.storage.records import ResultsError
from results.storage.store import (
    CHECKSUM_LENGTH,
    chunk_files,
    chunk_name,
    repeated_trials,
    results_folder,
    scan,
    sorted_rows,
    without_trials,
)
from results.storage.trial_table import TrialTable, combine

MOST_FILES = 200
"""A run compacts a cell that has more files than this."""
MOST_ROWS = 200_000
"""Evaluations in a compacted file, at most. A chunk with half as many is left as it is."""
_DRAFT = re.compile(r"\.[0-9].*\.parquet-[a-z0-9_]+")
"""Names of files that were never finished, from `results.storage.files.atomic_write`."""


@dataclass(frozen=True)
class Compaction:
    """Result of compacting a cell.

    Attributes
    ----------
    before, after : int
        The number of files.
    trials : int
        The number of trials, before and after.
    damaged : dict
        By file, what is wrong with it. Damaged files are left as they are.
    """

    before: int
    after: int
    trials: int
    damaged: dict[Path, str]


def compact_cell(folder: Path, most_rows: int = MOST_ROWS, *, trust_footers: bool = False) -> Compaction:
    """Compact the chunks of a cell.

    The caller holds the lock of the results folder. Files that appear meanwhile are left as they are.

    Parameters
    ----------
    folder : Path
        Of the cell.
    most_rows : int
        Evaluations in a compacted file, at most.
    trust_footers : bool
        Whether to choose the files by their footers. Then no other file is read, and only those are checked that are
        compacted.

    Raises
    ------
    ResultsError
        As `results.storage.store.scan`; if a compacted file, read back, is not what was written.
    OSError
        If a file cannot be written. Nothing is lost then.
    """
    refuse_links(folder, results_folder(folder))
    before, presence = len(chunk_files(folder)), scan(folder, trust_footers=trust_footers)
    if trust_footers and presence.superseded:  # the files that supersede them have to be sound
        presence = scan(folder)
    _remove(folder, presence.superseded)
    damaged = dict(presence.damaged)
    for group in _groups(presence.footers, most_rows):
        _compact(folder, group, damaged)
    return Compaction(before, len(chunk_files(folder)), len(presence.done), damaged)


def remove_drafts(folder: Path) -> None:
    """Remove files of a cell that killed processes did not finish. The caller knows that nobody is writing."""
    refuse_links(folder, results_folder(folder))
    for draft in folder.glob(".*.parquet-*"):
        if _DRAFT.fullmatch(draft.name):
            draft.unlink()


def _groups(footers: Sequence[Footer], most_rows: int) -> Iterator[list[Footer]]:
    """Yield files to compact together: neighbours by their first trial, with at most so many rows."""
    small = [footer for footer in footers if footer.record.rows < most_rows // 2 and len(footer.trials)]
    group: list[Footer] = []
    rows = 0
    for footer in sorted(small, key=lambda footer: int(footer.trials.numbers[0])):
        if rows + footer.record.rows > most_rows:
            yield from [group] if len(group) > 1 else []
            group, rows = [], 0
        group.append(footer)
        rows += footer.record.rows
    yield from [group] if len(group) > 1 else []


def _compact(folder: Path, group: Sequence[Footer], damaged: dict[Path, str]) -> None:
    """Write the trials of several files as one, read it back, and remove them. Damaged ones are noted, and left."""
    footers, tables = _of_one_schema(group, damaged)
    if len(footers) < 2:
        return
    repeats = repeated_trials(footers)
    rows = sorted_rows([without_trials(table, repeat) for table, repeat in zip(tables, repeats, strict=True)])
    del tables
    trials, _, _ = combine([footer.trials for footer in footers])
    content = encode_compacted(rows, trials, _origins(footers, repeats))
    # A name with a checksum of the content never is that of another file.
    checksum = hashlib.sha256(content).hexdigest()[:CHECKSUM_LENGTH]
    file = (folder / chunk_name(trials.numbers)).with_suffix(f".{checksum}.parquet")
    atomic_write(file, content, results_folder(folder))
    _check_written(file, rows, trials, content)
    _remove(folder, [footer.file for footer in footers])


def _of_one_schema(group: Sequence[Footer], damaged: dict[Path, str]) -> tuple[list[Footer], list[pa.Table]]:
    """Read the files, checking every byte, and leave out damaged ones and those with other columns than the first."""
    footers: list[Footer] = []
    tables: list[pa.Table] = []
    for footer in group:
        try:
            table = open_chunk(footer.file).read().replace_schema_metadata(None)
        except DamagedError as error:
            damaged[footer.file] = str(error)
            continue
        if not tables or table.schema == tables[0].schema:
            footers.append(footer)
            tables.append(table)
    return footers, tables


def _origins(footers: Sequence[Footer], repeats: Sequence[np.ndarray[tuple[int], np.dtype[np.int64]]]) -> list[Origin]:
    """Return the origins of several files, joined where nothing but the trials and the time differs."""
    joined: dict[tuple[str, bool], Origin] = {}
    for footer, repeat in zip(footers, repeats, strict=True):
        for origin in footer.origins:
            trials = np.setdiff1d(origin.trials, repeat, assume_unique=True)
            if not len(trials):
                continue
            key = json.dumps(origin.metadata, sort_keys=True), origin.sealed
            if key in joined:
                trials = np.sort(np.concatenate([joined[key].trials, trials]))
                joined[key] = replace(
                    joined[key], trials=trials, real_seconds=joined[key].real_seconds + origin.real_seconds
                )
            else:
                joined[key] = replace(origin, trials=trials)
    return list(joined.values())


def _check_written(file: Path, rows: pa.Table, trials: TrialTable, content: bytes) -> None:
    """Read a compacted file back, and remove it if it is not what was to be written."""
    try:
        chunk = open_chunk(file)
        same = chunk.content == content and same_rows(chunk.read(), rows)
        same &= all(np.array_equal(a, b) for a, b in zip(chunk.trials.columns, trials.columns, strict=True))
    except ResultsError:
        file.unlink()
        raise
    if not same:
        file.unlink()
        raise ResultsError(f"{file} is not what was written; nothing was removed. Check the disk, and try again")


def same_rows(a: pa.Table, b: pa.Table) -> bool:
    """Return whether two tables have the same names and values, bit by bit, so that NaN equals NaN."""
    return a.column_names == b.column_names and all(
        _comparable(a[name]).equals(_comparable(b[name])) for name in a.column_names
    )


def _comparable(column: pa.ChunkedArray) -> pa.Array:
    """Return a column with its floating-point numbers as whole numbers of the same bits, and words as words."""
    values = column.combine_chunks()
    if pa.types.is_dictionary(values.type):
        return values.dictionary_decode()
    if pa.types.is_floating(values.type):
        return values.view(pa.int64() if values.type.bit_width == 64 else pa.int32())
    return values


def _remove(folder: Path, files: Sequence[Path]) -> None:
    """Remove files whose trials others hold, after the names of the others are durable."""
    if files:
        synchronise(folder)
        for file in files:
            file.unlink(missing_ok=True)
        synchronise(folder)

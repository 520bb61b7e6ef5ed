"""The store: where the trials of a cell are on disk, and which of them are complete."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from results.storage.chunks import ID_LENGTH, DamagedError, TrialRecord, encode_chunk, open_chunk
from results.storage.files import atomic_write
from results.storage.records import COLUMNS, INCUMBENT, ResultsError, Trial

TRIALS = "trials"
_CHUNK = re.compile(r"([0-9]{1,10})-([0-9]{1,10})\.parquet")
_ERROR = re.compile(r"([0-9]{1,10})\.error\.json")


def cell_folder(directory: Path, cell_id: str, label: str, benchmark: str) -> Path:
    """Return the folder of a cell's trials.

    It is the folder that the id of the cell already has, whatever the label was when it was made, or a new one.
    """
    short = cell_id[:ID_LENGTH]
    existing = sorted((directory / TRIALS).glob(f"*--{short}"))
    if len(existing) > 1:
        raise ResultsError(
            f"{existing[0]} and {existing[1].name} are folders of the same cell, {short}; keep the one that this"
            " version of Regretta made, and move the other one away"
        )
    if existing:
        return existing[0]
    readable = re.sub(r"[^A-Za-z0-9._=+,-]+", "_", label)[:60].strip("_.") or "algorithm"
    return directory / TRIALS / f"{readable}--{benchmark}--{short}"


def _root(folder: Path) -> Path:
    """Return the results folder of a cell's folder."""
    return folder.parents[1]


def chunk_name(trials: Sequence[int]) -> str:
    """Return the name of the file of trials in ascending order."""
    return f"{trials[0]:05d}-{trials[-1]:05d}.parquet"


def write_chunk(folder: Path, trials: Sequence[Trial], metadata: Mapping[str, Any]) -> Path:
    """Write trials of one cell as one file; see `write_encoded` and `encode_chunk`."""
    return write_encoded(folder, [trial.trial for trial in trials], encode_chunk(trials, metadata))


def write_encoded(folder: Path, trials: Sequence[int], content: bytes) -> Path:
    """Write an encoded chunk as ``FIRST-LAST.parquet``, and remove what earlier failures of its trials left.

    Parameters
    ----------
    folder : Path
        Of the cell.
    trials : sequence of int
        The trials in the chunk, in ascending order.
    content : bytes
        From `encode_chunk`.
    """
    file = folder / chunk_name(trials)
    atomic_write(file, content, _root(folder))
    for trial in trials:
        (folder / f"{trial:05d}.error.json").unlink(missing_ok=True)
    return file


@dataclass
class Presence:
    """The trials of a cell that are on disk.

    Attributes
    ----------
    done : dict
        By trial, ``ended``, ``decisions`` and ``outcomes``.
    code : dict
        By trial, the hash of the source code that made it, or None in files of older versions.
    real_seconds : float
        What they took together [s].
    files : list of Path
        The complete files.
    unsealed : list of Path
        Those of them that older versions wrote without a checksum.
    damaged : dict
        By file, what is wrong with it. Its trials count as missing.
    failed : dict
        By trial, the file with the traceback, where the trial has no result.
    """

    done: dict[int, TrialRecord] = field(default_factory=dict)
    code: dict[int, str | None] = field(default_factory=dict)
    real_seconds: float = 0.0
    files: list[Path] = field(default_factory=list)
    unsealed: list[Path] = field(default_factory=list)
    damaged: dict[Path, str] = field(default_factory=dict)
    failed: dict[int, Path] = field(default_factory=dict)


def scan(folder: Path, within: range | None = None) -> Presence:
    """Find the trials of a cell, and check every byte of its files.

    Parameters
    ----------
    folder : Path
        Of the cell.
    within : range, optional
        Open only files whose names say that they have trials in this range.

    Raises
    ------
    ResultsError
        If two files have the same trial with different outcomes, a newer version of Regretta wrote a file, or the
        machine cannot read one.
    """
    presence = Presence()
    for file in sorted(folder.glob("[0-9]*.parquet")):
        if within is not None and not _may_hold(file, within):
            continue
        try:
            chunk = open_chunk(file)
        except DamagedError as error:
            presence.damaged[file] = str(error)
            continue
        for trial, record in chunk.trials.items():
            known = presence.done.setdefault(trial, record)
            presence.code.setdefault(trial, chunk.record.code)
            if known.outcomes != record.outcomes:
                raise ResultsError(
                    f"trial {trial} is in two files of {folder} with different outcomes; the second is {file.name}. One"
                    " of them was made by changed code: delete it"
                )
        presence.real_seconds += chunk.record.real_seconds
        presence.files.append(file)
        if not chunk.sealed:
            presence.unsealed.append(file)
    failed = scan_failures(folder)
    presence.failed = {trial: file for trial, file in failed.items() if trial not in presence.done}
    return presence


def _may_hold(file: Path, trials: range) -> bool:
    named = _CHUNK.fullmatch(file.name)
    return named is None or (int(named[1]) < trials.stop and int(named[2]) >= trials.start)


def scan_failures(folder: Path) -> dict[int, Path]:
    """Return the files that failed trials of a cell left, by trial."""
    files = {file: _ERROR.fullmatch(file.name) for file in folder.glob("[0-9]*.error.json")}
    return {int(match[1]): file for file, match in files.items() if match}


def write_error(folder: Path, trial: int, record: Mapping[str, Any]) -> None:
    """Leave what a failed trial raised, as ``TRIAL.error.json``."""
    atomic_write(folder / f"{trial:05d}.error.json", json.dumps(record, indent=1).encode(), _root(folder))


def read_rows(presence: Presence, targets: Sequence[str], columns: Sequence[str] | None = None) -> pa.Table:
    """Read the evaluations of a cell, sorted by (trial, number), each trial once.

    Parameters
    ----------
    presence : Presence
    targets : sequence of str
        What the cell reports.
    columns : sequence of str, optional
        Which to read besides ``trial`` and ``number``. Default: all but the architecture.

    Raises
    ------
    ResultsError
        If the content of a file does not match its checksum, or it lacks a column.
    """
    everything = [*(name for name in COLUMNS if name != "architecture"), *(INCUMBENT + target for target in targets)]
    wanted = list(dict.fromkeys(["trial", "number", *(everything if columns is None else columns)]))
    tables: list[pa.Table] = []
    seen: set[int] = set()
    for file in presence.files:
        try:
            chunk = open_chunk(file)
            table = chunk.read(wanted)
        except DamagedError as error:
            raise ResultsError(
                f"{file} is damaged: {error}. Delete it, and `regretta run` makes its trials again"
            ) from error
        trials = set(chunk.trials)
        if trials & seen:
            table = table.filter(
                pa.compute.invert(pa.compute.is_in(table["trial"], pa.array(trials & seen, pa.int32())))
            )
        seen |= trials
        tables.append(table)
    if not tables:
        return pa.table({})
    merged = pa.concat_tables(tables).unify_dictionaries()
    trial = merged["trial"].to_numpy()
    return (
        merged if np.all(trial[1:] >= trial[:-1]) else merged.sort_by([("trial", "ascending"), ("number", "ascending")])
    )


def empty_columns(targets: Sequence[str]) -> dict[str, Any]:
    """Return the columns of a cell without trials."""
    types = {name: "object" if type_.startswith("U") else type_ for name, type_ in COLUMNS.items()}
    del types["architecture"]
    return {"trial": np.array([], dtype="int32")} | {
        name: np.array([], dtype=type_) for name, type_ in (types | {INCUMBENT + t: "float64" for t in targets}).items()
    }

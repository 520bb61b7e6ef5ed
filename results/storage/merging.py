"""Merge results folders of one experiment, such as those of its shards, into one folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from results.storage.chunks import DamagedError, open_chunk, read_chunk
from results.storage.experiment_record import EXPERIMENT, read_experiment, write_experiment
from results.storage.files import atomic_write, read_content
from results.storage.merged_record import merge_records
from results.storage.records import ResultsError
from results.storage.stopping import wanted_trials
from results.storage.store import TRIALS, cell_folder, chunk_name, scan, scan_failures

LARGEST_ERROR = 16 << 20
"""Bytes of the file of a failed trial, at most."""


@dataclass
class Merged:
    """The outcome of a merge.

    Attributes
    ----------
    folders : int
        Number of folders that were read.
    wanted, done : int
        Trials that the merged experiment asks for, and those of them that the merged folder has.
    files : int
        Files of trials that were copied.
    failed : int
        Trials without a result that failed in one of the folders.
    damaged : dict
        By file that was left out, what is wrong with it.
    """

    folders: int
    wanted: int = 0
    done: int = 0
    files: int = 0
    failed: int = 0
    damaged: dict[Path, str] = field(default_factory=dict)

    @property
    def missing(self) -> int:
        """Number of trials that the merged folder lacks."""
        return self.wanted - self.done


class _Source(NamedTuple):
    """A file of trials: its path, the hash of its content, and its trials."""

    file: Path
    digest: str
    trials: tuple[int, ...]


def merge_results(folders: Sequence[Path], out: Path, announce: Callable[[str], None] = lambda line: None) -> Merged:
    """Merge results folders of one experiment.

    Files of trials are copied byte by byte, with the provenance that is in them. ``experiment.json`` lists under
    ``merged_from`` the environment that each folder was run in. A trial that several folders have is kept once; its
    decisions and outcomes must be the same in all. The result does not depend on the order of the folders.

    Everything is compared before anything is written. Every file is written completely or not at all, and nothing is
    removed: after an interruption, the same call continues.

    Parameters
    ----------
    folders : sequence of Path
        Their files are not changed.
    out : Path
        A new folder, or a results folder of the same experiment, which keeps its trials and receives the others.
    announce : callable, optional
        Called with a line about each step.

    Raises
    ------
    ResultsError
        If a folder is not a results folder, or two folders contradict each other.
    """
    records = {folder: read_experiment(folder) for folder in _distinct_folders(folders, out)}
    if (out / EXPERIMENT).exists():
        records[out] = read_experiment(out)
    elif (out / TRIALS).exists():
        raise ResultsError(f"{out} has trials but no {EXPERIMENT}: restore it, or use another --out")
    if not records:
        raise ResultsError(f"expected results folders to merge into {out}, got {out} alone")
    for record in records.values():
        record.pop("sealed")
    record = merge_records(records)
    merged = Merged(folders=len(records))
    cells = {cell["id"]: cell for cell in record["cells"]}
    plans = {key: _plan(cell, tuple(records), out, announce, merged) for key, cell in cells.items()}
    write_experiment(out, record)
    wanted = {cell["id"]: trials for cell, trials in zip(record["cells"], wanted_trials(record), strict=True)}
    for key, cell in cells.items():
        announce(f"copying {cell['label']} on {cell['benchmark']}")
        _copy(cell, plans[key], out, merged)
        _copy_failures(cell, tuple(records), out, wanted[key], merged)
    return merged


def _distinct_folders(folders: Iterable[Path], out: Path) -> list[Path]:
    """Return the folders without repetitions, and without the one that they are merged into."""
    distinct: dict[Path, Path] = {}
    for folder in folders:
        distinct.setdefault(folder.resolve(), folder)
    distinct.pop(out.resolve(), None)
    return list(distinct.values())


def _folder(directory: Path, cell: Mapping[str, Any]) -> Path:
    return cell_folder(directory, cell["id"], cell["label"], cell["benchmark"])


def _plan(
    cell: Mapping[str, Any], folders: Sequence[Path], out: Path, announce: Callable[[str], None], merged: Merged
) -> list[_Source]:
    """Compare the trials of a cell in all folders, and return the files to copy, in an order that only they decide."""
    announce(f"comparing {cell['label']} on {cell['benchmark']}")
    known: dict[int, tuple[str, str, Path]] = {}
    found: list[_Source] = []
    present: set[int] = set()
    for source, hashes in _sources(cell, folders, merged):
        for trial, its in hashes.items():
            *others, file = known.setdefault(trial, (*its, source.file))
            if tuple(others) != its:
                raise ResultsError(
                    f"trial {trial} of {cell['label']!r} on {cell['benchmark']} differs between {file} and"
                    f" {source.file}: one of them was made by changed code or on another machine. Nothing was merged;"
                    " decide which one is right, and delete the other"
                )
        if source.file.is_relative_to(out):
            present |= set(source.trials)
        else:
            found.append(source)
    plan = []
    for source in sorted(found, key=lambda source: source.digest):
        if not present.issuperset(source.trials):
            plan.append(source)
            present |= set(source.trials)
    return plan


def _sources(
    cell: Mapping[str, Any], folders: Sequence[Path], merged: Merged
) -> Iterator[tuple[_Source, dict[int, tuple[str, str]]]]:
    """Yield the files of a cell in all folders, with the hashes of decisions and outcomes by trial."""
    for directory in folders:
        for file in sorted(_folder(directory, cell).glob("[0-9]*.parquet")):
            try:
                chunk = open_chunk(file)
            except DamagedError as error:
                merged.damaged[file] = str(error)
                continue
            digest = hashlib.sha256(chunk.content).hexdigest()
            hashes = {trial: (record.decisions, record.outcomes) for trial, record in chunk.trials.items()}
            yield _Source(file, digest, tuple(sorted(hashes))), hashes


def _copy(cell: Mapping[str, Any], plan: Sequence[_Source], out: Path, merged: Merged) -> None:
    """Copy files of trials, each under the name of its first and last trial, or a longer one if that is taken."""
    folder = _folder(out, cell)
    for source in plan:
        content = read_content(source.file)
        if hashlib.sha256(content).hexdigest() != source.digest:
            raise ResultsError(
                f"{source.file} was changed while it was merged. What was copied is kept: run the same command again"
            )
        file = folder / chunk_name(source.trials)
        if file.exists():
            file = file.with_name(f"{file.stem}-{source.digest[:16]}.parquet")
        read_chunk(file, content)
        atomic_write(file, content, out)
        merged.files += 1


def _copy_failures(
    cell: Mapping[str, Any], folders: Sequence[Path], out: Path, wanted: Sequence[int], merged: Merged
) -> None:
    """Copy what failed trials left that have no result anywhere, and count the trials of the cell."""
    folder = _folder(out, cell)
    presence = scan(folder)
    for trial in presence.done:
        (folder / f"{trial:05d}.error.json").unlink(missing_ok=True)
    failed: dict[str, list[bytes]] = {}
    for directory in folders:
        its = _folder(directory, cell)
        for trial, file in scan_failures(its).items():
            if trial not in presence.done:
                failed.setdefault(file.name, []).append(read_content(file, LARGEST_ERROR))
    for name, contents in failed.items():
        atomic_write(folder / name, min(contents), out)
    merged.wanted += len(wanted)
    merged.done += sum(trial in presence.done for trial in wanted)
    merged.failed += len(failed)

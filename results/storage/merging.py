"""Merge results folders of one experiment, such as those of its shards, into one folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from results.storage.chunks import DamagedError, open_chunk, read_chunk
from results.storage.compaction import MOST_FILES, compact_cell
from results.storage.experiment_record import EXPERIMENT, read_experiment, write_experiment
from results.storage.files import atomic_write, read_content
from results.storage.merged_record import merge_records
from results.storage.records import ResultsError
from results.storage.stopping import wanted_trials
from results.storage.store import (
    CHECKSUM_LENGTH,
    LARGEST_ERROR,
    TRIALS,
    cell_folder,
    chunk_files,
    chunk_name,
    retried,
    scan,
    scan_failures,
)
from results.storage.trial_table import TrialTable, combine


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
    trials: TrialTable


def merge_results(folders: Sequence[Path], out: Path, announce: Callable[[str], None] = lambda line: None) -> Merged:
    """Merge results folders of one experiment.

    Files of trials are copied byte by byte, with the provenance that is in them. ``experiment.json`` lists under
    ``merged_from`` the environment that each folder was run in. A trial that several folders have is kept once; its
    decisions and outcomes must be the same in all. The result does not depend on the order of the folders.

    Everything is compared before anything is written. Every file is written completely or not at all, and none is
    removed but by a compaction: after an interruption, the same call continues. A cell with more than 200 files is
    compacted, see `results.storage.compaction`.

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
    return retried(lambda: _merge(folders, out, announce))


def _merge(folders: Sequence[Path], out: Path, announce: Callable[[str], None]) -> Merged:
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
    sources = list(_sources(cell, folders, merged))
    # The files of the merged folder come first, then large ones, so that few are needed for all trials.
    sources.sort(key=lambda source: (not source.file.is_relative_to(out), -len(source.trials), source.digest))
    _, new, contradicted = combine([source.trials for source in sources])
    if len(contradicted):
        trial, position = contradicted.tolist()
        first = next(source for source in sources if trial in source.trials)
        raise ResultsError(
            f"trial {trial} of {cell['label']!r} on {cell['benchmark']} differs between {first.file} and"
            f" {sources[position].file}: one of them was made by changed code or on another machine. Nothing was"
            " merged; decide which one is right, and delete the other"
        )
    added = zip(sources, new.tolist(), strict=True)
    return [source for source, trials in added if trials and not source.file.is_relative_to(out)]


def _sources(cell: Mapping[str, Any], folders: Sequence[Path], merged: Merged) -> Iterator[_Source]:
    """Yield the files of a cell in all folders. Every byte of them is checked."""
    for directory in folders:
        for file in chunk_files(_folder(directory, cell)):
            try:
                chunk = open_chunk(file)
            except DamagedError as error:
                merged.damaged[file] = str(error)
                continue
            yield _Source(file, hashlib.sha256(chunk.content).hexdigest(), chunk.trials)


def _copy(cell: Mapping[str, Any], plan: Sequence[_Source], out: Path, merged: Merged) -> None:
    """Copy files of trials, each under the name of its first and last trial, or a longer one if that is taken."""
    folder = _folder(out, cell)
    for source in plan:
        content = read_content(source.file)
        if hashlib.sha256(content).hexdigest() != source.digest:
            raise ResultsError(
                f"{source.file} was changed while it was merged. What was copied is kept: run the same command again"
            )
        file = folder / chunk_name(source.trials.numbers)
        if file.exists():
            file = file.with_name(f"{file.stem}.{source.digest[:CHECKSUM_LENGTH]}.parquet")
        read_chunk(file, content)
        atomic_write(file, content, out)
        merged.files += 1
    if len(chunk_files(folder)) > MOST_FILES:
        compact_cell(folder, trust_footers=True)


def _copy_failures(
    cell: Mapping[str, Any], folders: Sequence[Path], out: Path, wanted: Sequence[int], merged: Merged
) -> None:
    """Copy what failed trials left that have no result anywhere, and count the trials of the cell."""
    folder = _folder(out, cell)
    presence = scan(folder)
    failed: dict[str, list[bytes]] = {}
    for directory in folders:
        for trial, file in scan_failures(_folder(directory, cell)).items():
            if trial not in presence.done:
                failed.setdefault(file.name, []).append(read_content(file, LARGEST_ERROR))
            elif directory == out:
                file.unlink(missing_ok=True)
    for name, contents in failed.items():
        atomic_write(folder / name, min(contents), out)
    merged.wanted += len(wanted)
    merged.done += len(presence.done.within(wanted))
    merged.failed += len(failed)

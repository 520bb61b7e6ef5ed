"""The store: where the trials of a cell are on disk, and which of them are complete."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from results.storage.chunks import ID_LENGTH, DamagedError, Footer, Origin, encode_chunk, open_chunk, open_footer
from results.storage.files import VanishedError, atomic_write, read_content
from results.storage.records import COLUMNS, INCUMBENT, ResultsError, Trial
from results.storage.trial_table import EMPTY, Numbers, TrialTable, combine
from results.words import printable, shortened

T = TypeVar("T")

TRIALS = "trials"
ATTEMPTS = 5
"""How often files are read that vanish meanwhile."""
CHECKSUM_LENGTH = 16
"""Digits of the checksum in the name of a file whose shorter name another file may have."""
LARGEST_ERROR = 16 << 20
"""Bytes of the file of a failed trial, at most."""
LONGEST_REASON = 1_000
"""Characters of the error of a failed trial that are shown, at most."""
_CHUNK = re.compile(r"([0-9]{1,10})-([0-9]{1,10})(\.[0-9a-f]{8,16})?\.parquet")
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


def results_folder(folder: Path) -> Path:
    """Return the results folder of a cell's folder."""
    return folder.parents[1]


def chunk_name(trials: Sequence[int] | Numbers) -> str:
    """Return the name of the file of trials, which are in ascending order."""
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
    atomic_write(file, content, results_folder(folder))
    for trial in trials:
        error_file(folder, trial).unlink(missing_ok=True)
    return file


@dataclass
class Presence:
    """The trials of a cell that are on disk.

    Attributes
    ----------
    done : TrialTable
        By trial, ``ended``, ``decisions`` and ``outcomes``.
    footers : list of Footer
        What the complete files say. Their trials are only in common if older versions wrote a trial twice.
    superseded : list of Path
        Complete files whose trials are all in the others. An interrupted compaction leaves them.
    damaged : dict
        By file, what is wrong with it. Its trials count as missing.
    failed : dict
        By trial, the file with the traceback, where the trial has no result.
    """

    done: TrialTable = field(default_factory=lambda: EMPTY)
    footers: list[Footer] = field(default_factory=list)
    superseded: list[Path] = field(default_factory=list)
    damaged: dict[Path, str] = field(default_factory=dict)
    failed: dict[int, Path] = field(default_factory=dict)

    @property
    def files(self) -> list[Path]:
        """The complete files."""
        return [footer.file for footer in self.footers]

    @property
    def unsealed(self) -> list[Path]:
        """The complete files with trials that older versions wrote without a checksum."""
        return [footer.file for footer in self.footers if not footer.sealed]

    @property
    def origins(self) -> list[Origin]:
        """Where the trials come from."""
        return [origin for footer in self.footers for origin in footer.origins]

    @property
    def code(self) -> dict[int, str | None]:
        """By trial, the hash of the source code that made it, or None in files of older versions."""
        found: dict[int, str | None] = {}
        for origin in reversed(self.origins):
            found.update(dict.fromkeys(origin.trials.tolist(), origin.code))
        return found

    @property
    def real_seconds(self) -> float:
        """Total time of the trials [s]."""
        return sum(origin.real_seconds for origin in self.origins)


def scan(folder: Path, within: range | None = None, *, trust_footers: bool = False) -> Presence:
    """Find the trials of a cell, and check every byte of its files.

    Parameters
    ----------
    folder : Path
        Of the cell.
    within : range, optional
        Open only files whose names say that they have trials in this range.
    trust_footers : bool
        Whether to believe what the files say about themselves, and to read neither their rows nor their checksums.

    Raises
    ------
    ResultsError
        If two files have the same trial with different outcomes, a newer version of Regretta wrote a file, or the
        machine cannot read one.
    """
    return retried(lambda: _scan(folder, within, trust_footers=trust_footers))


def retried(read: Callable[[], T]) -> T:
    """Read again if a file vanished meanwhile, because a run has compacted its cell."""
    for _ in range(ATTEMPTS - 1):
        with contextlib.suppress(VanishedError):
            return read()
    return read()


def _scan(folder: Path, within: range | None, *, trust_footers: bool) -> Presence:
    presence, found = Presence(), []
    for file in chunk_files(folder):
        if within is not None and not _may_hold(file, within):
            continue
        try:
            found.append(open_footer(file) if trust_footers else _checked_footer(file))
        except DamagedError as error:
            presence.damaged[file] = str(error)
    # The largest compacted file comes first, so that whatever was compacted into it is superseded, not the reverse.
    found.sort(key=lambda footer: (not footer.compacted, -len(footer.trials) if footer.compacted else 0, footer.file))
    presence.done, new, contradicted = combine([footer.trials for footer in found])
    if len(contradicted):
        trial, position = contradicted.tolist()
        raise ResultsError(
            f"trial {trial} is in two files of {folder} with different outcomes; the second is"
            f" {found[position].file.name}. One of them was made by changed code: delete it"
        )
    for footer, added in zip(found, new.tolist(), strict=True):
        if added or not len(footer.trials):
            presence.footers.append(footer)
        else:
            presence.superseded.append(footer.file)
    failed = scan_failures(folder)
    presence.failed = {trial: file for trial, file in failed.items() if trial not in presence.done}
    return presence


def _may_hold(file: Path, trials: range) -> bool:
    named = _CHUNK.fullmatch(file.name)
    return named is None or (int(named[1]) < trials.stop and int(named[2]) >= trials.start)


def chunk_files(folder: Path) -> list[Path]:
    """Return the chunk files in a cell's folder, sorted by name."""
    return sorted(folder.glob("[0-9]*.parquet"))


def scan_failures(folder: Path) -> dict[int, Path]:
    """Return the files that failed trials of a cell left, by trial."""
    files = {file: _ERROR.fullmatch(file.name) for file in folder.glob("[0-9]*.error.json")}
    return {int(match[1]): file for file, match in files.items() if match}


def _checked_footer(file: Path) -> Footer:
    chunk = open_chunk(file)
    return Footer(chunk.file, chunk.record, chunk.trials, chunk.origins, chunk.sealed)


def error_file(folder: Path, trial: int) -> Path:
    """Return the file of what a failed trial raised."""
    return folder / f"{trial:05d}.error.json"


def write_error(folder: Path, trial: int, record: Mapping[str, Any]) -> None:
    """Leave what a failed trial raised, as ``TRIAL.error.json``."""
    atomic_write(error_file(folder, trial), json.dumps(record, indent=1).encode(), results_folder(folder))


def read_error(file: Path) -> str:
    """Return on one line what a failed trial raised, or that its file cannot be read."""
    try:
        reason = str(json.loads(read_content(file, LARGEST_ERROR))["error"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return f"its file {file.name} cannot be read"
    return shortened(printable(" ".join(reason.split())), LONGEST_REASON)


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
    for footer, repeated in zip(presence.footers, repeated_trials(presence.footers), strict=True):
        tables.append(without_trials(_read_chunk(footer.file, wanted), repeated))
    if not tables:
        return pa.table({})
    return sorted_rows(tables)


def sorted_rows(tables: Sequence[pa.Table]) -> pa.Table:
    """Return the rows of all tables, sorted by (trial, number); those of each table are sorted by number."""
    merged = pa.concat_tables(tables).unify_dictionaries()
    trial = merged["trial"].to_numpy()
    if np.all(trial[1:] >= trial[:-1]):
        return merged
    return merged.sort_by([("trial", "ascending"), ("number", "ascending")])


def repeated_trials(footers: Sequence[Footer]) -> list[Numbers]:
    """Return for each file the trials that files before it have. Only older versions wrote a trial twice."""
    numbers = np.concatenate([np.array([], dtype=np.int64), *(footer.trials.numbers for footer in footers)])
    unique, counts = np.unique(numbers, return_counts=True)
    shared = unique[counts > 1]
    seen, repeated = shared[:0], []
    for footer in footers:
        here = np.intersect1d(shared, footer.trials.numbers) if len(shared) else shared
        repeated.append(np.intersect1d(seen, here))
        seen = np.union1d(seen, here)
    return repeated


def without_trials(table: pa.Table, trials: Numbers) -> pa.Table:
    """Return the rows of the other trials."""
    if not len(trials):
        return table
    return table.filter(pa.compute.invert(pa.compute.is_in(table["trial"], pa.array(trials, pa.int32()))))


def _read_chunk(file: Path, columns: Sequence[str]) -> pa.Table:
    try:
        return open_chunk(file).read(columns)
    except DamagedError as error:
        raise ResultsError(
            f"{file} is damaged: {error}. Delete it, and `regretta run` makes its trials again"
        ) from error


def empty_columns(targets: Sequence[str]) -> dict[str, Any]:
    """Return the columns of a cell without trials."""
    types = {name: "object" if type_.startswith("U") else type_ for name, type_ in COLUMNS.items()}
    del types["architecture"]
    return {"trial": np.array([], dtype="int32")} | {
        name: np.array([], dtype=type_) for name, type_ in (types | {INCUMBENT + t: "float64" for t in targets}).items()
    }

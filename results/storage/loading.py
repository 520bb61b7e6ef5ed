"""Reading and writing a result folder: its ``experiment.json``, and its content as a :class:`Study`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from results.storage.chunks import ID_LENGTH
from results.storage.experiment_record import EXPERIMENT, read_experiment
from results.storage.stopping import StoppingRecord, wanted_trials
from results.storage.store import TRIALS, Presence, cell_folder, empty_columns, read_rows, scan
from results.storage.study import Cell, Stopping, Study
from results.words import printable

MOST_NAMED = 3
"""Files that a warning names, at most."""


def cell_presence(directory: Path, cell: dict[str, Any], within: range | None = None) -> Presence:
    """Find the trials of a cell of ``experiment.json`` that are on disk; see `results.storage.store.scan`."""
    return scan(cell_folder(directory, cell["id"], cell["label"], cell["benchmark"]), within)


def stale_folders(directory: Path, cells: Sequence[dict[str, Any]]) -> list[Path]:
    """Return the folders of cells that are not in the resolved grid."""
    wanted = {cell["id"][:ID_LENGTH] for cell in cells}
    folders = sorted((directory / TRIALS).glob("*--*"))
    return [folder for folder in folders if folder.name.rpartition("--")[2] not in wanted]


def load(directory: Path | str, columns: Sequence[str] | None = None, cells: Collection[str] | None = None) -> Study:
    """Read a result folder, finished or not.

    Parameters
    ----------
    directory : Path or str
    columns : sequence of str, optional
        Columns of the evaluations to read. Default: all but the architecture.
    cells : collection of str, optional
        The ids of the cells to read. Default: all.

    Raises
    ------
    ResultsError
        If it is not a result folder, or if a file is damaged or lacks a column.
    """
    directory = Path(directory)
    return load_record(directory, read_experiment(directory), columns, cells=cells)


def load_record(
    directory: Path,
    record: dict[str, Any],
    columns: Sequence[str] | None = None,
    within: range | None = None,
    cells: Collection[str] | None = None,
) -> Study:
    """Read the trials of a result folder, given the content of its ``experiment.json``.

    Parameters
    ----------
    directory : Path
    record : dict
        From `results.storage.experiment_record.read_experiment`.
    columns : sequence of str, optional
        Columns of the evaluations to read. Default: all but the architecture.
    within : range, optional
        Read only files with trials in this range.
    cells : collection of str, optional
        The ids of the cells to read. Default: all.

    Raises
    ------
    ResultsError
        If a file is damaged or lacks a column.
    """
    notes = [
        f"{printable(folder.name)} is on disk but not in the grid"
        for folder in stale_folders(directory, record["cells"])
    ]
    unsealed = [] if record["sealed"] else [directory / EXPERIMENT]
    found = []
    for entry, wanted in zip(record["cells"], wanted_trials(record), strict=True):
        if cells is not None and entry["id"] not in cells:
            continue
        presence = cell_presence(directory, entry, within)
        notes += [f"{file} is damaged ({why}); its trials count as missing" for file, why in presence.damaged.items()]
        unsealed += presence.unsealed
        found.append(_load_cell(entry, presence, tuple(wanted), columns))
    if unsealed:
        notes.append(unsealed_note(unsealed))
    return Study(record["name"], directory, found, record["benchmarks"], notes, _stopping(record))


def _stopping(record: dict[str, Any]) -> Stopping | None:
    if record.get("stopping") is None:
        return None
    counts = Counter(cell["benchmark"] for cell in record["cells"])
    n_pairs = {benchmark: n * (n - 1) // 2 for benchmark, n in counts.items()}
    return Stopping(StoppingRecord.model_validate(record["stopping"]).stopping_rule(), record["trials"][0], n_pairs)


def unsealed_note(files: Sequence[Path]) -> str:
    """Return the warning about files that no checksum covers."""
    named = ", ".join(str(file) for file in files[:MOST_NAMED])
    more = f" and {len(files) - MOST_NAMED} more" if len(files) > MOST_NAMED else ""
    return (
        f"{named}{more}: written without a checksum, by an older version of Regretta or changed since. The"
        " evaluations agree with their stored hashes; `regretta verify` checks the rest"
    )


def _load_cell(
    entry: dict[str, Any], presence: Presence, wanted: tuple[int, ...], columns: Sequence[str] | None
) -> Cell:
    rows = read_rows(presence, entry["protocol"]["report"], columns)
    frame = rows.to_pandas() if rows.num_columns else pd.DataFrame(empty_columns(entry["protocol"]["report"]))
    chosen = [trial for trial in wanted if trial in presence.done]
    if len(chosen) < len(presence.done):
        frame = frame[frame["trial"].isin(chosen)].reset_index(drop=True)
    trials = pd.DataFrame(
        [presence.done[trial].model_dump() for trial in chosen],
        index=pd.Index(chosen, name="trial", dtype="int64"),
        columns=["ended", "decisions", "outcomes"],
    )
    return Cell(
        id=entry["id"],
        label=entry["label"],
        algorithm=entry["algorithm"],
        parameters=entry["parameters"],
        version=entry["version"],
        bitwise_stable=entry["bitwise_stable"],
        benchmark=entry["benchmark"],
        protocol=entry["protocol"],
        wanted=wanted,
        evaluations=frame,
        trials=trials,
        failed=tuple(sorted(trial for trial in presence.failed if trial in wanted)),
        recorded=entry.get("recorded"),
    )

"""Reading and writing a result folder: its ``experiment.json``, and its content as a :class:`Study`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from results.storage.experiment_record import EXPERIMENT, read_experiment
from results.storage.presence import cell_presence, stale_folders, unsealed_note
from results.storage.records import ENDED
from results.storage.stopping import StoppingRecord, wanted_trials
from results.storage.store import Presence, empty_columns, read_rows, retried
from results.storage.study import Cell, Stopping, Study
from results.storage.trial_table import TrialTable
from results.words import printable

_FACTS = ("id", "label", "algorithm", "parameters", "version", "bitwise_stable", "benchmark", "protocol")
"""Attributes that a cell has in common with its record in ``experiment.json``."""


def load(
    directory: Path | str,
    columns: Sequence[str] | None = None,
    cells: Collection[str] | None = None,
    *,
    streamed: bool = False,
) -> Study:
    """Read a result folder, finished or not.

    Parameters
    ----------
    directory : Path or str
    columns : sequence of str, optional
        Columns of the evaluations to read. Default: all but the architecture.
    cells : collection of str, optional
        The ids of the cells to read. Default: all.
    streamed : bool
        Whether to check the files now and to read the evaluations of a cell whenever they are asked for, without
        keeping them. See `results.storage.study.Cell.loaded`.

    Raises
    ------
    ResultsError
        If it is not a result folder, or if a file is damaged or lacks a column.
    """
    directory = Path(directory)
    return load_record(directory, read_experiment(directory), columns, cells=cells, streamed=streamed)


def load_record(
    directory: Path,
    record: dict[str, Any],
    columns: Sequence[str] | None = None,
    within: range | None = None,
    cells: Collection[str] | None = None,
    *,
    streamed: bool = False,
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
    streamed : bool
        As for `load`.

    Raises
    ------
    ResultsError
        If a file is damaged or lacks a column.
    """
    stale = [printable(str(folder.relative_to(directory))) for folder in stale_folders(directory, record["cells"])]
    notes = [_stale_note(stale)] if stale else []
    unsealed = [] if record["sealed"] else [directory / EXPERIMENT]
    found = []
    for entry, wanted in zip(record["cells"], wanted_trials(record), strict=True):
        if cells is not None and entry["id"] not in cells:
            continue
        presence, cell = retried(partial(_read_cell, directory, entry, wanted, columns, within, streamed))
        notes += [f"{file} is damaged ({why}); its trials count as missing" for file, why in presence.damaged.items()]
        unsealed += presence.unsealed
        found.append(cell)
    if unsealed:
        notes.append(unsealed_note(unsealed))
    return Study(record["name"], directory, found, record["benchmarks"], notes, _stopping(record))


def _stale_note(folders: Sequence[str]) -> str:
    """Return the warning about folders of trials that are not in the grid."""
    if len(folders) == 1:
        return (
            f"{folders[0]} is on disk but not in the grid: it is from an earlier version of the experiment or of its"
            " code, and not used here; delete the folder to silence this"
        )
    return (
        f"{folders[0]} and {len(folders) - 1} more are on disk but not in the grid: they are from earlier versions of"
        " the experiment or of its code, and not used here; delete the folders, which `regretta status` names, to"
        " silence this"
    )


def _stopping(record: dict[str, Any]) -> Stopping | None:
    if record.get("stopping") is None:
        return None
    counts = Counter(cell["benchmark"] for cell in record["cells"])
    n_pairs = {benchmark: n * (n - 1) // 2 for benchmark, n in counts.items()}
    return Stopping(StoppingRecord.model_validate(record["stopping"]).stopping_rule(), record["trials"][0], n_pairs)


def _read_cell(
    directory: Path,
    entry: dict[str, Any],
    wanted: Sequence[int],
    columns: Sequence[str] | None,
    within: range | None,
    streamed: bool,
) -> tuple[Presence, Cell]:
    presence = cell_presence(directory, entry, within)
    chosen = presence.done.within(wanted)

    def read(columns: Sequence[str] | None) -> pd.DataFrame:
        return _evaluations(entry["protocol"]["report"], presence, chosen, columns)

    facts = {name: entry[name] for name in _FACTS} | {
        "wanted": tuple(wanted),
        "recorded": entry.get("recorded"),
        "trials": _trials(chosen),
        "failed": tuple(sorted(trial for trial in presence.failed if trial in wanted)),
    }
    if streamed:
        return presence, StreamedCell(facts, read, columns)
    return presence, Cell(**facts, evaluations=read(columns))


class StreamedCell(Cell):
    """A cell whose evaluations are read from its files whenever they are asked for, and not kept.

    Parameters
    ----------
    facts : dict
        The other attributes of the cell.
    read : callable
        Returns the evaluations, given the columns.
    columns : sequence of str or None
        The columns of `evaluations`.
    """

    def __init__(
        self,
        facts: dict[str, Any],
        read: Callable[[Sequence[str] | None], pd.DataFrame],
        columns: Sequence[str] | None,
    ) -> None:
        vars(self).update(facts, _facts=facts, _read=read, _columns=columns)

    @property
    def evaluations(self) -> pd.DataFrame:
        """The evaluations, read now."""
        frame: pd.DataFrame = vars(self)["_read"](vars(self)["_columns"])
        return frame

    def loaded(self, columns: Sequence[str] | None = None) -> Cell:
        """Return the cell with its evaluations in memory: with some columns, default those of `evaluations`."""
        own = vars(self)
        return Cell(**own["_facts"], evaluations=own["_read"](own["_columns"] if columns is None else columns))


def _evaluations(
    targets: Sequence[str], presence: Presence, chosen: TrialTable, columns: Sequence[str] | None
) -> pd.DataFrame:
    """Read the evaluations of some trials of a cell."""
    rows = read_rows(presence, targets, columns)
    frame = rows.to_pandas() if rows.num_columns else pd.DataFrame(empty_columns(targets))
    if len(chosen) < len(presence.done):
        frame = frame[frame["trial"].isin(chosen.numbers)].reset_index(drop=True)
    return frame


def _trials(chosen: TrialTable) -> pd.DataFrame:
    hashes = {name: getattr(chosen, name).astype(str).astype(object) for name in ("decisions", "outcomes")}
    return pd.DataFrame(
        {"ended": np.array(ENDED, dtype=object)[chosen.ended], **hashes},
        index=pd.Index(chosen.numbers, name="trial", dtype="int64"),
    )


def read_genotypes(directory: Path, cell: Cell) -> NDArray[np.int16] | None:
    """Read the genotypes of the evaluations of a cell, in the order of its evaluations.

    Parameters
    ----------
    directory : Path
        The results folder that the cell is from.
    cell : Cell

    Returns
    -------
    (n_evaluations, n_positions) array, or None
        None if the folder has no trials of this cell, as for a study that was made in memory.

    Raises
    ------
    ResultsError
        If a file is damaged.
    """
    entry = {"id": cell.id, "label": cell.label, "benchmark": cell.benchmark}
    rows = read_rows(cell_presence(directory, entry, trust_footers=True), (), ["architecture"])
    if not rows.num_rows:
        return None
    column = rows["architecture"].combine_chunks()
    genotypes: NDArray[np.int16] = column.flatten().to_numpy(zero_copy_only=False).reshape(len(column), -1)
    return genotypes[np.isin(rows["trial"].to_numpy(), cell.trials.index)]

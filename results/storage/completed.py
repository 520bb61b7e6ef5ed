"""The completed evaluations of a cell, in the order in which they count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from results.storage.records import ResultsError

if TYPE_CHECKING:
    import pandas as pd

    from results.storage.study import Cell


@dataclass(frozen=True)
class CompletedRows:
    """Completed evaluations in the order (trial, end, number).

    Attributes
    ----------
    rows : (n_completed,) array
        Their positions in the cell's evaluations.
    trials : (n_trials,) array
        Ascending.
    starts, stops : (n_trials,) arrays
        ``rows[starts[i]:stops[i]]`` belong to ``trials[i]``.
    """

    rows: NDArray[np.intp]
    trials: NDArray[np.int64]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]


def completed_rows(cell: Cell) -> CompletedRows:
    """Find the completed evaluations of a cell.

    Raises
    ------
    ResultsError
        If there are evaluations of unknown trials.
    """
    rows = completed_order(cell.evaluations)
    trial = cell.evaluations["trial"].to_numpy()[rows]
    trials = np.sort(cell.trials.index.to_numpy(np.int64))
    starts, stops = (np.searchsorted(trial, trials, side=side).astype(np.int64) for side in ("left", "right"))
    if (stops - starts).sum() != len(trial):
        unknown = ", ".join(map(str, np.setdiff1d(trial, trials).tolist()))
        raise ResultsError(f"{cell.label!r} on {cell.benchmark}: got evaluations of unknown trials {unknown}")
    return CompletedRows(rows, trials, starts, stops)


def completed_order(evaluations: pd.DataFrame) -> NDArray[np.intp]:
    """Return the positions of the completed ones of some evaluations, in the order (trial, end, number)."""
    rows = np.flatnonzero((evaluations["status"] == "completed").to_numpy())
    trial, end, number = (evaluations[name].to_numpy()[rows] for name in ("trial", "end", "number"))
    return rows if _is_sorted(trial, end, number) else rows[np.lexsort((number, end, trial))]


def _is_sorted(trial: NDArray[Any], end: NDArray[Any], number: NDArray[Any]) -> bool:
    """Return whether rows are in the order (trial, end, number), as those of trials with one worker are."""
    after = number[1:] > number[:-1]
    for key in (end, trial):
        after = (key[1:] > key[:-1]) | ((key[1:] == key[:-1]) & after)
    return bool(after.all())

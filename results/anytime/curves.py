"""The incumbent's true error over time, as a step function.

A curve is right-continuous: at ``x`` it has the true error of the incumbent after all evaluations that completed by
``x``. It is undefined before the first completion and is never interpolated. The incumbent is chosen by *observed*
error, so its true error may rise, and the curve rises with it. Nothing in this file takes a running minimum of true
errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from results.storage.records import ResultsError
from results.storage.study import INCUMBENT, Cell

Axis = Literal["evaluations", "seconds"]
"""``evaluations``: the number of completed evaluations. ``seconds``: their end on the simulated clock [s]."""

Floats = NDArray[np.float64]

POINTS = 300
"""The number of log-spaced points per curve."""


def default_axis(protocol: Mapping[str, Any]) -> Axis:
    """Return the axis that a protocol's budget counts.

    Raises
    ------
    ResultsError
        If the budget does not have exactly one unit.
    """
    kinds = [kind for kind in get_args(Axis) if kind in protocol["budget"]]
    if len(kinds) != 1:
        raise ResultsError(
            f"expected exactly one of {', '.join(get_args(Axis))} as the budget, got {protocol['budget']!r}"
        )
    return cast(Axis, kinds[0])


def curve_grid(start: float, horizon: float, axis: Axis) -> Floats:
    """Return the points of a curve, from its start to the horizon: (n,), counts or [s].

    Empty if the curve does not start by the horizon. A curve that starts at time 0 is shown from a thousandth of the
    horizon on, because the axis is logarithmic.
    """
    if not 0 <= start <= horizon or horizon == 0:
        return np.empty(0)
    grid = np.geomspace(start or horizon / 1000, horizon, POINTS)
    return np.unique(np.floor(grid)) if axis == "evaluations" else grid


def resolve_horizon(protocol: Mapping[str, Any], axis: Axis, horizon: float | None = None) -> float:
    """Return the end of curves on `axis`, a count or [s]: an explicit `horizon`, or else the budget.

    Raises
    ------
    ResultsError
        If `axis` is unknown; if the budget does not count `axis` and no horizon is given; if the horizon is not
        positive and finite, or exceeds the budget.
    """
    if axis not in get_args(Axis):
        raise ResultsError(f"axis must be one of {', '.join(get_args(Axis))}, got {axis!r}")
    kind = default_axis(protocol)
    budget = float(protocol["budget"][kind])
    if horizon is None:
        if axis != kind:
            raise ResultsError(f"the budget counts {kind}; give the horizon for the axis {axis!r}")
        return budget
    if not (np.isfinite(horizon) and horizon > 0):
        raise ResultsError(f"expected a positive, finite horizon, got {horizon:g}")
    if axis == kind and horizon > budget:
        raise ResultsError(f"expected a horizon up to the budget of {budget:g} {kind}, got {horizon:g}")
    return float(horizon)


def shared_horizon(cells: Sequence[Cell], axis: Axis, horizon: float | None = None) -> float:
    """Return the end of the curves of one benchmark on `axis`, a count or [s].

    On the axis of the budget, or with an explicit `horizon`, it is that of `resolve_horizon`. On the other axis it is
    the earliest last completion of any trial of any cell, so that all curves reach it. That value depends on the cells;
    give the horizon if results must not.

    Raises
    ------
    ResultsError
        As `resolve_horizon`, and if no trial has completed an evaluation.
    """
    if horizon is not None or axis == default_axis(cells[0].protocol):
        return resolve_horizon(cells[0].protocol, axis, horizon)
    ends: list[float] = []
    for cell in cells:
        cell = cell.loaded()
        found = cell.completed
        some = found.stops > found.starts
        if axis == "seconds":  # the last row of a trial ended last
            ends += cell.evaluations["end"].to_numpy()[found.rows[found.stops[some] - 1]].tolist()
        else:
            ends += (found.stops - found.starts)[some].tolist()
    if not ends or min(ends) <= 0:
        raise ResultsError(f"no trial has completed an evaluation yet, so nothing can be shown on the axis {axis!r}")
    return float(min(ends))


@dataclass(frozen=True)
class Completions:
    """Completed evaluations. Rows ``starts[i]:stops[i]`` of `x` and `error` belong to ``trials[i]``."""

    trials: NDArray[np.int64]  # (n_trials,), ascending
    starts: NDArray[np.int64]  # (n_trials,)
    stops: NDArray[np.int64]  # (n_trials,)
    x: Floats  # (n_completed,)
    error: Floats  # (n_completed,)


def completions(cell: Cell, target: str, axis: Axis) -> Completions:
    """Return the completed evaluations of a cell in the order (trial, end, number).

    On the axis of the budget, an evaluation that ended after the budget and was kept is placed at the budget. On the
    axis ``evaluations``, a cached duplicate does not advance the count.

    Raises
    ------
    ResultsError
        If the cell does not report the target, or its data contradict each other.
    """
    cell = cell.loaded()
    column, where = INCUMBENT + target, f"{cell.label!r} on {cell.benchmark}"
    if column not in cell.evaluations.columns:
        raise ResultsError(f"{where} does not report {target!r}; it reports {', '.join(cell.protocol['report'])}")
    found, evaluations = cell.completed, cell.evaluations
    error = evaluations[column].to_numpy(np.float64)[found.rows]
    if np.isnan(error).any():
        raise ResultsError(f"{where}: expected {column!r} of all completed evaluations, got some without it")
    if axis == "seconds":
        x = evaluations["end"].to_numpy(np.float64)[found.rows]
    else:  # a cached duplicate does not count
        free = evaluations["duplicate"].to_numpy(np.bool_)[found.rows] & (cell.protocol.get("duplicates") == "cached")
        total = np.concatenate([[0], np.cumsum(~free)]).astype(np.float64)
        x = total[1:] - np.repeat(total[found.starts], found.stops - found.starts)
    if axis == default_axis(cell.protocol):
        x = np.minimum(x, float(cell.protocol["budget"][axis]))
    return Completions(found.trials, found.starts, found.stops, x, error)


def incumbent_error(cell: Cell, target: str, axis: Axis, grid: ArrayLike) -> pd.DataFrame:
    """Return the incumbent's true error at each point of a grid, one row per trial.

    Only completed evaluations count, in the order (end, number). If several complete at the same time, the last one
    decides. On the axis of the budget, an evaluation that ended after the budget and was kept
    (``overshoot = "keep"``) is placed at the budget, so that it counts in the final value. On the axis ``evaluations``,
    a cached duplicate (``duplicates = "cached"``) does not advance the count, because it does not use up the budget.

    Parameters
    ----------
    cell : Cell
    target : str
        An element of ``cell.protocol["report"]``.
    axis : {"evaluations", "seconds"}
    grid : (n_points,) array_like
        Ascending; counts or [s].

    Returns
    -------
    DataFrame
        (n_trials, n_points), indexed by ``trial``; the columns are the grid. Errors in the benchmark's unit, NaN before
        the first completion.

    Raises
    ------
    ResultsError
        If the target is not reported, the grid is not ascending, or the cell's data contradict each other.
    """
    points = np.asarray(grid, dtype=np.float64)
    if points.ndim != 1 or np.isnan(points).any() or (np.diff(points) < 0).any():
        raise ResultsError("expected a one-dimensional, ascending grid without NaN")
    steps = completions(cell, target, axis)
    n_trials, n_points = len(steps.trials), len(points)
    # A row counts from the first grid point at or after it. Encoding (trial, grid point) as one ascending integer
    # looks up all trials and points in a single exact binary search.
    row_point = np.searchsorted(points, steps.x, side="left")
    row_key = np.repeat(np.arange(n_trials), steps.stops - steps.starts) * (n_points + 1) + row_point
    key = np.arange(n_trials)[:, None] * (n_points + 1) + np.arange(n_points)
    last = np.searchsorted(row_key, key.ravel(), side="right").reshape(n_trials, n_points) - 1
    defined = last >= steps.starts[:, None]
    values = np.append(steps.error, np.nan)[np.where(defined, last, -1)]
    return pd.DataFrame(values, index=pd.Index(steps.trials, name="trial"), columns=pd.Index(points, name=axis))


def first_completion(cell: Cell, target: str, axis: Axis) -> pd.Series[float]:
    """Return where each trial has its first incumbent, a count or [s]; NaN if it completed nothing."""
    steps = completions(cell, target, axis)
    first = np.append(steps.x, np.nan)[np.where(steps.stops > steps.starts, steps.starts, -1)]
    return pd.Series(first, index=pd.Index(steps.trials, name="trial"), name=axis)

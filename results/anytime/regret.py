"""Regret, the incumbent's true error minus the optimum: over time, at the end, as an area; and the noise floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from results.anytime.curves import Axis, Floats, default_axis, incumbent_error, resolve_horizon
from results.storage.records import ResultsError
from results.storage.study import Cell, Study
from results.target import Target

ASSUMED_FLOOR = 0.01
"""The floor as a share of the median architecture's regret, if the noise is unknown."""

AREA_POINTS = 100
"""The number of log-spaced points, from budget / 100 to budget, over which log regret is averaged."""

TOLERANCE = 1e-12
"""How far rounding may put a recorded error below the optimum, relative to ``max(1, |optimum|)``."""


def log_grid(budget: float, n: int = AREA_POINTS) -> Floats:
    """Return `n` log-spaced points from ``budget / 100`` to `budget`: (n,), in the budget's unit."""
    return np.geomspace(budget / 100, budget, n)


def to_regret(errors: Floats, optimum: float, provenance: str) -> tuple[Floats, int]:
    """Subtract the optimum from true errors, and clip regret at 0.

    The optimum of a surrogate is a fixed reference value. A search may find a lower error: its regret is then 0, and
    the value is counted as clipped.

    Parameters
    ----------
    errors : array
        Any shape; NaN stays NaN.
    optimum : float
        In the unit of `errors`.
    provenance : {"recorded", "surrogate", "synthetic"}

    Returns
    -------
    regret : array
        Non-negative, with the shape and unit of `errors`.
    n_clipped : int
        The number of values below the reference, beyond rounding. Always 0 except for a surrogate.

    Raises
    ------
    ResultsError
        If an error is below the optimum, beyond rounding, and the provenance is not "surrogate".
    """
    regret = errors - optimum
    below = regret < -TOLERANCE * max(1.0, abs(optimum))
    n_clipped = int(below.sum())
    if n_clipped and provenance != "surrogate":
        raise ResultsError(
            f"{n_clipped} true errors are below the optimum {optimum!r}, the lowest is {float(np.nanmin(errors))!r};"
            f" check that the facts belong to the {provenance} data"
        )
    return np.maximum(regret, 0.0), n_clipped


def regret_curves(cell: Cell, study: Study, target: str, axis: Axis, grid: ArrayLike) -> tuple[pd.DataFrame, int]:
    """Return the incumbent's regret, with the shape of `incumbent_error`, and the number of clipped values.

    Raises
    ------
    ResultsError
        As `incumbent_error` and `to_regret`; if the axis is "seconds" and the benchmark has no recorded times.
    """
    if axis == "seconds" and not study.benchmarks[cell.benchmark]["has_seconds"]:
        raise ResultsError(f"{cell.benchmark} has no recorded times; use the axis 'evaluations'")
    error = incumbent_error(cell, target, axis, grid)
    regret, n_clipped = regret_of(cell, study, target, error.to_numpy())
    return pd.DataFrame(regret, index=error.index, columns=error.columns), n_clipped


def regret_of(cell: Cell, study: Study, target: str, errors: Floats) -> tuple[Floats, int]:
    """Return the regret of a cell's true errors of a target, and the number of clipped values; see `to_regret`."""
    optimum = float(study.target_facts(cell.benchmark, target)["optimum"])
    owner = Target.parse(target).benchmark or cell.benchmark
    return to_regret(errors, optimum, study.benchmarks[owner]["provenance"])


def regret_floor(facts: Mapping[str, Any]) -> tuple[float, bool]:
    """Return the regret below which differences do not count, and whether it is assumed.

    Some benchmarks record a single network per architecture, so their noise is unknown and the floor in their facts is
    0. The floor is then assumed to be a hundredth of the median architecture's regret, which is also a fact of the
    benchmark.

    Parameters
    ----------
    facts : mapping
        ``optimum``, ``floor`` and ``median`` of a target.

    Returns
    -------
    floor : float
        In the benchmark's unit.
    assumed : bool

    Raises
    ------
    ResultsError
        If the floor is negative or NaN, or if it is unknown and the median is the optimum.
    """
    floor, assumed = float(facts["floor"]), ASSUMED_FLOOR * median_regret(facts)
    if floor > 0:
        return floor, False
    if floor == 0 and assumed > 0:
        return assumed, True
    raise ResultsError(
        f"expected a floor above 0, or a median above the optimum, got no floor of regret from {dict(facts)!r}"
    )


def median_regret(facts: Mapping[str, Any]) -> float:
    """Return the regret of the space's median architecture, which stands for having no incumbent."""
    return max(float(facts["median"]) - float(facts["optimum"]), 0.0)


def area_under_log_regret(
    cell: Cell, study: Study, target: str, axis: Axis, horizon: float | None = None, *, capped: bool = False
) -> pd.Series[float]:
    """Average ``log10(max(regret, floor))`` of each trial over the horizon.

    The average is over 100 log-spaced points from horizon / 100 to the horizon. Before the first completion, the regret
    is that of the space's median error. Floor, optimum and median are facts of the benchmark, so the area does not
    depend on the other algorithms.

    Parameters
    ----------
    cell, study, target, axis, horizon
    capped : bool
        Whether regret counts as that of the median error where it is higher, so that two areas differ by at most
        `largest_difference`.

    Returns
    -------
    Series
        (n_trials,), indexed by ``trial``; log10 of the benchmark's unit ("dex"), lower is better.

    Raises
    ------
    ResultsError
        As `resolve_horizon`, `regret_curves` and `regret_floor`.
    """
    return areas_by_floor(cell, study, target, axis, horizon, (1.0,), capped=capped)[1.0].rename("area")


def largest_difference(facts: Mapping[str, Any]) -> float:
    """Return by how much two capped areas differ at most: the median architecture's regret over the floor [dex]."""
    floor, _ = regret_floor(facts)
    return float(np.log10(max(median_regret(facts), floor) / floor))


def areas_by_floor(
    cell: Cell,
    study: Study,
    target: str,
    axis: Axis,
    horizon: float | None,
    factors: Sequence[float],
    *,
    capped: bool = False,
) -> pd.DataFrame:
    """Return `area_under_log_regret` with the floor multiplied by each of several factors.

    If the order of two algorithms depends on the factor, the floor decides it.

    Returns
    -------
    DataFrame
        (n_trials, n_factors) [dex]; the columns are the factors.
    """
    facts = study.target_facts(cell.benchmark, target)
    floor, _ = regret_floor(facts)
    grid = log_grid(resolve_horizon(cell.protocol, axis, horizon))
    regret, _ = regret_curves(cell, study, target, axis, grid)
    start = median_regret(facts)
    values = regret.fillna(start).clip(upper=start if capped else None).to_numpy()
    areas = {factor: np.log10(np.maximum(values, factor * floor)).mean(axis=1) for factor in factors}
    return pd.DataFrame(areas, index=regret.index)


def normalised_regret(regret: ArrayLike, facts: Mapping[str, Any]) -> Floats:
    """Return regret as a share of the median architecture's regret: ``(error - optimum) / (median - optimum)``.

    0 is the optimum, and 1 is the median of a random architecture, so benchmarks of different units can be shown
    together. Both are facts of the target: nothing is normalised by the results of an algorithm.

    Parameters
    ----------
    regret : array_like
        Any shape, in the benchmark's unit.
    facts : mapping
        ``optimum`` and ``median`` of the target.

    Raises
    ------
    ResultsError
        If the median is the optimum, so that there is nothing to search for.
    """
    scale = median_regret(facts)
    if scale == 0:
        raise ResultsError(f"regret cannot be normalised, because the median error is the optimum: {dict(facts)!r}")
    return np.asarray(regret, dtype=np.float64) / scale


def end_regret(cell: Cell, study: Study, target: str) -> pd.Series[float]:
    """Return the regret of each trial's final incumbent: (n_trials,), in the benchmark's unit.

    Evaluations that ended after the budget and were kept count. A trial without completed evaluations has the regret
    of the space's median error, as in `area_under_log_regret`.
    """
    axis = default_axis(cell.protocol)
    regret, _ = regret_curves(cell, study, target, axis, [resolve_horizon(cell.protocol, axis)])
    start = median_regret(study.target_facts(cell.benchmark, target))
    return regret.iloc[:, 0].fillna(start).rename("end_regret")

"""Regret: the incumbent's true error above the optimum, over time, at the end, and as an area; and the noise floor."""

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
"""Where nothing is known of the noise, the floor as a share of the median architecture's regret."""

AREA_POINTS = 100
"""Log-spaced points, from budget / 100 to budget, whose mean log regret is the area."""

TOLERANCE = 1e-12
"""How far a recorded error may lie below the optimum, relative to ``max(1, |optimum|)``: rounding only."""


def log_grid(budget: float, n: int = AREA_POINTS) -> Floats:
    """Return `n` log-spaced points from ``budget / 100`` to `budget`: (n,), in the budget's unit."""
    return np.geomspace(budget / 100, budget, n)


def to_regret(errors: Floats, optimum: float, provenance: str) -> tuple[Floats, int]:
    """Subtract the optimum from true errors, and count what had to be clipped.

    The optimum of a surrogate is a frozen reference value that a search may beat: its regret is then 0, and
    counted.

    Parameters
    ----------
    errors : array
        Any shape; NaN stays NaN.
    optimum : float
        In the unit of `errors`.
    provenance : str
        "recorded", "surrogate" or "synthetic".

    Returns
    -------
    regret : array
        The shape and unit of `errors`, not negative.
    n_clipped : int
        Values below the reference, beyond rounding; always 0 but for a surrogate.

    Raises
    ------
    ResultsError
        If an error lies below the optimum, beyond rounding, and the provenance is not "surrogate".
    """
    regret = errors - optimum
    below = regret < -TOLERANCE * max(1.0, abs(optimum))
    n_clipped = int(below.sum())
    if n_clipped and provenance != "surrogate":
        raise ResultsError(
            f"{n_clipped} true errors lie below the optimum {optimum!r}, "
            f"the lowest is {float(np.nanmin(errors))!r}: "
            f"the facts and the {provenance} data do not belong together"
        )
    return np.maximum(regret, 0.0), n_clipped


def regret_curves(cell: Cell, study: Study, target: str, axis: Axis, grid: ArrayLike) -> tuple[pd.DataFrame, int]:
    """Return the incumbent's regret, shaped as by `incumbent_error`, and how many values were clipped.

    Raises
    ------
    ResultsError
        As `incumbent_error` and `to_regret`; if the axis is "seconds" on a benchmark without recorded times.
    """
    if axis == "seconds" and not study.benchmarks[cell.benchmark]["has_seconds"]:
        raise ResultsError(f"{cell.benchmark} has no recorded times: use the axis 'evaluations'")
    error = incumbent_error(cell, target, axis, grid)
    regret, n_clipped = regret_of(cell, study, target, error.to_numpy())
    return pd.DataFrame(regret, index=error.index, columns=error.columns), n_clipped


def regret_of(cell: Cell, study: Study, target: str, errors: Floats) -> tuple[Floats, int]:
    """Return the regret of a cell's true errors of a target, and how many values were clipped, as by `to_regret`."""
    optimum = float(study.target_facts(cell.benchmark, target)["optimum"])
    owner = Target.parse(target).benchmark or cell.benchmark
    return to_regret(errors, optimum, study.benchmarks[owner]["provenance"])


def regret_floor(facts: Mapping[str, Any]) -> tuple[float, bool]:
    """Return the regret below which differences do not count, and whether it is only assumed.

    Some benchmarks recorded a single network per architecture: the floor in their facts is 0, unknown. A
    hundredth of the median architecture's regret stands in for it, a fact of the benchmark as well.

    Parameters
    ----------
    facts : mapping
        ``optimum``, ``floor`` and ``median`` of a target.

    Raises
    ------
    ResultsError
        If the floor is negative or NaN, or unknown where the median is the optimum.
    """
    floor, assumed = float(facts["floor"]), ASSUMED_FLOOR * median_regret(facts)
    if floor > 0:
        return floor, False
    if floor == 0 and assumed > 0:
        return assumed, True
    raise ResultsError(f"these facts of a target give no floor of regret: {dict(facts)!r}")


def median_regret(facts: Mapping[str, Any]) -> float:
    """Return the regret of the space's median architecture: that of having nothing yet."""
    return max(float(facts["median"]) - float(facts["optimum"]), 0.0)


def area_under_log_regret(
    cell: Cell, study: Study, target: str, axis: Axis, horizon: float | None = None
) -> pd.Series[float]:
    """Average ``log10(max(regret, floor))`` of each trial over the horizon.

    The points are 100, log-spaced from horizon / 100 to the horizon. Before the first completion the
    regret is that of the space's median error. Floor, optimum and median are facts of the benchmark's target,
    so no other algorithm's results play a part.

    Returns
    -------
    Series
        (n_trials,), indexed by ``trial``; log10 of the benchmark's unit ("dex"), lower is better.

    Raises
    ------
    ResultsError
        As `resolve_horizon`, `regret_curves` and `regret_floor`.
    """
    return areas_by_floor(cell, study, target, axis, horizon, (1.0,))[1.0].rename("area")


def areas_by_floor(
    cell: Cell, study: Study, target: str, axis: Axis, horizon: float | None, factors: Sequence[float]
) -> pd.DataFrame:
    """Return `area_under_log_regret` with the floor multiplied by each of some factors.

    Where the order of two algorithms depends on the factor, it is made by the floor and not by them.

    Returns
    -------
    DataFrame
        (n_trials, n_factors) [dex], the columns are the factors.
    """
    facts = study.target_facts(cell.benchmark, target)
    floor, _ = regret_floor(facts)
    grid = log_grid(resolve_horizon(cell.protocol, axis, horizon))
    regret, _ = regret_curves(cell, study, target, axis, grid)
    values = regret.fillna(median_regret(facts)).to_numpy()
    areas = {factor: np.log10(np.maximum(values, factor * floor)).mean(axis=1) for factor in factors}
    return pd.DataFrame(areas, index=regret.index)


def normalised_regret(regret: ArrayLike, facts: Mapping[str, Any]) -> Floats:
    """Return regret as a share of the median architecture's: ``(error - optimum) / (median - optimum)``.

    0 is the optimum, 1 what a random architecture has in the median, so that benchmarks of different units can be
    shown together. Both are facts of the target; nothing is normalised by what an algorithm found.

    Parameters
    ----------
    regret : array_like
        Any shape, in the benchmark's unit.
    facts : mapping
        ``optimum`` and ``median`` of the target.

    Raises
    ------
    ResultsError
        If the median is the optimum: then there is nothing to search for.
    """
    scale = median_regret(facts)
    if scale == 0:
        raise ResultsError(f"regret cannot be normalised, for the median error is the optimum: {dict(facts)!r}")
    return np.asarray(regret, dtype=np.float64) / scale


def end_regret(cell: Cell, study: Study, target: str) -> pd.Series[float]:
    """Return the regret of each trial's final incumbent: (n_trials,), in the benchmark's unit.

    Kept evaluations beyond the budget count. A trial that completed nothing has the regret of the space's
    median error, as in `area_under_log_regret`.
    """
    axis = default_axis(cell.protocol)
    regret, _ = regret_curves(cell, study, target, axis, [resolve_horizon(cell.protocol, axis)])
    start = median_regret(study.target_facts(cell.benchmark, target))
    return regret.iloc[:, 0].fillna(start).rename("end_regret")

"""Runtimes to target regrets: when a regret is reached and kept, the distribution of runtimes, and their expectation.

A trial's *runtime* to a target regret is the completion from which on its incumbent's regret stays at or below the
target until the horizon. The incumbent is chosen by observed error, so its regret may rise above a target that it
had met; such a trial has not reached the target. (Counting first visits instead would take a running minimum of
true errors, which no user can see.) A trial without a runtime is right-censored at the horizon.

Notation: T_i is the runtime of trial i, infinite if censored; H the horizon; s the number of finite T_i.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from results.anytime.curves import Axis, Floats, completions
from results.anytime.regret import median_regret, regret_floor, regret_of
from results.statistics.bootstrap import TAILS, Band, resampling_counts
from results.storage.study import Cell, Study

TARGETS = 51
"""The number of target regrets in a ladder."""


def target_ladder(facts: Mapping[str, Any], n: int = TARGETS) -> Floats:
    """Return `n` log-spaced target regrets, from that of the space's median architecture down to the noise floor.

    Both ends are facts of the benchmark, so the targets do not depend on any algorithm's results.

    Returns
    -------
    (n,) array
        Descending, in the benchmark's unit.
    """
    floor, _ = regret_floor(facts)
    return np.geomspace(max(median_regret(facts), floor), floor, n)


def runtimes(cell: Cell, study: Study, target: str, axis: Axis, horizon: float, regrets: ArrayLike) -> pd.DataFrame:
    """Return the runtime T of each trial to each target regret.

    ``T = min {x : regret(x') <= r for all x' in [x, H]}``, infinite if no such x exists.

    Parameters
    ----------
    cell : Cell
    study : Study
    target : str
        The true error that counts.
    axis : {"evaluations", "seconds"}
    horizon : float
        H, a count or [s].
    regrets : (n_regrets,) array_like
        The target regrets r, in the benchmark's unit, in any order.

    Returns
    -------
    DataFrame
        (n_trials, n_regrets), indexed by ``trial``; the columns are `regrets`. Counts or [s].

    Raises
    ------
    ResultsError
        As `results.anytime.regret.regret_curves`.
    """
    wanted = np.asarray(regrets, dtype=np.float64)
    steps = completions(cell, target, axis)
    regret, _ = regret_of(cell, study, target, steps.error)
    found = np.full((len(steps.trials), len(wanted)), np.inf)
    for row, (start, stop) in enumerate(zip(steps.starts, steps.stops, strict=True)):
        stop = start + np.searchsorted(steps.x[start:stop], horizon, side="right")
        # The worst regret from each completion on. It never rises over time, so a target that it meets stays met.
        worst = np.maximum.accumulate(regret[start:stop][::-1])
        kept = len(worst) - np.searchsorted(worst, wanted, side="right")
        found[row] = np.append(steps.x[start:stop], np.inf)[kept]
    return pd.DataFrame(found, index=pd.Index(steps.trials, name="trial"), columns=pd.Index(wanted, name="regret"))


def share_reached(times: pd.DataFrame, grid: ArrayLike) -> pd.DataFrame:
    """Return the share of all targets that each trial has reached by each point.

    Its mean over trials, ``F(x) = #{(i, r) : T_i(r) <= x} / (n_trials n_regrets)``, is the empirical cumulative
    distribution of the runtimes to all targets. It reaches 1 only if every trial reaches every target.

    Parameters
    ----------
    times : (n_trials, n_regrets) DataFrame
        From `runtimes`.
    grid : (n_points,) array_like
        Ascending; counts or [s].

    Returns
    -------
    DataFrame
        (n_trials, n_points); the columns are the grid.
    """
    points = np.asarray(grid, dtype=np.float64)
    reached = [np.searchsorted(np.sort(row), points, side="right") / times.shape[1] for row in times.to_numpy()]
    values = np.array(reached).reshape(len(times), len(points))
    return pd.DataFrame(values, index=times.index, columns=points)


def expected_running_time(times: pd.DataFrame, horizon: float, rng: np.random.Generator) -> Band:
    """Estimate the expected running time to each target regret, with a 95 % bootstrap interval.

    ``ERT = sum_i min(T_i, H) / s``: the total spent by all trials, until they reach the target or are censored, divided
    by the number of trials that reach it (Hansen et al. 2010, "Real-parameter black-box optimization benchmarking 2010:
    Experimental setup"). It is the mean time to a success with restarts. It is infinite if no trial reaches the target.
    The upper bound is infinite if more than 2.5 % of the resamples contain no successful trial.

    Parameters
    ----------
    times : (n_trials, n_regrets) DataFrame
        From `runtimes`.
    horizon : float
        H.
    rng : Generator

    Returns
    -------
    Band
        (n_regrets,) each, counts or [s]. NaN without trials; with a single trial the interval is NaN.
    """
    if len(times) == 0:
        return Band(*(np.full(times.shape[1], np.nan) for _ in range(3)))
    return _band(_running_times(times, horizon, _resamples(len(times), rng)), len(times))


def log_efficiency(reference: pd.DataFrame, times: pd.DataFrame, horizon: float, rng: np.random.Generator) -> Band:
    """Estimate how much less an algorithm spends than a reference, over many targets, as a power of ten.

    ``median_r log10(ERT_reference(r) / ERT(r))`` over the targets r that at least one of the two reached. 0 means that
    both need the same, 1 that a tenth is enough, and infinity that only the algorithm reaches most targets. (Google
    Vizier's analyzers call a similar quantity, of median curves and to base e, log-efficiency.)

    Parameters
    ----------
    reference, times : (n_trials, n_regrets) DataFrame
        From `runtimes`, for the same targets. Only their common trials count, and both are resampled alike.
    horizon : float
    rng : Generator

    Returns
    -------
    Band
        (1,) each [dex]. NaN if neither reached any target, or if they have no common trial.
    """
    common = reference.index.intersection(times.index)
    if len(common) == 0:
        return Band(*(np.full(1, np.nan) for _ in range(3)))
    counts = _resamples(len(common), rng)
    slow, quick = (_running_times(frame.loc[common], horizon, counts) for frame in (reference, times))
    with np.errstate(invalid="ignore"):  # NaN for a target that neither reached
        ratios = np.log10(slow) - np.log10(quick)
    return _band(_known_median(ratios)[:, None], len(common))


def _resamples(n_trials: int, rng: np.random.Generator) -> Floats:
    """Return the counts of the original trials and of their resamples: (1 + n_resamples, n_trials)."""
    return np.concatenate([np.ones((1, n_trials)), resampling_counts(n_trials, rng)])


def _running_times(times: pd.DataFrame, horizon: float, counts: Floats) -> Floats:
    """Return the ERT by resample and target, infinite without success: (1 + n_resamples, n_regrets)."""
    values = times.to_numpy(np.float64)
    spent: Floats = counts @ np.minimum(values, horizon)
    successes: Floats = counts @ np.isfinite(values).astype(np.float64)
    with np.errstate(divide="ignore"):
        return spent / successes


def _known_median(rows: Floats) -> Floats:
    """Return the median of each row without its NaN; infinite values count: (n_rows,)."""
    ascending, known = np.sort(rows, axis=1), (~np.isnan(rows)).sum(axis=1)
    middle = np.stack([np.maximum(known - 1, 0) // 2, np.minimum(known // 2, rows.shape[1] - 1)], axis=1)
    with np.errstate(invalid="ignore"):  # the mean of both infinities is NaN
        medians: Floats = np.take_along_axis(ascending, middle, axis=1).mean(axis=1)
    return medians


def _band(statistics: Floats, n_trials: int) -> Band:
    """Return the first row, with the interval of the others.

    The quantiles are observed values, because infinite values cannot be interpolated.
    """
    low, high = np.quantile(statistics[1:], TAILS, axis=0, method="inverted_cdf")
    known = (n_trials > 1) & ~np.isnan(statistics).any(axis=0)
    return Band(statistics[0], np.where(known, low, np.nan), np.where(known, high, np.nan))

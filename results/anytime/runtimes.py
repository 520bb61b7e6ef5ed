"""How long until a regret is reached and kept: runtimes, their distribution, and the expected running time.

A trial's *runtime* to a target regret is the completion from which on its incumbent stays at or below the target until
the horizon. An incumbent is chosen by observed error, so its regret may rise above a target that it had met: such a
trial has not reached it. (Counting first visits instead would accumulate true errors, which no user can see.) A trial
without a runtime is right-censored at the horizon.

Notation: T_i is the runtime of trial i, infinite where censored; H the horizon; s the number of finite T_i.
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
"""How many regrets a ladder of targets has."""


def target_ladder(facts: Mapping[str, Any], n: int = TARGETS) -> Floats:
    """Return `n` log-spaced target regrets, from that of the space's median architecture down to the noise floor.

    Both ends are facts of the benchmark, so no algorithm's results move the targets: (n,), in the benchmark's unit,
    descending.
    """
    floor, _ = regret_floor(facts)
    return np.geomspace(max(median_regret(facts), floor), floor, n)


def runtimes(cell: Cell, study: Study, target: str, axis: Axis, horizon: float, regrets: ArrayLike) -> pd.DataFrame:
    """Return the runtime T of each trial to each target regret.

    ``T = min {x : regret(x') <= r for all x' in [x, H]}``, infinite where there is none.

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
        (n_trials, n_regrets), indexed by ``trial``, the columns are `regrets`; counts or [s].

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
        # What is still to come at its worst, from each completion on; it descends, so a target is met once for all.
        worst = np.maximum.accumulate(regret[start:stop][::-1])
        kept = len(worst) - np.searchsorted(worst, wanted, side="right")
        found[row] = np.append(steps.x[start:stop], np.inf)[kept]
    return pd.DataFrame(found, index=pd.Index(steps.trials, name="trial"), columns=pd.Index(wanted, name="regret"))


def share_reached(times: pd.DataFrame, grid: ArrayLike) -> pd.DataFrame:
    """Return the share of all targets that each trial has reached by each point.

    Its mean over trials, ``F(x) = #{(i, r) : T_i(r) <= x} / (n_trials n_regrets)``, is the empirical cumulative
    distribution of the runtimes to all targets; it reaches 1 only where every trial reaches every target.

    Parameters
    ----------
    times : (n_trials, n_regrets) DataFrame
        As by `runtimes`.
    grid : (n_points,) array_like
        Ascending; counts or [s].

    Returns
    -------
    DataFrame
        (n_trials, n_points), the columns are the grid.
    """
    points = np.asarray(grid, dtype=np.float64)
    reached = [np.searchsorted(np.sort(row), points, side="right") / times.shape[1] for row in times.to_numpy()]
    values = np.array(reached).reshape(len(times), len(points))
    return pd.DataFrame(values, index=times.index, columns=points)


def expected_running_time(times: pd.DataFrame, horizon: float, rng: np.random.Generator) -> Band:
    """Estimate the expected running time to each target regret, with a 95 % bootstrap interval.

    ``ERT = sum_i min(T_i, H) / s``: all that the trials spent, up to where they reached the target or were censored,
    for each one that reached it (Hansen et al. 2010, "Real-parameter black-box optimization benchmarking 2010:
    Experimental setup"). It is what restarting until success takes in the mean; infinite where no trial reached the
    target, and so is the upper bound where many resamples of whole trials hold none that did.

    Parameters
    ----------
    times : (n_trials, n_regrets) DataFrame
        As by `runtimes`.
    horizon : float
        H.
    rng : Generator

    Returns
    -------
    Band
        (n_regrets,) each, counts or [s]; NaN without trials, and the interval with a single one.
    """
    if len(times) == 0:
        return Band(*(np.full(times.shape[1], np.nan) for _ in range(3)))
    return _band(_spent_a_success(times, horizon, _resamples(len(times), rng)), len(times))


def log_efficiency(reference: pd.DataFrame, times: pd.DataFrame, horizon: float, rng: np.random.Generator) -> Band:
    """Estimate how much less is spent than a reference spends, over many targets, as a power of ten.

    ``median_r log10(ERT_reference(r) / ERT(r))`` over the targets r that at least one of the two reached: 0 where both
    need the same, 1 where a tenth suffices, infinite where one alone reaches most of them. (Google Vizier's analyzers
    call the like of it, of median curves and to base e, log-efficiency.)

    Parameters
    ----------
    reference, times : (n_trials, n_regrets) DataFrame
        As by `runtimes`, of the same targets; their common trials count, and are resampled alike for both.
    horizon : float
    rng : Generator

    Returns
    -------
    Band
        (1,) each [dex]; NaN where neither reached any target, or no trial is common.
    """
    common = reference.index.intersection(times.index)
    if len(common) == 0:
        return Band(*(np.full(1, np.nan) for _ in range(3)))
    counts = _resamples(len(common), rng)
    slow, quick = (_spent_a_success(frame.loc[common], horizon, counts) for frame in (reference, times))
    with np.errstate(invalid="ignore"):  # a target that neither reached: NaN
        ratios = np.log10(slow) - np.log10(quick)
    return _band(_known_median(ratios)[:, None], len(common))


def _resamples(n_trials: int, rng: np.random.Generator) -> Floats:
    """The trials themselves, then their resamples, as counts: (1 + n_resamples, n_trials)."""
    return np.concatenate([np.ones((1, n_trials)), resampling_counts(n_trials, rng)])


def _spent_a_success(times: pd.DataFrame, horizon: float, counts: Floats) -> Floats:
    """ERT by resample and target; infinite without success: (1 + n_resamples, n_regrets)."""
    values = times.to_numpy(np.float64)
    spent: Floats = counts @ np.minimum(values, horizon)
    successes: Floats = counts @ np.isfinite(values).astype(np.float64)
    with np.errstate(divide="ignore"):
        return spent / successes


def _known_median(rows: Floats) -> Floats:
    """Median of what is not NaN in each row; infinite values are values: (n_rows,)."""
    ascending, known = np.sort(rows, axis=1), (~np.isnan(rows)).sum(axis=1)
    middle = np.stack([np.maximum(known - 1, 0) // 2, np.minimum(known // 2, rows.shape[1] - 1)], axis=1)
    with np.errstate(invalid="ignore"):  # between both infinities lies nothing
        medians: Floats = np.take_along_axis(ascending, middle, axis=1).mean(axis=1)
    return medians


def _band(statistics: Floats, n_trials: int) -> Band:
    """The first row with the interval of the others; of observed quantiles, for infinite values have no mean."""
    low, high = np.quantile(statistics[1:], TAILS, axis=0, method="inverted_cdf")
    known = (n_trials > 1) & ~np.isnan(statistics).any(axis=0)
    return Band(statistics[0], np.where(known, low, np.nan), np.where(known, high, np.nan))

"""How surely: bootstrap bands over whole trials, paired tests, Holm's correction, ranks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]

Statistic = Literal["mean", "median", "iqm"]
"""``iqm``: the interquartile mean, without the lowest and the highest quarter of the trials."""

LEVEL = 0.95
TAILS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
RESAMPLES = 1000
ALPHA = 0.05
"""The level of all tests."""

MINIMUM_PAIRS = 8
"""Paired tests are refused below this many common trials: with 5 pairs no two-sided p reaches 0.05."""

BOOTSTRAP_SEED = 20260
"""Every algorithm's bootstrap starts from it anew, so that no interval depends on the other algorithms."""


class Band(NamedTuple):
    """A statistic over trials and its bootstrap interval; (n_points,) each, NaN where undefined."""

    centre: Floats
    low: Floats
    high: Floats


def bootstrap_band(
    values: ArrayLike,
    statistic: Statistic,
    rng: np.random.Generator,
    n_resamples: int = RESAMPLES,
) -> Band:
    """Estimate a statistic over trials with its pointwise 95 % percentile bootstrap interval.

    Whole trials are resampled: one draw of trials serves all points. The interval lies between the 2.5 % and 97.5 %
    quantiles of the resamples' statistics.

    Parameters
    ----------
    values : (n_trials, n_points) array_like
        A point at which any trial is NaN is undefined: NaN throughout.
    statistic : {"mean", "median", "iqm"}
    rng : Generator
        The only source of randomness.
    n_resamples : int

    Returns
    -------
    Band
        Without trials all is NaN; with a single trial the interval is NaN.

    Raises
    ------
    ValueError
        If `values` is not two-dimensional or the statistic is unknown.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2:
        raise ValueError(f"values must be (n_trials, n_points), got the shape {array.shape}")
    if statistic not in get_args(Statistic):
        raise ValueError(f"statistic must be one of {get_args(Statistic)}, got {statistic!r}")
    n_trials, n_points = array.shape
    band = Band(*(np.full(n_points, np.nan) for _ in range(3)))
    defined = ~np.isnan(array).any(axis=0)
    if n_trials == 0 or not defined.any():
        return band
    known, cut = array[:, defined], _cut(statistic, n_trials)
    band.centre[defined] = trial_statistic(known, statistic)
    if n_trials > 1:
        counts = resampling_counts(n_trials, rng, n_resamples)
        means = _trimmed_means(known, cut, counts) if cut else counts @ known / n_trials
        band.low[defined], band.high[defined] = np.quantile(means, TAILS, axis=0)
    return band


def trial_statistic(values: ArrayLike, statistic: Statistic) -> Floats:
    """Return a statistic over trials: the mean of ``x_(k+1), ..., x_(n-k)``, in ascending order.

    k is 0 for the mean, ``n // 4`` for the interquartile mean, and leaves one or two values for the median.

    Parameters
    ----------
    values : (n_trials, ...) array_like
        At least one trial.
    statistic : {"mean", "median", "iqm"}

    Returns
    -------
    array
        The shape of one trial.
    """
    ascending = np.sort(np.asarray(values, dtype=np.float64), axis=0)
    cut = _cut(statistic, len(ascending))
    centre: Floats = ascending[cut : len(ascending) - cut].mean(axis=0)
    return centre


def _cut(statistic: Statistic, n_trials: int) -> int:
    """So many of the lowest and of the highest values are left out: all three statistics are trimmed means."""
    return {"mean": 0, "iqm": n_trials // 4, "median": (n_trials - 1) // 2}[statistic]


def resampling_counts(n_trials: int, rng: np.random.Generator, n_resamples: int = RESAMPLES) -> Floats:
    """Draw how often each resample of whole trials holds each trial: (n_resamples, n_trials), rows sum to n_trials."""
    return rng.multinomial(n_trials, np.full(n_trials, 1 / n_trials), size=n_resamples).astype(np.float64)


def _trimmed_means(values: Floats, cut: int, counts: Floats) -> Floats:
    """Mean of each resample without its `cut` lowest and `cut` highest values: (n_resamples, n_points).

    Let x_1 <= ... <= x_n be the trials' values at a point and c_k how many of the resample's n draws are among the k
    lowest. Clipped to [cut, n - cut], the c_k say which draws are kept; the sum of those is, by parts,
    ``(n - cut) x_n - cut x_1 - sum_k c_k (x_{k+1} - x_k)``. So nothing is sorted but the values themselves, which is
    twenty times as fast as a median of every resample.
    """
    n = len(values)
    by_trial = np.ascontiguousarray(counts.T.astype(np.min_scalar_type(n)))
    order = np.argsort(values, axis=0)
    ascending = np.take_along_axis(values, order, axis=0)
    steps = np.diff(ascending, axis=0)
    sums = np.empty((len(counts), values.shape[1]))
    for point in range(values.shape[1]):
        cumulated = by_trial[order[:, point]]
        for k in range(1, n):  # row by row: three times as fast as cumsum, whose inner loop is not contiguous
            cumulated[k] += cumulated[k - 1]
        kept = np.clip(cumulated[:-1], cut, n - cut).astype(np.float64)
        sums[:, point] = (n - cut) * ascending[-1, point] - cut * ascending[0, point] - steps[:, point] @ kept
    return sums / (n - 2 * cut)


@dataclass(frozen=True)
class PairedTest:
    """A two-sided Wilcoxon signed-rank test of ``a - b`` over common trials.

    Attributes
    ----------
    n : int
        Common trials.
    median_difference : float
        Median of ``a - b``, in their unit; NaN without common trials.
    low, high : float
        Its 95 % interval, see `median_interval`; NaN if refused.
    direction : int
        -1 if a's signed ranks are the lower ones, 1 if the higher ones, 0 if they balance.
    p_value : float
        NaN if refused.
    refused : str
        Why there is no p-value; empty if there is one.
    """

    n: int
    median_difference: float
    low: float
    high: float
    direction: int
    p_value: float
    refused: str = ""


def paired_wilcoxon(a: pd.Series[float], b: pd.Series[float]) -> PairedTest:
    """Compare two algorithms by the trials that both have.

    The test is `scipy.stats.wilcoxon`, two-sided, with ``zero_method="zsplit"``. Where all differences are
    zero, p is 1.

    Parameters
    ----------
    a, b : Series
        Indexed by trial, each trial once; finite values, of which lower is better.

    Raises
    ------
    ValueError
        If a trial stands twice or a common value is not finite.
    """
    difference = common_differences(a, b)
    n, nan = len(difference), float("nan")
    if n == 0:
        return PairedTest(0, nan, nan, nan, 0, nan, "no common trials")
    median = float(np.median(difference))
    direction = int(np.sign((np.sign(difference) * stats.rankdata(np.abs(difference))).sum()))
    if n < MINIMUM_PAIRS:
        reason = f"{n} common trial{'s' if n > 1 else ''}, {MINIMUM_PAIRS} are needed"
        return PairedTest(n, median, nan, nan, direction, nan, reason)
    if not difference.any():
        return PairedTest(n, 0.0, 0.0, 0.0, 0, 1.0)
    p_value = float(stats.wilcoxon(difference, zero_method="zsplit").pvalue)
    return PairedTest(n, median, *median_interval(difference), direction, p_value)


def median_interval(values: ArrayLike) -> tuple[float, float]:
    """Return the 95 % interval of a median that needs no assumption on the distribution.

    It is ``[x_(k), x_(n + 1 - k)]`` of the ascending values, with the largest k for which a binomial number of n halves
    is below k with a probability of at most 0.025: `scipy.stats.quantile_test`.

    Parameters
    ----------
    values : (n,) array_like
        At least six, or there is no such interval and both ends are NaN.
    """
    interval: Any = stats.quantile_test(np.asarray(values, dtype=np.float64), p=0.5).confidence_interval(LEVEL)
    return float(interval.low), float(interval.high)


def common_differences(a: pd.Series[float], b: pd.Series[float]) -> Floats:
    """Return ``a - b`` of the trials that both have: (n_common_trials,).

    Raises
    ------
    ValueError
        If a trial stands twice or a common value is not finite.
    """
    if not (a.index.is_unique and b.index.is_unique):
        raise ValueError("a trial stands twice: values cannot be paired")
    common = a.index.intersection(b.index)
    difference: Floats = a.loc[common].to_numpy(np.float64) - b.loc[common].to_numpy(np.float64)
    if not np.isfinite(difference).all():
        raise ValueError("paired values must be finite")
    return difference


def holm(p_values: ArrayLike) -> Floats:
    """Adjust p-values by Holm's step-down method; in the order given.

    The i-th smallest of m (i = 0, 1, ...) is multiplied by ``m - i``; no adjusted value may be below that of
    a smaller one, nor above 1.

    Parameters
    ----------
    p_values : (m,) array_like

    Raises
    ------
    ValueError
        If a value is not in [0, 1]. A refused test has no p-value and does not belong to the family.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"p-values are a list of numbers in [0, 1], got {p_values!r}")
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)
    return adjusted


def average_ranks(values: pd.DataFrame) -> tuple[pd.Series[float], int]:
    """Rank the algorithms in each trial that all of them have, and average.

    1 is the best; ties share their mean rank.

    Parameters
    ----------
    values : (n_trials, n_algorithms) DataFrame
        Indexed by trial, one column an algorithm, lower is better; NaN where a trial is missing.

    Returns
    -------
    ranks : Series
        Indexed by algorithm; NaN for one without any trial (it takes no part), and for all if no trial is
        common.
    n_trials : int
        The common trials.
    """
    taking_part = values.dropna(axis="columns", how="all")
    common = taking_part.dropna(axis="index", how="any")
    ranks = common.rank(axis="columns", method="average").mean(axis="index")
    return ranks.reindex(values.columns), len(common)


def rank_curves(curves: Mapping[str, pd.DataFrame], floor: float) -> dict[str, pd.DataFrame]:
    """Rank the algorithms at every point of each trial that all of them have.

    ``rank_a(i, x) = 1 + #{b : r_b(i, x) < r_a(i, x)} + #{b != a : r_b(i, x) = r_a(i, x)} / 2`` with r the regret, or
    the floor where that is higher: differences below the noise are ties. A mean over trials then says who is usually
    ahead, not by how much, and depends on who takes part.

    Parameters
    ----------
    curves : mapping
        By algorithm, regret (n_trials, n_points) on one grid, indexed by trial. One without trials takes no part.
    floor : float
        The noise floor, in the unit of the regret.

    Returns
    -------
    dict
        By algorithm that takes part, ranks (n_common_trials, n_points), 1 the best; NaN at the points at which any
        algorithm's regret is undefined in the trial.
    """
    taking_part = {label: frame for label, frame in curves.items() if len(frame)}
    if not taking_part:
        return {}
    first, *others = taking_part.values()
    common = first.index
    for frame in others:
        common = common.intersection(frame.index)
    stacked = np.stack([np.maximum(frame.loc[common].to_numpy(), floor) for frame in taking_part.values()])
    ranks = stats.rankdata(stacked, axis=0, nan_policy="propagate")
    return {
        label: pd.DataFrame(values, index=common, columns=first.columns)
        for label, values in zip(taking_part, ranks, strict=True)
    }

"""Statistics over trials: means, medians, bootstrap intervals over whole trials, ranks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

Statistic = Literal["mean", "median", "iqm"]
"""``iqm``: the interquartile mean, without the lowest and the highest quarter of the trials."""

LEVEL = 0.95
TAILS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
RESAMPLES = 1000
ALPHA = 0.05
"""The level of all tests."""

NOMINAL_COVERAGE = 0.93
"""Intervals whose known coverage is below this are called too narrow in captions."""

LOWEST_COVERAGE: dict[Statistic, dict[int, float]] = {
    "mean": {2: 0.42, 3: 0.64, 5: 0.83, 8: 0.90, 20: 0.91, 30: 0.92, 60: 0.93},
    "median": {2: 0.49, 3: 0.74, 5: 0.90, 20: 0.92, 30: 0.93},
    "iqm": {2: 0.45, 3: 0.69, 5: 0.86, 8: 0.91, 15: 0.92, 30: 0.93},
}
"""The lowest measured coverage by statistic and smallest number of trials, as measured for the page on resolution."""

DRAWN_AT_ONCE = 50
"""Resamples that are drawn by one call."""

TIE = 1e-9
"""Resampled means count as equal to the mean if they differ by less than this share of the largest deviation."""

_BLOCK = 8
"""The number of points whose resamples are counted together, few enough for the processor's cache."""

_MEDIAN_BLOCK = 64
"""The same for medians, which need less memory for each point."""

_TRIALS_AT_ONCE = 8
"""The number of trials that are counted together far below the median."""

Places = NDArray[np.unsignedinteger]
"""Places in an order; small integers."""

BOOTSTRAP_SEED = 20260
"""The seed of every bootstrap, so that no interval depends on the other algorithms."""


class Band(NamedTuple):
    """A statistic over trials and its bootstrap interval; ``(n_points,)`` each, NaN where undefined."""

    centre: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Estimate:
    """A statistic over trials with its 95 % bootstrap interval. None where undefined."""

    value: float | None
    low: float | None
    high: float | None


def bootstrap_band(
    values: ArrayLike,
    statistic: Statistic,
    rng: np.random.Generator | Callable[[int], Floats],
    n_resamples: int = RESAMPLES,
) -> Band:
    """Estimate a statistic over trials with its pointwise 95 % bootstrap interval.

    Whole trials are resampled: all points share each draw of trials. The interval of a mean is `mean_interval`. Those
    of a median and an interquartile mean lie between the 2.5 % and 97.5 % quantiles over the resamples.

    Parameters
    ----------
    values : (n_trials, n_points) array_like
        A point at which any trial is NaN is undefined: its results are NaN.
    statistic : {"mean", "median", "iqm"}
    rng : Generator or callable
        The only source of randomness; or `seeded_counts`, which does not draw the same resamples again.
    n_resamples : int

    Returns
    -------
    Band
        All NaN without trials. With a single trial the interval is NaN.

    Raises
    ------
    ValueError
        If `values` is not two-dimensional or the statistic is unknown.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2:
        raise ValueError(f"expected values of shape (n_trials, n_points), got {array.shape}")
    if statistic not in get_args(Statistic):
        raise ValueError(f"statistic must be one of {', '.join(get_args(Statistic))}, got {statistic!r}")
    n_trials, n_points = array.shape
    band = Band(*(np.full(n_points, np.nan) for _ in range(3)))
    defined = ~np.isnan(array).any(axis=0)
    if n_trials == 0 or not defined.any():
        return band
    known, cut = array[:, defined], _cut(statistic, n_trials)
    band.centre[defined] = trial_statistic(known, statistic)
    if n_trials > 1:
        counts = rng(n_trials) if callable(rng) else resampling_counts(n_trials, rng, n_resamples)
        if statistic == "mean":
            band.low[defined], band.high[defined] = mean_interval(known, counts)
        else:
            if not cut:
                means = counts @ known / n_trials
            else:
                means = (_medians if statistic == "median" else _trimmed_means)(known, cut, counts)
            band.low[defined], band.high[defined] = np.quantile(means, TAILS, axis=0)
    return band


def known_coverage(statistic: Statistic, n_trials: int) -> float | None:
    """Return the lowest coverage that was measured for 95 % intervals of end regret, if it is below 0.93.

    Parameters
    ----------
    statistic : {"mean", "median", "iqm"}
    n_trials : int
        At least 2.

    Returns
    -------
    float or None
        None if the coverage is at least 0.93.
    """
    measured = LOWEST_COVERAGE[statistic]
    lowest = measured[max(n for n in measured if n <= n_trials)]
    return lowest if lowest < NOMINAL_COVERAGE else None


def mean_interval(values: Floats, counts: Floats) -> Floats:
    """Return the expanded BCa bootstrap intervals of means, at 95 %.

    The ends are quantiles of the resampled means, at levels that are corrected for bias and skewness: with
    ``b = z(share of resampled means below the mean)``, ties counting half, and the acceleration
    ``a = sum d^3 / (6 (sum d^2)^(3/2))`` of the deviations d from the mean, the levels are ``Phi(b + s / (1 - a s))``,
    where s is ``b - z`` and ``b + z`` (Efron 1987, "Better bootstrap confidence intervals", JASA 82, section 2). A
    bootstrap distribution of n values is too narrow by ``sqrt((n - 1) / n)``, and its quantiles know nothing of
    Student's t: z is therefore ``sqrt(n / (n - 1)) t(0.975; n - 1)`` instead of 1.96 (Hesterberg 2015, "What teachers
    should know about the bootstrap", The American Statistician 69, on the expanded percentile interval). An interval
    never leaves the range of the values. docs/explanations/resolution.md has its coverage.

    Parameters
    ----------
    values : (n_trials, n_points) array
        At least two trials, without NaN.
    counts : (n_resamples, n_trials) array
        From `resampling_counts`.

    Returns
    -------
    (2, n_points) array
        The lower and the upper ends, in the unit of the values.
    """
    n = len(values)
    centre = values.mean(axis=0)
    deviations = values - centre
    resampled = np.sort(counts @ deviations / n, axis=0)
    tie = TIE * np.abs(deviations).max(axis=0)
    below = ((resampled < -tie).mean(axis=0) + (resampled <= tie).mean(axis=0)) / 2
    lowest = 0.5 / len(counts)
    bias = special.ndtri(np.clip(below, lowest, 1 - lowest))
    squares = deviations**2
    spread, skewness = squares.sum(axis=0), (squares * deviations).sum(axis=0)
    acceleration = np.divide(skewness, 6 * spread**1.5, out=np.zeros_like(spread), where=spread > 0)
    z = np.sqrt(n / (n - 1)) * special.stdtrit(n - 1, TAILS[1])
    shifted = bias + np.array([[-z], [z]])
    levels = special.ndtr(bias + shifted / np.maximum(1 - acceleration * shifted, np.finfo(np.float64).tiny))
    ends: Floats = centre + _quantiles(resampled, levels)
    return ends


def _quantiles(ascending: Floats, levels: Floats) -> Floats:
    """Return quantiles at levels of their own for every column, by linear interpolation: (n_levels, n_columns)."""
    places = levels * (len(ascending) - 1)
    before = np.minimum(places.astype(np.intp), len(ascending) - 2)
    columns = np.arange(ascending.shape[1])
    lower, upper = ascending[before, columns], ascending[before + 1, columns]
    quantiles: Floats = lower + (upper - lower) * (places - before)
    return quantiles


def trial_statistic(values: ArrayLike, statistic: Statistic) -> Floats:
    """Return a statistic over trials: the mean of ``x_(k+1), ..., x_(n-k)`` of the sorted values.

    k is 0 for the mean and ``n // 4`` for the interquartile mean. For the median it leaves one or two values.

    Parameters
    ----------
    values : (n_trials, ...) array_like
        At least one trial.
    statistic : {"mean", "median", "iqm"}

    Returns
    -------
    array
        Has the shape of one trial.
    """
    ascending = np.sort(np.asarray(values, dtype=np.float64), axis=0)
    cut = _cut(statistic, len(ascending))
    centre: Floats = ascending[cut : len(ascending) - cut].mean(axis=0)
    return centre


def _cut(statistic: Statistic, n_trials: int) -> int:
    """Return how many of the lowest and of the highest values to leave out: all statistics are trimmed means."""
    return {"mean": 0, "iqm": n_trials // 4, "median": (n_trials - 1) // 2}[statistic]


def resampling_counts(n_trials: int, rng: np.random.Generator, n_resamples: int = RESAMPLES) -> Floats:
    """Draw how often each resample contains each trial.

    Returns
    -------
    (n_resamples, n_trials) array
        Every row sums to n_trials.
    """
    counts, equal = np.empty((n_resamples, n_trials)), np.full(n_trials, 1 / n_trials)
    for first in range(0, n_resamples, DRAWN_AT_ONCE):  # as one draw of all, without a second array of that size
        block = counts[first : first + DRAWN_AT_ONCE]
        block[:] = rng.multinomial(n_trials, equal, size=len(block))
    return counts


@lru_cache(maxsize=1)
def seeded_counts(n_trials: int) -> Floats:
    """Return the `resampling_counts` of `BOOTSTRAP_SEED`. Those of the last number of trials are kept."""
    counts = resampling_counts(n_trials, np.random.default_rng(BOOTSTRAP_SEED))
    counts.flags.writeable = False
    return counts


def _trimmed_means(values: Floats, cut: int, counts: Floats) -> Floats:
    """Return the mean of each resample without its `cut` lowest and `cut` highest values: (n_resamples, n_points).

    Let x_1 <= ... <= x_n be the trials' values at a point, and c_k the number of the resample's n draws that are among
    the k lowest. Clipped to [cut, n - cut], the c_k tell which draws are kept. By summation by parts, the kept draws
    sum to ``(n - cut) x_n - cut x_1 - sum_k c_k (x_{k+1} - x_k)``. Only the values themselves are sorted, which is
    twenty times as fast as a median of every resample.
    """
    n = len(values)
    by_trial = np.ascontiguousarray(counts.T.astype(np.min_scalar_type(n)))
    order = np.argsort(values, axis=0)
    ascending = np.take_along_axis(values, order, axis=0)
    steps = np.diff(ascending, axis=0)
    sums = np.empty((len(counts), values.shape[1]))
    for first in range(0, values.shape[1], _BLOCK):
        cumulated = by_trial[order[:, first : first + _BLOCK]]
        for k in range(1, n):  # row by row: three times as fast as cumsum, whose inner loop is not contiguous
            cumulated[k] += cumulated[k - 1]
        np.clip(cumulated, cut, n - cut, out=cumulated)
        for at, point in enumerate(range(first, first + cumulated.shape[1])):
            kept = cumulated[:-1, at].astype(np.float64)
            sums[:, point] = (n - cut) * ascending[-1, point] - cut * ascending[0, point] - steps[:, point] @ kept
    return sums / (n - 2 * cut)


def _medians(values: Floats, cut: int, counts: Floats) -> Floats:
    """Return the median of each resample, the mean without its `cut` lowest and highest values; see `_trimmed_means`.

    The kept draws are x_k with the lowest k for which c_k > cut and, if n is even, the lowest for which c_k >= n - cut.
    """
    n, n_points = values.shape
    by_trial = np.ascontiguousarray(counts.T.astype(np.min_scalar_type(n)))
    order = np.argsort(values, axis=0)
    ascending = np.take_along_axis(values, order, axis=0)
    medians = np.empty((len(counts), n_points))
    for first in range(0, n_points, _MEDIAN_BLOCK):
        block = order[:, first : first + _MEDIAN_BLOCK]
        points = np.arange(first, first + block.shape[1])[:, np.newaxis]
        low, high = _middle_places(block, by_trial, cut)
        middle = ascending[low, points] if n % 2 else (ascending[low, points] + ascending[high, points]) / 2
        medians[:, first : first + block.shape[1]] = middle.T
    return medians


def _middle_places(order: NDArray[np.intp], by_trial: NDArray[np.unsignedinteger], cut: int) -> tuple[Places, Places]:
    """Return the places of the two middle draws in ascending order, each ``(n_points, n_resamples)``.

    They are the same if the number of trials is odd. Lower draws are counted several trials at a time until a resample
    may have reached the middle, and no draw is counted after all have.
    """
    n = len(order)
    reached = np.zeros((order.shape[1], by_trial.shape[1]), dtype=by_trial.dtype)
    low, high, below = np.zeros_like(reached), np.zeros_like(reached), True
    for first in range(0, n, _TRIALS_AT_ONCE):
        rows = order[first : first + _TRIALS_AT_ONCE]
        if below:
            ahead = reached.copy()
            for row in rows:
                ahead += by_trial[row]
            if ahead.max() <= cut:
                reached, low, high = ahead, low + len(rows), high + len(rows)
                continue
            below = False
        for row in rows:
            reached += by_trial[row]
            low += reached <= cut
            if n % 2 == 0:
                high += reached < n - cut
        if reached.min() >= max(cut + 1, n - cut):
            break
    return low, low if n % 2 else high

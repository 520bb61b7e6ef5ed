"""Means of groups, shares, and contrasts, with 95 % intervals and tests against chance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.analyses.architectures import Floats

LEVEL = 0.95
"""Level of all intervals."""
ALPHA = 0.01
"""Level of the findings, after Holm's correction. Each benchmark has four tables of them."""
NORMAL = float(stats.norm.ppf(0.5 + LEVEL / 2))


class Means(NamedTuple):
    """Means of groups, each ``(n_groups,)``; NaN where a group is empty, or too small for an interval."""

    counts: NDArray[np.int64]
    means: Floats
    lows: Floats
    highs: Floats


class Contrast(NamedTuple):
    """A weighted sum of scores, with its interval, and the probability of a sum as far from 0 by chance."""

    value: float
    low: float
    high: float
    chance: float


def group_means(scores: Floats, groups: NDArray[np.integer], n_groups: int) -> Means:
    """Return the mean score of each group, with Student's t-intervals.

    Parameters
    ----------
    scores : array, ``(n,)``
    groups : array of int, ``(n,)``
        Group of each score; those with -1 are left out.
    n_groups : int
    """
    kept = groups >= 0
    scores, groups = scores[kept], groups[kept]
    counts = np.bincount(groups, minlength=n_groups)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.bincount(groups, scores, n_groups) / counts
        squares = np.bincount(groups, (scores - means[groups]) ** 2, n_groups)
        errors = np.sqrt(squares / (counts - 1) / counts)
    half = stats.t.ppf(0.5 + LEVEL / 2, np.where(counts > 1, counts - 1, np.nan)) * errors
    return Means(counts, means, means - half, means + half)


def contrast(scores: Floats, weights: Floats) -> Contrast:
    """Compare groups by a weighted sum of scores.

    Its standard error is that of the same sum if the scores were assigned to the architectures at random, so it is
    larger than the standard error of a fitted model.

    Parameters
    ----------
    scores, weights : array, ``(n,)``
        The weights sum to 0.
    """
    value = float(weights @ scores)
    if len(scores) < 3:
        return Contrast(value, np.nan, np.nan, np.nan)
    error = float(np.sqrt(((weights - weights.mean()) ** 2).sum() * scores.var(ddof=1)))
    chance = 2 * float(stats.norm.sf(abs(value) / error)) if error > 0 else np.nan
    return Contrast(value, value - NORMAL * error, value + NORMAL * error, chance)


def share_interval(hits: int, n: int) -> tuple[float, float]:
    """Return Wilson's interval of a share."""
    interval = stats.binomtest(hits, n).proportion_ci(LEVEL, method="wilson")
    return float(interval.low), float(interval.high)


def skewness(scores: Floats) -> tuple[float, float, float]:
    """Return the skewness with its interval, by the delta method; NaN if all scores are equal."""
    spread = scores.std()
    if spread <= 1e-12 * max(1.0, float(np.abs(scores).max())):
        return np.nan, np.nan, np.nan
    z = (scores - scores.mean()) / spread
    value = float((z**3).mean())
    influence = z**3 - value - 3 * z - 1.5 * value * (z**2 - 1)
    half = NORMAL * float(influence.std()) / np.sqrt(len(scores))
    return value, value - half, value + half


def holm(chances: Floats) -> Floats:
    """Correct probabilities for the number of tests by Holm's method. NaN stays NaN and does not count.

    Parameters
    ----------
    chances : array, ``(n,)``
    """
    corrected = np.full(len(chances), np.nan)
    order = np.argsort(chances)[: np.isfinite(chances).sum()]
    factors = len(order) - np.arange(len(order))
    corrected[order] = np.minimum(np.maximum.accumulate(chances[order] * factors), 1.0)
    return corrected


def most_better(n: int) -> float:
    """Return the share of a space that is better than the best of a random sample, at most, by the level."""
    share: float = 1.0 - (1.0 - LEVEL) ** (1.0 / n)
    return share

"""The number of trials that a paired comparison needs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

from results.statistics.bootstrap import ALPHA, LEVEL
from results.statistics.paired import MINIMUM_PAIRS
from results.statistics.power import POWER


class Separation(NamedTuple):
    """How far two algorithms are apart, and how many trials it takes to see that.

    Attributes
    ----------
    difference, low, high : float
        Mean of the paired differences with its 95 % interval, in their unit; NaN where undefined.
    trials, fewest, most : float
        Trials needed for that difference, and for the far and near end of its interval. Infinite if there is no
        difference to be found; NaN where undefined.
    """

    difference: float
    low: float
    high: float
    trials: float
    fewest: float
    most: float


def separation(differences: ArrayLike) -> Separation:
    """Estimate the number of trials that separate two algorithms.

    For paired differences with mean d and standard deviation s, a two-sided t-test at level 0.05 finds a difference
    with probability 0.8 in ``n = (z(0.975) + z(0.8))^2 s^2 / d^2 + z(0.975)^2 / 2`` trials (Guenther 1981, "Sample size
    formulas for normal theory t tests", The American Statistician 35). The interval of n takes the ends of the t
    interval of d; it reaches to infinity if that contains 0. n is at least 8, below which no test is made.

    Parameters
    ----------
    differences : (n_trials,) array_like
        Finite values.
    """
    values = np.asarray(differences, dtype=np.float64)
    nan = float("nan")
    if len(values) == 0:
        return Separation(nan, nan, nan, nan, nan, nan)
    mean = float(values.mean())
    if len(values) == 1:
        return Separation(mean, nan, nan, nan, nan, nan)
    spread = float(values.std(ddof=1))
    half = float(stdtrit(len(values) - 1, (1 + LEVEL) / 2)) * spread / len(values) ** 0.5
    low, high = mean - half, mean + half
    near = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    needed = (_needed(difference, spread) for difference in (abs(mean), max(abs(low), abs(high)), near))
    return Separation(mean, low, high, *needed)


def _needed(difference: float, spread: float) -> float:
    """Return the trials needed to find a difference, given the standard deviation of the paired differences."""
    if difference == 0:
        return float("inf")
    quantile = float(ndtri(1 - ALPHA / 2))
    needed = ((quantile + float(ndtri(POWER))) * spread / difference) ** 2 + quantile**2 / 2
    return float(max(np.ceil(needed), MINIMUM_PAIRS))

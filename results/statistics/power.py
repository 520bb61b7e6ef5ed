"""Power of the paired tests: the smallest difference that trials can show, and the trials that a difference needs.

All formulas are closed forms of the standard deviation of the paired differences. Nothing is drawn at random.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from results.statistics.bootstrap import LEVEL
from results.statistics.paired import MINIMUM_PAIRS

POWER = 0.8
"""The probability with which the stated differences are shown: four times in five."""

EFFICIENCY = 3 / math.pi
"""Asymptotic relative efficiency of the signed-rank test to the t-test for normal differences."""

MOST_TRIALS = 1_000_000
"""A difference that needs more trials than this is called out of reach."""


def smallest_difference(spread: float, n: int, level: float, power: float = POWER) -> float:
    """Return the smallest mean difference that a two-sided signed-rank test of n pairs shows with a given power.

    The signed-rank test of n pairs has about the power of a t-test of ``m = 3 n / pi`` pairs (Lehmann 1975,
    *Nonparametrics*, section 4.3; the method of Faul et al. 2007, "G*Power 3", Behavior Research Methods 39). With the
    critical value ``c = t(1 - level / 2; m - 1)``, the difference is ``nc spread / sqrt(m)``, where a noncentral t
    variable with m - 1 degrees of freedom and noncentrality nc exceeds c with the given power.

    The power is exact for normal differences up to the efficiency, which holds for large n. It is higher for heavier
    tails, and never below that of 0.864 n pairs for symmetric differences (Hodges and Lehmann 1956).

    Parameters
    ----------
    spread : float
        The standard deviation of the paired differences, in any unit.
    n : int
        The number of pairs.
    level : float
        The level of the test, after the correction for the number of tests.
    power : float
        Between `level` and 1.

    Returns
    -------
    float
        In the unit of `spread`. Infinite if no outcome of n pairs reaches the level, see `fewest_pairs`.
    """
    if n < fewest_pairs(level):
        return math.inf
    pairs = EFFICIENCY * n
    critical = -special.stdtrit(pairs - 1, level / 2)
    return float(special.nctdtrinc(pairs - 1, 1 - power, critical) * spread / math.sqrt(pairs))


def fewest_pairs(level: float) -> int:
    """Return the smallest number of pairs with which the signed-rank test can reach a level, and is not refused.

    The smallest two-sided p-value of n pairs is ``2 / 2^n``, if all differences have the same sign.
    """
    return max(MINIMUM_PAIRS, math.floor(1 - math.log2(level)) + 1)


def trials_needed(spread: float, difference: float, level: float, power: float = POWER) -> int | None:
    """Return the smallest number of pairs whose `smallest_difference` is at most a given difference.

    Parameters
    ----------
    spread, level, power
        As for `smallest_difference`.
    difference : float
        Positive, in the unit of `spread`.

    Returns
    -------
    int or None
        None if it is above `MOST_TRIALS`.

    Raises
    ------
    ValueError
        If the difference is not positive and finite.
    """
    if not 0 < difference < math.inf:
        raise ValueError(f"expected a positive difference, got {difference!r}")
    low, high = fewest_pairs(level), MOST_TRIALS
    if smallest_difference(spread, high, level, power) > difference:
        return None
    while low < high:
        middle = (low + high) // 2
        if smallest_difference(spread, middle, level, power) <= difference:
            high = middle
        else:
            low = middle + 1
    return low


def spread_interval(differences: ArrayLike) -> tuple[float, float]:
    """Return an approximate 95 % interval of the standard deviation of differences that need not be normal.

    With n values, ``z = z(0.975)``, ``c = n / (n - z)`` and the kurtosis ``g = n sum (x - m)^4 / (sum (x - mean)^2)^2``
    around the trimmed mean m, which leaves out a share of ``1 / (2 sqrt(n - 4))`` at each end, the interval is
    ``exp((ln(c s^2) +- z c sqrt((g - (n - 3) / n) / (n - 1))) / 2)`` (Bonett 2006, "Approximate confidence interval for
    standard deviation of nonnormal distributions", Computational Statistics & Data Analysis 50, equation 4).

    Parameters
    ----------
    differences : (n,) array_like
        At least 5 values, not all equal; otherwise both ends are NaN.
    """
    x = np.asarray(differences, dtype=np.float64)
    n = len(x)
    if n < 5 or x.min() == x.max():
        return math.nan, math.nan
    z = float(special.ndtri((1 + LEVEL) / 2))
    cut = int(n / (2 * math.sqrt(n - 4)))
    middle = np.partition(x, (cut, n - cut - 1))[cut : n - cut].mean()
    kurtosis = n * ((x - middle) ** 4).sum() / (((x - x.mean()) ** 2).sum()) ** 2
    correction = n / (n - z)
    error = correction * math.sqrt((kurtosis - (n - 3) / n) / (n - 1))
    centre = math.log(correction * x.var(ddof=1))
    return math.exp((centre - z * error) / 2), math.exp((centre + z * error) / 2)

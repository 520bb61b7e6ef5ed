"""Tests of two algorithms over their common trials: Wilcoxon's signed-rank test and Holm's correction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from results.statistics.bootstrap import LEVEL, Floats
from results.statistics.signed_ranks import mid_ranks, signed_rank_test
from results.words import counted

MINIMUM_PAIRS = 8
"""Paired tests are refused with fewer common trials: with 5 pairs no two-sided p-value reaches 0.05."""


@dataclass(frozen=True)
class PairedTest:
    """A two-sided Wilcoxon signed-rank test of ``a - b`` over common trials.

    Attributes
    ----------
    n : int
        The number of common trials.
    median_difference : float
        Median of ``a - b``, in the unit of the values; NaN without common trials.
    low, high : float
        Its 95 % interval, see `median_interval`; NaN if refused.
    direction : int
        -1 if the signed ranks favour a, 1 if they favour b, 0 if they balance.
    p_value : float
        NaN if refused.
    refused : str
        Why the test was refused; empty if it was not.
    """

    n: int
    median_difference: float
    low: float
    high: float
    direction: int
    p_value: float
    refused: str = ""


def paired_wilcoxon(a: pd.Series[float], b: pd.Series[float]) -> PairedTest:
    """Compare two algorithms over their common trials.

    The test is two-sided, see `results.statistics.signed_ranks.signed_rank_test`. If all differences are zero, p is 1.

    Parameters
    ----------
    a, b : Series
        Indexed by trial without repetition; finite values, lower is better.

    Raises
    ------
    ValueError
        If a trial occurs twice or a common value is not finite.
    """
    difference = common_differences(a, b)
    n, nan = len(difference), float("nan")
    if n == 0:
        return PairedTest(0, nan, nan, nan, 0, nan, "no common trials")
    median = float(np.median(difference))
    direction = int(np.sign((np.sign(difference) * mid_ranks(np.abs(difference))[0]).sum()))
    if n < MINIMUM_PAIRS:
        reason = f"{counted(n, 'common trial')}, {MINIMUM_PAIRS} are needed"
        return PairedTest(n, median, nan, nan, direction, nan, reason)
    if not difference.any():
        return PairedTest(n, 0.0, 0.0, 0.0, 0, 1.0)
    return PairedTest(n, median, *median_interval(difference), direction, signed_rank_test(difference))


def median_interval(values: ArrayLike) -> tuple[float, float]:
    """Return a distribution-free 95 % interval of a median.

    It is ``[x_(k), x_(n + 1 - k)]`` of the sorted values, with the largest k such that a binomial variable of n fair
    coins is below k with a probability of at most 0.025; see `scipy.stats.quantile_test`.

    Parameters
    ----------
    values : (n,) array_like
        With fewer than six values both ends are NaN, because such an interval does not exist.
    """
    ascending = np.sort(np.asarray(values, dtype=np.float64))
    place = _median_place(len(ascending))
    return (float("nan"), float("nan")) if place < 0 else (float(ascending[place]), float(ascending[-1 - place]))


@cache
def _median_place(n: int) -> int:
    """Return the place of the lower end of the interval of a median, counted from 0; -1 if there is none."""
    tail = (1 - LEVEL) / 2
    place = max(0, int(special.bdtrik(tail, n, 0.5)) - 1) if n else 0  # at most the lowest with a larger tail
    while special.bdtr(place, n, 0.5) < tail:
        place += 1
    return place - 1


def common_differences(a: pd.Series[float], b: pd.Series[float]) -> Floats:
    """Return ``a - b`` over the common trials: (n_common_trials,).

    Raises
    ------
    ValueError
        If a trial occurs twice or a common value is not finite.
    """
    if not (a.index.is_unique and b.index.is_unique):
        raise ValueError("expected each trial once, got a trial twice: the values cannot be paired")
    if not a.index.equals(b.index):
        common = a.index.intersection(b.index)
        a, b = a.loc[common], b.loc[common]
    difference: Floats = a.to_numpy(np.float64) - b.to_numpy(np.float64)
    if not np.isfinite(difference).all():
        raise ValueError("expected finite values in all common trials, got NaN or infinity")
    return difference


def holm(p_values: ArrayLike) -> Floats:
    """Adjust p-values by Holm's step-down method, keeping their order.

    The i-th smallest of m values (i = 0, 1, ...) is multiplied by ``m - i``. No adjusted value is below that of a
    smaller p-value, nor above 1.

    Parameters
    ----------
    p_values : (m,) array_like
        The p-values of one family. A refused test has none and does not belong to it.

    Raises
    ------
    ValueError
        If a value is not in [0, 1].
    """
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"expected p-values in [0, 1], got {p_values!r}")
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)
    return adjusted

"""Tests of two algorithms over the trials that both have: Wilcoxon's signed ranks, and Holm's correction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from results.statistics.bootstrap import LEVEL, Floats
from results.words import counted

MINIMUM_PAIRS = 8
"""Paired tests are refused below this many common trials: with 5 pairs no two-sided p reaches 0.05."""


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
        reason = f"{counted(n, 'common trial')}, {MINIMUM_PAIRS} are needed"
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

"""Tests of two entries that have no trials in common: Wilcoxon's rank-sum test and Welch's t-interval."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from results.statistics.bootstrap import TAILS, Floats
from results.statistics.paired import MINIMUM_PAIRS, PairedTest
from results.words import counted

MINIMUM_RUNS = MINIMUM_PAIRS
"""Unpaired tests are refused if one of the two has fewer runs."""


def rank_sum(a: pd.Series[float], b: pd.Series[float]) -> PairedTest:
    """Compare two entries whose trials are independent, such as recorded runs and simulated trials.

    The test is `scipy.stats.mannwhitneyu`, two-sided. The difference is the Hodges-Lehmann estimate, the median of all
    differences ``a_i - b_j``. Its interval is the one that belongs to the test, in the normal approximation
    (Hollander, Wolfe and Chicken 2014, "Nonparametric Statistical Methods", section 4.3).

    Parameters
    ----------
    a, b : Series
        Finite values, lower is better. Their index does not matter.

    Returns
    -------
    PairedTest
        `n` is the smaller number of runs. It is refused below eight.
    """
    from scipy.stats import mannwhitneyu  # slow to import, and few studies have such entries

    differences = all_differences(a, b)
    n, nan = min(len(a), len(b)), float("nan")
    if n == 0:
        return PairedTest(0, nan, nan, nan, 0, nan, "no runs")
    median = float(np.median(differences))
    direction = int(np.sign(np.sign(differences).sum()))
    if n < MINIMUM_RUNS:
        return PairedTest(n, median, nan, nan, direction, nan, too_few(n))
    if not differences.any():
        return PairedTest(n, 0.0, 0.0, 0.0, 0, 1.0)
    p_value = float(mannwhitneyu(a.to_numpy(), b.to_numpy(), alternative="two-sided").pvalue)
    return PairedTest(n, median, *_interval(differences, len(a), len(b)), direction, p_value)


def too_few(n: int) -> str:
    """Return why a test of `n` runs is refused."""
    return f"{counted(n, 'run')}, {MINIMUM_RUNS} are needed"


def all_differences(a: pd.Series[float], b: pd.Series[float]) -> Floats:
    """Return ``a_i - b_j`` for all i and j, sorted: (n_a * n_b,).

    Raises
    ------
    ValueError
        If a value is not finite.
    """
    differences: Floats = np.sort(np.subtract.outer(a.to_numpy(np.float64), b.to_numpy(np.float64)).ravel())
    if not np.isfinite(differences).all():
        raise ValueError("expected finite values, got NaN or infinity")
    return differences


def _interval(differences: Floats, n_a: int, n_b: int) -> tuple[float, float]:
    """Return the 95 % interval of the shift between two samples from their sorted differences."""
    quantile = ndtri(TAILS[1])
    place = int(np.floor(n_a * n_b / 2 - quantile * np.sqrt(n_a * n_b * (n_a + n_b + 1) / 12)))
    return float(differences[place]), float(differences[-1 - place])

"""How well one error orders architectures by another one, and what a choice by it costs."""

from __future__ import annotations

import numpy as np
from scipy import stats
from scipy.special import gammaln

from benchmarks.analyses.architectures import Floats, Ints, Measures

TOPS = {"": 1.0, "_top_10": 0.1, "_top_1": 0.01}
"""By the suffix of a measure: the share of the architectures that it takes, from the lowest signal."""
FEWEST = 10
"""Orders of fewer architectures are not correlated."""
LIST = 10
"""Number of architectures on a short list."""


def top(signal: Floats, share: float) -> Ints:
    """Return the rows of the architectures with the lowest signal; ties are broken by their order."""
    return np.argsort(signal, kind="stable")[: round(share * len(signal))]


def rank_correlations(signal: Floats, truth: Floats) -> Measures:
    """Return Spearman's and Kendall's correlation: of all architectures, and within those with the lowest signal.

    Parameters
    ----------
    signal, truth : array, ``(n,)``
        The error that one chooses by, and the error that counts.

    Returns
    -------
    dict
        ``spearman`` and ``kendall`` (tau-b), each with the suffixes of `TOPS`. NaN for fewer than `FEWEST`
        architectures, or if all errors are equal.
    """
    found: Measures = {}
    for suffix, share in TOPS.items():
        rows = top(signal, share)
        a, b = signal[rows], truth[rows]
        defined = len(rows) >= FEWEST and np.ptp(a) > 0 and np.ptp(b) > 0
        found[f"spearman{suffix}"] = float(stats.spearmanr(a, b).statistic) if defined else np.nan
        found[f"kendall{suffix}"] = float(stats.kendalltau(a, b).statistic) if defined else np.nan
    return found


def chosen_error(signal: Floats, truth: Floats) -> float:
    """Return the true error of the architecture with the lowest signal; the mean if there are several."""
    return float(truth[signal == signal.min()].mean())


def listed_error(signal: Floats, truth: Floats) -> float:
    """Return the lowest true error of the `LIST` architectures with the lowest signal."""
    return float(truth[np.argsort(signal, kind="stable")[:LIST]].min())


def expected_error(signal: Floats, truth: Floats, drawn: int) -> float:
    """Return the expected true error of the architecture with the lowest signal among random ones.

    Of n architectures, none of the best k is among m that are drawn without replacement with probability
    ``C(n - k, m) / C(n, m)``. Architectures with an equal signal are chosen with equal probability.

    Parameters
    ----------
    signal, truth : array, ``(n,)``
    drawn : int
        Number m of different architectures that are drawn, from 1. At most n are.
    """
    n, m = len(signal), min(drawn, len(signal))
    _, level = np.unique(signal, return_inverse=True)
    means = np.bincount(level, truth) / np.bincount(level)
    best = np.arange(n - m + 1)
    missed = np.zeros(n + 1)  # probability that none of the best k architectures is drawn
    missed[: n - m + 1] = np.exp(
        gammaln(n - best + 1) + gammaln(n - m + 1) - gammaln(n - best - m + 1) - gammaln(n + 1)
    )
    return float((missed[:-1] - missed[1:]) @ means[np.sort(level)])

"""The exact distribution of Wilcoxon's signed-rank statistic, with ties and zeros."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from results.statistics.bootstrap import Floats


def signed_rank_p_value(differences: ArrayLike) -> float:
    """Return the exact two-sided p-value of the signed-rank test for differences with ties or zeros.

    The ranks of the absolute differences are mid-ranks, and half of the ranks of zeros counts on each side ("zsplit").
    Under the null hypothesis, every nonzero difference has either sign with probability 1/2, so that p is twice the
    smaller tail of the sums of all ``2^n`` choices of signs. It equals the p-value of `scipy.stats.wilcoxon` with
    ``method=PermutationMethod(n_resamples=numpy.inf)``, which forms every sum in a Python loop.

    Parameters
    ----------
    differences : (n,) array_like
        Finite. Exact in double precision up to n = 52.
    """
    x = np.asarray(differences, dtype=np.float64)
    doubled = np.rint(2 * stats.rankdata(np.abs(x))).astype(np.int64)
    probabilities = sum_distribution(doubled[x != 0])
    observed = int(doubled[x > 0].sum())
    return float(min(1.0, 2 * min(probabilities[: observed + 1].sum(), probabilities[observed:].sum())))


def sum_distribution(parts: ArrayLike) -> Floats:
    """Return the distribution of a sum in which each part takes place with probability 1/2.

    The distribution of the first k parts gives that of k + 1 parts: ``P(s) = (P(s) + P(s - part)) / 2``. With n parts
    of up to 2 n this takes n passes over at most ``n (n + 1)`` sums (Streitberg and Röhmel 1986, "Exact distributions
    for permutation and rank tests", section 3).

    Parameters
    ----------
    parts : (n,) array_like
        Positive whole numbers.

    Returns
    -------
    (sum of parts + 1,) array
        The probability of each sum.
    """
    whole = np.asarray(parts, dtype=np.int64)
    probabilities = np.zeros(int(whole.sum()) + 1)
    probabilities[0] = 1.0
    reached = 0
    for part in whole.tolist():
        probabilities[: reached + 1] /= 2
        moved = probabilities[: reached + 1].copy()
        probabilities[part : part + reached + 1] += moved
        reached += part
    return probabilities

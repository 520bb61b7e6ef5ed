"""Wilcoxon's signed-rank test, with ties and zeros.

It gives the p-values of `scipy.stats`, whose import takes longer than all tests of a study.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from results.statistics.bootstrap import Floats

MOST_TIED, MOST_UNTIED = 13, 50
"""Differences are tested exactly up to these numbers of pairs, with and without ties or zeros. More are tested by the
normal approximation. `scipy.stats.wilcoxon` draws the same lines."""


def mid_ranks(values: Floats) -> tuple[Floats, Floats]:
    """Return the ranks of values ``(n,)``, where equal ones share their mean rank, and how many values are equal."""
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(sizes) - (sizes - 1) / 2)[group], sizes.astype(np.float64)


def signed_rank_test(differences: ArrayLike) -> float:
    """Return the two-sided p-value of Wilcoxon's signed-rank test.

    It is that of `scipy.stats.wilcoxon` with ``zero_method="zsplit"``: exact for few pairs, see `MOST_TIED`. For more,
    the sum of the positive ranks, with half of the ranks of zeros, is compared with a normal distribution whose
    variance is ``(n (n + 1) (2 n + 1) - sum(t^3 - t) / 2) / 24``, where the t are the sizes of the groups of equal
    absolute differences.

    Parameters
    ----------
    differences : (n,) array_like
        Finite, and not all zero.
    """
    x = np.asarray(differences, dtype=np.float64)
    n = len(x)
    ranks, sizes = mid_ranks(np.abs(x))
    if n <= (MOST_UNTIED if len(sizes) == n and x.all() else MOST_TIED):
        return signed_rank_p_value(x)
    positive = ranks[x > 0].sum() + ranks[x == 0].sum() / 2
    variance = (n * (n + 1.0) * (2.0 * n + 1.0) - (sizes**3 - sizes).sum() / 2) / 24
    z = (positive - n * (n + 1.0) * 0.25) / np.sqrt(variance)
    return float(2 * ndtr(-abs(z)))


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
    doubled = np.rint(2 * mid_ranks(np.abs(x))[0]).astype(np.int64)
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

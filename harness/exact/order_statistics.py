"""The lowest of n draws, with and without replacement: random search.

The observed errors are grouped by value, ascending. If several networks have the lowest error, the first one drawn is
the incumbent, so each of them is the incumbent in proportion to its probability.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from harness.exact.networks import Floats, Ints


def with_replacement(mass: ArrayLike, draws: ArrayLike) -> Floats:
    """Return the probability that the lowest of n independent draws lies in each group.

    With ``S_k`` the probability that one draw is in group k or above, it is ``S_k**n - S_{k+1}**n`` (David and
    Nagaraja 2003, "Order statistics", section 2.1).

    Parameters
    ----------
    mass : array_like, ``(n_groups,)``
        Probability of each group in one draw, by ascending error.
    draws : array_like of int, ``(n_points,)``

    Returns
    -------
    array, ``(n_points, n_groups)``
    """
    probability = np.asarray(mass, dtype=np.float64)
    at_least = np.append(np.cumsum(probability[::-1])[::-1], 0.0)
    powers = (at_least / at_least[0]) ** np.asarray(draws)[:, np.newaxis]
    lowest: Floats = powers[:, :-1] - powers[:, 1:]
    return lowest


def without_replacement(sizes: Ints, draws: ArrayLike) -> Floats:
    """Return the probability that the lowest of n different members lies in each group.

    With ``M_k`` the number of members in group k or above, out of N, all n members are among them with probability
    ``C(M_k, n) / C(N, n)``. Beyond N draws nothing changes.

    Parameters
    ----------
    sizes : array of int, ``(n_groups,)``
        Number of members of each group, by ascending error.
    draws : array_like of int, ``(n_points,)``
        Ascending.

    Returns
    -------
    array, ``(n_points, n_groups)``
    """
    above = np.append(np.cumsum(sizes[::-1])[::-1], 0).astype(np.float64)
    total = int(above[0])
    survival, rows, drawn = np.ones(len(above)), [], 0
    for n in np.minimum(draws, total).tolist():
        for i in range(drawn, n):
            survival *= np.maximum(above - i, 0.0) / (total - i)
        drawn = n
        rows.append(survival[:-1] - survival[1:])
    return np.stack(rows)


def spread(groups: Floats, which: Ints, weights: Floats) -> Floats:
    """Divide the probability of each group among its members, in proportion to their weights.

    Parameters
    ----------
    groups : array, ``(n_points, n_groups)``
    which : array of int, ``(n_members,)``
        Group of each member.
    weights : array, ``(n_members,)``

    Returns
    -------
    array, ``(n_points, n_members)``
    """
    mass = np.bincount(which, weights)
    share = np.divide(weights, mass[which], out=np.zeros(len(weights)), where=mass[which] > 0)
    return groups[:, which] * share

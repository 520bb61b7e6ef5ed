"""Local search without memory, with restarts: independent climbs, one after another.

Let ``A_n`` be the probability that the first climb goes on after n evaluations and has seen no error below a threshold,
and ``B_m`` the probability that it ended with evaluation m and has seen none. Then the whole search has seen none after
n evaluations with the probability

    G_n = A_n + sum_m B_m G_{n-m},    G_0 = 1,

a renewal equation (Feller 1968, "An introduction to probability theory and its applications", volume 1, chapter XIII).
It is solved for all thresholds together.
"""

from __future__ import annotations

import numpy as np

from benchmarks.analyses.neighbourhoods import Landscape
from harness.exact.climbs import follow_climb
from harness.exact.laws import Law
from harness.exact.networks import Floats, Ints

CHUNK = 512
"""Number of thresholds that are solved together, so that they fit into the processor's cache."""


def local_search_law(landscape: Landscape, regret: Floats, initial: int, points: Ints, *, full: bool) -> Law:
    """Return the distribution of the incumbent of local search without memory.

    Parameters
    ----------
    landscape : Landscape
    regret : array, ``(n_architectures,)``
    initial, full
        As for `harness.exact.climbs.first_climb`.
    points : array of int, ``(n_points,)``
        Numbers of evaluations, ascending.
    """
    horizon = int(points[-1])
    order = np.argsort(landscape.observed, kind="stable")
    _, group = np.unique(landscape.observed[order], return_inverse=True)
    going, ended = np.zeros((horizon + 1, len(order))), np.zeros((horizon + 1, len(order)))
    for number, moment in enumerate(follow_climb(landscape, initial, horizon, full=full), 1):
        going[number], ended[number] = moment.going[order], moment.ended[order]
    unseen = _unseen(_from_group_on(going, group), _from_group_on(ended, group))
    lowest = unseen[points, :-1] - unseen[points, 1:]
    sizes = np.bincount(group)
    probability = np.repeat(lowest / sizes, sizes, axis=1)
    mixed = _mixed(group, regret[order])
    if mixed.any():
        probability[:, mixed] = _among_equals(going, ended, unseen, group, mixed)[points]
    return Law(points, probability, regret[order])


def _from_group_on(density: Floats, group: Ints) -> Floats:
    """Return the sums over this group and all later ones, with a last column of 0: ``(n_times, n_groups + 1)``."""
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    sums = np.add.reduceat(density, starts, axis=1)
    return np.hstack([np.cumsum(sums[:, ::-1], axis=1)[:, ::-1], np.zeros((len(density), 1))])


def _unseen(going: Floats, ended: Floats) -> Floats:
    """Solve the renewal equation for every threshold, ``(n_times, n_thresholds)``."""
    going[0] = 1.0
    return _renew(going, ended)


def _renew(source: Floats, ended: Floats) -> Floats:
    """Solve ``X_n = source_n + sum_m ended_m X_{n-m}`` for every column."""
    found = np.empty_like(source)
    times = np.flatnonzero(ended.any(axis=1))
    for first in range(0, source.shape[1], CHUNK):
        columns = slice(first, first + CHUNK)
        solved, weights = source[:, columns].copy(), ended[times, columns]
        for n in range(len(solved)):
            known = int(np.searchsorted(times, n, side="right"))
            if known:
                solved[n] += np.einsum("mk,mk->k", weights[:known], solved[n - times[:known]])
        found[:, columns] = solved
    return found


def _mixed(group: Ints, regret: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which architectures have an equal observed error and another regret than some other, ``(n,)``."""
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    lowest, highest = np.minimum.reduceat(regret, starts), np.maximum.reduceat(regret, starts)
    return (lowest < highest)[group]


def _among_equals(
    going: Floats, ended: Floats, unseen: Floats, group: Ints, mixed: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> Floats:
    """Return the probability that each of some architectures is the incumbent, ``(n_times, n_mixed)``.

    The first one that is evaluated stays the incumbent. So either the first climb ended above the errors of the group,
    and the rest of the search has this incumbent; or it ended here, and the rest has seen nothing below the group.
    """
    which = group[mixed]
    above = _from_group_on(ended, group)[:, which + 1]
    source = going[:, mixed].copy()
    here, rest = ended[:, mixed], unseen[:, which]
    for m in np.flatnonzero(here.any(axis=1)).tolist():
        source[m:] += here[m] * rest[: len(source) - m]
    return _renew(source, above)

"""One climb of local search: where it ends, and where it is after each evaluation.

A climb begins with a random design of different architectures, and goes on from the best of them. Its current
architecture always has the lowest observed error of the climb, and every move lowers it. So the climb never meets a
known architecture that is better than the current one, and the moves are the same with and without memory. Without
memory, the number of evaluations that a move takes depends on the current architecture alone: the climb is an absorbing
Markov chain (Kemeny and Snell 1976, "Finite Markov chains", chapter 3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse

from benchmarks.analyses.neighbourhoods import Landscape, move_matrix
from harness.exact.networks import Floats, Ints
from harness.exact.order_statistics import spread, without_replacement


def best_of_design(observed: Floats, sizes: Ints) -> Floats:
    """Return the probability that each architecture is the best of a design, ``(n_sizes, n_architectures)``.

    Parameters
    ----------
    observed : array, ``(n_architectures,)``
    sizes : array of int, ``(n_sizes,)``
        Numbers of different architectures in the design, ascending.
    """
    _, which = np.unique(observed, return_inverse=True)
    return spread(without_replacement(np.bincount(which), sizes), which, np.ones(len(observed)))


@dataclass(frozen=True)
class FirstClimb:
    """The end of the first climb.

    Attributes
    ----------
    initial : int
        Number of architectures in the design that the climb begins with.
    end : array, ``(n_architectures,)``
        Probability that the climb ends at each architecture.
    moves : float
        Expected number of moves.
    evaluations : float
        Expected number of evaluations, without memory, including the design.
    until_best : float
        Expected number of evaluations until the climb ends or finds the lowest observed error, without memory.
    """

    initial: int
    end: Floats
    moves: float
    evaluations: float
    until_best: float

    def evaluations_to_best(self, observed: Floats) -> float:
        """Return the expected number of evaluations until the lowest observed error is found, with restarts.

        Climbs are independent. By Wald's identity, it is the expected number of evaluations of a climb until its end or
        its success, divided by the probability that the climb succeeds.
        """
        return self.until_best / float(self.end[observed == observed.min()].sum())


def first_climb(landscape: Landscape, initial: int, *, full: bool) -> FirstClimb:
    """Compute where the first climb ends.

    With ``s`` the distribution of the best of the design and ``W`` the moves, the expected visits are ``v = s (I -
    W)^-1 = s + s W + s W^2 + ...``. Moves lower the error, so the sum has as many terms as the longest climb. A climb
    ends at a local optimum as often as it visits it.

    Parameters
    ----------
    landscape : Landscape
    initial : int
        Number of random architectures at the start. 1 is a uniform start.
    full : bool
        Whether all neighbours are asked for before a move.
    """
    observed, degree, better = landscape.observed, landscape.degree, landscape.better
    initial = min(initial, len(observed))
    design = best_of_design(observed, np.arange(1, initial + 1))
    onward = move_matrix(landscape, full=full).T.tocsr()
    visits, arrived = np.zeros(len(observed)), design[-1]
    while arrived.any():
        visits += arrived
        arrived = onward @ arrived
    optimum, best = better == 0, observed == observed.min()
    asked = degree.astype(np.float64)
    until = asked.copy()
    if full:
        hits = np.bincount(landscape.source[best[landscape.target]], minlength=len(observed))
        until[hits > 0] = ((degree + 1) / (hits + 1))[hits > 0]
    else:
        asked[~optimum] = until[~optimum] = ((degree + 1) / (better + 1))[~optimum]
    missed = 1.0 + (1 - design[:-1][:, best].sum(axis=1)).sum()
    return FirstClimb(
        initial,
        np.where(optimum, visits, 0.0),
        float(visits[~optimum].sum()),
        initial + float(visits @ asked),
        float(missed + visits[~best] @ until[~best]),
    )


class Moment(NamedTuple):
    """A climb after some evaluations.

    Attributes
    ----------
    going : array, ``(n_architectures,)``
        Probability that the climb goes on and has this incumbent.
    ended : array, ``(n_architectures,)``
        Probability that the climb ended with this evaluation, at this architecture.
    """

    going: Floats
    ended: Floats


def follow_climb(landscape: Landscape, initial: int, evaluations: int, *, full: bool) -> Iterator[Moment]:
    """Yield a climb without memory after 1, 2, ... evaluations.

    The state is the current architecture and the number k of its neighbours that were asked for since it was reached.
    With ``b`` better ones among ``d`` neighbours in uniform order, and none so far, the next one is better with
    probability ``b / (d - k)``.

    Parameters
    ----------
    landscape, initial, full
        As for :func:`first_climb`.
    evaluations : int
        Number of evaluations to follow the climb for.
    """
    n, most = len(landscape.observed), int(landscape.degree.max(initial=0))
    initial = min(initial, n)
    begun = best_of_design(landscape.observed, np.arange(1, initial + 1))
    for going in begun[: min(initial - 1, evaluations)]:
        yield Moment(going, np.zeros(n))
    onward = move_matrix(landscape, full=full).T.tocsr()
    incumbent = _incumbents(landscape) if full else None
    leaving = _leaving(landscape, most, full=full)
    state = np.zeros((n, most + 1))
    state[:, 0] = begun[-1]
    optimum = np.flatnonzero(landscape.better == 0)
    for number in range(initial, evaluations + 1):
        if number > initial:
            left = state[:, :most] * leaving
            state[:, 1:] = state[:, :most] - left
            state[:, 0] = onward @ left.sum(axis=1)
        ended = np.zeros(n)
        ended[optimum] = state[optimum, landscape.degree[optimum]]
        state[optimum, landscape.degree[optimum]] = 0.0
        yield Moment(state.sum(axis=1) if incumbent is None else _seen(state, incumbent), ended)


def _leaving(landscape: Landscape, most: int, *, full: bool) -> Floats:
    """Return the probability to move with the next evaluation, after k of the neighbours: ``(n, most)``."""
    left = landscape.degree[:, np.newaxis] - np.arange(most)
    if full:
        last: Floats = ((left == 1) & (landscape.better[:, np.newaxis] > 0)).astype(np.float64)
        return last
    better = landscape.better[:, np.newaxis]
    next_: Floats = np.divide(better, left, out=np.zeros(left.shape), where=left >= np.maximum(better, 1))
    return next_


def _incumbents(landscape: Landscape) -> list[sparse.csr_array]:
    """Return the climb's incumbent after k of the neighbours, for every k: ``(n, n)`` each, transposed.

    No neighbour out of c is among the first k of d with probability ``C(d - c, k) / C(d, k)``. So the lowest of the
    first k has a given error with the difference of two such probabilities. If it has no better one, the incumbent is
    the current architecture.
    """
    n, degree, source = len(landscape.observed), landscape.degree, landscape.source
    apart = landscape.upto - landscape.lower
    lower, upto, none = np.ones(len(source)), np.ones(len(source)), np.ones(n)
    matrices = []
    for k in range(int(degree.max(initial=0)) + 1):
        weights = np.concatenate([none, (lower - upto) / apart])
        rows, columns = np.concatenate([np.arange(n), landscape.target]), np.concatenate([np.arange(n), source])
        matrices.append(sparse.csr_array((weights, (rows, columns)), shape=(n, n)))
        left = np.maximum(degree - k, 1)
        lower = lower * np.maximum(degree[source] - landscape.lower - k, 0) / left[source]
        upto = upto * np.maximum(degree[source] - landscape.upto - k, 0) / left[source]
        none = none * np.maximum(degree - landscape.better - k, 0) / left
    return matrices


def _seen(state: Floats, incumbent: list[sparse.csr_array]) -> Floats:
    """Return the distribution of the climb's incumbent, given the states, ``(n,)``."""
    seen = np.zeros(len(state))
    for k in np.flatnonzero(state.any(axis=0)).tolist():
        seen += incumbent[k] @ state[:, k]
    return seen

"""What successive halving, Hyperband, ASHA and BOHB share: rungs, bracket sizes, and one synchronous bracket."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from math import floor, log
from typing import Annotated, ClassVar

from annotated_types import Gt

from algorithms.base import Algorithm, Pause, Query
from benchmarks.space import Architecture

Rung = tuple[int, float]
"""Number of networks at a rung, and its fidelity [epochs]."""

_ROUNDING = 1e-9


def ladder(minimum: float, maximum: float, eta: float) -> tuple[float, ...]:
    """Geometric fidelities down from the maximum, ascending, as HpBandSter has them.

    Examples
    --------
    >>> ladder(4, 108, 3)
    (4.0, 12.0, 36.0, 108.0)
    """
    steps = -int(log(minimum / maximum) / log(eta) - _ROUNDING) + 1
    return tuple(maximum * eta**-step for step in reversed(range(steps)))


def available_rungs(fidelities: Sequence[float], eta: float) -> tuple[float, ...]:
    """The ladder from the lowest to the highest fidelity there is, on members of the list.

    Every step of :func:`ladder` goes to the smallest fidelity at or above it, the lowest step to the lowest fidelity;
    equal ones are merged.

    Examples
    --------
    >>> available_rungs([12, 200], 3)
    (12, 200)
    """
    ordered = sorted(fidelities)
    steps = ladder(ordered[0], ordered[-1], eta)[1:] if len(ordered) > 1 else ()
    reached = {next(f for f in ordered if f >= step * (1 - _ROUNDING)) for step in steps}
    return tuple(sorted({ordered[0], ordered[-1]} | reached))


def brackets(rungs: Sequence[float]) -> list[list[Rung]]:
    """All brackets of Hyperband, from the most exploring one to that at the highest fidelity alone.

    HpBandSter's arithmetic with the ratio of two fidelities in the place of a power of eta, which it is on a geometric
    ladder: a bracket of ``s + 1`` of the ``S`` rungs begins with ``floor(S / (s + 1)) * ratio`` networks, and so each
    of its rungs costs about the same (Li et al. 2018, algorithm 1).

    Examples
    --------
    >>> [[n for n, _ in bracket] for bracket in brackets(ladder(4, 108, 3))]
    [[27, 9, 3, 1], [9, 3, 1], [6, 2], [4]]
    >>> brackets([12, 200])
    [[(16, 12), (1, 200)], [(2, 200)]]
    """
    found = []
    for s in reversed(range(len(rungs))):
        used = rungs[len(rungs) - s - 1 :]
        first = floor(len(rungs) // (s + 1) * (used[-1] / used[0]) + _ROUNDING)
        found.append([(max(floor(first * used[0] / fidelity + _ROUNDING), 1), fidelity) for fidelity in used])
    return found


class Bracket:
    """One run of successive halving: rung after rung, the best of each go on (Jamieson and Talwalkar 2016).

    Parameters
    ----------
    rungs : sequence of Rung
    """

    def __init__(self, rungs: Sequence[Rung]) -> None:
        self._rungs = deque(rungs)
        self._to_begin = rungs[0][0]
        self._promoted: deque[tuple[Architecture, int]] = deque()
        self._running: dict[int, int] = {}
        self._told: list[tuple[float, Architecture, int]] = []

    @property
    def finished(self) -> bool:
        """Whether all its rungs are complete."""
        return not self._rungs

    def ask(self, propose: Callable[[], Architecture], begun: int) -> Query | None:
        """Next query of the rung, or None while all of it is running.

        Parameters
        ----------
        propose : callable
            Gives an architecture for a new network.
        begun : int
            The number that a network begun now gets.
        """
        fidelity = self._rungs[0][1]
        if self._to_begin:
            self._to_begin -= 1
            query, network = Query(propose(), fidelity), begun
        elif self._promoted:
            architecture, network = self._promoted.popleft()
            query = Query(architecture, fidelity, network)
        else:
            return None
        self._running[id(query)] = network
        return query

    def tell(self, query: Query, observed_error: float) -> None:
        """Take a result; the last one of a rung promotes its best."""
        self._told.append((observed_error, query.architecture, self._running.pop(id(query))))
        if self._to_begin or self._promoted or self._running:
            return
        self._rungs.popleft()
        if self._rungs:
            best = sorted(self._told, key=lambda result: result[0])[: self._rungs[0][0]]
            self._promoted.extend((architecture, network) for _, architecture, network in best)
        self._told = []


@dataclass
class SynchronousHalving(Algorithm):
    """Brackets of successive halving, one after the other, again and again; a rung waits for all its networks.

    Subclasses say which brackets, and may say which architectures.

    Parameters
    ----------
    eta : float
        Of a rung's networks, about one in ``eta`` goes on.
    """

    minimum_fidelities: ClassVar[int] = 2

    eta: Annotated[float, Gt(1.0)] = 3.0

    def begin(self) -> None:
        self._schedule = cycle(self.brackets())
        self._bracket = Bracket(next(self._schedule))
        self._begun = 0

    def brackets(self) -> list[list[Rung]]:
        """The brackets of one round."""
        return brackets(available_rungs(self.fidelities, self.eta))

    def propose(self) -> Architecture:
        """Return an architecture for a new network: a random one."""
        return self.space.sample(self.design_rng)

    def ask(self) -> Query | Pause:
        if self._bracket.finished:
            self._bracket = Bracket(next(self._schedule))
        query = self._bracket.ask(self.propose, self._begun)
        if query is None:
            return Pause.WAIT
        self._begun += query.network is None
        return query

    def tell(self, query: Query, observed_error: float) -> None:
        self._bracket.tell(query, observed_error)

"""A synchronous bracket of successive halving, and the base class of algorithms that run such brackets."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Annotated, ClassVar

from annotated_types import Gt

from algorithms.base import Algorithm, Pause, Query
from algorithms.rungs import Rung, available_rungs, brackets
from benchmarks.spaces.base import Architecture


class Bracket:
    """One run of successive halving (Jamieson and Talwalkar 2016): the best of each rung are promoted to the next.

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
        """Whether all rungs are complete."""
        return not self._rungs

    def ask(self, propose: Callable[[], Architecture], begun: int) -> Query | None:
        """Return the next query of the rung, or None while the rest of it is running.

        Parameters
        ----------
        propose : callable
            Returns an architecture for a new network.
        begun : int
            Number of the next new network.
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
        """Receive a result. The last result of a rung promotes the best networks."""
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
    """Runs a list of brackets of successive halving repeatedly. A rung waits for all its networks.

    Subclasses may define the brackets, and how architectures are proposed.

    Parameters
    ----------
    eta : float
        Reduction factor: about one in ``eta`` networks of a rung is promoted.
    """

    minimum_fidelities: ClassVar[int] = 2

    eta: Annotated[float, Gt(1.0)] = 3.0

    def begin(self) -> None:
        self._schedule = cycle(self.brackets())
        self._bracket = Bracket(next(self._schedule))
        self._begun = 0

    def brackets(self) -> list[list[Rung]]:
        """Return the brackets of one round."""
        return brackets(available_rungs(self.fidelities, self.eta))

    def propose(self) -> Architecture:
        """Return a random architecture for a new network."""
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

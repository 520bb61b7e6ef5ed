"""Asynchronous successive halving."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

from annotated_types import Gt

from algorithms.base import Algorithm, Query
from algorithms.rungs import available_rungs
from benchmarks.spaces.base import Architecture


class _Result(NamedTuple):
    observed_error: float
    network: int
    architecture: Architecture


@dataclass
class ASHA(Algorithm):
    """Asynchronous successive halving (ASHA; Li et al. 2020, arXiv 1810.05934, algorithm 2).

    A network is promoted as soon as it is among the best of its rung; no worker waits. When a worker is free, the
    highest rung that has a network among its best ``1 / eta`` results, and has not promoted it yet, promotes it. If
    none has, a new random network begins at the lowest rung.

    Differences from the paper: rungs are fidelities that the benchmark recorded; one in ``next fidelity / fidelity``
    networks of a rung is promoted, which is ``eta`` on a geometric ladder; the paper's experiments use an eta of 4.

    Parameters
    ----------
    eta : float
        Reduction factor: about one in ``eta`` networks of a rung is promoted.
    """

    version: ClassVar[int] = 1
    reference: ClassVar[str] = "Li et al. 2020, arXiv 1810.05934"
    minimum_fidelities: ClassVar[int] = 2

    eta: Annotated[float, Gt(1.0)] = 3.0

    def begin(self) -> None:
        self._rungs = available_rungs(self.fidelities, self.eta)
        self._told: list[list[_Result]] = [[] for _ in self._rungs]
        self._promoted: list[set[int]] = [set() for _ in self._rungs]
        self._running: dict[int, tuple[int, int]] = {}
        self._begun = 0

    def ask(self) -> Query:
        for rung in reversed(range(len(self._rungs) - 1)):
            promotable = int(len(self._told[rung]) * self._rungs[rung] / self._rungs[rung + 1] + 1e-9)
            for result in self._told[rung][:promotable]:
                if result.network not in self._promoted[rung]:
                    self._promoted[rung].add(result.network)
                    query = Query(result.architecture, self._rungs[rung + 1], result.network)
                    self._running[id(query)] = rung + 1, result.network
                    return query
        query = Query(self.space.sample(self.design_rng), self._rungs[0])
        self._running[id(query)] = 0, self._begun
        self._begun += 1
        return query

    def tell(self, query: Query, observed_error: float) -> None:
        rung, network = self._running.pop(id(query))
        insort(self._told[rung], _Result(observed_error, network, query.architecture))

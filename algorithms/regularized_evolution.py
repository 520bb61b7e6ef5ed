"""Regularized evolution."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from annotated_types import Ge

from algorithms.base import Algorithm, Pause, Query
from benchmarks.spaces.base import Architecture


@dataclass
class RegularizedEvolution(Algorithm):
    """Aging evolution (Real et al. 2019, arXiv 1802.01548, algorithm 1).

    The initial population is random. In every step, the best member of a random sample is mutated in exactly one
    position. The child joins the population, and the oldest member is removed. Results depend strongly on the two
    hyperparameters, so name the preset in every table.

    Differences from the paper: a mutation is one edit of the space's genotype (the paper changes an operation or an
    input of a cell). With several workers, the population holds the results so far.

    Parameters
    ----------
    population : int
        Number of members.
    sample : int
        Size of the sample, which is drawn with replacement.
    """

    version: ClassVar[int] = 1
    reference: ClassVar[str] = "Real et al. 2019, arXiv 1802.01548"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "real2019": {"population": 100, "sample": 25},
        "nasbench101": {"population": 100, "sample": 10},
        "nasbench201": {"population": 10, "sample": 3},
        "naszilla": {"population": 30, "sample": 10},
    }

    population: Annotated[int, Ge(1)] = 100
    sample: Annotated[int, Ge(1)] = 25

    def begin(self) -> None:
        self._alive: deque[tuple[float, Architecture]] = deque(maxlen=self.population)
        self._initial_asked = 0

    def ask(self) -> Query | Pause:
        if self._initial_asked < self.population:
            self._initial_asked += 1
            return Query(self.space.sample(self.design_rng), self.fidelities[-1])
        if not self._alive:
            return Pause.WAIT
        if self.space.size == 1:
            return Pause.DONE  # a single architecture has no mutants
        drawn = self.rng.random(self.sample).tolist()
        tournament = [self._alive[int(u * len(self._alive))] for u in drawn]
        _, parent = min(tournament, key=lambda member: member[0])
        return Query(self.space.mutate(parent, self.rng), self.fidelities[-1])

    def tell(self, query: Query, observed_error: float) -> None:
        self._alive.append((observed_error, query.architecture))

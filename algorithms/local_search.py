"""Local search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from annotated_types import Ge

from algorithms.base import Algorithm, Pause, Query, draw_unasked
from benchmarks.spaces.base import Architecture, SearchSpace


@dataclass
class LocalSearch(Algorithm):
    """Hill climbing over the neighbourhoods of the space (White et al. 2020, arXiv 2005.02960, algorithm 1).

    The search starts at the best architecture of a random design. It asks for the neighbours of the current
    architecture in random order, and moves to the first one that is better. At a local minimum it restarts. No
    architecture is asked for twice, unless it has no memory.

    The presets are the variants of the paper, as in its code, naszilla (``local_search`` in ``nas_algorithms.py``).
    Differences from that code: on NAS-Bench-201, none. On NAS-Bench-101, an architecture counts as known if its
    genotype was asked for, whereas the code compares the paths of the cells; and neighbours are edits of the genotype,
    whereas the code edits only what the cell uses. On NAS-Bench-301, the order of the neighbours is uniformly random,
    whereas the code asks for four changed operations after every changed input.

    Architectures are compared by observed error. With several workers, the neighbours of one architecture are evaluated
    at the same time, and the search moves as soon as a better one finishes.

    Parameters
    ----------
    initial : int
        Number of random architectures at every start.
    query_full_neighbourhood : bool
        Whether to ask for all neighbours and move to the best of them, if it is better.
    stop_at_minimum : bool
        Whether to restart from a new random design at a local minimum. Otherwise, the search continues from the best
        architecture whose neighbours were not asked for yet.
    memory : bool
        Whether to remember which architectures were asked for. Without memory, known neighbours are asked for again,
        and every restart draws from all architectures. The search is then a Markov chain with one worker and without
        noise, whose expected regret is known exactly (``regretta exact``).
    """

    version: ClassVar[int] = 1
    reference: ClassVar[str] = "White et al. 2020, arXiv 2005.02960"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "first_improvement": {},
        "full_neighbourhood": {"query_full_neighbourhood": True},
        "continue_at_minimum": {"stop_at_minimum": False},
    }

    initial: Annotated[int, Ge(1)] = 10
    query_full_neighbourhood: bool = False
    stop_at_minimum: bool = True
    memory: bool = True

    def check_fits(self, space: SearchSpace, fidelities: Sequence[float], error_range: tuple[float, float]) -> None:
        super().check_fits(space, fidelities, error_range)
        if not (self.memory or self.stop_at_minimum):
            raise ValueError(
                "memory = false: expected stop_at_minimum = true, got false; to continue from the best known"
                " architecture at a local minimum, the search must remember it"
            )

    def begin(self) -> None:
        self._asked: set[Architecture] = set()
        self._error: dict[Architecture, float] = {}
        self._expanded: set[Architecture] = set()
        self._running = 0
        self._restart()

    def ask(self) -> Query | Pause:
        while not self._queue:
            if self.memory and len(self._asked) == self.space.size:
                return Pause.DONE
            if self._to_draw:
                self._to_draw -= 1
                self._queue.append(draw_unasked(self.space, self._asked, self.design_rng))
            elif self._running:
                return Pause.WAIT
            else:
                self._advance()
        architecture = self._queue.pop()
        self._asked.add(architecture)
        self._running += 1
        return Query(architecture, self.fidelities[-1])

    def tell(self, query: Query, observed_error: float) -> None:
        self._running -= 1
        self._error[query.architecture] = observed_error
        self._round.append(query.architecture)
        climbing = self._current is not None and not self.query_full_neighbourhood
        if climbing and observed_error < self._error[self._current]:  # type: ignore[index]
            self._expand(query.architecture)

    def _advance(self) -> None:
        """Move or restart. Called when all results of the round have been told."""
        best = min(self._round, key=self._error.__getitem__, default=None)
        current = self._current
        if best is not None and (current is None or self._error[best] < self._error[current]):
            self._expand(best)
        elif self.stop_at_minimum:
            self._restart()
        else:
            open_ = [known for known in self._error if known not in self._expanded]
            if open_:
                self._expand(min(open_, key=self._error.__getitem__))
            else:
                self._restart()

    def _expand(self, architecture: Architecture) -> None:
        self._current: Architecture | None = architecture
        self._expanded.add(architecture)
        known = self._asked if self.memory else ()
        fresh = [near for near in self.space.neighbours(architecture) if near not in known]
        self._queue: list[Architecture] = [fresh[i] for i in self.rng.permutation(len(fresh)).tolist()]
        self._round: list[Architecture] = []
        self._to_draw = 0

    def _restart(self) -> None:
        self._current = None
        self._queue = []
        self._round = []
        self._to_draw = min(self.initial, self.space.size or self.initial)
        if not self.memory:
            self._asked.clear()

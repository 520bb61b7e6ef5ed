"""Random search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from algorithms.base import Algorithm, Pause, Query, draw_unasked
from benchmarks.spaces.base import Architecture


@dataclass
class RandomSearch(Algorithm):
    """Uniform random architectures at the highest fidelity (Li and Talwalkar 2019, arXiv 1902.07638, as a baseline).

    It continues the random design that the other algorithms of a trial start with.

    Differences from the paper: every network is trained in full, whereas the paper stops networks early by successive
    halving, or shares their weights.

    Parameters
    ----------
    replacement : bool
        Whether an architecture may be drawn again. If not, the search ends when all have been asked for.
    """

    version: ClassVar[int] = 1
    reference: ClassVar[str] = "Li and Talwalkar 2019, arXiv 1902.07638"

    replacement: bool = True

    def begin(self) -> None:
        self._asked: set[Architecture] = set()

    def ask(self) -> Query | Pause:
        if self.replacement:
            return Query(self.space.sample(self.design_rng), self.fidelities[-1])
        if len(self._asked) == self.space.size:
            return Pause.DONE
        architecture = draw_unasked(self.space, self._asked, self.design_rng)
        self._asked.add(architecture)
        return Query(architecture, self.fidelities[-1])

    def tell(self, query: Query, observed_error: float) -> None:
        """Ignore the result."""

"""An optimizer: hill climbing with random restarts. Replace `ask` and `tell` by your own method.

`regretta test algorithm my_search.py:MySearch` checks that it keeps the contract.
"""

from __future__ import annotations

from dataclasses import dataclass

from algorithms import Algorithm, Query
from benchmarks.spaces.base import Architecture


@dataclass
class MySearch(Algorithm):
    """Mutate the best architecture so far, or restart from a random one.

    Parameters
    ----------
    restart : float
        Probability of a random architecture.
    """

    reference = "write the paper here"
    version = 1  # raise it when you change the decisions on purpose
    restart: float = 0.05  # the fields are the hyperparameters, with their defaults

    def begin(self) -> None:
        """Prepare a trial. `self.space`, `self.fidelities` and the random generators are set."""
        self.best_error = float("inf")
        self.best: Architecture | None = None

    def ask(self) -> Query:
        """Return the architecture to train next, and for how many epochs."""
        if self.best is None:
            # All algorithms of a trial draw their first architectures from this generator, so that they start alike.
            architecture = self.space.sample(self.design_rng)
        elif self.rng.random() < self.restart:
            architecture = self.space.sample(self.rng)
        else:
            architecture = self.space.mutate(self.best, self.rng)
        return Query(architecture, self.fidelities[-1])  # the last fidelity is the longest training

    def tell(self, query: Query, observed_error: float) -> None:
        """Receive the error of an architecture that was asked for. Lower is better."""
        if observed_error < self.best_error:
            self.best_error, self.best = observed_error, query.architecture

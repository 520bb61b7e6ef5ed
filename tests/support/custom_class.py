"""The source of a custom class, which draws architectures at random."""

from __future__ import annotations

MINE = """
from algorithms import Algorithm, Query


class Mine(Algorithm):
    reference = "none"

    def ask(self):
        return Query(self.space.sample(self.rng), self.fidelities[-1])

    def tell(self, query, observed_error):
        pass
"""

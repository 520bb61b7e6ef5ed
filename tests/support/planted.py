"""An algorithm with a planted best hyperparameter, and one that has no effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from algorithms import Algorithm, Query

BEST = 6


@dataclass
class Planted(Algorithm):
    """Random search that repeats its first architecture, and does so least if ``quality`` is `BEST`."""

    reference = "none"
    quality: Annotated[int, Field(ge=0, le=9)] = 0
    idle: int = 0

    def setup(self, *given):
        super().setup(*given)
        self.first = None

    def check_fits(self, space, fidelities, valid_range):
        super().check_fits(space, fidelities, valid_range)
        if self.quality == 9:
            raise ValueError("quality 9 fits no space")

    def ask(self):
        architecture = self.space.sample(self.rng)
        repeats = self.rng.random() < abs(self.quality - BEST) / 7
        if self.first is None or not repeats:
            self.first = architecture if self.first is None else self.first
            return Query(architecture, self.fidelities[-1])
        return Query(self.first, self.fidelities[-1])

    def tell(self, query, observed_error):
        pass

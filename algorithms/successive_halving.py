"""Successive halving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from algorithms.halving import SynchronousHalving
from algorithms.rungs import Rung


@dataclass
class SuccessiveHalving(SynchronousHalving):
    """Successive halving (Jamieson and Talwalkar 2016, arXiv 1502.07943).

    It trains many networks briefly, the best of them longer, and so on: the bracket of Hyperband that explores most is
    run repeatedly.

    Differences from the paper: the budget of a bracket is not given, but follows from the fidelities as in Hyperband;
    rungs are fidelities that the benchmark recorded, and their sizes follow from the ratios of the fidelities. With
    several workers, a rung waits for the last of its networks.

    Parameters
    ----------
    eta : float
        Reduction factor: about one in ``eta`` networks of a rung is promoted.
    """

    version: ClassVar[int] = 1
    reference: ClassVar[str] = "Jamieson and Talwalkar 2016, arXiv 1502.07943"

    def brackets(self) -> list[list[Rung]]:
        """Return only the first bracket of Hyperband."""
        return super().brackets()[:1]

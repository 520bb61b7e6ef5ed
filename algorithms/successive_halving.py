"""Successive halving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from algorithms.halving import SynchronousHalving
from algorithms.rungs import Rung


@dataclass
class SuccessiveHalving(SynchronousHalving):
    """Many networks a little, the best of them longer, and so on (Jamieson and Talwalkar 2016, arXiv 1502.07943).

    Runs the most exploring bracket of Hyperband, again and again.

    Differences from the paper: the budget of a bracket is not given but follows from the fidelities, as in Hyperband;
    rungs are fidelities that the benchmark recorded, and their sizes follow from the ratios of those. With several
    workers a rung waits for the last of its networks.

    Parameters
    ----------
    eta : float
        Of a rung's networks, about one in ``eta`` goes on.
    """

    version: ClassVar[int] = 1
    reference: ClassVar[str] = "Jamieson and Talwalkar 2016, arXiv 1502.07943"

    def brackets(self) -> list[list[Rung]]:
        """The first bracket of Hyperband alone."""
        return super().brackets()[:1]

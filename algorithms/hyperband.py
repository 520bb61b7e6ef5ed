"""Hyperband."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from algorithms.halving import SynchronousHalving


@dataclass
class Hyperband(SynchronousHalving):
    """Brackets of successive halving, from exploration to exploitation (Li et al. 2018, arXiv 1603.06560, algorithm 1).

    Differences from the paper: sizes are those of HpBandSter, which begins a bracket with ``floor(S / (s + 1)) *
    eta^s`` networks, whereas the paper has ``ceil(B / R * eta^s / (s + 1))``; rungs are fidelities that the benchmark
    recorded, and if a step of the ladder is not recorded, sizes follow from the ratios of the recorded ones. With
    several workers, a rung waits for the last of its networks.

    Parameters
    ----------
    eta : float
        Reduction factor: about one in ``eta`` networks of a rung is promoted.
    """

    version: ClassVar[int] = 1
    reference: ClassVar[str] = "Li et al. 2018, arXiv 1603.06560"

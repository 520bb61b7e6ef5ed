"""The size space of NATS-Bench: the numbers of channels of five layers, with eight choices each.

Dong, Liu, Musial and Gabrys, "NATS-Bench: Benchmarking NAS Algorithms for Architecture Topology and Size", IEEE TPAMI
2021, arXiv 2009.00437. Its topology space is that of NAS-Bench-201.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from benchmarks.drawings.structures import Widths
from benchmarks.errors import BenchmarkError
from benchmarks.spaces.base import Architecture, SearchSpace
from benchmarks.spaces.operations import Operations

CHANNELS = (8, 16, 24, 32, 40, 48, 56, 64)
LAYERS = 5
CITATION = "Dong et al., NATS-Bench, TPAMI 2021, arXiv 2009.00437"


class NATSBenchSizeSpace(SearchSpace):
    """The 8 ** 5 lists of numbers of channels, written ``8:16:24:32:40``.

    Parameters
    ----------
    channels : tuple of int
        Choices for each layer.
    layers : int
        Number of layers. Tests use smaller spaces than the official one.
    """

    channels: tuple[int, ...]
    layers: int

    def __init__(self, channels: tuple[int, ...] = CHANNELS, layers: int = LAYERS) -> None:
        super().__init__("natsbench-size", [len(channels)] * layers)
        self._hold(channels=tuple(channels), layers=layers)

    def operations(self, genotypes: ArrayLike) -> Operations:
        """Return the number of channels of each layer as its operation."""
        rows = np.asarray(genotypes).reshape(-1, self.layers)
        names = [f"{number} channels" for number in self.channels]
        return Operations.one_pool(names, [f"layer {layer}" for layer in range(1, self.layers + 1)], rows)

    def structure(self, architecture: Architecture) -> Widths:
        """Return the numbers of channels."""
        return Widths(tuple(self.channels[value] for value in architecture), max(self.channels))

    def to_string(self, architecture: Architecture) -> str:
        """Write the numbers of channels, separated by colons."""
        return ":".join(str(self.channels[value]) for value in architecture)

    def from_string(self, text: str) -> Architecture:
        """Read the notation of :meth:`to_string`."""
        parts, known = text.split(":"), {str(number): value for value, number in enumerate(self.channels)}
        if len(parts) != self.layers or not set(parts) <= known.keys():
            raise BenchmarkError(
                f"{text!r} is not an architecture of space {self.name!r}: write {self.layers} numbers of channels,"
                f" separated by colons, each one of {', '.join(known)}"
            )
        return tuple(known[part] for part in parts)

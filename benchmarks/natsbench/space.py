"""The size space of NATS-Bench: the channels of five layers, each one of eight numbers.

Dong, Liu, Musial and Gabrys, "NATS-Bench: Benchmarking NAS Algorithms for Architecture Topology and Size", IEEE TPAMI
2021, arXiv 2009.00437. Its topology space is that of NAS-Bench-201.
"""

from __future__ import annotations

from benchmarks.errors import BenchmarkError
from benchmarks.spaces.base import Architecture, SearchSpace

CHANNELS = (8, 16, 24, 32, 40, 48, 56, 64)
LAYERS = 5
CITATION = "Dong et al., NATS-Bench, TPAMI 2021, arXiv 2009.00437"


class NATSBenchSizeSpace(SearchSpace):
    """The 8 ** 5 lists of channels, written ``8:16:24:32:40``.

    Parameters
    ----------
    channels : tuple of int
    layers : int
        Other spaces of the kind than the official one are for tests.
    """

    channels: tuple[int, ...]
    layers: int

    def __init__(self, channels: tuple[int, ...] = CHANNELS, layers: int = LAYERS) -> None:
        super().__init__("natsbench-size", [len(channels)] * layers)
        self._hold(channels=tuple(channels), layers=layers)

    def to_string(self, architecture: Architecture) -> str:
        """Write the channels with colons between."""
        return ":".join(str(self.channels[value]) for value in architecture)

    def from_string(self, text: str) -> Architecture:
        """Read what :meth:`to_string` writes."""
        parts, known = text.split(":"), {str(number): value for value, number in enumerate(self.channels)}
        if len(parts) != self.layers or not set(parts) <= known.keys():
            raise BenchmarkError(
                f"{text!r} is not an architecture of space {self.name!r}: write {self.layers} numbers of channels with"
                f" colons between, each one of {', '.join(known)}"
            )
        return tuple(known[part] for part in parts)

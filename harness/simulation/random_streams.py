"""Random streams: every one named by what it may depend on, and by nothing else."""

from __future__ import annotations

import hashlib
from hashlib import blake2b
from struct import Struct

import numpy as np

from benchmarks.spaces.base import Architecture, SearchSpace


def stream(purpose: str, *names: str | int) -> np.random.Generator:
    """Return the generator of a purpose and its names; the same on every machine.

    The algorithm's own stream is named by (experiment seed, algorithm, benchmark, trial), not by its parameters or
    label, so a new hyperparameter with a default changes no trace. The stream of the initial design is named by
    (experiment seed, benchmark, trial), so that all algorithms share it.
    """
    digest = hashlib.sha256(_key(purpose, *names)).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "little")))


def _key(*names: str | int) -> bytes:
    return "\0".join(map(str, names)).encode()


class RepeatDraw:
    """Which recorded repeat is seen: a hash of (experiment seed, benchmark, trial, architecture, n).

    Hence the ``n``-th network of an architecture is the same one for every algorithm, whatever was asked before it.
    """

    def __init__(self, seed: int, benchmark: str, trial: int, space: SearchSpace) -> None:
        self._hash = blake2b(digest_size=8, key=hashlib.sha256(_key("repeat", seed, benchmark, trial)).digest())
        self._pack = Struct(f"<{len(space.cardinalities)}hI").pack

    def __call__(self, architecture: Architecture, n: int) -> int:
        """Return 64 random bits for the ``n``-th network of an architecture."""
        keyed = self._hash.copy()
        keyed.update(self._pack(*architecture, n))
        return int.from_bytes(keyed.digest(), "little")

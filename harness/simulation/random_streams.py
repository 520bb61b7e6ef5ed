"""Random streams, each named by all that it may depend on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from hashlib import blake2b
from struct import Struct

import numpy as np

from benchmarks.spaces.base import Architecture, SearchSpace


def stream(purpose: str, *names: str | int) -> np.random.Generator:
    """Return the random generator for a purpose and some names. It is the same on every machine.

    An algorithm's own stream is named by (experiment seed, algorithm, benchmark, trial), but not by hyperparameters or
    label. So a new hyperparameter with a default changes no trace. The stream of the initial design is named by
    (experiment seed, benchmark, trial), so that all algorithms share it.
    """
    digest = hashlib.sha256(_key(purpose, *names)).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "little")))


def _key(*names: str | int) -> bytes:
    return "\0".join(map(str, names)).encode()


def repeat_draw(seed: int, benchmark: str, trial: int, space: SearchSpace) -> Callable[[Architecture, int], int]:
    """Return a function that selects the repeat of the ``n``-th network of an architecture, by 64 random bits.

    They are a hash of (experiment seed, benchmark, trial, architecture, n). So the ``n``-th network of an architecture
    is the same for every algorithm, whatever was asked before.
    """
    copy = blake2b(digest_size=8, key=hashlib.sha256(_key("repeat", seed, benchmark, trial)).digest()).copy
    pack = Struct(f"<{len(space.cardinalities)}hI").pack
    to_integers = Struct("<Q").unpack  # in half of the time of int.from_bytes

    def draw(architecture: Architecture, n: int) -> int:
        keyed = copy()
        keyed.update(pack(*architecture, n))
        drawn: int = to_integers(keyed.digest())[0]
        return drawn

    return draw

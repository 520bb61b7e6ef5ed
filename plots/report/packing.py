"""Numbers and texts of the report, compressed for the page. ``packing.js`` decodes them."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEVEL = 3
"""The level of compression. Level 6 takes twice as long and saves 5 %."""


def pack_numbers(values: ArrayLike) -> str:
    """Encode numbers exactly, including NaN.

    Each number is combined with the one before by exclusive or, so that repeated numbers become zeros. The first bytes
    of all numbers come first, then all second bytes, and so on. The result is compressed (zlib) and encoded in base64.

    Parameters
    ----------
    values : (n,) array_like
    """
    bits = np.ascontiguousarray(values, dtype="<f8").view("<u8")
    changes = bits.copy()
    changes[1:] ^= bits[:-1]
    return _compressed(_planes(changes))


def pack_counts(values: ArrayLike) -> str:
    """Encode integers from 0 to 4,294,967,295: the lowest bytes of all of them come first. See `pack_numbers`."""
    return _compressed(_planes(np.ascontiguousarray(values, dtype="<u4")))


def pack_lines(lines: Iterable[str]) -> str:
    """Encode texts, one per line. See `pack_numbers`."""
    return _compressed("\n".join(lines).encode())


def _planes(values: NDArray[np.unsignedinteger]) -> bytes:
    return np.ascontiguousarray(values.view(np.uint8).reshape(len(values), values.itemsize).T).tobytes()


def _compressed(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content, LEVEL)).decode("ascii")

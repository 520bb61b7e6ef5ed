"""Pickles of plain data, read without running anything that they ask for."""

from __future__ import annotations

import bz2
import io
import pickle
import struct
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.errors import BenchmarkError

LARGEST = 1 << 26
"""Bytes that a compressed pickle may have when it is decompressed."""

NUMBERS = {"f8": "d", "f4": "f", "i8": "q", "i4": "i"}


class _NumberType:
    """Stands for ``numpy.dtype``, for plain numbers only."""

    def __init__(self, code: object, *flags: object) -> None:
        if not isinstance(code, str) or code not in NUMBERS:
            raise BenchmarkError(f"it has numbers of type {code!r}; allowed are {', '.join(NUMBERS)}")
        self.format = f"<{NUMBERS[code]}"

    def __setstate__(self, state: object) -> None:
        if not isinstance(state, tuple) or len(state) < 2 or state[1] != "<":
            raise BenchmarkError("it has numbers that are not little-endian")


def _number(of: object, content: object) -> float | int:
    """Stands for numpy's function that makes a scalar of its bytes."""
    if not isinstance(of, _NumberType) or not isinstance(content, bytes):
        raise BenchmarkError("it has a number that is none")
    number: float | int = struct.unpack(of.format, content)[0]
    return number


ALLOWED: dict[tuple[str, str], Callable[..., Any]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("numpy", "dtype"): _NumberType,
    ("numpy.core.multiarray", "scalar"): _number,
    ("numpy._core.multiarray", "scalar"): _number,
}
"""All names that a pickle may use, and what they mean here; nothing is imported."""


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise BenchmarkError(f"it asks for {module}.{name}, which plain data never does; it was not run")
        return ALLOWED[module, name]


def read_plain_pickle(file: Path) -> Any:
    """Read a pickle of dicts, lists, texts and numbers, compressed by bzip2.

    Raises
    ------
    BenchmarkError
        If it asks for anything else, is damaged, or is larger than 64 MB when decompressed.
    """
    try:
        with bz2.open(file) as stream:
            content = stream.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise BenchmarkError(f"it has more than {LARGEST:,} bytes when decompressed")
        return _PlainUnpickler(io.BytesIO(content)).load()
    except BenchmarkError as error:
        raise BenchmarkError(f"{file} is not read: {error}; get it from its official address") from None
    except Exception as error:  # a damaged pickle raises whatever its bytes happen to make of the machine
        raise BenchmarkError(f"{file} cannot be read: {error!r}; it is damaged, get it again") from error

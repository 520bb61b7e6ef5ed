"""Read pickles of plain data, without importing or calling anything that they refer to."""

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
"""Largest size of a decompressed pickle [bytes]."""

NUMBERS = {"f8": "d", "f4": "f", "i8": "q", "i4": "i"}


class _NumberType:
    """Replacement for ``numpy.dtype`` that accepts plain numbers only."""

    def __init__(self, code: object, *flags: object) -> None:
        if not isinstance(code, str) or code not in NUMBERS:
            raise BenchmarkError(f"expected numbers of type {', '.join(NUMBERS)}, got {code!r}")
        self.format = f"<{NUMBERS[code]}"

    def __setstate__(self, state: object) -> None:
        if not isinstance(state, tuple) or len(state) < 2 or state[1] != "<":
            raise BenchmarkError("expected little-endian numbers")


def _number(of: object, content: object) -> float | int:
    """Replacement for numpy's function that makes a scalar from its bytes."""
    if not isinstance(of, _NumberType) or not isinstance(content, bytes):
        raise BenchmarkError("it has an invalid number")
    number: float | int = struct.unpack(of.format, content)[0]
    return number


ALLOWED: dict[tuple[str, str], Callable[..., Any]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("numpy", "dtype"): _NumberType,
    ("numpy.core.multiarray", "scalar"): _number,
    ("numpy._core.multiarray", "scalar"): _number,
}
"""All names that a pickle may refer to, and their replacements. Nothing is imported."""


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise BenchmarkError(f"it refers to {module}.{name}, which plain data never does, so it was not run")
        return ALLOWED[module, name]


def read_plain_pickle(file: Path) -> Any:
    """Read a pickle of dicts, lists, strings and numbers, compressed by bzip2.

    Raises
    ------
    BenchmarkError
        If it refers to anything else, is damaged, or is larger than 64 MiB when decompressed.
    """
    try:
        with bz2.open(file) as stream:
            content = stream.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise BenchmarkError(f"expected at most {LARGEST:,} bytes when decompressed, got more")
        return _PlainUnpickler(io.BytesIO(content)).load()
    except BenchmarkError as error:
        raise BenchmarkError(f"{file} was not read: {error}; get it again from its official address") from None
    except Exception as error:  # the bytes of a damaged pickle can raise any exception
        raise BenchmarkError(f"{file} cannot be read: {error!r}; it is damaged, so get it again") from error

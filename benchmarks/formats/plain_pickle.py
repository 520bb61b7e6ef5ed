"""Read pickles of plain data, without importing or calling anything that they refer to.

A pickle is a program. Its instructions are checked before they are run, so that a small file cannot take a lot of
memory or time, and the few names that it may refer to are replacements that cannot be changed.
"""

from __future__ import annotations

import bz2
import io
import math
import pickle
import pickletools
import reprlib
import struct
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError

LARGEST = 1 << 26
"""Largest size of a decompressed pickle [bytes]."""
LARGEST_LIST = 1 << 20
"""Largest size of a pickled list of arrays [bytes]."""

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


class _Replacement:
    """A function that a pickle may call, and not change: pickles can set the attributes of what they refer to."""

    __slots__ = ("_function",)
    _function: Callable[..., Any]

    def __init__(self, function: Callable[..., Any]) -> None:
        object.__setattr__(self, "_function", function)

    def __call__(self, *arguments: Any) -> Any:
        return self._function(*arguments)

    def __setattr__(self, name: str, value: object) -> None:
        raise BenchmarkError(f"it sets the attribute {name!r} of a function, which plain data never does")


ALLOWED = {
    ("collections", "OrderedDict"): _Replacement(OrderedDict),
    ("numpy", "dtype"): _Replacement(_NumberType),
    ("numpy.core.multiarray", "scalar"): _Replacement(_number),
    ("numpy._core.multiarray", "scalar"): _Replacement(_number),
}
"""All names that a pickle may refer to, and their replacements. Nothing is imported."""

INSTRUCTIONS = {
    "PROTO", "FRAME", "STOP", "MARK", "MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT", "GET", "BINGET", "LONG_BINGET",
    "GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD", "NONE", "NEWTRUE", "NEWFALSE", "INT", "BININT", "BININT1", "BININT2",
    "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT", "STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE",
    "SHORT_BINUNICODE", "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "EMPTY_DICT", "EMPTY_LIST",
    "EMPTY_TUPLE", "EMPTY_SET", "DICT", "LIST", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "APPEND", "APPENDS", "SETITEM",
    "SETITEMS", "POP", "POP_MARK", "DUP", "ADDITEMS",
}  # fmt: skip
"""The instructions that pickles of plain data consist of."""
MEMO = frozenset(("PUT", "BINPUT", "LONG_BINPUT"))
"""The instructions that keep an object under a number. A large number makes the reader reserve memory up to it."""
LARGEST_NUMBER = 64
"""Digits, in bytes, of an integer. Larger ones take long to print."""


def check_instructions(content: bytes) -> None:
    """Check the instructions of a pickle without running them.

    Raises
    ------
    BenchmarkError
        If an instruction does not occur in plain data, or would take more memory than the content itself.
    """
    for number, (instruction, argument, _) in enumerate(pickletools.genops(content)):
        name = instruction.name
        if name not in INSTRUCTIONS:
            raise BenchmarkError(f"it has the instruction {name}, which plain data never does, so it was not run")
        if name in MEMO and isinstance(argument, int) and not 0 <= argument <= number:
            raise BenchmarkError(f"it keeps object {argument:,} after {number:,} instructions, so it was not run")
        if name.startswith("LONG") and isinstance(argument, int) and argument.bit_length() > 8 * LARGEST_NUMBER:
            raise BenchmarkError(f"it has an integer of {argument.bit_length():,} bits; expected at most 512")


class _PlainUnpickler(pickle.Unpickler):
    allowed: ClassVar[Mapping[tuple[str, str], Any]] = ALLOWED

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.allowed:
            raise BenchmarkError(f"it refers to {module}.{name}, which plain data never does, so it was not run")
        return self.allowed[module, name]


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
        check_instructions(content)
        return _PlainUnpickler(io.BytesIO(content)).load()
    except BenchmarkError as error:
        raise BenchmarkError(f"{file} was not read: {error}; get it again from its official address") from None
    except Exception as error:  # the bytes of a damaged pickle can raise any exception
        raise BenchmarkError(f"{file} cannot be read: {_short(error)}; it is damaged, so get it again") from error


class _Array:
    """Replacement for an array of numbers, which holds its bytes until they are checked."""

    array: NDArray[np.float64]

    def __setstate__(self, state: object) -> None:
        if not isinstance(state, tuple) or len(state) != 5:
            raise BenchmarkError("it has an invalid array")
        _, shape, of, by_columns, content = state
        if not isinstance(of, _NumberType) or not isinstance(content, bytes):
            raise BenchmarkError("it has an array of something else than plain numbers")
        if not isinstance(shape, tuple) or not all(isinstance(size, int) and size >= 0 for size in shape):
            raise BenchmarkError(f"it has an array of the invalid shape {reprlib.repr(shape)}")
        numbers = np.frombuffer(content, dtype=np.dtype(of.format))
        if math.prod(shape) != len(numbers):
            raise BenchmarkError(f"it has an array of shape {shape} with {len(numbers)} numbers")
        self.array = numbers.reshape(shape, order="F" if by_columns else "C").astype(np.float64)


ARRAYS = ALLOWED | {
    ("numpy", "ndarray"): _Replacement(_Array),
    ("numpy.core.multiarray", "_reconstruct"): _Replacement(lambda *_: _Array()),
    ("numpy._core.multiarray", "_reconstruct"): _Replacement(lambda *_: _Array()),
}
"""`ALLOWED`, and what pickles of arrays refer to."""


class _ArrayUnpickler(_PlainUnpickler):
    allowed = ARRAYS


def read_pickled_arrays(file: Path) -> list[NDArray[np.float64]]:
    """Read a pickle of a list of arrays of numbers, without importing or calling anything that it refers to.

    Raises
    ------
    BenchmarkError
        If it has anything else, is damaged, or is larger than 1 MiB.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST_LIST + 1)
        if len(content) > LARGEST_LIST:
            raise BenchmarkError(f"expected at most {LARGEST_LIST:,} bytes, got more")
        check_instructions(content)
        found = _ArrayUnpickler(io.BytesIO(content)).load()
        if not isinstance(found, list) or not all(isinstance(item, _Array) for item in found):
            raise BenchmarkError(f"expected a list of arrays, got {reprlib.repr(found)}")
        return [item.array for item in found]
    except BenchmarkError as error:
        raise BenchmarkError(f"{file} was not read: {error}") from None
    except Exception as error:  # the bytes of a damaged pickle can raise any exception
        raise BenchmarkError(f"{file} cannot be read: {_short(error)}; it is damaged") from error


def _short(error: Exception) -> str:
    """Return an exception as text of bounded length: its own text may contain nested data without an end."""
    arguments = ", ".join(reprlib.repr(argument) for argument in error.args[:3])
    return f"{type(error).__name__}({arguments})"

"""The wire format of protocol buffers: as much of it as reading the metrics of NAS-Bench-101 needs.

Three messages of plain numbers are no reason for the protobuf package, whose generated code has to fit its version.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

Value = int | float | bytes


def read_fields(message: bytes) -> Iterator[tuple[int, Value]]:
    """Field numbers and values, in the order of the message.

    A value is an int for a varint, a float for 64 and 32 bits, bytes for all that has a length.

    Raises
    ------
    ValueError
        If the message ends within a field, or has a field of no known kind.
    """
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        number, kind = key >> 3, key & 7
        if kind == 0:
            varint, position = _varint(message, position)
            yield number, varint
            continue
        if kind == 2:
            length, position = _varint(message, position)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise ValueError(f"field {number} is of kind {kind}, which nothing should be")
        content = message[position : position + length]
        if number == 0 or len(content) < length:
            raise ValueError(f"field {number} should have {length} bytes, and {len(content)} are left")
        position += length
        yield number, content if kind == 2 else struct.unpack("<d" if kind == 1 else "<f", content)[0]


def _varint(message: bytes, position: int) -> tuple[int, int]:
    """A number of seven bits a byte, and the position after it."""
    number = 0
    for shift in range(0, 70, 7):
        if position >= len(message):
            raise ValueError("the message ends within a number")
        byte = message[position]
        position += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, position
    raise ValueError("a number has more than ten bytes")

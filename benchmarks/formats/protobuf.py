"""The wire format of protocol buffers, as far as the metrics of NAS-Bench-101 need it.

Three messages of plain numbers do not justify a dependency on the protobuf package, whose version has to match that of
the generated code.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

Value = int | float | bytes


def read_fields(message: bytes) -> Iterator[tuple[int, Value]]:
    """Yield field numbers and values, in the order of the message.

    A value is an int for a varint, a float for a field of 32 or 64 bits, and bytes for a length-delimited field.

    Raises
    ------
    ValueError
        If the message ends within a field, or has a field of an unknown wire type.
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
            raise ValueError(f"field {number}: expected wire type 0, 1, 2 or 5, got {kind}")
        content = message[position : position + length]
        if number == 0 or len(content) < length:
            raise ValueError(f"field {number}: expected {length} bytes, got {len(content)} before the end")
        position += length
        yield number, content if kind == 2 else struct.unpack("<d" if kind == 1 else "<f", content)[0]


def _varint(message: bytes, position: int) -> tuple[int, int]:
    """Read a number with seven bits per byte. Return it and the position after it."""
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

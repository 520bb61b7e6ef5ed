"""Writes files in the format of NAS-Bench-101, to read back."""

from __future__ import annotations

import json
import struct
from base64 import encodebytes
from collections.abc import Iterable

from benchmarks.formats.tfrecord import masked_crc32c


def frame(data: bytes) -> bytes:
    """A record with its length and checksums."""
    length = struct.pack("<Q", len(data))
    crcs = [struct.pack("<I", masked_crc32c(part)) for part in (length, data)]
    return length + crcs[0] + data + crcs[1]


def varint(number: int) -> bytes:
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])


def metrics(evaluations: Iterable[Iterable[float]], parameters: int = 1_000) -> bytes:
    """A ModelMetrics message; an evaluation is epoch, seconds, train, validation and test accuracy."""
    message = b""
    for evaluation in evaluations:
        fields = b"".join(bytes([i << 3 | 1]) + struct.pack("<d", value) for i, value in enumerate(evaluation, 1))
        fields += b"\x32\x04path"  # field 6 of the official files
        message += b"\x0a" + varint(len(fields)) + fields
    return message + b"\x10" + varint(parameters) + b"\x19" + struct.pack("<d", 1.5)


def trained(
    name: str, epochs: int, matrix: str, operations: str, seconds: float, validation: float, test: float
) -> bytes:
    """A framed training run."""
    evaluations = [(0.0, 0.0, 0.1, 0.1, 0.1), (epochs / 2, seconds / 2, 0.5, 0.5, 0.5)]
    message = metrics([*evaluations, (float(epochs), seconds, 0.99, validation, test)])
    return frame(json.dumps([name, epochs, matrix, operations, encodebytes(message).decode()]).encode())

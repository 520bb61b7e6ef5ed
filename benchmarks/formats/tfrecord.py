"""TFRecord files: sequences of records with checksums.

A record consists of the length of its data in 8 bytes, the masked CRC-32C of these 8 bytes, the data, and the masked
CRC-32C of the data. All numbers are little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import google_crc32c

from benchmarks.errors import BenchmarkError

REMEDY = "the file is damaged or incomplete, so download it again"
LONGEST = 1 << 24
"""Largest plausible length of a record [bytes]."""

_HEADER = struct.Struct("<QI")


def masked_crc32c(data: bytes) -> int:
    """Return the CRC-32C of the data, masked as TFRecord does."""
    crc: int = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def read_tfrecord(file: Path) -> Iterator[bytes]:
    """Yield the records of a file, holding one in memory at a time.

    Raises
    ------
    BenchmarkError
        If a checksum or a length is wrong. The message names the file, record and byte.
    """
    try:
        with file.open("rb") as stream:
            number, start = 0, 0
            while header := stream.read(_HEADER.size):
                record = _data(stream, header)
                if isinstance(record, str):
                    raise BenchmarkError(f"{file}, record {number} (from byte {start}): {record}; {REMEDY}")
                yield record
                number, start = number + 1, start + _HEADER.size + len(record) + 4
    except OSError as error:
        raise BenchmarkError(f"{file} cannot be read: {error}") from error


def _data(stream: BinaryIO, header: bytes) -> bytes | str:
    """Return the data of the record that begins with this header, or a text that says what is wrong with it."""
    if len(header) < _HEADER.size:
        return f"its header ends after {len(header)} bytes"
    length, crc = _HEADER.unpack(header)
    if masked_crc32c(header[:8]) != crc or length > LONGEST:
        return "the checksum of its length is wrong"
    data = stream.read(length + 4)
    if len(data) < length + 4:
        return f"expected {length} bytes, got {max(len(data) - 4, 0)} before the end of the file"
    if masked_crc32c(data[:length]) != int.from_bytes(data[length:], "little"):
        return "the checksum of its data is wrong"
    return data[:length]

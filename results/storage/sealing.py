"""Seals: a checksum of a Parquet file over every byte of it, kept in the file itself.

Parquet's own page checksums leave out the footer, where one flipped bit changes how many rows there are or which trial
they belong to. A seal is an entry of the footer's metadata with the SHA-256 of the whole file, computed while the 64
digits of the seal were zeros.
"""

from __future__ import annotations

import hashlib

SEAL = b"regretta.seal"
"""The key of the footer's metadata."""
BLANK = b"0" * 64
"""The value of the key until the file is sealed."""
_GAP = 2
"""Bytes between key and value: the type and the length of the value in the footer's encoding."""


def seal(content: bytes) -> bytes:
    """Seal a Parquet file that was written with the metadata ``SEAL: BLANK``.

    Raises
    ------
    ValueError
        If the file has no blank seal.
    """
    start = _value(content)
    if start is None or content[start : start + len(BLANK)] != BLANK:
        raise ValueError("expected a Parquet file with a blank seal in its metadata, got one without")
    return content[:start] + hashlib.sha256(content).hexdigest().encode() + content[start + len(BLANK) :]


def is_sealed(content: bytes) -> bool:
    """Return whether a file has a seal, intact or broken."""
    return _value(content) is not None


def is_intact(content: bytes) -> bool:
    """Return whether a file is, byte for byte, the one that was sealed."""
    start = _value(content)
    if start is None:
        return False
    stop = start + len(BLANK)
    return hashlib.sha256(content[:start] + BLANK + content[stop:]).hexdigest().encode() == content[start:stop]


def _value(content: bytes) -> int | None:
    """Return where the value of the seal begins. It is the last entry of the footer's own metadata."""
    key = content.rfind(SEAL)
    return None if key < 0 else key + len(SEAL) + _GAP

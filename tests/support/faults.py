"""Faults to inject: flipped bits, and file operations that fail."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import results.storage.files

OPERATIONS = ("mkstemp", "write", "short write", "fsync", "chmod", "replace", "fsync of the folder")
ERRORS = (errno.ENOSPC, errno.EIO, errno.EINTR)


def flipped(content: bytes, bit: int) -> bytes:
    """Return a copy with one bit flipped."""
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def bits(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield every bit with the content in which it is flipped."""
    for bit in range(8 * len(content)):
        yield bit, flipped(content, bit)


class Stream:
    """A file that cannot be written, or not completely."""

    def __init__(self, stream: Any, operation: str, code: int) -> None:
        self.stream, self.operation, self.code = stream, operation, code

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()

    def write(self, content: bytes) -> int:
        if self.operation == "short write":
            self.stream.write(content[: len(content) // 2])
            self.stream.flush()
        raise OSError(self.code, os.strerror(self.code))


class Fault:
    """Lets one call of a file operation fail; stands in for the modules ``os`` and ``tempfile``.

    Attributes
    ----------
    calls : int
        How often the operation was called.
    """

    def __init__(self, module: Any, operation: str, code: int, call: int) -> None:
        self._module, self._operation, self._code, self._call = module, operation, code, call
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)

    def _reached(self, *operations: str) -> bool:
        if self._operation not in operations:
            return False
        self.calls += 1
        return self.calls - 1 == self._call

    def _refuse(self, *operations: str) -> None:
        if self._reached(*operations):
            raise OSError(self._code, os.strerror(self._code))

    def fdopen(self, *arguments: Any) -> Any:
        stream = os.fdopen(*arguments)
        if stream.mode == "rb":
            return stream
        return Stream(stream, self._operation, self._code) if self._reached("write", "short write") else stream

    def fsync(self, handle: int) -> None:
        self._refuse("fsync of the folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "fsync")
        os.fsync(handle)

    def chmod(self, *arguments: Any) -> None:
        self._refuse("chmod")
        os.chmod(*arguments)

    def replace(self, *arguments: Any) -> None:
        self._refuse("replace")
        os.replace(*arguments)

    def mkstemp(self, *arguments: Any, **keywords: Any) -> Any:
        self._refuse("mkstemp")
        return self._module.mkstemp(*arguments, **keywords)


class Unreadable:
    """Stands in for the module ``os``, and lets every file be opened and none be read."""

    def __init__(self, code: int) -> None:
        self._code = code

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def fdopen(self, handle: int, mode: str) -> Any:
        if mode == "rb":
            os.close(handle)
            raise OSError(self._code, os.strerror(self._code))
        return os.fdopen(handle, mode)


@contextmanager
def failing(operation: str, code: int, call: int) -> Iterator[Fault]:
    """Let the given call of a file operation of the store fail."""
    files: Any = results.storage.files
    name = "tempfile" if operation == "mkstemp" else "os"
    original = getattr(files, name)
    fault = Fault(original, operation, code, call)
    setattr(files, name, fault)
    try:
        yield fault
    finally:
        setattr(files, name, original)


def everything(folder: Path) -> dict[str, bytes]:
    """Return the content of every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}

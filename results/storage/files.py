"""Write files so that a crash leaves the old content or the new one, and never through a symbolic link."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from results.storage.records import ResultsError

LARGEST = 4 << 30
"""Bytes of a file of results, at most."""
_CANNOT_SYNC = (errno.EINVAL, errno.ENOTSUP)
"""Errors of file systems on which a folder cannot be synchronised."""


class VanishedError(ResultsError):
    """A file was removed while it was to be read, as by a compaction."""


def atomic_write(file: Path, content: bytes, root: Path | None = None) -> None:
    """Write a file completely or not at all, in place of an older one.

    The content reaches the disk before the file gets its name, so that a power cut leaves no file with a hole.

    Parameters
    ----------
    file : Path
    content : bytes
    root : Path, optional
        A results folder. No folder between it and the file may be a symbolic link.

    Raises
    ------
    ResultsError
        If a folder below `root` is a symbolic link.
    OSError
        If the file cannot be written. The older one is unchanged.
    """
    if root is not None:
        refuse_links(file.parent, root)
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(draft, 0o644)
        os.replace(draft, file)
    except BaseException as error:
        Path(draft).unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename, error.filename2 = str(file), None
        raise
    synchronise(file.parent)


def synchronise(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise
    finally:
        os.close(handle)


def refuse_links(path: Path, root: Path) -> None:
    """Refuse a path below a results folder that leads through, or is, a symbolic link.

    A results folder may come from somebody else, and a link in it would make a command write elsewhere. The results
    folder itself may be a link: its user chose it.

    Raises
    ------
    ResultsError
        If a part of the path below `root` is a symbolic link.
    """
    for part in (path, *path.parents):
        if part == root:
            return
        if part.is_symlink():
            raise ResultsError(
                f"{part} is a symbolic link; expected a file or folder of the results folder itself, because nothing"
                " is written through links. Remove the link, or use a fresh --out"
            )


def open_inside(file: Path, root: Path, flags: int) -> int:
    """Open a file of a results folder, without following a symbolic link, and return its descriptor.

    Raises
    ------
    ResultsError
        If the file, or a folder between it and `root`, is a symbolic link.
    """
    refuse_links(file, root)
    handle = os.open(file, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ResultsError(f"{file} is a device or a pipe, not a file; remove it, or use a fresh --out")
    return handle


def read_content(file: Path, most: int = LARGEST) -> bytes:
    """Read a file of results.

    Parameters
    ----------
    file : Path
    most : int
        Bytes that it may have.

    Raises
    ------
    ResultsError
        If it is not a regular file or is too large, or the machine cannot read it now, which says nothing about its
        content.
    """
    with _opened(file) as (stream, size):
        if size > most:
            raise ResultsError(f"{file} has {size:,} bytes; expected at most {most:,}")
        return stream.read(size)


def read_end(file: Path, most: int) -> bytes:
    """Read the footer of a Parquet file.

    Parameters
    ----------
    file : Path
    most : int
        Bytes of the footer to read. Of a longer one, only the end is read, which cannot be parsed.

    Returns
    -------
    bytes
        A Parquet file without its columns: its first four bytes, its footer and the length of the footer.

    Raises
    ------
    ResultsError
        As `read_content`.
    """
    with _opened(file) as (stream, size):
        stream.seek(max(0, size - 8))
        length = min(int.from_bytes(stream.read(4), "little") + 8, most)
        stream.seek(max(0, size - length))
        return b"PAR1" + stream.read(length)


@contextmanager
def _opened(file: Path) -> Iterator[tuple[BinaryIO, int]]:
    """Open a regular file, and give its size."""
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as stream:
            found = os.fstat(stream.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise ResultsError(f"{file}: expected a file, got a folder, a device or a pipe")
            yield stream, found.st_size
    except OSError as error:
        kind = VanishedError if isinstance(error, FileNotFoundError) else ResultsError
        raise kind(
            f"{file} cannot be read now ({error.strerror or error}). Nothing was changed: try again when the disk, the"
            " permissions or the network file system work"
        ) from error


def set_aside(file: Path) -> Path:
    """Rename a damaged file to ``NAME.damaged``, or ``NAME.damaged-2`` and so on, and return the new path."""
    stem, number = file.with_suffix(".damaged"), 1
    place = stem
    while place.exists() or place.is_symlink():
        number += 1
        place = stem.with_name(f"{stem.name}-{number}")
    file.rename(place)
    return place

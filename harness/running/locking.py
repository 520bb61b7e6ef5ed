"""The lock that keeps two commands from writing into the same results folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from harness.errors import FolderInUseError
from results.storage.files import open_inside


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Lock a results folder. The kernel releases the lock when the process ends, even if it is killed.

    Raises
    ------
    FolderInUseError
        If another run is using the folder.
    """
    with os.fdopen(open_inside(directory / ".lock", directory, os.O_RDWR | os.O_CREAT | os.O_APPEND), "r+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            stream.seek(0)
            raise FolderInUseError(
                f"another run ({stream.read().strip() or 'unknown process'}) is using {directory}: wait for its end, or"
                " use another --out"
            ) from None
        stream.truncate(0)
        stream.write(f"process {os.getpid()} on {os.uname().nodename}")
        stream.flush()
        yield

"""The source of a recorded entry: the files of its runs, and how to read them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from harness.entries.trajectories.formats import FORMATS

TRAJECTORY = "trajectory"
"""The value of ``use`` with a list of files. With a pattern, it is followed by a colon and the pattern."""
VERSION = 1
"""The version of the readers. It rises if they read other trajectories from the same files."""
LONGEST_NAME = 150
"""Characters of the name of a source, at most."""


def is_trajectory(use: object) -> bool:
    """Return whether ``use`` names recorded trajectories instead of an algorithm."""
    return isinstance(use, str) and use.partition(":")[0] == TRAJECTORY


@dataclass(frozen=True)
class TrajectorySource:
    """Recorded runs of one method.

    Attributes
    ----------
    use : str
        ``trajectory``, or ``trajectory:`` followed by the last part of the pattern, with the fields of this entry.
    paths : tuple of Path
        The files or folders of the runs.
    names : tuple of str
        The run's name by path: the value of ``{trial}``, or an empty text.
    format : str
        A key of `harness.entries.trajectories.formats.FORMATS`.
    seconds_per_epoch : float or None
        Time of an epoch of the search where none is recorded [s].
    skip_invalid : bool
        Whether to leave out what is invalid instead of raising an error.
    """

    use: str
    paths: tuple[Path, ...]
    names: tuple[str, ...]
    format: str
    seconds_per_epoch: float | None = None
    skip_invalid: bool = False

    is_custom_class = False

    @property
    def revision(self) -> str:
        """SHA-256 of the names of the runs and the content of their files."""
        digest = hashlib.sha256(f"{VERSION}".encode())
        for path, name in zip(self.paths, self.names, strict=True):
            for file in FORMATS[self.format].files(path):
                digest.update(f"{name}:{file.name}:".encode() + hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()

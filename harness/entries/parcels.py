"""The files of custom code, packed to travel to another machine."""

from __future__ import annotations

import hashlib
import os
import shlex
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from harness.entries.programs import PREFIX
from harness.entries.sources import AlgorithmSource


class PackedFile(NamedTuple):
    """A file: its path, relative to the folder of the code, its content, and whether it can be executed."""

    name: str
    content: bytes
    executable: bool


@dataclass(frozen=True)
class Parcel:
    """An algorithm with the files that its hash covers.

    Attributes
    ----------
    source : AlgorithmSource
        With the place that it has on the machine of the experiment.
    files : tuple of PackedFile
        Empty for registered algorithms, and for code that is installed like a library.
    """

    source: AlgorithmSource
    files: tuple[PackedFile, ...] = ()

    @property
    def size(self) -> int:
        """Number of bytes of the files."""
        return sum(len(file.content) for file in self.files)

    def unpack(self, folder: Path) -> AlgorithmSource:
        """Write the files into a folder, and return the algorithm that is loaded from there.

        Parameters
        ----------
        folder : Path
            Files with other content must not be in it.

        Raises
        ------
        ValueError
            If a path leads out of the folder.
        """
        if self.source.where is None:
            return self.source
        place = folder / self._digest()
        place.mkdir(parents=True, exist_ok=True)
        for file in self.files:
            path = PurePosixPath(file.name)
            if path.is_absolute() or ".." in path.parts:
                raise ValueError(f"expected a path inside the folder of the code, got {file.name!r}")
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(file.content)
            (place / path).chmod(0o755 if file.executable else 0o644)
        is_file = self.source.is_custom_class and self.source.where.suffix == ".py"
        return replace(self.source, where=place / self.source.where.name if is_file else place)

    def _digest(self) -> str:
        digest = hashlib.sha256(self.source.use.encode())
        for file in self.files:
            digest.update(file.name.encode() + hashlib.sha256(file.content).digest())
        return digest.hexdigest()[:32]


def pack(source: AlgorithmSource) -> Parcel:
    """Pack an algorithm. The module of a custom class is imported, so call this in an isolated process.

    The files are those that the hash of the source covers: the file of a class with the modules that it imports from
    its folder, the source files of a package, or the files that the command of a program names. Files outside of the
    folder of the code, such as those of installed packages, are left out: they have to be installed there.

    Raises
    ------
    ImportError
        If the source has changed since the experiment was resolved.
    """
    if source.where is None:
        return Parcel(source)
    if source.use.startswith(PREFIX):
        folder = source.where
        words = shlex.split(source.use.removeprefix(PREFIX))
        paths: Iterable[Path] = [folder / word for word in words if (folder / word).is_file()]
        source.load()
    else:
        folder = source.where.parent if source.where.suffix == ".py" else source.where
        paths = source.files()
    own = sorted({path for path in paths if _travels(path, folder)})
    files = tuple(
        PackedFile(path.relative_to(folder).as_posix(), path.read_bytes(), os.access(path, os.X_OK)) for path in own
    )
    return Parcel(source, files)


def _travels(path: Path, folder: Path) -> bool:
    """Return whether a file is in the folder of the code, and not part of an environment that is in that folder."""
    return path.is_relative_to(folder) and ".." not in path.parts and not path.is_relative_to(sys.prefix)

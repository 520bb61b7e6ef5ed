"""The source files of custom code, found and hashed without running them."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.entries.imports import module_files, with_imports
from harness.entries.programs import PREFIX
from harness.entries.sources import AlgorithmSource

LARGEST = 1 << 24
"""Size of a source file that is read, at most [bytes]."""


def guest_files(source: AlgorithmSource) -> dict[str, str]:
    """Return the SHA-256 of the source files of a custom class or a program.

    The files are the one that defines the class and those that it imports from its own folder, directly or not; or
    those that the command of a program names. Only files below the current folder are listed.

    Parameters
    ----------
    source : AlgorithmSource

    Returns
    -------
    dict
        The hash by the path of the file, relative to the current folder. Empty for registered algorithms.
    """
    here = Path.cwd().resolve()
    found = {file.resolve() for file in _files(source) if file.is_file()}
    return {str(file.relative_to(here)): _digest(file) for file in sorted(found) if file.is_relative_to(here)}


def changed_guest_files(recorded: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Compare recorded source files with those below the current folder. Run none of them.

    Parameters
    ----------
    recorded : mapping
        From `guest_files`.

    Returns
    -------
    changed, unknown : list of str
        The files with another content; and those that are not there, or not below the current folder.
    """
    here = Path.cwd().resolve()
    changed, unknown = [], []
    for name, digest in recorded.items():
        file = (here / name).resolve()
        if not file.is_relative_to(here) or not file.is_file() or file.stat().st_size > LARGEST:
            unknown.append(name)
        elif _digest(file) != digest:
            changed.append(name)
    return changed, unknown


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _files(source: AlgorithmSource) -> Iterator[Path]:
    if source.where is None:
        return
    if source.use.startswith(PREFIX):
        yield from (source.where / word for word in shlex.split(source.use.removeprefix(PREFIX)))
    elif source.where.is_dir():
        yield from with_imports(module_files(source.use.rpartition(":")[0], source.where), source.where)
    else:
        yield from with_imports([source.where], source.where.parent)

"""The source files of custom code, found and hashed without running them."""

from __future__ import annotations

import ast
import hashlib
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

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
        yield from _with_imports(_module_files(source.use.rpartition(":")[0], source.where), source.where)
    else:
        yield from _with_imports([source.where], source.where.parent)


def _module_files(name: str, folder: Path) -> list[Path]:
    """Return the files in a folder that an import of a module may read: the module and the packages around it."""
    parts = name.split(".")
    places = [folder.joinpath(*parts[: depth + 1]) for depth in range(len(parts))]
    candidates = [candidate for place in places for candidate in (place.with_suffix(".py"), place / "__init__.py")]
    return [candidate for candidate in candidates if candidate.is_file()]


def _with_imports(files: list[Path], folder: Path) -> set[Path]:
    """Return files and those that they import from a folder, directly or not."""
    found: set[Path] = set()
    waiting = list(files)
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found.add(file)
        try:
            tree = ast.parse(file.read_bytes(), str(file))
        except (SyntaxError, ValueError):  # an optional module that cannot be imported imports nothing
            continue
        for node in ast.walk(tree):
            for root, name in _imported(node, file, folder):
                waiting += _module_files(name, root)
    return found


def _imported(node: ast.AST, file: Path, folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield what a statement imports, as pairs of the folder that the name starts from and the name."""
    if isinstance(node, ast.Import):
        yield from ((folder, alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        root = file.parents[node.level - 1] if node.level else folder
        names = [f"{node.module}.{alias.name}" if node.module else alias.name for alias in node.names]
        yield from ((root, name) for name in names)

"""What custom code imports from its own folder, found without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path


def module_files(name: str, folder: Path) -> list[Path]:
    """Return the files in a folder that an import of a module may read: the module and the packages around it."""
    parts = name.split(".")
    places = [folder.joinpath(*parts[: depth + 1]) for depth in range(len(parts))]
    candidates = [candidate for place in places for candidate in (place.with_suffix(".py"), place / "__init__.py")]
    return [candidate for candidate in candidates if candidate.is_file()]


def with_imports(files: Iterable[Path], folder: Path) -> set[Path]:
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
                waiting += module_files(name, root)
    return found


def _imported(node: ast.AST, file: Path, folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield what a statement imports, as pairs of the folder that the name starts from and the name."""
    if isinstance(node, ast.Import):
        yield from ((folder, alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        root = file.parents[node.level - 1] if node.level else folder
        names = [f"{node.module}.{alias.name}" if node.module else alias.name for alias in node.names]
        yield from ((root, name) for name in names)

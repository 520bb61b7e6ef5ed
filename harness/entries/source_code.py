"""A hash of the code that decides a trial: results of older code are not taken for those of the present code."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from algorithms.base import Algorithm
from algorithms.registry import ALGORITHMS
from harness.entries.sources import OURS

SIMULATION = "harness.simulation"
_FORMAT = 1
"""Part of the hash. It rises with every change of what is hashed."""


def code_hash(use: str) -> str:
    """Return a hash of the code that decides a trial of an algorithm.

    It covers the module of the class, the modules of Regretta that it imports, directly or not, and the simulator. The
    hash is one of the syntax trees, without docstrings and without the messages of errors: comments, layout and wording
    do not change it. It is the same for every Python version. Of a custom class it covers the modules of Regretta that
    every algorithm uses; the source of the class itself is part of the cell's id.

    Parameters
    ----------
    use : str
        A registered name, or what an experiment's ``use`` says of a custom class or program.
    """
    return _hash(ALGORITHMS[use].partition(":")[0] if use in ALGORITHMS else Algorithm.__module__)


@lru_cache(maxsize=256)
def _hash(module: str) -> str:
    digest = hashlib.sha256(f"{_FORMAT}".encode())
    for name in sorted(_with_imports(module) | set(_simulation())):
        digest.update(f"{name}:{_tree_hash(name)}".encode())
    return digest.hexdigest()[:32]


def _simulation() -> Iterator[str]:
    folder = Path(str(_file(SIMULATION))).parent
    yield from (f"{SIMULATION}.{file.stem}" for file in sorted(folder.glob("*.py")) if file.stem != "__init__")


def _with_imports(module: str) -> set[str]:
    """Return a module and the modules of Regretta that it imports, directly or not."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _imports(name)
    return found


@lru_cache(maxsize=256)
def _imports(module: str) -> tuple[str, ...]:
    """Return the modules of Regretta that a module imports, also by a registry's string ``module:attribute``."""
    names: set[str] = set()
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and ":" in node.value:
            names.add(node.value.partition(":")[0])
    ours = {name for name in names if name.partition(".")[0] in OURS and "." in name}
    return tuple(sorted(name for name in ours if all(map(str.isidentifier, name.split("."))) and _file(name)))


@lru_cache(maxsize=1024)
def _file(module: str) -> str | None:
    """Return the file of a module, without importing it; None if it is not a module."""
    loaded = sys.modules.get(module)
    if loaded is not None:
        return loaded.__file__
    try:
        spec = find_spec(module)
    except ModuleNotFoundError:
        return None
    return spec.origin if spec else None


@lru_cache(maxsize=256)
def _tree(module: str) -> ast.Module:
    file = _file(module)
    assert file is not None
    return ast.parse(Path(file).read_text(encoding="utf-8"), file)


@lru_cache(maxsize=256)
def _tree_hash(module: str) -> str:
    return hashlib.sha256(repr(_plain(_tree(module))).encode()).hexdigest()


def _plain(node: object) -> object:
    """Return a syntax tree as nested tuples that are equal for equal code, whatever the version of Python.

    Newer versions add fields, which are empty in code that older versions read: empty fields are left out.
    """
    if isinstance(node, ast.Raise):
        return ("Raise",)
    if isinstance(node, ast.AST):
        fields = ((name, _plain(value)) for name, value in ast.iter_fields(node) if name != "body")
        parts = [(name, value) for name, value in fields if value not in (None, (), "")]
        body = getattr(node, "body", None)
        if isinstance(body, list):
            body = [statement for statement in body if not _is_text(statement)]
        return (type(node).__name__, *sorted(parts, key=lambda part: part[0]), _plain(body))
    if isinstance(node, list):
        return tuple(_plain(item) for item in node)
    return node


def _is_text(statement: ast.stmt) -> bool:
    """Return whether a statement is only a text: a docstring of a function, a class or an attribute."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )

"""Shell completion: the names that an argument accepts. Each function imports what it needs when it is called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_RESULTS = "experiment.json"


def algorithms(incomplete: str) -> list[str]:
    """Complete the name of an algorithm."""
    return _beginning("algorithm", incomplete)


def benchmarks(incomplete: str) -> list[str]:
    """Complete the name of a benchmark."""
    return _beginning("benchmark", incomplete)


def experiments(incomplete: str) -> list[str]:
    """Complete the name of a shipped experiment, or the path of a ``.toml`` file."""
    return [*_beginning("experiment", incomplete), *_paths(incomplete, ".toml")]


def experiments_and_results(incomplete: str) -> list[str]:
    """Complete an experiment, or the path of a results folder."""
    return [*experiments(incomplete), *results(incomplete)]


def results(incomplete: str) -> list[str]:
    """Complete the path of a results folder; folders on the way to one are offered too."""
    return list(_paths(incomplete, None))


def figures(incomplete: str) -> list[str]:
    """Complete the name of a figure."""
    return [name for name in (*_beginning("figure", incomplete), "all") if name.startswith(incomplete)]


def studies(incomplete: str) -> list[str]:
    """Complete the name of a study."""
    return _beginning("study", incomplete)


def models(incomplete: str) -> list[str]:
    """Complete the name of a model for surrogates."""
    return _beginning("model", incomplete)


def reproductions(incomplete: str) -> list[str]:
    """Complete the name of a reproduction."""
    return _beginning("reproduction", incomplete)


def names(incomplete: str) -> list[str]:
    """Complete a name of any kind."""
    from harness.commands.show.names import KINDS

    return list(dict.fromkeys(name for kind in KINDS for name in _beginning(kind, incomplete)))


def kinds(incomplete: str) -> list[str]:
    """Complete the name of a kind of names."""
    from harness.commands.show.names import KINDS

    return [kind for kind in KINDS if kind.startswith(incomplete)]


def _beginning(kind: str, incomplete: str) -> list[str]:
    from harness.commands.show.names import names_of

    return [name for name in names_of(kind) if name.startswith(incomplete)]


def _paths(incomplete: str, suffix: str | None) -> Iterator[str]:
    """Yield the files with a suffix, or the folders, whose paths begin with a text."""
    start = Path(incomplete)
    folder = start if incomplete.endswith("/") or not incomplete else start.parent
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        wanted = path.suffix == suffix if suffix else path.is_dir() and not path.name.startswith(".")
        if wanted and str(path).startswith(str(start) if incomplete else ""):
            is_open = suffix is None and not (path / _RESULTS).is_file()
            yield f"{path}/" if is_open else str(path)

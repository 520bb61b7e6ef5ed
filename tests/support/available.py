"""Recorded data and optional libraries that this machine has, found before the tests are collected."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import BENCHMARKS
from benchmarks.storage.official_files import known_imports

RECORDED = Path(os.environ.get("REGRETTA_TEST_DATA") or Path(__file__).parents[3] / "shared" / "data")
"""Folder of the recorded development data."""

SOURCES = known_imports()
"""By benchmark, the official file that it is imported from. The other benchmarks need no import."""

TESTED = [name for name in BENCHMARKS if name not in SOURCES or SOURCES[name].files]
"""Benchmarks that the contract tests take. The others are made by `regretta surrogate fit`, which has its own tests."""


def lacking(need: str) -> str | None:
    """Say what is missing for a file of the recorded data, or for a benchmark; None if nothing is."""
    if need in BENCHMARKS and need not in SOURCES:
        return None
    if need not in SOURCES:
        return None if (RECORDED / need).exists() else f"{need} is not in {RECORDED}"
    source = SOURCES[need]
    if source.find(RECORDED):
        return source.missing_library()
    return f"{source.files[0]} is not in {RECORDED}"


AVAILABLE = [name for name in TESTED if not lacking(name)]
"""Benchmarks that can be loaded here."""

ALIKE = [name for name in TESTED if name.startswith("hpobench-mlp-") and name != "hpobench-mlp-car"]
"""Benchmarks that differ from another one in their numbers alone. Only slow tests take them."""

QUICK = [name for name in AVAILABLE if name not in ALIKE]
"""Benchmarks that can be loaded here and that tests take which are not slow."""


def per_benchmark(names: Iterable[str]) -> list[object]:
    """Return the parameters of a test per benchmark, each marked with the data that it needs, and slow if ALIKE."""
    slow = {True: (pytest.mark.slow,), False: ()}
    return [pytest.param(name, marks=(pytest.mark.data(name), *slow[name in ALIKE])) for name in names]


def unmet(item: pytest.Item) -> str | None:
    """Say which file or library of its marks a test does not find; None if it finds all."""
    return next(_unmet(item), None)


def _unmet(item: pytest.Item) -> Iterator[str]:
    libraries, data = ([need for mark in item.iter_markers(kind) for need in mark.args] for kind in ("library", "data"))
    yield from (f"{name} is not installed" for name in libraries if find_spec(name) is None)
    yield from filter(None, map(lacking, data))

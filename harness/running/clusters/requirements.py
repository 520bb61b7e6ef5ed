"""Requirements that a machine must share with the one that plans an experiment, so that its trials are the same."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmarks.errors import BenchmarkError
from benchmarks.loading import load_benchmark
from harness.entries.isolated import describe, time_limit
from harness.entries.source_code import code_hash
from harness.entries.sources import AlgorithmSource
from harness.experiments.cells import CellSpec
from harness.running.provenance import PACKAGES, version_of

SHOWN = 12
"""Digits of a hash in a message."""
LOADING_LIMIT = 120.0
"""For importing an algorithm without a time limit of its own [s]."""


@dataclass(frozen=True)
class Requirements:
    """Versions and hashes that decide results.

    Attributes
    ----------
    versions : mapping
        By distribution, its version. Python's without the last number, which decides no result; sums of floats have
        changed between the others.
    code : mapping
        By algorithm, the hash of its code and the simulator's; see `harness.entries.source_code.code_hash`.
    data : mapping
        By benchmark, the hash of its data.
    """

    versions: Mapping[str, str | None]
    code: Mapping[str, str]
    data: Mapping[str, str]

    def differences(self) -> list[str]:
        """Compare with this machine, and return what differs, a sentence each."""
        found = _versions(self.versions)
        wrong = [
            f"{name}: expected version {expected}, got {found[name] or 'none'}"
            for name, expected in self.versions.items()
            if found[name] != expected
        ]
        wrong += [
            f"the code of {use}: expected {expected[:SHOWN]}, got {code_hash(use)[:SHOWN]}"
            for use, expected in self.code.items()
            if code_hash(use) != expected
        ]
        return wrong or [text for name, expected in self.data.items() if (text := _other_data(name, expected))]


def requirements(cells: Iterable[CellSpec]) -> Requirements:
    """Return what this machine has, for some cells."""
    cells = list(cells)
    libraries = sorted({library for cell in cells for library in cell.libraries})
    return Requirements(
        versions=_versions(["python", *PACKAGES, *libraries]),
        code={cell.source.use: code_hash(cell.source.use) for cell in cells},
        data={cell.benchmark: cell.data_hash for cell in cells},
    )


def _versions(names: Iterable[str]) -> dict[str, str | None]:
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return {name: python if name == "python" else version_of(name) for name in names}


def _other_data(name: str, expected: str) -> str | None:
    """Say how the data of a benchmark differs from what is expected; None if it does not."""
    try:
        found = load_benchmark(name).facts.data_hash
    except BenchmarkError as error:
        return str(error)
    if found == expected:
        return None
    return f"the data of {name}: expected {expected[:SHOWN]}, got {found[:SHOWN]}"


def failing_source(source: AlgorithmSource, limit: float | None) -> str | None:
    """Load an algorithm, and say why that fails; None if it does not. Custom code runs, so use an isolated process."""
    seconds = limit or LOADING_LIMIT
    try:
        with time_limit(seconds, f"use = {source.use!r} was not imported within {seconds:g} s"):
            source.load()
    except BaseException as error:  # whatever custom code raises, SystemExit too
        return f"use = {source.use!r} cannot be loaded: {describe(error)}"
    return None

"""Show a benchmark: facts, search space, the best known architecture, and how to get its data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import RenderableType
from rich.text import Text

from benchmarks.benchmark import Benchmark, Facts
from benchmarks.description import described_facts
from benchmarks.errors import DataAbsentError
from benchmarks.loading import load_benchmark
from benchmarks.spaces.base import Architecture, SearchSpace
from benchmarks.storage.official_files import known_imports
from benchmarks.table import TableBenchmark
from harness.commands.console import plain_table
from harness.simulation.protocols import default_report
from results.words import counted

MOST_POSITIONS = 40
"""The largest number of positions of an architecture that are written out."""


@dataclass(frozen=True)
class Best:
    """The architecture with the lowest true error of a benchmark.

    Attributes
    ----------
    target : str
        The error by which it is the best.
    architecture : str
        In the literature's notation.
    positions : tuple of (str, str)
        Each position of the architecture, and what it holds.
    errors : dict
        Its true errors by target, in the benchmark's unit.
    """

    target: str
    architecture: str
    positions: tuple[tuple[str, str], ...]
    errors: dict[str, float]


@dataclass(frozen=True)
class BenchmarkShown:
    """Facts of a benchmark.

    Attributes
    ----------
    name : str
    available : bool
        Whether its data is on this machine.
    remedy : str or None
        How to get the data, if it is missing.
    size : int or None
        Number of architectures of the space. None if unknown.
    facts : dict
        See `benchmarks.benchmark.Facts`; with missing data, only what is known of the official file.
    best : Best or None
        None if the benchmark has no list of its architectures, or no data.
    """

    name: str
    available: bool
    remedy: str | None
    size: int | None
    facts: dict[str, Any]
    best: Best | None


def show_benchmark(name: str) -> BenchmarkShown:
    """Describe a benchmark, whose data may be missing.

    Raises
    ------
    BenchmarkError
        If its data is damaged.
    """
    try:
        benchmark = load_benchmark(name)
    except DataAbsentError:
        source = known_imports()[name]
        known = {
            "name": name,
            "architectures": source.size,
            "provenance": source.provenance,
            "licence": source.licence,
            "citation": source.citation,
            "official file": source.what,
        }
        return BenchmarkShown(name, False, source.remedy(name), None, known, None)
    return BenchmarkShown(name, True, None, benchmark.space.size, benchmark.facts.to_json(), best_known(benchmark))


def best_known(benchmark: Benchmark) -> Best | None:
    """Return the best architecture of a table by the first target that is reported by default. None for a model."""
    report = default_report(benchmark.facts)
    if not isinstance(benchmark, TableBenchmark) or not report:
        return None
    genotypes = benchmark.recorded()
    row = int(np.nanargmin(benchmark.true_errors(genotypes, report[0])))
    architecture = tuple(int(value) for value in genotypes[row])
    errors = {target: float(benchmark.true_errors([architecture], target)[0]) for target in report}
    positions = tuple(positions_of(benchmark.space, architecture))
    return Best(report[0], benchmark.space.to_string(architecture), positions, errors)


def positions_of(space: SearchSpace, architecture: Architecture) -> Iterator[tuple[str, str]]:
    """Yield the positions of an architecture that its network uses, such as the edges of a cell, and what they hold."""
    operations = space.operations([architecture])
    for position, code in zip(operations.positions, operations.codes[0].tolist(), strict=True):
        if code >= 0:
            yield position, operations.names[code].removeprefix(f"{position}=")


def benchmark_parts(shown: BenchmarkShown) -> Iterator[RenderableType]:
    """Lay out a benchmark for the terminal."""
    table = plain_table("", "", header=False, kept=1)
    if not shown.available:
        for label, value in shown.facts.items():
            table.add_row(Text(label), Text(str(value)))
        yield table
        yield Text(f"\nIts data is missing. {shown.remedy}")
        return
    benchmark = load_benchmark(shown.name)
    for label, content in described_facts(benchmark):
        if content:
            table.add_row(Text(label), Text(content))
    yield table
    if shown.best:
        yield from _best_parts(shown.best, benchmark.facts)
    yield Text("\nIn an experiment:\n", style="bold")
    yield Text(f'benchmarks = ["{shown.name}"]')


def _best_parts(best: Best, facts: Facts) -> Iterator[RenderableType]:
    errors = ", ".join(f"{target} {error:.6g}" for target, error in best.errors.items())
    unit = "" if facts.unit == "fraction" else f" in {facts.unit}"
    yield Text(f"\nThe best architecture by {best.target} (errors{unit}: {errors}):\n", style="bold")
    yield Text(best.architecture)
    if not best.positions:
        return
    table = plain_table("position", "operation", kept=1)
    for position, operation in best.positions[:MOST_POSITIONS]:
        table.add_row(Text(position), Text(operation))
    yield Text()
    yield table
    if len(best.positions) > MOST_POSITIONS:
        yield Text(f"and {counted(len(best.positions) - MOST_POSITIONS, 'more position')}")

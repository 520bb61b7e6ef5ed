"""Samples of architectures and of other things, for checks that cannot try everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from benchmarks import Benchmark
from benchmarks.spaces.base import Architecture, Genotypes
from benchmarks.table import TableBenchmark

T = TypeVar("T")

MANY = 500
"""Architectures to sample from the space of a model."""


def tuples(genotypes: Genotypes) -> list[Architecture]:
    """Return genotypes ``(n, positions)`` as the tuples that an algorithm asks for."""
    return list(map(tuple, genotypes.tolist()))


def recorded(benchmark: Benchmark) -> Genotypes:
    """Return all architectures of a table, or a sample of the space of a model: ``(n, positions)``."""
    if isinstance(benchmark, TableBenchmark):
        return benchmark.recorded()
    rng = np.random.default_rng(2)
    return np.array([benchmark.space.sample(rng) for _ in range(MANY)], dtype=np.int16)


def chosen(benchmark: Benchmark) -> Genotypes:
    """Return up to 40 architectures of a benchmark, with the first and the last one, as a read-only array."""
    everything = recorded(benchmark)
    rows = np.random.default_rng(1).choice(len(everything), min(40, len(everything)), replace=False)
    rows[:2] = (0, len(everything) - 1)[: len(rows)]
    genotypes = everything[np.unique(rows)]
    genotypes.flags.writeable = False
    return genotypes


def few(things: Sequence[T]) -> list[T]:
    """Return up to five items of a sequence, with the first and the last one."""
    if len(things) <= 5:
        return list(things)
    return [things[i] for i in np.linspace(0, len(things) - 1, 5).astype(int)]

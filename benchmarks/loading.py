"""Benchmarks by name, ours and the user's own."""

from __future__ import annotations

from functools import lru_cache

from benchmarks.benchmark import Benchmark
from benchmarks.errors import UnknownNameError, unknown_name
from benchmarks.registry import BENCHMARKS, resolve


def benchmark_names() -> list[str]:
    """List the registered benchmarks, then the user's imported ones."""
    from benchmarks.storage.tables import imported_names

    return [*BENCHMARKS, *(name for name in imported_names() if name not in BENCHMARKS)]


@lru_cache(maxsize=128)
def load_benchmark(name: str) -> Benchmark:
    """Load a benchmark; once a process.

    Raises
    ------
    UnknownNameError
        If no benchmark has that name.
    DataAbsentError
        If it has to be imported first; the message says how.
    """
    if name in BENCHMARKS:
        benchmark: Benchmark = resolve(BENCHMARKS[name])(name)
        return benchmark
    from benchmarks.storage.tables import imported_names, open_table

    if name in imported_names():
        return open_table(name)
    raise UnknownNameError(unknown_name("benchmark", name, benchmark_names()))

"""Load benchmarks by name: registered and user-defined ones."""

from __future__ import annotations

from functools import lru_cache

from benchmarks.benchmark import Benchmark
from benchmarks.errors import UnknownNameError, unknown_name
from benchmarks.registry import BENCHMARKS, resolve


def benchmark_names() -> list[str]:
    """List the registered benchmarks, then the user-defined ones in the data folder."""
    from benchmarks.storage.tables import imported_names

    return [*BENCHMARKS, *(name for name in imported_names() if name not in BENCHMARKS)]


@lru_cache(maxsize=128)
def load_benchmark(name: str) -> Benchmark:
    """Load a benchmark. Each process loads it only once.

    Raises
    ------
    UnknownNameError
        If no benchmark has that name.
    DataAbsentError
        If it must be imported first. The message says how.
    """
    if name in BENCHMARKS:
        benchmark: Benchmark = resolve(BENCHMARKS[name])(name)
        return benchmark
    from benchmarks.storage.tables import imported_names, open_table

    if name in imported_names():
        return open_table(name)
    raise UnknownNameError(unknown_name("benchmark", name, benchmark_names()))

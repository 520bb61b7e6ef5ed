"""Load benchmarks by name: registered and user-defined ones."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from benchmarks.benchmark import Benchmark, Facts
from benchmarks.errors import UnknownNameError, unknown_name
from benchmarks.registry import BENCHMARKS, EMBEDDED, resolve
from benchmarks.spaces.base import SearchSpace
from benchmarks.surrogate import SurrogateBenchmark


def benchmark_names() -> list[str]:
    """List the registered benchmarks, then the user-defined ones in the data folder."""
    from benchmarks.storage.tables import imported_names

    return [*BENCHMARKS, *(name for name in imported_names() if name not in BENCHMARKS)]


def unknown_benchmark(name: str, families: Iterable[str] = ()) -> str:
    """Return the sentences that report an unknown name of a benchmark, and where imported tables are looked for.

    Parameters
    ----------
    name : str
    families : iterable of str
        Further names that are known.
    """
    from benchmarks.storage.tables import data_folder

    known = dict.fromkeys([*benchmark_names(), *families])
    place = f"Imported tables are looked for in {data_folder()}; set REGRETTA_DATA to use another folder"
    return f"{unknown_name('benchmark', name, known)}. {place}"


class Outline(NamedTuple):
    """The part of a benchmark that an experiment needs before its trials: facts, space, and libraries of its model."""

    facts: Facts
    space: SearchSpace
    libraries: tuple[str, ...] = ()


def load_outline(name: str) -> Outline:
    """Load the outline of a benchmark. Embedded tables are not read for it, only their hash is checked.

    Raises
    ------
    UnknownNameError, DataAbsentError
        As `load_benchmark`.
    """
    if BENCHMARKS.get(name, "").partition(":")[0] in EMBEDDED:
        return _embedded_outline(name)
    benchmark = load_benchmark(name)
    libraries = benchmark.model.libraries if isinstance(benchmark, SurrogateBenchmark) else ()
    return Outline(benchmark.facts, benchmark.space, libraries)


@lru_cache(maxsize=128)
def _embedded_outline(name: str) -> Outline:
    return Outline(*resolve(f"{BENCHMARKS[name].partition(':')[0]}:outline")(name))


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
    raise UnknownNameError(unknown_benchmark(name))

"""The architectures that a study looks at, all or a sample, and intervals for what is computed from a sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.benchmark import Benchmark
from benchmarks.spaces.base import LISTABLE, Genotypes, SearchSpace
from benchmarks.table import TableBenchmark

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Measures = dict[str, float]

SAMPLE = 2_000
"""Number of random architectures of a space that is too large to enumerate."""
RESAMPLES = 100
"""Number of bootstrap resamples of a sample."""
SEED = 2303


@dataclass(frozen=True)
class Architectures:
    """Architectures of a space.

    Attributes
    ----------
    genotypes : array of int, ``(n, n_positions)``
    complete : bool
        Whether they are all architectures of the benchmark, such as all that were recorded. Otherwise, they are a
        uniform random sample.
    """

    genotypes: Genotypes
    complete: bool

    def __len__(self) -> int:
        return len(self.genotypes)

    def measure(self, compute: Callable[[Ints], Measures]) -> Measures:
        """Compute numbers by name, and the 95 % interval of each.

        Parameters
        ----------
        compute : callable
            Takes the rows of architectures, ``(n,)``, in which some may be repeated, and returns numbers by name.

        Returns
        -------
        dict
            ``NAME``, ``NAME_low`` and ``NAME_high`` for each name. The interval is a percentile bootstrap over the
            architectures of a sample. It is NaN if they are complete, because then the number is exact.
        """
        rows = np.arange(len(self))
        values = compute(rows)
        found = {name: [np.nan] for name in values}
        if not self.complete:
            rng = np.random.default_rng([SEED, 1])
            resamples = [compute(rng.integers(len(rows), size=len(rows))) for _ in range(RESAMPLES)]
            found = {name: [one[name] for one in resamples] for name in values}
        return with_intervals(values, found)


def with_intervals(values: Measures, resampled: dict[str, list[float]]) -> Measures:
    """Add the 2.5 and 97.5 % quantiles of resampled numbers; NaN if a number is NaN in a resample."""
    record: Measures = {}
    for name, value in values.items():
        low, high = np.quantile(resampled[name], [0.025, 0.975])
        record |= {name: value, f"{name}_low": float(low), f"{name}_high": float(high)}
    return record


def architectures_of(
    benchmark: Benchmark, size: int | None = None, rng: np.random.Generator | None = None
) -> Architectures:
    """Return all architectures of a table or of a small space; if a model answers for a larger one, draw some.

    Parameters
    ----------
    benchmark : Benchmark
    size : int, optional
        Number of architectures that are drawn. Default: `SAMPLE`.
    rng : Generator, optional
        Default: a generator that draws the same architectures every time.
    """
    space = benchmark.space
    if isinstance(benchmark, TableBenchmark):
        return Architectures(benchmark.recorded(), complete=True)
    if space.size is not None and space.size <= LISTABLE:
        return Architectures(space.enumerate(), complete=True)
    return Architectures(sample(space, size or SAMPLE, rng or np.random.default_rng([SEED, 0])), complete=False)


def sample(space: SearchSpace, size: int, rng: np.random.Generator) -> Genotypes:
    """Draw architectures uniformly, ``(size, n_positions)``; some may be equal."""
    return np.array([space.sample(rng) for _ in range(size)], dtype=np.int16)


def final_target(benchmark: Benchmark) -> str:
    """Return the target that a study takes: the search signal's at the highest fidelity, such as ``validation@200``."""
    return benchmark.facts.target(benchmark.facts.fidelities[-1])

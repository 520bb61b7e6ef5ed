"""The architectures that a study looks at, with their scores: all of a table, or a sample of a larger space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.analyses.architectures import Floats, architectures_of, final_target
from benchmarks.benchmark import Benchmark
from benchmarks.errors import BenchmarkError
from benchmarks.spaces.base import Genotypes
from benchmarks.spaces.operations import Operations
from benchmarks.spaces.pool import PoolSpace

DRAWN = 10_000
"""Number of architectures drawn from a space that is too large to list."""
SEED = 20230316
"""Seed of these draws: the study of a benchmark always draws the same architectures."""
POINTS, WAY = "points", "way"
LOWEST_WAY = -10.0
"""Lowest score in ``way`` where errors have no upper bound. A few failed trainings would decide the means otherwise."""


@dataclass(frozen=True)
class Population:
    """Architectures of a benchmark with their scores. A higher score is better.

    Attributes
    ----------
    benchmark : Benchmark
    target : str
        The target of the search signal at the highest fidelity, such as ``validation@200``.
    genotypes : array of int16, ``(n, n_positions)``
    scores : array, ``(n,)``
        Accuracies [%] if the unit is ``points``. If it is ``way``, 1 is the best architecture and 0 the median one.
    unit : {"points", "way"}
    best : float
        Score of the optimum. For a surrogate, that of the frozen reference value.
    length : float
        Difference between the scores of optimum and median, in the unit.
    floor : float
        The regret below which differences are noise, in the unit. NaN if too little was trained twice to measure it.
    clipped : float
        Share of the architectures whose score is ``LOWEST_WAY`` instead of a lower one.
    sampled : bool
        Whether the architectures are only a part of the space.
    drawn : bool
        Whether they were drawn from the space, so that others can be queried as well.
    operations : Operations
    """

    benchmark: Benchmark
    target: str
    genotypes: Genotypes
    scores: Floats
    unit: str
    best: float
    length: float
    floor: float
    clipped: float
    sampled: bool
    drawn: bool
    operations: Operations

    @property
    def name(self) -> str:
        """The name of the benchmark."""
        return self.benchmark.facts.name

    @property
    def regrets(self) -> Floats:
        """Distances to the best score, ``(n,)``."""
        return self.best - self.scores

    def scores_of(self, genotypes: Genotypes) -> Floats:
        """Return the scores of other architectures of the space, ``(n,)``."""
        return to_scores(self.benchmark, self.target, self.benchmark.true_errors(genotypes, self.target))


def unit_of(benchmark: Benchmark) -> str:
    """Return ``points`` if the error is a fraction, else ``way``."""
    return POINTS if benchmark.facts.unit == "fraction" else WAY


def to_scores(benchmark: Benchmark, target: str, errors: Floats) -> Floats:
    """Convert errors to scores. See :class:`Population`.

    Raises
    ------
    BenchmarkError
        If scores are shares of the way from median to optimum, and these are equal.
    """
    if unit_of(benchmark) == POINTS:
        return 100.0 * (1.0 - errors)
    known = benchmark.facts.targets[target]
    if known.median <= known.optimum:
        raise BenchmarkError(
            f"{benchmark.facts.name}: expected a median error above the optimum, got {known.median:g} for both: scores"
            " are shares of the way between them; leave this benchmark out"
        )
    ways = (known.median - errors) / (known.median - known.optimum)
    return ways if np.isfinite(benchmark.facts.valid_range[1]) else np.maximum(ways, LOWEST_WAY)


def population(benchmark: Benchmark) -> Population:
    """Return all recorded architectures of a benchmark, or draw some if it models a space that is too large to list.

    Raises
    ------
    BenchmarkError
        As :func:`to_scores`.
    """
    facts, space = benchmark.facts, benchmark.space
    target = final_target(benchmark)
    found = architectures_of(benchmark, DRAWN, np.random.default_rng(SEED))
    genotypes = found.genotypes
    scores = to_scores(benchmark, target, benchmark.true_errors(genotypes, target))
    known = facts.targets[target]
    best, median, floor = to_scores(
        benchmark, target, np.array([known.optimum, known.median, known.optimum + known.floor])
    )
    unbounded = unit_of(benchmark) == WAY and not np.isfinite(facts.valid_range[1])
    return Population(
        benchmark=benchmark,
        target=target,
        genotypes=genotypes,
        scores=scores,
        unit=unit_of(benchmark),
        best=float(best),
        length=float(best - median),
        floor=float(best - floor) if facts.repeats[1] > 1 and not facts.floor_assumed else np.nan,
        clipped=float((scores <= LOWEST_WAY).mean()) if unbounded else 0.0,
        sampled=not found.complete or isinstance(space, PoolSpace),
        drawn=not found.complete,
        operations=space.operations(genotypes),
    )

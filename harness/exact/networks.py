"""Everything that one evaluation of a benchmark can observe, with its probability and its regret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.benchmark import Benchmark, Target
from benchmarks.loading import load_benchmark
from harness.exact.errors import NotExactError
from harness.simulation.trial import true_errors
from results.anytime.regret import to_regret

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LARGEST = 500_000
"""The largest number of networks with exact answers."""


@dataclass(frozen=True)
class Networks:
    """The networks that an evaluation of a random architecture may train.

    With the signal ``mean`` there is one per architecture. With the signal ``repeat`` there is one per architecture and
    repeat that can be drawn.

    Attributes
    ----------
    architecture : array of int, ``(n_networks,)``
        Row in ``space.enumerate()``.
    probability : array, ``(n_networks,)``
        The probability that a uniformly drawn architecture trains this network.
    observed : mapping
        Observed error by fidelity, ``(n_networks,)``.
    """

    architecture: Ints
    probability: Floats
    observed: Mapping[float, Floats]


def find_networks(benchmark: Benchmark, fidelities: Sequence[float], signal: Literal["repeat", "mean"]) -> Networks:
    """Return all networks of a benchmark.

    One hash selects the repeats of a network at all fidelities: number ``h mod c`` of the ``c`` that can be drawn. If
    an architecture has different numbers of repeats at two fidelities, its networks are therefore counted up to their
    least common multiple.

    Raises
    ------
    NotExactError
        If there are too many.
    """
    space, facts = benchmark.space, benchmark.facts
    if space.size is None or space.size > LARGEST:
        size = "an unknown number" if space.size is None else f"{space.size:,}"
        raise NotExactError(
            [
                f"{facts.name}: expected a space of at most {LARGEST:,} architectures, got {size}; an exact answer goes"
                " through all of them"
            ]
        )
    genotypes = space.enumerate()
    n = len(genotypes)
    if signal == "mean":
        observed = {f: benchmark.true_errors(genotypes, facts.target(f)) for f in fidelities}
        return Networks(np.arange(n), np.full(n, 1 / n), observed)
    counts = {f: benchmark.repeats(genotypes, f) for f in fidelities}
    multiple = reduce(np.lcm, counts.values())
    if (total := int(multiple.sum())) > LARGEST:
        raise NotExactError(
            [
                f"{facts.name}: expected at most {LARGEST:,} networks, got {total:,}; an exact answer goes through all"
                " of them; use --signal mean"
            ]
        )
    row = np.repeat(np.arange(n), multiple)
    draw = np.arange(len(row)) - np.repeat(np.cumsum(multiple) - multiple, multiple)
    observed = {f: benchmark.errors(genotypes, f)[row, draw % counts[f][row]] for f in fidelities}
    return Networks(row, 1 / (n * multiple[row]), observed)


def find_regrets(benchmark: Benchmark, target: str) -> Floats:
    """Return the regret of every architecture by a target, ``(n_architectures,)``, in the benchmark's unit.

    Below the reference value of a surrogate, regret is 0.
    """
    owner_name = Target.parse(target).benchmark
    owner = load_benchmark(owner_name) if owner_name else benchmark
    errors = true_errors(benchmark, benchmark.space.enumerate(), target)
    facts = owner.facts
    return to_regret(errors, facts.targets[Target.parse(target).name].optimum, facts.provenance)[0]

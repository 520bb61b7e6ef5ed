"""Reference values for the regret on a surrogate: the lowest error that a long search finds at every fidelity.

``python -m harness.surrogates.reference_values nasbench301`` prints the values that the benchmark's package stores as
constants. It takes some minutes.
"""

from __future__ import annotations

import json
import sys

import numpy as np

from benchmarks.benchmark import Benchmark
from benchmarks.loading import load_benchmark
from benchmarks.spaces.base import Architecture

SEED = 301
STARTS, FURTHER_STARTS = 1_000, 20
"""Random starts at the highest fidelity, and at each of the others."""
KEPT = 10
"""Number of the best minima at one fidelity that are starts at the next lower one."""
SAMPLE = 20_000
"""Number of random architectures from which the median error is estimated."""


def descend(benchmark: Benchmark, target: str, architecture: Architecture) -> tuple[float, Architecture]:
    """Move to the best neighbour until none is better. Return the minimum's true error, and the minimum."""
    error = benchmark.true_errors([architecture], target).item()
    while True:
        near = benchmark.space.neighbours(architecture)
        errors = benchmark.true_errors(near, target)
        best = int(errors.argmin())
        if errors[best] >= error:
            return error, architecture
        error, architecture = errors[best].item(), near[best]


def search(benchmark: Benchmark) -> dict[str, object]:
    """Descend from many starts at every fidelity, beginning with the highest."""
    rng = np.random.default_rng(SEED)
    sample = np.array([benchmark.space.sample(rng) for _ in range(SAMPLE)], dtype=np.int16)
    starts = [benchmark.space.sample(rng) for _ in range(STARTS)]
    optimum, median, best = [], [], ""
    for fidelity in reversed(benchmark.facts.fidelities):
        target = benchmark.facts.target(fidelity)
        minima = sorted({descend(benchmark, target, start) for start in starts})
        optimum.append(minima[0][0])
        median.append(float(np.median(benchmark.true_errors(sample, target))))
        best = best or benchmark.space.to_string(minima[0][1])
        starts = [found for _, found in minima[:KEPT]]
        starts += [benchmark.space.sample(rng) for _ in range(FURTHER_STARTS)]
    return {
        "version": 1,
        "how": f"the least of {STARTS:,} descents from random starts to the best neighbour at 98 epochs, and of"
        f" {FURTHER_STARTS + KEPT} at each other",
        "architecture": best,
        "optimum": optimum[::-1],
        "median": median[::-1],
    }


if __name__ == "__main__":
    print(json.dumps(search(load_benchmark(sys.argv[1])), indent=1))

"""The time to open a table and to query it, on the tables that are available."""

from __future__ import annotations

import timeit

import numpy as np

from benchmarks import BenchmarkError, load_benchmark
from benchmarks.storage.tables import open_table
from benchmarks.table import TableBenchmark

PRODUCTS = (
    *("nasbench201-cifar10", "nasbench201-cifar10-12-200", "natsbench-size-cifar10-test"),
    *("fcnet-naval", "hpobench-mlp-car"),
)
IMPORTED = ("nasbench201-cifar10-12-200", "nasbench101-pool", "ecnas-5v", "transnasbench101-micro-scene")
BATCH, SINGLE, OPEN = 0.2, 5.0, 50.0


def best(function, number):
    return min(timeit.repeat(function, number=number, repeat=7)) / number


def queries(benchmark: TableBenchmark) -> tuple[float, float]:
    """Microseconds of a batch query, an architecture, and of a single one."""
    genotypes = benchmark.recorded()[np.random.default_rng(0).permutation(len(benchmark.recorded()))[:10_000]]
    fidelity = benchmark.facts.fidelities[-1]
    batch = best(lambda: benchmark.true_errors(genotypes, f"validation@{fidelity:g}"), 20) / len(genotypes)
    architecture = tuple(genotypes[0].tolist())
    return batch * 1e6, best(lambda: benchmark.observe(architecture, fidelity, 1), 5_000) * 1e6


if __name__ == "__main__":
    for name in PRODUCTS:
        try:
            batch, single = queries(load_benchmark(name))
        except BenchmarkError:
            print(f"{name}: not here")
            continue
        print(f"{name}: {batch:.3f} us each in a batch (wanted {BATCH}), {single:.2f} us one (wanted {SINGLE})")
    for name in IMPORTED:
        try:
            milliseconds = best(lambda name=name: open_table(name), 1) * 1e3
        except BenchmarkError:
            print(f"{name}: not here")
            continue
        print(f"{name}: opened in {milliseconds:.1f} ms; limit: {OPEN:g} ms")

"""Random search against order statistics, on the embedded tables: a check of the whole harness."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks import Benchmark, load_benchmark
from harness.reproduction.published import DATASETS
from harness.reproduction.races import Races
from harness.reproduction.rows import Reproduction, Row, compare, interval_note
from results.anytime.curves import incumbent_error
from results.storage.study import Cell

TRIALS = 500
COUNTS = (1, 10, 30, 100, 300)
TARGET = "validation@200"


class Expected(NamedTuple):
    """Mean and standard deviation over trials: of the lowest observed error, and of the true error where it is."""

    observed: tuple[float, float]
    true: tuple[float, float]


def expected_best(benchmark: Benchmark, n: int) -> Expected:
    """Compute the expected result of random search with replacement after n evaluations at 200 epochs.

    Every evaluation draws an architecture uniformly, and then one of its recorded repeats uniformly. Let
    ``v_1 < v_2 < ...`` be the distinct observed errors, and ``S_k`` the probability that one draw is at least ``v_k``.
    The lowest of n draws is ``v_k`` with probability ``S_k**n - S_{k+1}**n``. If several pairs of architecture and
    repeat have this error, the incumbent is the pair drawn first, so each of them is the incumbent in proportion to its
    probability.

    Parameters
    ----------
    benchmark : Benchmark
        A table whose space can be enumerated.
    n : int
        Number of evaluations.
    """
    genotypes = benchmark.space.enumerate()
    errors = benchmark.errors(genotypes, 200.0)
    recorded = np.isfinite(errors)
    weights = np.broadcast_to(1 / (len(errors) * recorded.sum(axis=1, keepdims=True)), errors.shape)[recorded]
    true = np.broadcast_to(benchmark.true_errors(genotypes, TARGET)[:, None], errors.shape)[recorded]
    values, which = np.unique(errors[recorded], return_inverse=True)
    mass = np.bincount(which, weights)
    at_least = np.clip(np.append(np.cumsum(mass[::-1])[::-1], 0.0), 0.0, 1.0)
    lowest = at_least[:-1] ** n - at_least[1:] ** n
    return Expected(_moments(values, lowest), _moments(true, (lowest / mass)[which] * weights))


def _moments(values: NDArray[np.float64], probabilities: NDArray[np.float64]) -> tuple[float, float]:
    """Return the mean and the standard deviation of a discrete distribution."""
    mean = float(values @ probabilities)
    return mean, float(((values - mean) ** 2 @ probabilities) ** 0.5)


def reproduce(races: Races) -> Reproduction:
    """Run random search with replacement, and compare it with theory."""
    raw = {
        "seed": 2012,
        "benchmarks": [f"nasbench201-{dataset}" for dataset in DATASETS],
        "budget": {"evaluations": max(COUNTS)},
        "algorithms": {"random_search": {}},
    }
    study = races.run("random-search-theory", TRIALS, raw)
    rows = [row for dataset, cell in zip(DATASETS, study.cells, strict=True) for row in _rows(dataset, cell)]
    return Reproduction(
        "random-search-theory",
        "Random search on NAS-Bench-201 against order statistics",
        "error in %",
        "exact order statistics of n independent draws of a recorded network",
        rows,
        [interval_note(rows), "Rows of the same data set share their trials, so they are not independent."],
        digits=3,
        reference="expected",
    )


def _rows(dataset: str, cell: Cell) -> list[Row]:
    benchmark = load_benchmark(cell.benchmark)
    observed = cell.evaluations["observed_error"].to_numpy().reshape(len(cell.trials), -1)
    lowest = np.minimum.accumulate(observed, axis=1)[:, np.array(COUNTS) - 1]
    true = incumbent_error(cell, TARGET, "evaluations", COUNTS).to_numpy()
    rows = []
    for i, n in enumerate(COUNTS):
        expected = expected_best(benchmark, n)
        for kind, values, (mean, sd) in (("observed", lowest, expected.observed), ("true", true, expected.true)):
            names = {
                "algorithm": "random_search",
                "label": f"{n} evaluation{'s' if n > 1 else ''}",
                "dataset": dataset,
                "split": kind,
            }
            rows.append(compare(100 * values[:, i], (100 * mean, 100 * sd), None, names, exact=True))
    return rows

"""Random search against order statistics, on the embedded tables: a check of the whole harness."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks import Benchmark, load_benchmark
from harness.exact.networks import find_networks
from harness.exact.order_statistics import spread, with_replacement
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

    Every evaluation draws an architecture uniformly, and then one of its recorded repeats uniformly; see
    `harness.exact.order_statistics`.

    Parameters
    ----------
    benchmark : Benchmark
        A table whose space can be enumerated.
    n : int
        Number of evaluations.
    """
    networks = find_networks(benchmark, [200.0], "repeat")
    observed = networks.observed[200.0]
    true = benchmark.true_errors(benchmark.space.enumerate(), TARGET)[networks.architecture]
    values, which = np.unique(observed, return_inverse=True)
    lowest = with_replacement(np.bincount(which, networks.probability), [n])
    incumbent = spread(lowest, which, networks.probability)
    return Expected(_moments(values, lowest[0]), _moments(true, incumbent[0]))


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

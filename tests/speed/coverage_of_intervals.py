"""Measure how often the intervals of means and medians contain the truth, by number of trials and algorithm.

Each results folder has some thousand trials per cell, whose mean and median are the truth. The script draws samples of
n of these trials with replacement, computes the product's 95 % interval of each sample, and counts how many contain the
truth. Beside them, for the mean end regret, stand two intervals that the product does not use: the percentile and the
studentised bootstrap. It prints Markdown tables.

    python tests/speed/coverage_of_intervals.py runs/DIR...
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from results.anytime.regret import area_under_log_regret, end_regret
from results.statistics.bootstrap import (
    BOOTSTRAP_SEED,
    TAILS,
    Floats,
    Statistic,
    bootstrap_band,
    resampling_counts,
    trial_statistic,
)
from results.storage.loading import load

SIZES = (2, 3, 5, 8, 10, 15, 20, 30, 40, 60, 100)
SAMPLES = 4000
ROUNDING = 1e-12

Method = Callable[[Floats], Floats]


def counts(n: int) -> Floats:
    """Return the resamples of the product."""
    return resampling_counts(n, np.random.default_rng(BOOTSTRAP_SEED))


def product(statistic: Statistic) -> Method:
    """Return the product's interval: (2, n_samples) ends of samples (n, n_samples)."""
    return lambda x: np.array(bootstrap_band(x, statistic, np.random.default_rng(BOOTSTRAP_SEED))[1:])


def percentile(x: Floats) -> Floats:
    """Return quantiles of the resampled means."""
    return np.quantile(counts(len(x)) @ x / len(x), TAILS, axis=0)


def studentised(x: Floats) -> Floats:
    """Return the bootstrap-t interval. A resample without spread has an infinite t, or 0 if its mean is the same."""
    n, mean = len(x), x.mean(axis=0)
    drawn, deviations = counts(n), x - mean
    shift = drawn @ deviations / n
    error = np.sqrt(np.maximum(drawn @ deviations**2 / n - shift**2, 0) / (n - 1))
    flat = error <= 1e-9 * np.abs(deviations).max(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(flat, np.where(shift == 0, 0, np.sign(shift) * 1e9), shift / error)
    return mean - np.quantile(t, TAILS[::-1], axis=0) * x.std(axis=0, ddof=1) / np.sqrt(n)


def coverage(population: Floats, statistic: Statistic, method: Method) -> Iterator[float]:
    """Yield the share of samples whose interval contains the population's statistic, by number of trials."""
    truth = float(trial_statistic(population, statistic))
    rng = np.random.default_rng(1)
    for n in SIZES:
        low, high = method(rng.choice(population, (n, SAMPLES)))
        yield float(((low <= truth + ROUNDING) & (truth - ROUNDING <= high)).mean())


def table(title: str, rows: dict[str, list[float]]) -> None:
    """Print shares by number of trials as a Markdown table."""
    print(f"\n| {title} | {' | '.join(map(str, SIZES))} |\n|---|{'--:|' * len(SIZES)}")
    for name, shares in rows.items():
        print(f"| {name} | {' | '.join(f'{share:.3f}' for share in shares)} |")


def unusable(population: Floats, n: int) -> float:
    """Return the share of samples whose studentised interval is unbounded, or reaches below the lowest regret, 0."""
    low, high = studentised(np.random.default_rng(1).choice(population, (n, SAMPLES)))
    return float(((low < 0) | (high > 1e3 * population.max())).mean())


def main() -> None:
    ends, areas = {}, {}
    for folder in sys.argv[1:]:
        study = load(Path(folder))
        for cell in study.cells:
            target, name = cell.protocol["report"][0], f"{cell.label}, {cell.benchmark}"
            ends[name] = end_regret(cell, study, target).to_numpy()
            areas[name] = area_under_log_regret(cell, study, target, "evaluations").to_numpy()
    for values, statistic, title in (
        (ends, "mean", "mean end regret"),
        (areas, "mean", "mean area"),
        (ends, "median", "median end regret"),
        (ends, "iqm", "interquartile mean of end regret"),
    ):
        found = {name: list(coverage(one, statistic, product(statistic))) for name, one in values.items()}
        table(title, summed(found) | (found if statistic == "mean" else {}))
    for method in (percentile, studentised):
        found = {name: list(coverage(values, "mean", method)) for name, values in ends.items()}
        table(f"mean end regret, {method.__name__}", summed(found))
    shares = [max(unusable(values, n) for values in ends.values()) for n in SIZES]
    table("studentised", {"largest share of unusable intervals": shares})


def summed(found: dict[str, list[float]]) -> dict[str, list[float]]:
    """Return the mean and the lowest of all cells."""
    shares = np.array(list(found.values()))
    return {"mean of all cells": shares.mean(axis=0).tolist(), "lowest of all cells": shares.min(axis=0).tolist()}


if __name__ == "__main__":
    with threadpool_limits(1):
        main()

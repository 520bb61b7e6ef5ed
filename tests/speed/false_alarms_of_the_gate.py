"""Measure how often the whole gate is red although nothing changed.

Usage: ``python tests/speed/false_alarms_of_the_gate.py FOLDER...``, with one results folder per experiment of the gate,
each of many trials of another seed::

    regretta run ci --set trials=600 --set seed=90210 --out pools/ci

A gate draws two disjoint sets of trials of the shipped size from each folder, the same for all algorithms, and compares
them by level 2 as if the version of every algorithm had been raised. Trials of different numbers share no random
numbers. The gate is red if any cell or any algorithm of any experiment is called a regression. The interval is that of
Clopper and Pearson.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from scipy.stats import binomtest

import results.gate.quality
from harness.experiments.files import read_experiment_file, shipped_experiments
from results.gate.snapshots import CellSnapshot, Snapshot, take_snapshot

GATES = 400
SIGNIFICANCE = 0.0167
"""That of `make gate` for each of its experiments."""


def renumbered(cell: CellSnapshot, trials: list[int]) -> SimpleNamespace:
    """Return some trials of a cell, numbered from 0, with the attributes that level 2 uses."""
    areas = {trial.trial: trial.area for trial in cell.trials}
    chosen = [SimpleNamespace(trial=number, area=areas[trial]) for number, trial in enumerate(trials)]
    return SimpleNamespace(label=cell.label, benchmark=cell.benchmark, version=cell.version, trials=chosen)


def red(pool: Snapshot, size: int, rng: np.random.Generator) -> bool:
    """Draw both sides of one experiment of the gate, and compare them."""
    drawn = rng.choice(len(pool.cells[0].trials), 2 * size, replace=False).tolist()
    pairs = [(renumbered(cell, drawn[:size]), renumbered(cell, drawn[size:])) for cell in pool.cells]
    cells, algorithms = results.gate.quality.second_level(pairs, SIGNIFICANCE)
    return any(found.verdict == "regressed" for found in (*cells, *algorithms))


if __name__ == "__main__":
    # No verdict depends on these two, and they take most of the time.
    results.gate.quality.smallest_detectable = lambda *given: 0.0
    results.gate.quality.median_interval = lambda *given: (float("nan"), float("nan"))
    pools = {}
    for folder in sys.argv[1:]:
        pool = take_snapshot(Path(folder))
        pools[pool.name] = pool, read_experiment_file(shipped_experiments()[pool.name])["trials"]
    rng = np.random.default_rng(1)
    found = np.array([[red(pool, size, rng) for pool, size in pools.values()] for _ in range(GATES)])
    for name, alarms in zip((*pools, "the whole gate"), (*found.T, found.any(axis=1)), strict=True):
        interval = binomtest(int(alarms.sum()), GATES).proportion_ci(0.95)
        print(f"{name}: {alarms.sum()} of {GATES} are red, {interval.low:.1%} to {interval.high:.1%}")

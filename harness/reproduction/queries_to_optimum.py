"""The reproduction of the number of queries until the best architecture of NAS-Bench-201 is found."""

from __future__ import annotations

from typing import Any

import numpy as np

from harness.reproduction.published import DATASETS, QUERIES_SOURCE, QUERIES_TO_OPTIMUM
from harness.reproduction.races import Races
from harness.reproduction.rows import Reproduction, Row, compare
from results.anytime.runtimes import runtimes
from results.storage.study import Cell, Study

TARGET = "validation@200"

Race = tuple[str, int, int, dict[str, Any]]
RACES: tuple[Race, ...] = (
    ("random search without replacement", 30, 15_625, {"use": "random_search", "replacement": False}),
    ("regularized evolution 10/3", 100, 6_000, {"use": "regularized_evolution", "population": 10, "sample": 3}),
    ("regularized evolution 100/10", 100, 6_000, {"use": "regularized_evolution", "preset": "nasbench101"}),
    ("WeakNAS", 6, 400, {"use": "predictor_sampler", "preset": "weaknas_nasbench201"}),
)
"""Label, number of trials, budget in evaluations, and the algorithm as in an experiment file."""


def reproduce(races: Races) -> Reproduction:
    """Search by the mean validation error over the repeats until the best architecture is evaluated."""
    rows, notes = [], []
    for label, trials, budget, algorithm in RACES:
        raw = {
            "seed": 2021,
            "benchmarks": [f"nasbench201-{dataset}" for dataset in DATASETS],
            "budget": {"evaluations": budget},
            "protocol": {"signal": "mean"},
            "algorithms": {label: algorithm},
        }
        study = races.run(f"queries-{label.replace(' ', '-').replace('/', '-')}", trials, raw)
        for dataset, cell in zip(DATASETS, study.cells, strict=True):
            row, missed = _row(dataset, cell, study, budget)
            rows.append(row)
            if missed:
                notes.append(
                    f"{label} on {dataset}: {missed} of {len(cell.trials)} trials did not find it within {budget:,}"
                    " evaluations. They count as if they had found it at the end, so the mean is too low."
                )
    return Reproduction(
        "queries-to-optimum",
        "Queries until the best architecture of NAS-Bench-201",
        "evaluations",
        QUERIES_SOURCE,
        rows,
        [
            "The published values were not checked against their source, and their standard deviations are unknown.",
            "The expectation of random search without replacement is (15,625 + 1) / 2 = 7,813.",
            "We count repeated queries of an architecture. The published count may leave them out.",
            *notes,
        ],
        digits=0,
        reference="unconfirmed",
    )


def _row(dataset: str, cell: Cell, study: Study, budget: int) -> tuple[Row, int]:
    """Return the comparison of a cell, and the number of trials that did not find the optimum."""
    times = runtimes(cell, study, TARGET, "evaluations", budget, [0.0]).to_numpy()[:, 0]
    missed = int(np.isinf(times).sum())
    published = QUERIES_TO_OPTIMUM[cell.algorithm][dataset]
    names = {"algorithm": cell.algorithm, "label": cell.label, "dataset": dataset, "split": "validation"}
    return compare(np.minimum(times, budget), (published, None), None, names), missed

"""How many architectures of NAS-Bench-201 are asked until the best one is."""

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
    ("regularized evolution 10/3", 100, 6_000, {"use": "regularized_evolution", "preset": "nasbench201"}),
    ("regularized evolution 100/10", 100, 6_000, {"use": "regularized_evolution", "preset": "nasbench101"}),
    ("WeakNAS", 6, 400, {"use": "predictor_sampler", "preset": "weaknas_nasbench201"}),
)
"""Label, trials, budget in evaluations, and the algorithm."""


def reproduce(races: Races) -> Reproduction:
    """Search by the mean validation error over the repeats until the architecture where it is lowest is asked."""
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
                    f"{label} on {dataset}: {missed} of {len(cell.trials)} trials did not find it in {budget:,}"
                    " evaluations and count as if they had at the end, so the mean is too low."
                )
    return Reproduction(
        "queries-to-optimum",
        "Queries until the best architecture of NAS-Bench-201",
        "evaluations",
        QUERIES_SOURCE,
        rows,
        [
            "No published value of this table was checked against its source, and no standard deviations are known.",
            "Random search without replacement needs (15,625 + 1) / 2 = 7,813 in expectation.",
            "Here a query that was asked before counts again; the published count may leave it out.",
            *notes,
        ],
        digits=0,
        reference="unconfirmed",
    )


def _row(dataset: str, cell: Cell, study: Study, budget: int) -> tuple[Row, int]:
    times = runtimes(cell, study, TARGET, "evaluations", budget, [0.0]).to_numpy()[:, 0]
    missed = int(np.isinf(times).sum())
    published = QUERIES_TO_OPTIMUM[cell.algorithm][dataset]
    names = {"algorithm": cell.algorithm, "label": cell.label, "dataset": dataset, "split": "validation"}
    return compare(np.minimum(times, budget), (published, None), None, names), missed

"""The reproduction of the best of 100 random architectures of NAS-Bench-201."""

from __future__ import annotations

import numpy as np

from benchmarks import load_benchmark
from harness.reproduction.published import BEST_OF_100, BEST_OF_100_SOURCE, DATASETS, SPLITS
from harness.reproduction.races import Races
from harness.reproduction.rows import Reproduction, compare, farthest, interval_note

TRIALS, DRAWN = 500, 100


def reproduce(races: Races) -> Reproduction:
    """Draw 100 architectures per trial, and take the highest accuracy for each data set and split separately.

    This is an oracle, not a search: a search cannot choose by the true test accuracy. It checks sampling and tables,
    and bounds what a search of 100 evaluations can find.
    """
    raw = {
        "seed": 2021,
        "benchmarks": [f"nasbench201-{dataset}-12-200" for dataset in DATASETS],
        "budget": {"evaluations": DRAWN},
        "algorithms": {"random_search": {}},
    }
    study = races.run("nasbench201-best-of-100", TRIALS, raw, ["architecture", "status"])
    rows = []
    for dataset, cell in zip(DATASETS, study.cells, strict=True):
        genotypes = np.stack(cell.evaluations["architecture"].to_list())
        for split, published in zip(SPLITS, BEST_OF_100[dataset], strict=True):
            errors = load_benchmark(cell.benchmark).true_errors(genotypes, f"{split}@200")
            best = 100 * (1 - errors.reshape(len(cell.trials), DRAWN).min(axis=1))
            names = {"algorithm": "random_search", "label": "best of 100", "dataset": dataset, "split": split}
            rows.append(compare(best, published, None, names))
    notes = [
        f"The differences are at most {farthest(rows):.2f} published sd. {interval_note(rows)}",
        "The published number of trials is unknown, so the intervals take the published means as exact. Our accuracies"
        " are means over the recorded repeats; the published ones may be of one repeat drawn at random.",
    ]
    return Reproduction(
        "nasbench201-best-of-100",
        "Best of 100 random architectures of NAS-Bench-201",
        "accuracy in %",
        BEST_OF_100_SOURCE,
        rows,
        notes,
    )

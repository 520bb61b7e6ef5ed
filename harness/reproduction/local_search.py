"""The reproduction of local search on NAS-Bench-201: the number of trainings until the optimum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from harness.exact.climbs import first_climb
from harness.exact.interface import ask
from harness.exact.local_search import find_landscape
from harness.reproduction.published import DATASETS, LOCAL_SEARCH_SOURCE, LOCAL_SEARCH_TO_OPTIMUM
from harness.reproduction.races import Races
from harness.reproduction.rows import Reproduction, compare
from results.anytime.runtimes import runtimes
from results.storage.study import Cell, Study

TRIALS = 200
BUDGETS = {"cifar10": 2_000, "cifar100": 2_000, "imagenet16-120": 10_000}
"""In evaluations: many times the expected number until the optimum."""

TARGET = "validation@200"

VARIANTS: dict[str, dict[str, Any]] = {
    "first improvement, initial 10": {},
    "first improvement, initial 1": {"initial": 1},
    "full neighbourhood, initial 10": {"query_full_neighbourhood": True},
    "full neighbourhood, initial 1": {"query_full_neighbourhood": True, "initial": 1},
}
"""By label, the hyperparameters that differ from the defaults."""


@dataclass(frozen=True)
class OptimumRow:
    """The number of evaluations until the best architecture is found, published and by our variants.

    Attributes
    ----------
    algorithm, label, dataset : str
    published : float or None
        The published mean, or None if there is none for the data set.
    ours_mean : float
        Mean over our simulated trials, with memory.
    ours_sd, low, high : float or None
        Standard deviation over trials, and 95 % interval of the mean. None for a single trial.
    trials : int
    missed : int
        Number of trials that did not find the optimum. They count as if they had found it at the end.
    exact : float
        Expected number without memory, computed without simulation.
    optima : int
        Number of local optima.
    climbs : float
        Probability that the first climb ends at the optimum, with and without memory.
    """

    algorithm: str
    label: str
    dataset: str
    published: float | None
    ours_mean: float
    ours_sd: float | None
    low: float | None
    high: float | None
    trials: int
    missed: int
    exact: float
    optima: int
    climbs: float

    HEADINGS: ClassVar[tuple[str, ...]] = (
        "data set", "{reference}", "ours [95 %]", "no memory", "optima", "first climb"
    )  # fmt: skip

    def cells(self, digits: int) -> tuple[str, ...]:
        """Return the texts below the headings, right of the label."""
        ours = f"{self.ours_mean:.{digits}f}"
        if self.low is not None:
            ours += f" [{self.low:.{digits}f}, {self.high:.{digits}f}]"
        published = "–" if self.published is None else f"{self.published:.0f}"
        return self.dataset, published, ours, f"{self.exact:.{digits}f}", str(self.optima), f"{self.climbs:.1%}"


def reproduce(races: Races) -> Reproduction:
    """Search by the mean validation error until the best architecture is evaluated, and compute the same exactly."""
    raw = {
        "seed": 2020,
        "benchmarks": [f"nasbench201-{dataset}" for dataset in DATASETS],
        "budget": {"evaluations": max(BUDGETS.values())},
        "budgets": {f"nasbench201-{dataset}": {"evaluations": budget} for dataset, budget in BUDGETS.items()},
        "protocol": {"signal": "mean"},
        "algorithms": {label: {"use": "local_search", **given} for label, given in VARIANTS.items()},
    }
    study = races.run("local-search", TRIALS, raw)
    rows = [
        _row(dataset, cell, study, VARIANTS[cell.label])
        for label in VARIANTS
        for dataset in DATASETS
        for cell in study.cells
        if (cell.label, cell.benchmark) == (label, f"nasbench201-{dataset}")
    ]
    return Reproduction(
        "local-search",
        "Local search on NAS-Bench-201 until the best architecture is found",
        "evaluations",
        LOCAL_SEARCH_SOURCE,
        rows,
        _notes(rows),
        digits=1,
    )


def _row(dataset: str, cell: Cell, study: Study, given: Mapping[str, Any]) -> OptimumRow:
    budget = BUDGETS[dataset]
    times = runtimes(cell, study, TARGET, "evaluations", budget, [0.0]).to_numpy()[:, 0]
    names = {"algorithm": cell.algorithm, "label": cell.label, "dataset": dataset, "split": "validation"}
    found = compare(np.minimum(times, budget), (0.0, None), None, names)
    question = ask(cell.benchmark, "local_search", {**given, "memory": False}, budget, "mean", TARGET)
    landscape = find_landscape(question.benchmark, question.protocol)
    full, initial = question.parameters["query_full_neighbourhood"], question.parameters["initial"]
    climb = first_climb(landscape, initial, full=full)
    best = landscape.observed == landscape.observed.min()
    return OptimumRow(
        algorithm=cell.algorithm,
        label=cell.label,
        dataset=dataset,
        published=LOCAL_SEARCH_TO_OPTIMUM.get(dataset),
        ours_mean=found.ours_mean,
        ours_sd=found.ours_sd,
        low=found.difference_low,
        high=found.difference_high,
        trials=found.trials,
        missed=int(np.isinf(times).sum()),
        exact=climb.evaluations_to_best(landscape.observed),
        optima=int((landscape.better == 0).sum()),
        climbs=float(climb.end[best].sum()),
    )


def _notes(rows: list[OptimumRow]) -> list[str]:
    missed = [
        f"{row.label} on {row.dataset}: {row.missed} of {row.trials} trials did not find it within"
        f" {BUDGETS[row.dataset]:,} evaluations. They count as if they had found it at the end, so the mean is too low."
        for row in rows
        if row.missed
    ]
    nearest = min((row for row in rows if row.published), key=lambda row: abs(row.ours_mean - (row.published or 0.0)))
    return [
        "The publication's abstract gives one number, for CIFAR-100. Which variant it belongs to, its number of trials"
        " and its standard deviation were not available to us.",
        "We assume: the search sees the validation error after 200 epochs, as the mean over the recorded repeats; the"
        " optimum is the architecture with the lowest such error; neighbours differ in one of the six operations; every"
        " evaluation counts as a training, also that of an isomorphic architecture.",
        "We assume that the search restarts at a local optimum from new random architectures, and that a known"
        " architecture is neither trained nor counted again.",
        "Ours: simulated, with memory. No memory: the exact expectation if known architectures are trained and counted"
        " again. Optima: the number of local optima. First climb: the exact probability that it ends at the optimum,"
        " which memory does not change.",
        f"Of these variants, {nearest.label} is the nearest on CIFAR-100: {nearest.ours_mean:.1f}.",
        *missed,
    ]

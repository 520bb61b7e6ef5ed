"""The reproduction of the table of optimizers in the NAS-Bench-201 paper, on its recorded 12/200-epoch runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.reproduction.published import (
    DATASETS,
    NASBENCH201,
    NASBENCH201_SOURCE,
    NASBENCH201_TRIALS,
    SPLITS,
)
from harness.reproduction.races import Races
from harness.reproduction.rows import Reproduction, Row, compare, farthest, interval_note
from results.anytime.curves import default_axis, incumbent_error, resolve_horizon
from results.storage.study import Cell

SEARCHED = "nasbench201-cifar10-12-200"

SCRIPT = {"candidates": 4, "random_fraction": 0.0, "bandwidth": "hpbandster", "minimum_bandwidth": 0.3}
ONE_EDIT = "REA 10/3, one edit"
DOCUMENTED, SCANNED, COMMENT = "REINFORCE, rate 0.5", "REINFORCE, rate 0.02", "REINFORCE, rate 0.001"
MODEL, TWO_FIDELITIES = "BOHB's model, 12 epochs", "BOHB, 12 and 200 epochs"

Algorithms = Mapping[str, Mapping[str, Any]]

EXPERIMENTS: dict[str, tuple[dict[str, Any], Algorithms]] = {
    "nasbench201": (
        {},
        {
            "random search": {"use": "random_search"},
            "REA 10/3": {"use": "regularized_evolution", "preset": "nasbench201"},
            ONE_EDIT: {"use": "regularized_evolution", "population": 10, "sample": 3},
        },
    ),
    "nasbench201-reinforce": (  # the loop of the published script counts the evaluation that exceeds the budget
        {"overshoot": "keep"},
        {
            DOCUMENTED: {"use": "reinforce", "preset": "nasbench201"},
            SCANNED: {"use": "reinforce", "learning_rate": 0.02},
            COMMENT: {"use": "reinforce", "learning_rate": 0.001},
        },
    ),
    "nasbench201-model": ({}, {MODEL: {"use": "tpe", **SCRIPT}}),
    "nasbench201-two-fidelities": ({"fidelities": [12, 200]}, {TWO_FIDELITIES: {"use": "bohb"}}),
}
"""By experiment, the fields that differ from the published protocol, and the algorithms by label."""

PUBLISHED_AS = {"tpe": "bohb"}
"""The algorithm whose published row an algorithm is compared with, if it is not its own."""


def reproduce(races: Races) -> Reproduction:
    """Run the four published optimizers under the published rules, and compare the accuracies."""
    rows = [row for name, experiment in EXPERIMENTS.items() for row in race(races, name, *experiment)]
    return Reproduction(
        "nasbench201",
        "Search on NAS-Bench-201, CIFAR-10, 12,000 s",
        "accuracy in %",
        NASBENCH201_SOURCE,
        rows,
        _notes(rows),
    )


def race(races: Races, name: str, rules: Mapping[str, Any], algorithms: Algorithms) -> list[Row]:
    """Run algorithms under the published protocol, and compare the architectures that they find.

    Parameters
    ----------
    races : Races
    name : str
        Name of the experiment.
    rules : mapping
        Fields of the protocol that differ from the published ones.
    algorithms : mapping
        The algorithms by label, as in an experiment file.
    """
    raw = {
        "seed": 2020,
        "benchmarks": [SEARCHED],
        "protocol": {"preset": "nasbench201-2020", **rules},
        "algorithms": algorithms,
    }
    study = races.run(name, NASBENCH201_TRIALS, raw)
    return [row for cell in study.cells for row in _rows(cell)]


def _rows(cell: Cell) -> list[Row]:
    axis, algorithm = default_axis(cell.protocol), PUBLISHED_AS.get(cell.algorithm, cell.algorithm)
    rows = []
    for dataset in DATASETS:
        sibling = f"nasbench201-{dataset}-12-200"
        for split, published in zip(SPLITS, NASBENCH201[algorithm][dataset], strict=True):
            target = f"{split}@200" if sibling == cell.benchmark else f"{sibling}/{split}@200"
            end = incumbent_error(cell, target, axis, [resolve_horizon(cell.protocol, axis)]).iloc[:, 0]
            names = {"algorithm": algorithm, "label": cell.label, "dataset": dataset, "split": split}
            rows.append(compare(100 * (1 - end), published, NASBENCH201_TRIALS, names))
    return rows


def _notes(rows: list[Row]) -> list[str]:
    sure = [row for row in rows if row.label in ("random search", "REA 10/3")]
    far = {
        label: f"{farthest([row for row in rows if row.label == label]):.2f} sd" for label in {r.label for r in rows}
    }
    return [
        f"Random search and REA: the twelve differences are at most {farthest(sure):.2f} published sd."
        f" {interval_note(sure)} REA mutates as the published script does: it draws a node, then one of the edges that"
        f" lead to it. With edges drawn uniformly (one edit), the differences are at most {far[ONE_EDIT]}.",
        f"REINFORCE: up to {far[DOCUMENTED]} away at the learning rate of the authors' documented command, 0.5, and up"
        f" to {far[COMMENT]} at 0.001, which is a comment in their script. Another script of theirs scans 0.01, 0.02,"
        f" 0.1, 0.2 and 0.5; at 0.02 it is up to {far[SCANNED]} away. Which rate gave the published row is unknown, so"
        " the difference is unexplained. As in their script, the evaluation that exceeds the budget counts.",
        "BOHB: the published script used 4 candidates and no random fraction, and ignored the fidelity. The model of"
        f" BOHB with these settings, at 12 epochs, is up to {far[MODEL]} away. BOHB as in its paper, on the recorded 12"
        f" and 200 epochs, is up to {far[TWO_FIDELITIES]} away, because trainings of 200 epochs use up this budget.",
    ]

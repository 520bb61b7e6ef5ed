"""Studies in memory, for the tests of results and plots: by hand, or realistic and random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from results.storage.study import INCUMBENT, Cell, Study

TARGET = "validation@200"
FACTS = {"optimum": 0.05, "floor": 0.001, "median": 0.25}

BENCHMARKS = tuple(f"NAS-Bench-201, {data}" for data in ("CIFAR-10", "CIFAR-100", "ImageNet16-120"))

Step = tuple[float, float]
"""End [s] and the incumbent's true error from then on."""


def protocol(budget: Mapping[str, float], **fields: Any) -> dict[str, Any]:
    standard: dict[str, Any] = {
        "budget": dict(budget),
        "fidelities": [200.0],
        "signal": "repeat",
        "duplicates": "recharge",
        "continuation": "scratch",
        "overshoot": "drop",
        "incumbent": "highest",
        "workers": 1,
        "report": [TARGET],
    }
    return standard | fields


def rows(trial: int, steps: Sequence[Step], target: str = TARGET) -> pd.DataFrame:
    n = len(steps)
    end = np.array([step[0] for step in steps], dtype=float)
    error = np.array([step[1] for step in steps], dtype=float)
    return pd.DataFrame(
        {
            "trial": np.full(n, trial),
            "number": np.arange(n),
            "end": end,
            "status": ["completed"] * n,
            "duplicate": np.zeros(n, dtype=bool),
            INCUMBENT + target: error,
        }
    )


def cell(
    trials: Mapping[int, Sequence[Step]],
    budget: Mapping[str, float],
    *,
    label: str = "mine",
    benchmark: str = "bench",
    wanted: int | None = None,
    failed: tuple[int, ...] = (),
    **fields: Any,
) -> Cell:
    """A cell whose trials are given as lists of (end, true error of the incumbent)."""
    empty = rows(0, [])
    frame = pd.concat([rows(trial, steps) for trial, steps in trials.items() if steps] or [empty])
    return from_frame(
        frame.reset_index(drop=True),
        sorted(trials),
        budget,
        label=label,
        benchmark=benchmark,
        wanted=wanted,
        failed=failed,
        **fields,
    )


def from_frame(
    frame: pd.DataFrame,
    trials: Sequence[int],
    budget: Mapping[str, float],
    *,
    label: str = "mine",
    benchmark: str = "bench",
    wanted: int | None = None,
    failed: tuple[int, ...] = (),
    **fields: Any,
) -> Cell:
    index = pd.Index(list(trials), name="trial", dtype=np.int64)
    return Cell(
        id=f"{label}-{benchmark}",
        label=label,
        algorithm=label,
        parameters={},
        version=1,
        bitwise_stable=True,
        benchmark=benchmark,
        protocol=protocol(budget, **fields),
        wanted=tuple(range(wanted if wanted is not None else len(trials))),
        evaluations=frame,
        trials=pd.DataFrame({"ended": "budget"}, index=index),
        failed=failed,
    )


def study(*cells: Cell, provenance: str = "recorded", facts: Mapping[str, float] = FACTS, **other: Any) -> Study:
    """A study of these cells; every benchmark has the same facts."""
    benchmarks = {
        cell.benchmark: {
            "title": cell.benchmark,
            "space": cell.benchmark,
            "unit": "fraction",
            "provenance": provenance,
            "has_seconds": True,
            "targets": {target: dict(facts) for target in cell.protocol["report"]},
        }
        | other
        for cell in cells
    }
    return Study(name="example", directory=Path("runs/example"), cells=list(cells), benchmarks=benchmarks)


def realistic(
    labels: Sequence[str] = ("random_search", "local_search", "regularized_evolution", "bananas"),
    benchmarks: Sequence[str] = (
        "NAS-Bench-201, CIFAR-10",
        "NAS-Bench-201, CIFAR-100",
        "NAS-Bench-201, ImageNet16-120",
    ),
    trials: int = 20,
    evaluations: int = 300,
    budget: Mapping[str, float] | None = None,
    seed: int = 1,
) -> Study:
    """Searches of differing skill by a noisy signal, so that the incumbent's true error sometimes rises."""
    rng = np.random.default_rng(seed)
    cells = []
    for benchmark in benchmarks:
        for i, label in enumerate(labels):
            skill = 3 * i / max(len(labels) - 1, 1)
            shape = (trials, evaluations)
            progress = np.arange(1, evaluations + 1) / evaluations
            spread = 0.2 * (1 - 0.25 * skill * np.minimum(progress * 3, 1))
            true = 0.0508 + spread * rng.beta(1.2, 5.0, shape)
            true += 0.004 * rng.random((trials, 1)) * (3 - skill) / 3
            observed = true + rng.normal(0, 0.002, shape)
            best = np.minimum.accumulate(observed, axis=1)
            incumbent = np.maximum.accumulate(np.where(observed == best, np.arange(evaluations), 0), axis=1)
            end = np.cumsum(rng.uniform(600, 1400, shape), axis=1)
            frame = pd.DataFrame(
                {
                    "trial": np.repeat(np.arange(trials), evaluations),
                    "number": np.tile(np.arange(evaluations), trials),
                    "end": end.ravel(),
                    "status": "completed",
                    "duplicate": rng.random(trials * evaluations) < 0.05 * skill,
                    INCUMBENT + TARGET: np.take_along_axis(true, incumbent, axis=1).ravel(),
                }
            )
            wanted = budget or {"evaluations": evaluations}
            if "seconds" in wanted:
                frame = frame[frame["end"] <= wanted["seconds"]]
            cells.append(from_frame(frame, range(trials), wanted, label=label, benchmark=benchmark))
    return study(*cells)


def complete(cell: Cell) -> Cell:
    """Add, to the rows of a cell, the columns that only some figures need."""
    rows = cell.evaluations
    rows["start"] = rows.groupby("trial")["end"].shift(fill_value=0.0)
    rows["charged_seconds"] = rows["end"] - rows["start"]
    rows["fidelity_to"] = 200.0
    rows["observed_error"] = rows[INCUMBENT + TARGET] + 0.01 * (rows["number"] % 7)
    rows["incumbent"] = rows["number"]
    rows["architecture"] = [(0, int(number) % 5, 4, 2) for number in rows["number"] + rows["trial"] % 2]
    return cell


def first_trials(cell: Cell, n: int) -> Cell:
    """The cell with its first trials only, the others still wanted."""
    rows = cell.evaluations
    kept = rows[rows["trial"] < n].reset_index(drop=True)
    return replace(cell, evaluations=kept, trials=cell.trials.loc[cell.trials.index < n])

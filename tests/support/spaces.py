"""Studies in memory whose areas are given, on benchmarks of several search spaces."""

from __future__ import annotations

from collections.abc import Mapping

from studies import cell, study

from results.storage.study import Study

OPTIMUM = 0.05
"""Of the facts of every benchmark in `studies`."""

Places = Mapping[str, tuple[str, str]]
"""Space and data set by benchmark."""


def constant(area: float) -> list[tuple[float, float]]:
    """The evaluations of a trial with this area: one regret from the first evaluation to the end of the budget."""
    return [(1.0, OPTIMUM + 10**area)]


def study_of(areas: Mapping[str, Mapping[str, list[float]]], places: Places, wanted: int | None = None) -> Study:
    """A study with the areas of every trial by benchmark and label."""
    cells = [
        cell(
            {trial: constant(area) for trial, area in enumerate(trials)},
            {"evaluations": 100},
            label=label,
            benchmark=benchmark,
            wanted=wanted,
        )
        for benchmark, by_label in areas.items()
        for label, trials in by_label.items()
    ]
    made = study(*cells)
    for benchmark, (space, data_set) in places.items():
        made.benchmarks[benchmark] |= {"space": space, "dataset": data_set}
    return made


def one_space_each(differences: list[float], trials: int = 3) -> Study:
    """A study of p and q on one benchmark per space, on which p - q is the given difference [dex]."""
    areas = {
        f"b{i}": {
            "p": [-1.0 + 0.1 * t + difference for t in range(trials)],
            "q": [-1.0 + 0.1 * t for t in range(trials)],
        }
        for i, difference in enumerate(differences)
    }
    return study_of(areas, {name: (f"s{name}", name) for name in areas})

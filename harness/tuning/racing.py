"""Racing: all configurations meet the same trials, and the better half goes on with twice as many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from harness.errors import ConfigurationError
from harness.experiments.cells import Experiment
from harness.experiments.resolution import resolve_experiment
from harness.running.runner import Outcome, run_experiment
from harness.tuning.configurations import Configuration
from results.anytime.comparisons import comparisons
from results.anytime.regret import area_under_log_regret
from results.storage.loading import load

Frame = pd.DataFrame
ENTRY = "{label} [{number}]"
"""The label of a configuration in the folders of a race."""
STEP = "step-{}"
FIRST_STEP = STEP.format(1)
"""The folder with all configurations of a race."""


class UnfinishedError(RuntimeError):
    """A stage did not finish: it was interrupted, or trials failed.

    Attributes
    ----------
    outcome : Outcome
    directory : Path
    """

    def __init__(self, outcome: Outcome, directory: Path) -> None:
        self.outcome, self.directory = outcome, directory
        super().__init__(f"{directory}: {outcome.missing} trials are missing")


@dataclass(frozen=True)
class Stage:
    """The benchmarks, settings and folder of a stage of a tuning, which knows no other benchmark.

    Attributes
    ----------
    raw : dict
        The experiment, without benchmarks and trials.
    folder : Path
        Folder that relative paths of custom algorithms start from.
    benchmarks : tuple of str
    directory : Path
        Where the stage stores its results.
    jobs : int or None
    watch : callable
        Makes the observers of a run from an experiment and its results folder.
    """

    raw: Mapping[str, Any]
    folder: Path
    benchmarks: tuple[str, ...]
    directory: Path
    jobs: int | None
    watch: Any

    def experiment(self, algorithms: Mapping[str, Mapping[str, Any]], trials: range) -> Experiment:
        """Resolve an experiment of some algorithms, by template of the label, on the benchmarks of this stage.

        Raises
        ------
        ConfigurationError
            If it has mistakes.
        """
        raw = dict(self.raw) | {
            "benchmarks": list(self.benchmarks),
            "trials": [trials.start, trials.stop],
            "algorithms": {template: dict(table) for template, table in algorithms.items()},
        }
        if "budgets" in raw:
            raw["budgets"] = {key: value for key, value in raw["budgets"].items() if key in self.benchmarks}
        return resolve_experiment(raw, self.folder)

    def general_problems(self, algorithms: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Return the mistakes of algorithms that do not depend on the benchmark."""
        try:
            self.experiment(algorithms, range(1))
        except ConfigurationError as error:
            special = [f": on {benchmark}: " for benchmark in self.benchmarks]
            return [problem for problem in error.problems if not any(part in problem for part in special)]
        return []

    def run(self, name: str, algorithms: Mapping[str, Mapping[str, Any]], trials: range) -> Path:
        """Run the missing trials of some algorithms, and return their results folder.

        Raises
        ------
        ConfigurationError
            If the experiment has mistakes.
        UnfinishedError
            If it was interrupted, or trials failed.
        """
        experiment = self.experiment(algorithms, trials)
        directory = self.directory / name
        with self.watch(experiment, directory) as observers:
            outcome = run_experiment(experiment, directory, self.jobs, **observers)
        if outcome.missing or outcome.failed:
            raise UnfinishedError(outcome, directory)
        return directory


def escaped(label: str) -> str:
    """Return a label as a template that has no hyperparameters."""
    return label.replace("{", "{{").replace("}", "}}")


@dataclass(frozen=True)
class Race:
    """The results of a race.

    Attributes
    ----------
    winner : Configuration
    areas : dict
        By benchmark: the areas under log regret of every configuration that took part, by trial, ``(n_trials,
        n_configurations)``; NaN from where it went out of the race. The columns are the configurations' numbers.
    first : int
        Number of trials that every configuration has.
    trials : int
        Number of trials that the race took, over all configurations and benchmarks.
    end : int
        The first trial number that the race did not use.
    """

    winner: Configuration
    areas: dict[str, Frame]
    first: int
    trials: int
    end: int


def race(stage: Stage, label: str, table: Mapping[str, Any], running: Sequence[Configuration], first: int) -> Race:
    """Race configurations on the benchmarks of a stage until one is left.

    Parameters
    ----------
    stage : Stage
    label : str
    table : mapping
        The values of the other hyperparameters.
    running : sequence of Configuration
    first : int
        Number of trials in the first step. The total doubles with each further step.

    Raises
    ------
    UnfinishedError
        If it was interrupted, or trials failed.
    """
    areas: dict[str, list[Frame]] = {name: [] for name in stage.benchmarks}
    begin, end, step, count = 0, first, 1, 0
    alive = list(running)
    while len(alive) > 1:
        found = trial_areas(stage.run(STEP.format(step), race_entries(label, table, alive), range(begin, end)))
        for benchmark, frame in found.items():
            frame.columns = [one.number for one in alive]
            areas[benchmark].append(frame)
        count += len(alive) * (end - begin) * len(found)
        together = {name: pd.concat(frames) for name, frames in areas.items() if frames}
        alive = best(alive, together, -(-len(alive) // 2))
        begin, end, step = end, 2 * end, step + 1
    joined = {name: pd.concat(frames) for name, frames in areas.items() if frames}
    return Race(alive[0], joined, first, count, begin)


def race_entries(label: str, table: Mapping[str, Any], running: Sequence[Configuration]) -> dict[str, dict[str, Any]]:
    """Return the entries of configurations in a step of a race."""
    return {
        escaped(ENTRY.format(label=label, number=one.number)): {"use": label, **table, **one.values} for one in running
    }


def best(alive: Sequence[Configuration], areas: Mapping[str, Frame], most: int) -> list[Configuration]:
    """Return the configurations with the lowest mean rank, in their order.

    On each benchmark, configurations are ranked by their mean area under log regret over all trials that they share;
    equal ones have the mean of their ranks. The score is the mean rank over the benchmarks. Of equal scores, the
    earlier configuration wins.
    """
    order = np.argsort(mean_ranks(areas, [one.number for one in alive]), kind="stable")[:most]
    return [alive[place] for place in sorted(order.tolist())]


def mean_ranks(areas: Mapping[str, Frame], numbers: Sequence[int]) -> NDArray[np.float64]:
    """Return the mean over benchmarks of the rank by mean area, ``(n_configurations,)``."""
    ranks = [rankdata(frame[list(numbers)].mean().to_numpy()) for frame in areas.values()]
    mean: NDArray[np.float64] = np.mean(ranks, axis=0)
    return mean


def trial_areas(directory: Path) -> dict[str, Frame]:
    """Return the areas under log regret in a results folder: by benchmark, ``(n_trials, n_entries)`` [dex]."""
    study = load(directory, columns=None)
    return {
        one.benchmark: pd.DataFrame(
            {cell.label: area_under_log_regret(cell, study, one.target, one.axis, one.horizon) for cell in one.cells}
        )
        for one in comparisons(study)
    }

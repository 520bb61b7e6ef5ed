"""Looks at a run until decided: which pairs of algorithms are open, and which trials they need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

import pandas as pd

from harness.experiments.cells import Experiment
from harness.running.runner import experiment_record
from results.anytime.comparisons import comparisons
from results.statistics.sequential import LONGEST_FORECAST, Outcome, SequentialTest, decisive_look, forecast_trials
from results.storage.loading import load_record
from results.storage.stopping import StoppingRule
from results.summaries.decisions import MOST_FORECASTS, paired_prefix, sequential_test, stopping_areas

Planned = dict[tuple[str, str], int]
"""Number of trials by label and benchmark."""


@dataclass
class _Race:
    """The areas of one benchmark, and what is decided of its pairs.

    Attributes
    ----------
    test : SequentialTest
    areas : dict
        By label: a Series indexed by trial [dex].
    looks : dict
        By pair of labels: what is decided, and after how many trials.
    """

    test: SequentialTest
    areas: dict[str, pd.Series[float]]
    looks: dict[tuple[str, str], tuple[Outcome, int]] = field(default_factory=dict)

    def open_pairs(self) -> list[tuple[str, str]]:
        """Return the pairs that are not decided."""
        return [pair for pair, (outcome, _) in self.looks.items() if outcome == "open"]


class Looks:
    """Decides the pairs of an experiment by the trials in its results folder.

    Every look gives the same for the same trials: it does not matter in which order, by how many processes and in how
    many runs they were made, nor whether there are more of them than a pair needed.

    Parameters
    ----------
    experiment : Experiment
        One that is run until decided.
    directory : Path
        The results folder. It may not exist yet.
    """

    def __init__(self, experiment: Experiment, directory: Path) -> None:
        if experiment.stopping is None:
            raise ValueError("expected an experiment that is run until decided")
        self._rule: StoppingRule = experiment.stopping
        self._trials = experiment.trials
        self._first = experiment.trials.start
        self._directory = directory
        everything = {(cell.label, cell.benchmark): len(experiment.trials) for cell in experiment.cells}
        self._record = experiment_record(replace(experiment, planned=everything)) | {"sealed": True}
        self._races: dict[str, _Race] = {}

    def look(self) -> Planned:
        """Read the trials that are new, and return how many every algorithm needs until the next look.

        A pair that is decided needs as many as it was decided after, an open one a block more than both of its
        algorithms have, up to the largest number.
        """
        self._read()
        planned: Planned = {}
        for benchmark, race in self._races.items():
            for a, b in combinations(race.areas, 2):
                outcome, trials = race.looks.get((a, b), ("open", 0))
                if outcome == "open":
                    differences = paired_prefix(race.areas[a], race.areas[b], self._first)[: self._rule.max_trials]
                    outcome, trials = race.looks[a, b] = decisive_look(differences, race.test, self._rule.block)
                needed = trials if outcome != "open" else min(trials + self._rule.block, self._rule.max_trials)
                for label in (a, b):
                    planned[label, benchmark] = max(planned.get((label, benchmark), 0), needed)
        return planned

    def pairs(self) -> tuple[int, int]:
        """Return the number of open pairs at the last look, and the number of all pairs."""
        races = self._races.values()
        return sum(len(race.open_pairs()) for race in races), sum(len(race.looks) for race in races)

    def forecast(self, planned: Mapping[tuple[str, str], int]) -> int:
        """Forecast how many trials all algorithms will have together when every pair is decided or given up."""
        expected, most = dict(planned), self._rule.max_trials
        for benchmark, race in self._races.items():
            for place, (a, b) in enumerate(race.open_pairs()):
                differences = paired_prefix(race.areas[a], race.areas[b], self._first)
                trials: int | None = planned[a, benchmark]
                if len(differences) and place < MOST_FORECASTS:
                    trials = forecast_trials(differences, race.test, self._rule.block)
                for label in (a, b):
                    expected[label, benchmark] = max(expected[label, benchmark], min(trials or LONGEST_FORECAST, most))
        return sum(expected.values())

    def _read(self) -> None:
        """Add the areas of trials that were stored since the last look."""
        growing = [race.areas[label] for race in self._races.values() for pair in race.open_pairs() for label in pair]
        begin = min(map(self._gap, growing), default=self._first)
        study = load_record(self._directory, self._record, within=range(begin, self._trials.stop))
        for comparison in comparisons(study):
            areas = stopping_areas(study, comparison)
            if study.stopping and comparison.benchmark not in self._races:
                self._races[comparison.benchmark] = _Race(sequential_test(study.stopping, comparison), areas)
            race = self._races[comparison.benchmark]
            race.areas = {label: new.combine_first(race.areas[label]) for label, new in areas.items()}

    def _gap(self, area: pd.Series[float]) -> int:
        """Return the first trial that an algorithm lacks."""
        trials = set(area.index)
        return next(trial for trial in range(self._first, self._first + len(trials) + 1) if trial not in trials)

"""Runs the experiments of a reproduction, or what is missing of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from harness.experiments.resolution import resolve_experiment
from harness.running.progress import Progress
from harness.running.runner import Outcome, run_experiment
from results.storage.loading import load
from results.storage.study import Study


class IncompleteError(RuntimeError):
    """An experiment of a reproduction was interrupted, or trials of it failed.

    Attributes
    ----------
    outcome : Outcome
    directory : Path
    """

    def __init__(self, outcome: Outcome, directory: Path) -> None:
        super().__init__(f"{outcome.missing} trials are missing in {directory}")
        self.outcome = outcome
        self.directory = directory


@dataclass(frozen=True)
class Races:
    """Where and how the experiments of a reproduction are run.

    Attributes
    ----------
    directory : Path
        Holds one result folder an experiment.
    jobs : int or None
        Processes.
    trials : int or None
        Instead of each study's own number.
    console : Console
        For the progress.
    """

    directory: Path
    jobs: int | None
    trials: int | None
    console: Console

    def run(self, name: str, trials: int, raw: Mapping[str, Any], columns: Sequence[str] | None = None) -> Study:
        """Run what is missing of an experiment, and load it.

        Parameters
        ----------
        name : str
            Of the experiment.
        trials : int
        raw : mapping
            The rest of the experiment, as its TOML would give it.
        columns : sequence of str, optional
            As for `results.storage.loading.load`.

        Raises
        ------
        ConfigurationError
            If it cannot be run, as where its data is not here; the message says how to get it.
        IncompleteError
            If trials are missing afterwards.
        """
        experiment = resolve_experiment({"schema": 1, "name": name, "trials": self.trials or trials, **raw}, Path())
        folder = self.directory / name
        progress = Progress(self.console, experiment)
        with progress:
            outcome = run_experiment(experiment, folder, self.jobs, progress.observe, progress.begin)
        if outcome.missing:
            raise IncompleteError(outcome, folder)
        return load(folder, columns)

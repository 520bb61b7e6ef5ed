"""Run the missing trials of the experiments of a reproduction."""

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
    """An experiment of a reproduction was interrupted, or some of its trials failed.

    Attributes
    ----------
    outcome : Outcome
        The outcome of the run.
    directory : Path
        Its results folder.
    """

    def __init__(self, outcome: Outcome, directory: Path) -> None:
        super().__init__(f"{outcome.missing} trials are missing in {directory}")
        self.outcome = outcome
        self.directory = directory


@dataclass(frozen=True)
class Races:
    """Settings for the experiments of a reproduction.

    Attributes
    ----------
    directory : Path
        Folder that holds one results folder per experiment.
    jobs : int or None
        Number of worker processes. Default: the number of processors.
    trials : int or None
        Number of trials. Default: as many as the reproduction asks for.
    console : Console
        Console for the progress.
    """

    directory: Path
    jobs: int | None
    trials: int | None
    console: Console

    def run(self, name: str, trials: int, raw: Mapping[str, Any], columns: Sequence[str] | None = None) -> Study:
        """Run the missing trials of an experiment, and load its results.

        Parameters
        ----------
        name : str
            Name of the experiment.
        trials : int
            Number of trials, unless `Races.trials` overrides it.
        raw : mapping
            The other sections of the experiment, as parsed from TOML.
        columns : sequence of str, optional
            See `results.storage.loading.load`.

        Raises
        ------
        ConfigurationError
            If the experiment cannot be run, for example because data is missing. The message says how to get it.
        IncompleteError
            If trials are missing after the run.
        """
        experiment = resolve_experiment({"schema": 1, "name": name, "trials": self.trials or trials, **raw}, Path())
        folder = self.directory / name
        progress = Progress(self.console, experiment, self.jobs)
        with progress:
            outcome = run_experiment(
                experiment, folder, self.jobs, progress.observe, progress.begin, ticked=progress.trial
            )
        if outcome.missing:
            raise IncompleteError(outcome, folder)
        return load(folder, columns)

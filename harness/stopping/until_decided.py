"""Run an experiment, for a fixed number of trials or until it is decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.experiments.cells import Experiment
from harness.running.driver import Ticked, ignore_tick
from harness.running.runner import Observer, Outcome, logger, run_experiment

if TYPE_CHECKING:
    from harness.stopping.looks import Looks, Planned


def run_resolved(
    experiment: Experiment,
    directory: Path,
    jobs: int | None = None,
    observe: Observer | None = None,
    announce: Callable[[Outcome], None] | None = None,
    looked: Callable[[Looks, Planned], None] = lambda looks, planned: None,
    ticked: Ticked = ignore_tick,
) -> Outcome:
    """Run the missing trials of an experiment; if it has a stopping rule, until every pair of algorithms is decided.

    A run until decided adds a block of trials to every algorithm that is part of an open pair, and looks again. It ends
    when all pairs are decided, have the largest number of trials, or lack a trial that failed.

    Parameters
    ----------
    experiment, directory, jobs, observe, announce, ticked
        As for `harness.running.runner.run_experiment`.
    looked : callable, optional
        Called after every look that leaves something open, with the looks and the trials that are planned next.

    Raises
    ------
    FolderInUseError, ResultsError
        As `harness.running.runner.run_experiment`.
    """
    if experiment.stopping is None:
        return run_experiment(experiment, directory, jobs, observe, announce, ticked=ticked)
    from harness.stopping.looks import Looks  # imports pandas, which other runs do not need

    looks = Looks(experiment, directory)
    planned = looks.look()

    def following(outcome: Outcome) -> Experiment | None:
        nonlocal planned
        before, planned = planned, looks.look()
        logger.info("%d of %d pairs open", *looks.pairs())
        if planned == before:
            return None
        looked(looks, planned)
        return replace(experiment, planned=planned)

    begun = replace(experiment, planned=planned)
    return run_experiment(begun, directory, jobs, observe, announce, following, ticked=ticked)

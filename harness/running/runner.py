"""Run the missing trials of an experiment in parallel. A run can be stopped at any time."""

from __future__ import annotations

import contextlib
import logging
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import FrameType
from typing import Any

from harness.entries.source_code import code_hash
from harness.errors import SchedulerLostError, StopNow
from harness.experiments.cells import CellSpec, Experiment
from harness.running.compacting import Compactor
from harness.running.crews import local_crew, remote_crew
from harness.running.driver import Report, Task, Ticked, ignore_tick
from harness.running.locking import locked
from harness.running.provenance import environment, environment_with
from harness.running.shards import Shard
from results.storage.compaction import remove_drafts
from results.storage.experiment_record import write_experiment
from results.storage.files import set_aside
from results.storage.store import cell_folder, error_file, scan

CHUNK = 25
"""The largest number of trials per planned task. Tasks of quick trials are joined, see `harness.running.joining`."""

STOPS = (signal.SIGINT, signal.SIGTERM)
"""Signals that stop a run after the trials in flight."""

logger = logging.getLogger("regretta")

Observer = Callable[[Report], None]


@dataclass
class Outcome:
    """The outcome of a run.

    Attributes
    ----------
    wanted : int
        Number of trials in the experiment, or in the shard that is run.
    present : int
        Number of trials that were finished before this run.
    done : int
        Number of trials that this run added.
    planned : dict
        Number of trials that this run was to try, by the id of the cell.
    failed : dict
        The error by (label, benchmark, trial).
    error_file : Path or None
        The file with the traceback of a failed trial, the first one by its path.
    damaged : list of str
        Files that could not be read. Their trials were run again.
    interrupted : bool
    lost : str or None
        How the connection to the scheduler of a cluster was lost.
    """

    wanted: int
    present: int = 0
    done: int = 0
    planned: dict[str, int] = field(default_factory=dict)
    failed: dict[tuple[str, str, int], str] = field(default_factory=dict)
    error_file: Path | None = None
    damaged: list[str] = field(default_factory=list)
    interrupted: bool = False
    lost: str | None = None

    @property
    def missing(self) -> int:
        """Number of trials that still have no result."""
        return self.wanted - self.present - self.done


def experiment_record(experiment: Experiment) -> dict[str, Any]:
    """Return the content of ``experiment.json``."""
    stopping = {}
    if experiment.stopping:
        planned = [len(experiment.trials_of(cell)) for cell in experiment.cells]
        stopping = {"stopping": experiment.stopping.model_dump() | {"planned": planned}}
    return {
        "name": experiment.name,
        "description": experiment.description,
        "seed": experiment.seed,
        "trials": [experiment.trials.start, experiment.trials.stop],
        "cells": [cell.to_json() for cell in experiment.cells],
        "benchmarks": {name: facts.to_json() for name, facts in experiment.facts.items()},
        "environment": environment_with(library for cell in experiment.cells for library in cell.libraries),
    } | stopping


def run_experiment(
    experiment: Experiment,
    directory: Path,
    jobs: int | None = None,
    observe: Observer | None = None,
    announce: Callable[[Outcome], None] | None = None,
    following: Callable[[Outcome], Experiment | None] = lambda outcome: None,
    *,
    shard: Shard | None = None,
    scheduler: str | None = None,
    say: Callable[[str], None] = lambda sentence: None,
    ticked: Ticked = ignore_tick,
) -> Outcome:
    """Run the missing trials of an experiment.

    Parameters
    ----------
    experiment : Experiment
    directory : Path
        The results folder. It is created if it does not exist.
    jobs : int, optional
        Number of worker processes. Default: the number of processors. With 1, the trials run in this process.
    observe : callable, optional
        Called with the :class:`harness.running.worker.Report` of each task.
    announce : callable, optional
        Called once before the first trial, with the outcome so far.
    following : callable, optional
        Called whenever all trials were tried, with the outcome so far. Returns the same experiment with more trials, or
        None to end. Trials that failed in this run are not tried again in it.
    shard : Shard, optional
        The part of the trials to run. Default: all of them.
    scheduler : str, optional
        The scheduler of dask.distributed whose workers run the trials, instead of processes of this machine; see
        `harness.running.clusters.connection.connected`.
    say : callable, optional
        Called with a sentence about the cluster that the user should read now.
    ticked : callable
        Called with the cell of each trial that ended on this machine and its real time [s], on several threads.

    Raises
    ------
    ConfigurationError
        If there is no such scheduler, or all its workers were refused.
    FolderInUseError
        If another run is using the folder.
    ResultsError
        If the folder belongs to an experiment with another name, or its files contradict each other.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with locked(directory):
        record = experiment_record(experiment)
        write_experiment(directory, record)
        outcome, grid = Outcome(wanted=0), _Grid(directory, jobs, shard)
        tasks = grid.plan(experiment, outcome)
        if announce:
            announce(outcome)
        stopped = threading.Event()
        if scheduler is None or not tasks:
            workers = grid.jobs if experiment.stopping else min(grid.jobs, len(tasks)) if tasks else 1
            isolated = workers > 1 or _has_custom_code(experiment)
            crew = local_crew(workers, stopped, isolated=isolated, ticked=ticked)
        else:
            crew = remote_crew(scheduler, stopped, say, directory, record)
        logger.info("%d of %d trials missing", outcome.missing, outcome.wanted)
        with crew as (run, kill), _stoppable(stopped, kill, outcome):
            more: Experiment | None = experiment
            while more is not None:
                for report in _until_lost(run(tasks), outcome):
                    grid.note(report)
                    _note(report, outcome)
                    if observe:
                        observe(report)
                more = None if stopped.is_set() or outcome.lost else following(outcome)
                if more is not None:
                    write_experiment(directory, experiment_record(more))
                    tasks = grid.plan(more, outcome)
        logger.info("%d done, %d failed, %d missing", outcome.done, len(outcome.failed), outcome.missing)
    return outcome


def _until_lost(reports: Iterable[Report], outcome: Outcome) -> Iterator[Report]:
    """Yield reports until the scheduler of a cluster is lost, which is noted."""
    try:
        yield from reports
    except SchedulerLostError as error:
        outcome.lost = f"the connection to the scheduler was lost: {error}"
        logger.error("%s", outcome.lost)


def _has_custom_code(experiment: Experiment) -> bool:
    sources = [cell.source for cell in experiment.cells]
    return any(source.is_custom_class or source.use.startswith("program:") for source in sources)


class _Grid:
    """The trials that are finished or failed, by cell, and the tasks that are missing.

    Parameters
    ----------
    directory : Path
        The results folder.
    jobs : int, optional
        Number of worker processes. Default: the number of processors.
    shard : Shard, optional
        The part of the trials that is run. Default: all of them.
    """

    def __init__(self, directory: Path, jobs: int | None, shard: Shard | None = None) -> None:
        self._wanted_jobs = jobs
        self._shard = shard
        self._directory = directory
        self._folders: dict[str, Path] = {}
        self._done: dict[str, set[int]] = {}
        self._failed: set[tuple[str, int]] = set()
        self._compactor = Compactor()

    @cached_property
    def jobs(self) -> int:
        """Number of worker processes."""
        if self._wanted_jobs is not None:
            return self._wanted_jobs
        from joblib import cpu_count  # slow to import, and not needed if no trial is missing

        processors: int = cpu_count()
        return processors

    def plan(self, experiment: Experiment, outcome: Outcome) -> list[Task]:
        """Find the missing trials, count them in the outcome, and divide them into tasks."""
        cells: dict[str, CellSpec] = {}
        wanted: dict[str, Sequence[int]] = {}
        for cell in experiment.cells:
            self._scan(cell, outcome)
            cells.setdefault(cell.id, cell)  # two labels may be the same cell
            wanted[cell.id] = max(wanted.get(cell.id, range(0)), self._wanted(experiment, cell), key=len)
        missing = {key: [trial for trial in trials if trial not in self._done[key]] for key, trials in wanted.items()}
        outcome.wanted = sum(map(len, wanted.values()))
        outcome.present = outcome.wanted - outcome.done - sum(map(len, missing.values()))
        to_run = {key: [t for t in trials if (key, t) not in self._failed] for key, trials in missing.items()}
        outcome.planned = {key: outcome.planned.get(key, 0) + len(trials) for key, trials in to_run.items()}
        size = CHUNK
        if experiment.stopping:  # a block has few trials: all processes take part in it
            size = min(CHUNK, max(1, -(-sum(map(len, to_run.values())) // self.jobs)))
        return [task for key, trials in to_run.items() if trials for task in self._tasks(cells[key], trials, size)]

    def _wanted(self, experiment: Experiment, cell: CellSpec) -> Sequence[int]:
        """Return the trials of a cell, or those of them that belong to the shard."""
        trials = experiment.trials_of(cell)
        return trials if self._shard is None else [trial for trial in trials if self._shard.holds(cell.id, trial)]

    def note(self, report: Report) -> None:
        """Add the trials of a report, and compact its cell if that has many files."""
        key = report.task.cell.id
        self._done[key] |= set(report.done)
        self._failed |= {(key, trial) for trial in report.failed}
        self._compactor.look(report.task.folder, report.files)

    def _scan(self, cell: CellSpec, outcome: Outcome) -> None:
        """Find the finished trials of a cell, and set damaged files aside."""
        if cell.id in self._done:
            return
        folder = self._folders[cell.id] = cell_folder(self._directory, cell.id, cell.label, cell.benchmark)
        remove_drafts(folder)
        presence = scan(folder)
        self._done[cell.id] = set(presence.done)
        for file, why in presence.damaged.items():
            outcome.damaged.append(f"{file}: {why}")
            logger.warning("damaged, its trials are run again: %s: %s", file, why)
            set_aside(file)
        self._compactor.look(folder)

    def _tasks(self, cell: CellSpec, trials: Sequence[int], size: int) -> Iterator[Task]:
        metadata = {
            "cell": cell.to_json(),
            "data": cell.data_hash,
            "code": code_hash(cell.source.use),
            "provenance": environment(),
        }
        for begin in range(0, len(trials), size):
            yield Task(cell, tuple(trials[begin : begin + size]), self._folders[cell.id], metadata)


def _note(report: Report, outcome: Outcome) -> None:
    """Add the report of a task to the outcome, and log it."""
    cell = report.task.cell
    outcome.done += len(report.done)
    for trial, why in report.failed.items():
        outcome.failed[cell.label, cell.benchmark, trial] = why
        file = error_file(report.task.folder, trial)
        outcome.error_file = min(outcome.error_file or file, file)
        logger.error("%s on %s, trial %d failed: %s", cell.label, cell.benchmark, trial, why)
    logger.info("%s on %s: %d trials in %.2f s", cell.label, cell.benchmark, len(report.done), report.seconds)


@contextlib.contextmanager
def _stoppable(stopped: threading.Event, kill: Callable[[], None], outcome: Outcome) -> Iterator[None]:
    """Stop after the trials in flight at the first SIGINT or SIGTERM, and immediately at the second."""

    def handle(number: int, frame: FrameType | None) -> None:
        outcome.interrupted = True
        if stopped.is_set():
            kill()
            raise StopNow
        stopped.set()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handle) for number in STOPS}
    try:
        yield
    except StopNow:
        kill()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

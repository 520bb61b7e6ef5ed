"""Run the missing trials of an experiment in parallel. A run can be stopped at any time."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import joblib
from threadpoolctl import threadpool_limits

from harness.entries.source_code import code_hash
from harness.errors import FolderInUseError, StopNow
from harness.experiments.cells import Experiment
from harness.running.driver import Drivers, Report, Task
from harness.running.provenance import environment, environment_with
from results.storage.experiment_record import write_experiment
from results.storage.files import open_inside, set_aside
from results.storage.store import cell_folder, scan

CHUNK = 25
"""The largest number of trials per task."""

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
        Number of trials in the experiment.
    present : int
        Number of trials that were finished before this run.
    done : int
        Number of trials that this run added.
    failed : dict
        The error by (label, benchmark, trial).
    damaged : list of str
        Files that could not be read. Their trials were run again.
    interrupted : bool
    """

    wanted: int
    present: int = 0
    done: int = 0
    failed: dict[tuple[str, str, int], str] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    interrupted: bool = False

    @property
    def missing(self) -> int:
        """Number of trials that still have no result."""
        return self.wanted - self.present - self.done


def experiment_record(experiment: Experiment) -> dict[str, Any]:
    """Return the content of ``experiment.json``."""
    return {
        "name": experiment.name,
        "description": experiment.description,
        "seed": experiment.seed,
        "trials": [experiment.trials.start, experiment.trials.stop],
        "cells": [cell.to_json() for cell in experiment.cells],
        "benchmarks": {name: facts.to_json() for name, facts in experiment.facts.items()},
        "environment": environment_with(library for cell in experiment.cells for library in cell.libraries),
    }


def run_experiment(
    experiment: Experiment,
    directory: Path,
    jobs: int | None = None,
    observe: Observer | None = None,
    announce: Callable[[Outcome], None] | None = None,
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

    Raises
    ------
    FolderInUseError
        If another run is using the folder.
    ResultsError
        If the folder belongs to an experiment with another name, or its files contradict each other.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with _locked(directory):
        write_experiment(directory, experiment_record(experiment))
        tasks, outcome = _plan(experiment, directory)
        if announce:
            announce(outcome)
        workers = max(1, min(jobs or joblib.cpu_count(), len(tasks)))
        logger.info("%d of %d trials missing; %d processes", outcome.missing, outcome.wanted, workers)
        custom = any(cell.source.is_custom_class for cell in experiment.cells)
        stopped = threading.Event()
        programs = any(cell.source.use.startswith("program:") for cell in experiment.cells)
        isolated = custom or programs or workers > 1
        with (
            Drivers(stopped, isolated=isolated) as drivers,
            _stoppable(stopped, drivers, outcome),
        ):
            for report in _reports(tasks, workers, stopped, drivers):
                _note(report, outcome)
                if observe:
                    observe(report)
        logger.info("%d done, %d failed, %d missing", outcome.done, len(outcome.failed), outcome.missing)
    return outcome


def _plan(experiment: Experiment, directory: Path) -> tuple[list[Task], Outcome]:
    """Find the missing trials, and divide them into tasks."""
    outcome = Outcome(wanted=0)
    tasks: dict[str, list[Task]] = {}
    for cell in experiment.cells:
        folder = cell_folder(directory, cell.id, cell.label, cell.benchmark)
        presence = scan(folder)
        for file, why in presence.damaged.items():
            outcome.damaged.append(f"{file}: {why}")
            logger.warning("damaged, its trials are run again: %s: %s", file, why)
            set_aside(file)
        missing = [trial for trial in experiment.trials if trial not in presence.done]
        if cell.id in tasks:  # a second label of the same cell
            continue
        outcome.wanted += len(experiment.trials)
        outcome.present += len(experiment.trials) - len(missing)
        metadata = {
            "cell": cell.to_json(),
            "data": cell.data_hash,
            "code": code_hash(cell.source.use),
            "provenance": environment(),
        }
        tasks[cell.id] = [
            Task(cell, tuple(missing[i : i + CHUNK]), folder, metadata) for i in range(0, len(missing), CHUNK)
        ]
    return [task for group in tasks.values() for task in group], outcome


def _reports(tasks: list[Task], workers: int, stopped: threading.Event, drivers: Drivers) -> Iterator[Report]:
    """Run tasks on threads that each drive a process, and yield their reports as they finish."""
    running = _until(stopped, tasks)
    if workers == 1:
        with threadpool_limits(1):
            yield from map(drivers.run, running)
        return
    parallel = joblib.Parallel(
        n_jobs=workers, batch_size=1, pre_dispatch="n_jobs", return_as="generator_unordered", backend="threading"
    )
    yield from parallel(joblib.delayed(drivers.run)(task) for task in running)


def _until(stopped: threading.Event, tasks: Iterable[Task]) -> Iterator[Task]:
    """Yield tasks until the event is set."""
    for task in tasks:
        if stopped.is_set():
            return
        yield task


def _note(report: Report, outcome: Outcome) -> None:
    """Add the report of a task to the outcome, and log it."""
    cell = report.task.cell
    outcome.done += len(report.done)
    for trial, why in report.failed.items():
        outcome.failed[cell.label, cell.benchmark, trial] = why
        logger.error("%s on %s, trial %d failed: %s", cell.label, cell.benchmark, trial, why)
    logger.info("%s on %s: %d trials in %.2f s", cell.label, cell.benchmark, len(report.done), report.seconds)


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Lock the folder. The kernel releases the lock when the process ends, even if it is killed."""
    with os.fdopen(open_inside(directory / ".lock", directory, os.O_RDWR | os.O_CREAT | os.O_APPEND), "r+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            stream.seek(0)
            raise FolderInUseError(
                f"another run ({stream.read().strip() or 'unknown process'}) is using {directory}: wait for its end, or"
                " use another --out"
            ) from None
        stream.truncate(0)
        stream.write(f"process {os.getpid()} on {os.uname().nodename}")
        stream.flush()
        yield


@contextlib.contextmanager
def _stoppable(stopped: threading.Event, drivers: Drivers, outcome: Outcome) -> Iterator[None]:
    """Stop after the trials in flight at the first SIGINT or SIGTERM, and immediately at the second."""

    def handle(number: int, frame: FrameType | None) -> None:
        outcome.interrupted = True
        if stopped.is_set():
            drivers.kill()
            raise StopNow
        stopped.set()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handle) for number in STOPS}
    try:
        yield
    except StopNow:
        drivers.kill()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

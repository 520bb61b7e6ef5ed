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
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError

from harness.errors import FolderInUseError, StopNow
from harness.experiments.cells import Experiment
from harness.running.provenance import environment, environment_with
from harness.running.worker import Report, Task, run_task
from results.storage.loading import write_experiment
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
    worker_died : str or None
        What is known about a worker process that died.
    """

    wanted: int
    present: int = 0
    done: int = 0
    failed: dict[tuple[str, str, int], str] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    interrupted: bool = False
    worker_died: str | None = None

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
        stop = directory / f".stop-{os.getpid()}"
        for leftover in directory.glob(".stop-*"):
            leftover.unlink()
        tasks, outcome = _plan(experiment, directory, stop)
        if announce:
            announce(outcome)
        workers = max(1, min(jobs or joblib.cpu_count(), len(tasks)))
        logger.info("%d of %d trials missing; %d processes", outcome.missing, outcome.wanted, workers)
        try:
            with _stoppable(stop, outcome) as stopped:
                for report in _reports(tasks, workers, stopped, outcome):
                    _note(report, outcome)
                    if observe:
                        observe(report)
        finally:
            stop.unlink(missing_ok=True)
        logger.info("%d done, %d failed, %d missing", outcome.done, len(outcome.failed), outcome.missing)
    return outcome


def _plan(experiment: Experiment, directory: Path, stop: Path) -> tuple[list[Task], Outcome]:
    """Find the missing trials, and divide them into tasks."""
    outcome = Outcome(wanted=0)
    tasks: dict[str, list[Task]] = {}
    for cell in experiment.cells:
        folder = cell_folder(directory, cell.id, cell.label, cell.benchmark)
        presence = scan(folder)
        for file, why in presence.damaged.items():
            outcome.damaged.append(f"{file}: {why}")
            logger.warning("damaged, its trials are run again: %s: %s", file, why)
            file.replace(file.with_suffix(".damaged"))
        missing = [trial for trial in experiment.trials if trial not in presence.done]
        if cell.id in tasks:  # a second label of the same cell
            continue
        outcome.wanted += len(experiment.trials)
        outcome.present += len(experiment.trials) - len(missing)
        metadata = {"cell": cell.to_json(), "data": cell.data_hash, "provenance": environment()}
        tasks[cell.id] = [
            Task(cell, tuple(missing[i : i + CHUNK]), folder, stop, os.getpid(), metadata)
            for i in range(0, len(missing), CHUNK)
        ]
    return [task for group in tasks.values() for task in group], outcome


def _reports(tasks: list[Task], workers: int, stopped: threading.Event, outcome: Outcome) -> Iterator[Report]:
    """Run tasks in this process or in worker processes, and yield their reports as they finish."""
    running = _until(stopped, tasks)
    if workers == 1:
        yield from map(run_task, running)
        return
    parallel = joblib.Parallel(
        n_jobs=workers, batch_size=1, pre_dispatch="n_jobs", return_as="generator_unordered", backend="loky"
    )
    try:
        with _deaf_workers():
            reports = parallel(joblib.delayed(run_task)(task) for task in running)
        yield from reports
    except TerminatedWorkerError as error:
        outcome.worker_died = str(error).splitlines()[0]
        logger.error("a worker process died: %s", outcome.worker_died)
    except StopNow:
        get_reusable_executor().shutdown(wait=False, kill_workers=True)
        outcome.interrupted = True


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
    file = directory / ".lock"
    with file.open("a+") as stream:
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
def _deaf_workers() -> Iterator[None]:
    """Make processes started in this block ignore SIGINT and SIGTERM, so that only the parent reacts to them.

    Both signals go to the whole process group. The processes inherit that the signals are ignored. Blocking them would
    not suffice, because starting the resource tracker of loky unblocks them.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _stoppable(stop: Path, outcome: Outcome) -> Iterator[threading.Event]:
    """Stop after the trials in flight at the first SIGINT or SIGTERM, and immediately at the second."""
    stopped = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        if stopped.is_set():
            raise StopNow
        stopped.set()
        outcome.interrupted = True
        stop.touch()

    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    before = {number: signal.signal(number, handle) for number in STOPS}
    try:
        yield stopped
    except StopNow:
        outcome.interrupted = True
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

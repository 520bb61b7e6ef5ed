"""The runner: does what is missing of an experiment, in parallel, and can be stopped at any time."""

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
"""At most so many trials a task."""

STOPS = (signal.SIGINT, signal.SIGTERM)
"""The signals that stop a run after the trials in flight."""

logger = logging.getLogger("regretta")

Observer = Callable[[Report], None]


@dataclass
class Outcome:
    """What a run did.

    Attributes
    ----------
    wanted : int
        Trials that the experiment asks for.
    present : int
        Those that were there before.
    done : int
        Those that this run added.
    failed : dict
        By (label, benchmark, trial), what was raised.
    damaged : list of str
        Files that could not be read, whose trials were run again.
    interrupted : bool
    worker_died : str or None
        What is known, where a worker process was killed.
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
        """Trials that still have no result."""
        return self.wanted - self.present - self.done


def experiment_record(experiment: Experiment) -> dict[str, Any]:
    """The content of ``experiment.json``."""
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
    """Run the trials of an experiment that a folder does not hold yet.

    Parameters
    ----------
    experiment : Experiment
    directory : Path
        The result folder; made if absent.
    jobs : int, optional
        Worker processes; as many as there are processors by default. With 1, all runs in this process.
    observe : callable, optional
        Called with the :class:`harness.running.worker.Report` of every task.
    announce : callable, optional
        Called once before the first trial, with what there is to do.

    Raises
    ------
    FolderInUseError
        If another run is at work in the folder.
    ResultsError
        If the folder belongs to an experiment of another name, or contradicts itself.
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
    """Find the missing trials, in tasks."""
    outcome = Outcome(wanted=0)
    tasks: dict[str, list[Task]] = {}
    for cell in experiment.cells:
        folder = cell_folder(directory, cell.id, cell.label, cell.benchmark)
        presence = scan(folder)
        for file, why in presence.damaged.items():
            outcome.damaged.append(f"{file}: {why}")
            logger.warning("damaged, its trials run again: %s: %s", file, why)
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
    """Run tasks, here or in worker processes, and yield their reports as they come."""
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
    for task in tasks:
        if stopped.is_set():
            return
        yield task


def _note(report: Report, outcome: Outcome) -> None:
    cell = report.task.cell
    outcome.done += len(report.done)
    for trial, why in report.failed.items():
        outcome.failed[cell.label, cell.benchmark, trial] = why
        logger.error("%s on %s, trial %d failed: %s", cell.label, cell.benchmark, trial, why)
    logger.info("%s on %s: %d trials in %.2f s", cell.label, cell.benchmark, len(report.done), report.seconds)


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Hold the folder; the kernel lets go of it when the process ends, however it ends."""
    file = directory / ".lock"
    with file.open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            stream.seek(0)
            raise FolderInUseError(
                f"another run ({stream.read().strip() or 'unknown process'}) is at work in {directory}; wait for it, or"
                " use another --out"
            ) from None
        stream.truncate(0)
        stream.write(f"process {os.getpid()} on {os.uname().nodename}")
        stream.flush()
        yield


@contextlib.contextmanager
def _deaf_workers() -> Iterator[None]:
    """Start processes that ignore SIGINT and SIGTERM, which go to a whole group: the parent decides what they mean.

    They inherit that it is ignored. (That it is blocked they would not: starting the resource tracker unblocks it.)
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
    """Turn the first SIGINT or SIGTERM into a stop after the trials in flight, and the second into a stop now."""
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

"""Run some trials of one cell, and write them: the work of a worker process."""

from __future__ import annotations

import copy
import os
import threading
import traceback
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from threadpoolctl import threadpool_limits

from benchmarks.loading import load_benchmark
from harness.errors import StopNow
from harness.experiments.cells import CellSpec
from harness.simulation.accounting import STALLED_AFTER
from harness.simulation.trial import run_trial
from results.storage.records import Trial
from results.storage.store import clear_error, write_chunk, write_error

WRITE_AFTER = 2.0
"""Time after which finished trials are written [s]."""

CHECK_PARENT_EVERY = 0.5
"""Time between two checks that the parent process is alive [s]."""


@dataclass(frozen=True)
class Task:
    """Consecutive missing trials of one cell.

    Attributes
    ----------
    cell : CellSpec
    trials : tuple of int
    folder : Path
        Folder of the cell.
    stop : Path
        While this file exists, no trial is started.
    parent : int
        Id of the process that created the task. Its workers end soon after it.
    metadata : dict
        Provenance to store in the files.
    """

    cell: CellSpec
    trials: tuple[int, ...]
    folder: Path
    stop: Path
    parent: int
    metadata: dict[str, Any]


@dataclass
class Report:
    """The outcome of a task: finished trials, errors of failed trials, and the real time of the finished ones [s]."""

    task: Task
    done: list[int] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)
    seconds: float = 0.0


def run_task(task: Task) -> Report:
    """Run the trials of a task, and write them every two seconds and at the end.

    A trial that raises an error or stalls has failed. Its error is written to a file, and the next trial starts.
    """
    if os.getpid() != task.parent:
        _end_with(task.parent)
    report, finished, began, written = Report(task), [], monotonic(), monotonic()
    try:
        with threadpool_limits(1):
            for trial in task.trials:
                if task.stop.exists():
                    break
                record = _attempt(task, trial, report)
                if record is not None:
                    finished.append(record)
                if finished and monotonic() - written > WRITE_AFTER:
                    written = monotonic()
                    _write(task, finished, report, began)
    finally:
        _write(task, finished, report, began)
    return report


@lru_cache(maxsize=1)
def _end_with(parent: int) -> None:
    """End this worker process soon after its parent ends, even if that was killed. Files are written atomically."""

    def watch() -> None:
        while os.getppid() == parent:
            sleep(CHECK_PARENT_EVERY)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _attempt(task: Task, trial: int, report: Report) -> Trial | None:
    """Run a trial. If it fails, write its error, add it to the report, and return None."""
    cell = task.cell
    try:
        algorithm = cell.source.load()(**copy.deepcopy(cell.parameters))
        benchmark = load_benchmark(cell.benchmark)
        record = run_trial(algorithm, cell.source.use, benchmark, cell.protocol, cell.seed, trial)
        if record.ended == "stalled":
            raise RuntimeError(
                f"stalled: {STALLED_AFTER:,} evaluations in a row used neither simulated time nor budget"
            )
        if record.ended == "done" and not len(record.columns["number"]):
            raise RuntimeError("ended without an evaluation: the first answer of the algorithm was DONE")
        return record
    except StopNow:
        raise
    except BaseException as error:  # an algorithm can raise anything, even SystemExit: the other trials must go on
        report.failed[trial] = _describe(error)
        details = {"trial": trial, "error": report.failed[trial], "traceback": traceback.format_exc()}
        write_error(task.folder, trial, details | {"cell": cell.to_json()} | task.metadata)
        return None


def _describe(error: BaseException) -> str:
    """Write an error as one text, even if its own ``__str__`` raises an error."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception as other:  # raised by __str__
        return f"{type(error).__name__}, whose message cannot be shown ({type(other).__name__})"


def _write(task: Task, finished: list[Trial], report: Report, began: float) -> None:
    """Write the finished trials to one file, add them to the report, and empty the list."""
    if finished:
        elapsed = monotonic() - began - report.seconds
        write_chunk(task.folder, finished, task.metadata | {"real_seconds": elapsed})
        report.seconds += elapsed
        for record in finished:
            clear_error(task.folder, record.trial)
        report.done += [record.trial for record in finished]
        finished.clear()

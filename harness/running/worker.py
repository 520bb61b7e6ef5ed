"""What one worker process does: some trials of one cell, written as it goes."""

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
"""Finished trials are written when this time has passed [s]."""

LOOK_AFTER = 0.5
"""How often a worker looks whether its parent is there [s]."""


@dataclass(frozen=True)
class Task:
    """Consecutive missing trials of one cell.

    Attributes
    ----------
    cell : CellSpec
    trials : tuple of int
    folder : Path
        Of the cell.
    stop : Path
        While this file exists, no further trial is begun.
    parent : int
        Process that gave out the task; its workers end soon after it.
    metadata : dict
        Provenance for the files.
    """

    cell: CellSpec
    trials: tuple[int, ...]
    folder: Path
    stop: Path
    parent: int
    metadata: dict[str, Any]


@dataclass
class Report:
    """What became of a task: trials done, trials failed with what they raised, and the real time taken [s]."""

    task: Task
    done: list[int] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)
    seconds: float = 0.0


def run_task(task: Task) -> Report:
    """Run the trials of a task, and write them every two seconds and at the end.

    A trial that raises, or stalls, is a failure: it leaves an error file, and the next one begins.
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
    """End this worker process soon after its parent, however that ended; files are written whole or not at all."""

    def watch() -> None:
        while os.getppid() == parent:
            sleep(LOOK_AFTER)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _attempt(task: Task, trial: int, report: Report) -> Trial | None:
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
            raise RuntimeError("ended before it asked for anything: its first answer was done")
        return record
    except StopNow:
        raise
    except (
        BaseException
    ) as error:  # whatever an algorithm raises, SystemExit too, must not take the other trials with it
        report.failed[trial] = _describe(error)
        details = {"trial": trial, "error": report.failed[trial], "traceback": traceback.format_exc()}
        write_error(task.folder, trial, details | {"cell": cell.to_json()} | task.metadata)
        return None


def _describe(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception as other:  # its own __str__ raised
        return f"{type(error).__name__}, whose text cannot be shown ({type(other).__name__})"


def _write(task: Task, finished: list[Trial], report: Report, began: float) -> None:
    """Write the finished trials as one file, and forget them."""
    if finished:
        elapsed = monotonic() - began - report.seconds
        write_chunk(task.folder, finished, task.metadata | {"real_seconds": elapsed})
        report.seconds += elapsed
        for record in finished:
            clear_error(task.folder, record.trial)
        report.done += [record.trial for record in finished]
        finished.clear()

"""Drive the trials of a task, in this process or another one, and store what they give."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any, ParamSpec, TypeVar

from harness.entries.isolated import FunctionFailed, IsolatedProcess, ProcessDied
from harness.experiments.cells import CellSpec
from harness.running.worker import Encoded, Failure, attempt, forget_finished, take_finished
from results.storage.chunks import check_hashes, read_chunk
from results.storage.records import ResultsError
from results.storage.store import write_encoded, write_error
from results.words import printable, shortened

P = ParamSpec("P")
T = TypeVar("T")

STARTS = 3
"""Processes that are started, one after another, if they die before they run a trial."""
MOST_SAID = (1_000, 100_000)
"""Characters of the reason of a failure and of its traceback, at most."""
WRITE_AFTER = 2.0
"""Finished trials are written when this time has passed [s]."""


@dataclass(frozen=True)
class Task:
    """Consecutive missing trials of one cell.

    Attributes
    ----------
    cell : CellSpec
    trials : tuple of int
    folder : Path
        Of the cell.
    metadata : dict
        Provenance for the files.
    """

    cell: CellSpec
    trials: tuple[int, ...]
    folder: Path
    metadata: dict[str, Any]


@dataclass
class Report:
    """The outcome of a task: trials done, trials failed with the reason, the real time taken [s], files written."""

    task: Task
    done: list[int] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)
    seconds: float = 0.0
    files: int = 0


Ticked = Callable[[CellSpec, float], None]
"""Called with the cell of a trial that ended, and its real time [s]."""


def ignore_tick(cell: CellSpec, seconds: float) -> None:
    """Do nothing when a trial has ended."""


class Drivers:
    """Runs tasks, each in the process of the thread that drives it.

    Parameters
    ----------
    stopped : threading.Event
        When it is set, no further trial is begun.
    isolated : bool
        Whether trials run in processes of their own. Those of custom classes must.
    write_after : float
        Finished trials are written when this time has passed [s], and at the end of a task.
    ticked : callable
        Called when a trial has ended, on the thread that drives it.
    """

    def __init__(
        self,
        stopped: threading.Event,
        *,
        isolated: bool,
        write_after: float = WRITE_AFTER,
        ticked: Ticked = ignore_tick,
    ) -> None:
        self._stopped = stopped
        self._isolated = isolated
        self._write_after = write_after
        self._ticked = ticked
        self._own = threading.local()
        self._processes: list[IsolatedProcess] = []
        self._lock = threading.Lock()
        self._killed = False

    def __enter__(self) -> Drivers:
        return self

    def __exit__(self, *_: object) -> None:
        self.end_processes()

    def end_processes(self) -> None:
        """End the processes. The next tasks start new ones."""
        for process in self._processes:
            process.stop()

    def kill(self) -> None:
        """End all processes at once. Trials in flight are lost."""
        self._killed = True
        self.end_processes()

    def run(self, task: Task, seconds: float = inf) -> Report:
        """Run the trials of a task, and write them from time to time and at the end.

        A trial that raises, stalls, or takes its process with it is a failure: it leaves an error file, and the others
        go on. Trials that were finished in a process that died, and not yet written, run again.

        Parameters
        ----------
        task : Task
        seconds : float
            After this time no further trial is begun [s].
        """
        report, waiting, end = Report(task), deque(task.trials), monotonic() + seconds
        while waiting and not self._stopped.is_set() and monotonic() < end:
            self._run_some(task, waiting, report, end)
        return report

    def _run_some(self, task: Task, waiting: deque[int], report: Report, end: float) -> None:
        """Run trials for some seconds, and write them."""
        self._separate(task.cell)
        self._begin()
        finished: list[int] = []
        began, trial = monotonic(), waiting[0]
        end = min(end, began + self._write_after)
        try:
            while waiting and not self._stopped.is_set():
                trial, began_trial = waiting.popleft(), monotonic()
                failure = self._call(attempt, task.cell, trial)
                self._ticked(task.cell, monotonic() - began_trial)
                if failure is None:
                    finished.append(trial)
                else:
                    self._fail(task, trial, failure, report)
                if monotonic() >= end:
                    break
            if finished:
                seconds = monotonic() - began
                encoded = self._call(take_finished, task.metadata | {"real_seconds": seconds})
                if task.cell.source.is_custom_class:
                    check_encoded(task.folder, encoded, finished)
                write_encoded(task.folder, encoded.trials, encoded.content)
                report.seconds += seconds
                report.done += encoded.trials
                report.files += 1
        except (ProcessDied, FunctionFailed) as problem:
            self._stop_own()
            if not self._killed:
                details = getattr(problem, "details", "Its process ended without a traceback.")
                self._fail(task, trial, Failure(str(problem), details), report)
                waiting.extendleft(reversed([other for other in finished if other != trial]))

    def _separate(self, cell: CellSpec) -> None:
        """End the process of this thread if it ran the custom code of another cell, which may have changed anything."""
        ran: str | None = getattr(self._own, "ran", None)
        if ran is not None and ran != cell.id:
            self._stop_own()
        self._own.ran = cell.id if cell.source.is_custom_class else None
        self._own.limit = cell.time_limit

    def _stop_own(self) -> None:
        process: IsolatedProcess | None = getattr(self._own, "process", None)
        if process is not None:
            process.stop()

    def _begin(self) -> None:
        """Start a process if there is none, or if it died while it was idle."""
        for attempts_left in range(STARTS - 1, -1, -1):
            try:
                self._call(forget_finished)
                return
            except ProcessDied as death:
                if self._killed:
                    return
                if not attempts_left:
                    raise ProcessDied(
                        f"{STARTS} processes that were to run trials ended before they began ({death}); does the"
                        " machine have enough memory? The same command continues from here"
                    ) from death

    def _call(self, function: Callable[P, T], *arguments: P.args, **keywords: P.kwargs) -> T:
        """Call a function in the process of this thread, which is started if there is none."""
        if not self._isolated:
            return function(*arguments, **keywords)
        process: IsolatedProcess | None = getattr(self._own, "process", None)
        if process is None or process.stopped:
            if self._killed:
                raise ProcessDied("the run was stopped")
            process = self._own.process = IsolatedProcess()
            with self._lock:
                self._processes = [other for other in self._processes if not other.stopped] + [process]
        process.limit = self._own.limit
        return process.call(function, *arguments, **keywords)

    def _fail(self, task: Task, trial: int, failure: Failure, report: Report) -> None:
        reason, details = (printable(shortened(text, most)) for text, most in zip(failure, MOST_SAID, strict=True))
        report.failed[trial] = reason
        record = {"trial": trial, "error": reason, "traceback": details, "cell": task.cell.to_json()}
        write_error(task.folder, trial, record | task.metadata)


def check_encoded(folder: Path, encoded: Encoded, finished: Sequence[int]) -> None:
    """Check that a process of custom code hands over the trials that it finished, with their hashes.

    Raises
    ------
    ProcessDied
        If it does not.
    """
    try:
        chunk = read_chunk(folder / "handed-over", encoded.content)
        check_hashes(chunk.read(), chunk.trials)
    except ResultsError as error:
        raise ProcessDied(f"its process handed over results that are not sound: {error}") from error
    if list(encoded.trials) != sorted(finished) or sorted(chunk.trials) != sorted(finished):
        raise ProcessDied(f"its process handed over the trials {sorted(chunk.trials)}, but finished {sorted(finished)}")

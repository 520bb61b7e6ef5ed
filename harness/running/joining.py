"""Join the planned tasks of a cell as far as its trials are quick, so that they end in few files."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

from harness.running.driver import WRITE_AFTER, Report, Task

TARGET = 0.75 * WRITE_AFTER
"""Time that a joined task is to take [s], so that its trials are written together."""
SHARE = 4
"""Tasks per process that are left to wait, at least, so that all processes end at the same time."""


class Pace:
    """Measures the trials of each cell, and joins tasks accordingly.

    Parameters
    ----------
    workers : int
        Number of processes.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._seconds: dict[str, float] = {}

    def note(self, report: Report) -> None:
        """Note what the trials of a task took."""
        if report.done:
            self._seconds[report.task.cell.id] = report.seconds / len(report.done)

    def join(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """Yield tasks, each joined with those after it that are of the same cell and take no longer together."""
        waiting = deque(tasks)
        while waiting:
            task = waiting.popleft()
            trials, most = list(task.trials), self._most(task, len(waiting))
            while waiting and waiting[0].cell.id == task.cell.id and len(trials) + len(waiting[0].trials) <= most:
                trials += waiting.popleft().trials
            yield replace(task, trials=tuple(trials))

    def _most(self, task: Task, waiting: int) -> float:
        """Return how many trials the next task may have."""
        seconds = self._seconds.get(task.cell.id)
        if seconds is None:
            return 0
        return min(TARGET / max(seconds, 1e-6), len(task.trials) * waiting / (SHARE * self._workers))

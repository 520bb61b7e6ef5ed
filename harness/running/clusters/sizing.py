"""How many trials a task takes, from measured times."""

from __future__ import annotations

from dataclasses import dataclass

TARGET = 30.0
"""Time that a task is to take [s]: long beside the cost of sending it, short beside a study."""
LONGEST = 2 * TARGET
"""Time after which a task begins no further trial [s], whatever was expected."""
LARGEST = 16 << 20
"""Bytes that a task is to return, at most."""
FIRST = 25
"""Trials of a task whose time is unknown. Trials that it did not begin in time are given to other tasks."""
SHARE = 2
"""Tasks per thread into which the waiting trials are divided, at least, so that all threads end at the same time."""


@dataclass
class _Measured:
    """Times of the latest tasks of a cell."""

    seconds: float
    size: float


class TaskSizes:
    """Measures the trials of each cell, and says how many of them make a task."""

    def __init__(self) -> None:
        self._measured: dict[str, _Measured] = {}

    def note(self, cell_id: str, trials: int, seconds: float, size: int) -> None:
        """Note that a task of a cell ran some trials.

        Parameters
        ----------
        cell_id : str
        trials : int
            Number of trials, at least 1.
        seconds : float
            Time that they took together [s].
        size : int
            What they returned together [bytes].
        """
        new = _Measured(seconds / trials, size / trials)
        old = self._measured.get(cell_id, new)
        self._measured[cell_id] = _Measured((old.seconds + new.seconds) / 2, (old.size + new.size) / 2)

    def trials(self, cell_id: str, waiting: int, threads: int) -> int:
        """Return the number of trials of the next task of a cell, at least 1.

        Parameters
        ----------
        cell_id : str
        waiting : int
            Number of trials of all cells that no task has yet.
        threads : int
            Number of tasks that the cluster runs at a time.
        """
        share = -(-waiting // (SHARE * max(1, threads)))
        measured = self._measured.get(cell_id)
        if measured is None:
            return max(1, min(FIRST, share))
        by_time = TARGET / max(measured.seconds, 1e-6)
        by_size = LARGEST / max(measured.size, 1.0)
        return max(1, min(share, int(by_time), int(by_size)))

"""Progress of a run: a bar on a terminal, plain lines otherwise, both with the time left."""

from __future__ import annotations

import threading
from time import monotonic
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar
from rich.text import Text

from harness.experiments.cells import CellSpec, Experiment
from harness.running.driver import Report
from harness.running.runner import Outcome
from harness.running.time_left import NOTHING, Taken, time_left
from results.words import counted

FIRST_LINE = 8.0
"""Time until the first plain line of a run [s]."""
PRINT_EVERY = 10.0
"""Time between two plain lines, if trials ended in between [s]."""
PRINT_ANYWAY = 60.0
"""Time between two plain lines at most [s]."""
UPDATE_EVERY = 0.5
"""Time between two updates of the bar [s]."""


class Progress:
    """Shows the progress of a run.

    Parameters
    ----------
    console : Console
    experiment : Experiment
    jobs : int, optional
        Number of worker processes. Default: the number of processors.
    title : str, optional
        What is run. Default: the name of the experiment.
    """

    def __init__(
        self, console: Console, experiment: Experiment, jobs: int | None = None, title: str | None = None
    ) -> None:
        self._console = console
        self._experiment = experiment
        self._title = title or experiment.name
        self._jobs = jobs
        self._algorithms = {cell.id: cell.source.use for cell in experiment.cells}
        self._bar = Bar(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("trials"),
            TextColumn("{task.fields[left]}"), console=console, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task(self._title, total=None, left="")
        self._outcome = Outcome(wanted=0)
        self._present = self._reported = self._ticks = self._wanted = 0
        self._text = ""
        self._taken: dict[str, Taken] = {}
        self._began = self._last = monotonic()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Progress:
        self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._watcher.is_alive():
            self._watcher.join()
        self._bar.__exit__(kind, error, trace)

    def begin(self, outcome: Outcome) -> None:
        """Print how many trials there are, and how many of them are finished already; then watch the time."""
        self._outcome, self._present, self._wanted = outcome, outcome.present, outcome.wanted
        self._began = self._last = monotonic()
        cells = counted(len(self._experiment.cells), "cell")
        finished = f"; {outcome.present} already finished" if outcome.present else ""
        planned = f"{counted(outcome.wanted, 'trial')} in {cells}"
        if self._experiment.stopping:
            planned = f"{cells} until decided, at most {counted(len(self._experiment.trials), 'trial')} per cell"
        self._console.print(Text(f"{self._title}: {planned}{finished}"))
        self._bar.update(self._task, total=outcome.wanted, completed=outcome.present)
        self._watcher.start()

    def plan_more(self, wanted: int, text: str) -> None:
        """Show that there are more trials than before, and why."""
        self._wanted, self._text = wanted, f"; {text}"
        self._bar.update(self._task, total=wanted, description=f"{self._title}{self._text}")

    def say(self, sentence: str) -> None:
        """Print a sentence above the bar."""
        self._console.print(Text(sentence))

    def trial(self, cell: CellSpec, seconds: float) -> None:
        """Count a trial that ended on this machine, and its real time [s]. Called on any thread."""
        with self._lock:
            self._ticks += 1
            self._count(cell, 1, seconds)

    def observe(self, report: Report) -> None:
        """Count the trials of a task, unless each of them was counted when it ended."""
        ended = len(report.done) + len(report.failed)
        with self._lock:
            self._reported += ended
            if not self._ticks:
                self._count(report.task.cell, ended, report.seconds)
        self._bar.update(self._task, completed=self.done)

    def _count(self, cell: CellSpec, trials: int, seconds: float) -> None:
        before = self._taken.get(cell.id, NOTHING)
        self._last = monotonic()
        self._taken[cell.id] = Taken(before.trials + trials, before.seconds + seconds)

    @property
    def done(self) -> int:
        """Number of trials that have ended, with those that were finished before the run."""
        return min(self._wanted, self._present + max(self._ticks, self._reported))

    @property
    def _processes(self) -> int:
        """Number of worker processes."""
        if self._jobs is None:
            from joblib import cpu_count  # a run with nothing to do does not need it

            self._jobs = int(cpu_count())
        return self._jobs

    def _watch(self) -> None:
        """Update the bar, or print a line from time to time, until the run ends."""
        next_line, shown, printed = self._began + FIRST_LINE, -1, self._began
        while not self._ended.wait(min(UPDATE_EVERY, FIRST_LINE)):
            now = monotonic()
            if self._console.is_terminal:
                self._bar.update(self._task, completed=self.done, left=self._left())
            elif now >= next_line and (self.done != shown or now >= printed + PRINT_ANYWAY):
                left = self._left()
                line = f"{self.done} of {self._wanted} trials{self._text}{f'; {left}' if left else ''}"
                self._console.print(Text(line))
                next_line, shown, printed = now + PRINT_EVERY, self.done, now

    def _left(self) -> str:
        """Return the time left in words."""
        with self._lock:
            taken = dict(self._taken)
        planned, idle = dict(self._outcome.planned), monotonic() - self._last
        if self._experiment.stopping:  # the next blocks are not known: all cells count as one
            together = Taken(sum(one.trials for one in taken.values()), sum(one.seconds for one in taken.values()))
            ahead = self._wanted - self._present
            return time_left({"": ahead}, {"": together}, {"": ""}, idle, self._processes)
        processes = max(1, min(self._processes, sum(planned.values())))
        return time_left(planned, taken, self._algorithms, idle, processes)

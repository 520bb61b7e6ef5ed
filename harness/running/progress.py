"""Progress of a run: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from time import monotonic
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

from harness.experiments.cells import Experiment
from harness.running.runner import Outcome
from harness.running.worker import Report
from results.words import counted

SAY_EVERY = 10.0
"""Seconds between two plain lines."""


class Progress:
    """Draws how far a run is.

    Parameters
    ----------
    console : Console
    experiment : Experiment
    """

    def __init__(self, console: Console, experiment: Experiment) -> None:
        self._console = console
        self._experiment = experiment
        self._bar = Bar(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("trials"),
            TimeRemainingColumn(), console=console, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task(experiment.name, total=None)
        self._done = self._wanted = 0
        self._said = monotonic()

    def __enter__(self) -> Progress:
        self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.__exit__(kind, error, trace)

    def begin(self, outcome: Outcome) -> None:
        """Say what there is to do."""
        self._done, self._wanted = outcome.present, outcome.wanted
        cells = counted(len(self._experiment.cells), "cell")
        here = f"; {outcome.present} {'is' if outcome.present == 1 else 'are'} there" if outcome.present else ""
        self._console.print(Text(f"{self._experiment.name}: {counted(outcome.wanted, 'trial')} in {cells}{here}"))
        self._bar.update(self._task, total=outcome.wanted, completed=outcome.present)

    def observe(self, report: Report) -> None:
        """Take the report of a task."""
        self._done += len(report.done) + len(report.failed)
        self._bar.update(self._task, completed=self._done)
        if not self._console.is_terminal and monotonic() - self._said > SAY_EVERY:
            self._said = monotonic()
            self._console.print(f"{self._done} of {self._wanted} trials")

"""Progress of a run: a bar on a terminal, plain lines otherwise."""

from __future__ import annotations

from time import monotonic
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

from harness.experiments.cells import Experiment
from harness.running.driver import Report
from harness.running.runner import Outcome
from results.words import counted

PRINT_EVERY = 10.0
"""Time between two plain lines [s]."""


class Progress:
    """Shows the progress of a run.

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
        self._text = ""
        self._printed = monotonic()

    def __enter__(self) -> Progress:
        self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.__exit__(kind, error, trace)

    def begin(self, outcome: Outcome) -> None:
        """Print how many trials there are, and how many of them are finished already."""
        self._done, self._wanted = outcome.present, outcome.wanted
        cells = counted(len(self._experiment.cells), "cell")
        finished = f"; {outcome.present} already finished" if outcome.present else ""
        planned = f"{counted(outcome.wanted, 'trial')} in {cells}"
        if self._experiment.stopping:
            planned = f"{cells} until decided, at most {counted(len(self._experiment.trials), 'trial')} per cell"
        self._console.print(Text(f"{self._experiment.name}: {planned}{finished}"))
        self._bar.update(self._task, total=outcome.wanted, completed=outcome.present)

    def plan_more(self, wanted: int, text: str) -> None:
        """Show that there are more trials than before, and why."""
        self._wanted, self._text = wanted, f"; {text}"
        self._bar.update(self._task, total=wanted, description=f"{self._experiment.name}{self._text}")

    def say(self, sentence: str) -> None:
        """Print a sentence above the bar."""
        self._console.print(Text(sentence))

    def observe(self, report: Report) -> None:
        """Update the progress with the report of a task."""
        self._done += len(report.done) + len(report.failed)
        self._bar.update(self._task, completed=self._done)
        if not self._console.is_terminal and monotonic() - self._printed > PRINT_EVERY:
            self._printed = monotonic()
            self._console.print(Text(f"{self._done} of {self._wanted} trials{self._text}"))

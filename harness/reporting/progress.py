"""The progress of a report, while it is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from results.storage.study import Study

PARTS = 2
"""The number of steps per benchmark: its curves, and its trials."""


@contextmanager
def progress_of(*studies: Study) -> Iterator[Callable[[str], None]]:
    """Show on stderr what is computed of some studies, if that is a terminal.

    Yields
    ------
    callable
        Is told what is computed next. The first step is the summary.
    """
    console = Console(stderr=True)
    columns = (TextColumn("report: {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        steps = 1 + PARTS * sum(len({cell.benchmark for cell in study.cells}) for study in studies)
        task = shown.add_task("", total=steps)
        begun = False

        def tell(text: str) -> None:
            nonlocal begun
            shown.update(task, description=text, advance=1 if begun else 0)
            begun = True

        yield tell
        shown.update(task, completed=steps)

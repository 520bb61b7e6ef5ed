"""What ``regretta reproduce`` does: it runs what a study needs, and shows published numbers beside ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.errors import unknown_name
from harness.commands.console import make_console
from harness.commands.exit_codes import OK
from harness.commands.run import say_outcome
from harness.errors import ConfigurationError
from harness.reproduction.races import IncompleteError, Races
from harness.reproduction.rows import Reproduction

STUDIES = {
    "nasbench201": "harness.reproduction.nasbench201:reproduce",
    "nasbench201-best-of-100": "harness.reproduction.best_of_random:reproduce",
    "random-search-theory": "harness.reproduction.random_search_theory:reproduce",
    "queries-to-optimum": "harness.reproduction.queries_to_optimum:reproduce",
    "predictor-sampling": "harness.reproduction.predictor_sampling:reproduce",
}
"""By name, the function ``reproduce(races) -> Reproduction``; a new study is a file, and a line here."""


def reproduce_command(name: str, out: Path | None, jobs: int | None, trials: int | None, *, as_json: bool) -> int:
    """Run what is missing of a study, and print its numbers."""
    if name not in STUDIES:
        raise ConfigurationError([unknown_name("study", name, STUDIES)])
    module, _, attribute = STUDIES[name].partition(":")
    reproduce: Callable[[Races], Reproduction] = getattr(import_module(module), attribute)
    progress = Console(stderr=True, highlight=False)
    try:
        found = reproduce(Races(out or Path("runs") / "reproduce", jobs, trials, progress))
    except IncompleteError as error:
        return say_outcome(error.outcome, error.directory, progress)
    if as_json:
        print(json.dumps(asdict(found), indent=1))
    else:
        show(found, make_console())
    return OK


def show(found: Reproduction, console: Console) -> None:
    """Print a reproduction as a table with its notes."""
    console.print(Text.assemble((found.title, "bold"), (f"  {found.unit}", "dim")))
    console.print(Text(f"{found.reference.capitalize()}: {found.source}", style="dim"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for i, heading in enumerate(("algorithm", *found.rows[0].HEADINGS)):
        title = Text(heading.format(reference=found.reference))
        table.add_column(title, justify="left" if i < 3 else "right", no_wrap=True)
    before = ""
    for row in found.rows:
        table.add_row(Text(row.label if row.label != before else ""), *row.cells(found.digits))
        before = row.label
    console.print(table)
    for note in found.notes:
        console.print(Text(f"- {note}"))

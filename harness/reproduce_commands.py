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
from harness.commands import say_outcome
from harness.console import make_console
from harness.errors import ConfigurationError
from harness.exit_codes import OK
from harness.reproduction.races import IncompleteError, Races
from harness.reproduction.rows import Reproduction, Row

STUDIES = {
    "nasbench201": "harness.reproduction.nasbench201:reproduce",
    "nasbench201-best-of-100": "harness.reproduction.best_of_random:reproduce",
    "random-search-theory": "harness.reproduction.random_search_theory:reproduce",
    "queries-to-optimum": "harness.reproduction.queries_to_optimum:reproduce",
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
    for heading in ("algorithm", "data set", "split"):
        table.add_column(heading, no_wrap=True)
    for heading in (found.reference, "ours", "difference [95 %]", "sd", "within"):
        table.add_column(Text(heading), justify="right", no_wrap=True)
    before = ""
    for row in found.rows:
        table.add_row(Text(row.label if row.label != before else ""), *_cells(row, found.digits))
        before = row.label
    console.print(table)
    for note in found.notes:
        console.print(Text(f"- {note}"))


def _cells(row: Row, digits: int) -> list[str]:
    interval = (
        "" if row.difference_low is None else f" [{row.difference_low:+.{digits}f}, {row.difference_high:+.{digits}f}]"
    )
    return [
        row.dataset,
        row.split,
        _spread(row.published_mean, row.published_sd, digits),
        _spread(row.ours_mean, row.ours_sd, digits),
        f"{row.difference:+.{digits}f}{interval}",
        "–" if row.difference_sd is None else f"{row.difference_sd:+.2f}",
        "–" if row.within is None else "yes" if row.within else "no",
    ]


def _spread(mean: float, sd: float | None, digits: int) -> str:
    return f"{mean:.{digits}f}" + ("" if sd is None else f" ± {sd:.{digits}f}")

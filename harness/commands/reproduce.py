"""The command ``reproduce``: run the experiments of a reproduction, and compare published numbers with ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.errors import unknown_name
from benchmarks.registry import resolve
from harness.commands.console import make_console, print_json
from harness.commands.exit_codes import OK
from harness.commands.run import print_outcome
from harness.errors import ConfigurationError
from harness.reproduction.races import IncompleteError, Races
from harness.reproduction.registry import REPRODUCTIONS
from harness.reproduction.rows import Reproduction


def reproduce_command(name: str, out: Path | None, jobs: int | None, trials: int | None, *, as_json: bool) -> int:
    """Run the missing trials of a reproduction, and print its numbers."""
    if name not in REPRODUCTIONS:
        raise ConfigurationError([unknown_name("reproduction", name, REPRODUCTIONS)])
    reproduce: Callable[[Races], Reproduction] = resolve(REPRODUCTIONS[name])
    progress = Console(stderr=True, highlight=False)
    try:
        found = reproduce(Races(out or Path("runs") / "reproduce", jobs, trials, progress))
    except IncompleteError as error:
        return print_outcome(error.outcome, error.directory, progress)
    if as_json:
        print_json(asdict(found))
    else:
        print_reproduction(found, make_console())
    return OK


def print_reproduction(found: Reproduction, console: Console) -> None:
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

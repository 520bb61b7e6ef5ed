"""The console that the commands print to."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Literal

from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from plots.report.sections import Section

WIDTH = 120
"""Number of columns of output to a file or a pipe, unless ``$COLUMNS`` is set."""
WIDEST = 1000
"""Number of columns of a table, at most."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Stop printing when the reader closes the pipe, and keep working."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def make_console() -> Console:
    """Return a console as wide as the terminal, or wide enough for the tables without a terminal."""
    fixed = None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDTH
    return _Console(highlight=False, width=fixed)


def print_table(table: Table, console: Console) -> None:
    """Print a table, with all its columns unwrapped if they do not fit the console even when wrapped.

    Otherwise, rich would cut off the last columns.
    """
    width = console.width
    measured = Measurement.get(console, console.options.update(width=WIDEST), table)
    lines = Segment.split_lines(console.render(table))
    if max(measured.minimum, *(sum(part.cell_length for part in line) for line in lines)) > width:
        console.width = measured.maximum
    console.print(table)
    console.width = width


def plain_table(*headings: str, header: bool = True, kept: int = 0, right: Sequence[str] = ()) -> Table:
    """Return a table without lines.

    Parameters
    ----------
    *headings : str
    header : bool
        Whether the headings are printed.
    kept : int
        Number of leading columns that are never wrapped.
    right : sequence of str
        Headings of the columns that are aligned to the right.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=header, header_style="dim")
    for place, heading in enumerate(headings):
        justify: Literal["left", "right"] = "right" if heading in right else "left"
        table.add_column(Text(heading), justify=justify, overflow="fold", no_wrap=place < kept)
    return table


def verbatim(text: str) -> Text:
    """Return a text to copy, which `print_parts` neither wraps nor crops."""
    return Text(text.rstrip("\n"), no_wrap=True)


def print_parts(parts: Iterable[RenderableType], console: Console) -> None:
    """Print parts one below the other."""
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, Text) and bool(part.no_wrap))


def print_json(content: object) -> None:
    """Print a value as JSON. Numbers that are not known or infinite become null."""
    plain = json.loads(json.dumps(content), parse_constant=lambda _: None)
    print(json.dumps(plain, indent=1))


def print_section(section: Section, console: Console) -> None:
    """Print the sentences and tables of a section of the report."""
    for sentence in section.sentences:
        console.print(Text(sentence))
    for one in section.tables:
        table = Table(title=Text(one.title))
        for place, heading in enumerate(one.headings):
            table.add_column(Text(heading), justify="left" if place < one.n_texts else "right", overflow="fold")
        for row in one.rows:
            table.add_row(*map(Text, row))
        console.print(table)

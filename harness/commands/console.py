"""The console that the commands print to."""

from __future__ import annotations

import os
import sys

from rich.console import Console

WIDTH = 120
"""Number of columns of output to a file or a pipe, unless ``$COLUMNS`` is set."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Stop printing when the reader closes the pipe, and keep working."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def make_console() -> Console:
    """Return a console as wide as the terminal, or wide enough for the tables without a terminal."""
    fixed = None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDTH
    return _Console(highlight=False, width=fixed)

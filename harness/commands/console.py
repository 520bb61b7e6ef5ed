"""Where the commands print."""

from __future__ import annotations

import os
import sys

from rich.console import Console

WIDTH = 120
"""Columns of what goes to a file or a pipe, unless ``$COLUMNS`` says otherwise."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Go on in silence when nobody reads any more: what is being done is not for the reader alone."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def make_console() -> Console:
    """Return a console as wide as the terminal; wide enough for the tables where there is none."""
    fixed = None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDTH
    return _Console(highlight=False, width=fixed)

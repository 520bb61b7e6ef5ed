"""Where the commands print."""

from __future__ import annotations

import os
import sys

from rich.console import Console

WIDTH = 120
"""Columns of what goes to a file or a pipe, unless ``$COLUMNS`` says otherwise."""


def make_console() -> Console:
    """Return a console as wide as the terminal; wide enough for the tables where there is none."""
    fixed = None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDTH
    return Console(highlight=False, width=fixed)

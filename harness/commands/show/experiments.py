"""Show an experiment: its algorithms, benchmarks and trials, and the command that runs it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from harness.commands.console import plain_table
from harness.commands.planning.overview import Overview, overview, overview_parts
from harness.entries.toml_text import toml_value
from harness.errors import ConfigurationError
from harness.experiments.files import TUNING, experiment_file, read_experiment_file
from harness.experiments.opening import open_experiment


@dataclass(frozen=True)
class ExperimentShown:
    """An experiment.

    Attributes
    ----------
    name, description : str
    file : str
        The TOML file.
    command : str
        The command that runs it.
    overview : Overview or None
        None if it is one for `regretta tune`, or cannot be run now.
    tuning : dict or None
        The section ``[tuning]``.
    problems : tuple of str
        Why it cannot be run now.
    """

    name: str
    description: str
    file: str
    command: str
    overview: Overview | None
    tuning: dict[str, Any] | None
    problems: tuple[str, ...]


def show_experiment(name: str) -> ExperimentShown:
    """Describe a shipped experiment, or one in a ``.toml`` file."""
    file = experiment_file(name)
    raw = read_experiment_file(file)
    tuning, found, problems = raw.get(TUNING), None, tuple[str, ...]()
    if tuning is None:
        try:
            resolved = open_experiment(name)
            found = overview(resolved, Path("runs") / resolved.name, estimated=False)
        except ConfigurationError as error:
            problems = error.problems
    verb = "run" if tuning is None else "tune"
    command = f"regretta {verb} {shlex.quote(name)}"
    title, description = str(raw.get("name", file.stem)), str(raw.get("description", ""))
    return ExperimentShown(title, description, str(file), command, found, tuning, problems)


def experiment_parts(shown: ExperimentShown) -> Iterator[RenderableType]:
    """Lay out an experiment for the terminal."""
    if shown.overview:
        yield from overview_parts(shown.overview)
    else:
        yield Text(f"{shown.name}: {shown.description}")
    if shown.tuning:
        table = plain_table("tuning", "value", kept=1)
        for key, value in shown.tuning.items():
            table.add_row(Text(key), Text(toml_value(value)))
        yield Text()
        yield table
    for problem in shown.problems:
        yield Text(f"It cannot be run now: {problem}")
    yield Text(f"\nFile: {shown.file}\n")
    yield Text(shown.command)

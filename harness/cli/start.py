"""The verbs for finding one's way: ``init``, ``list`` and ``show``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from harness.cli import completion
from harness.cli.options import Json, Quiet
from harness.cli.verbs import BEGIN, verb

start_app = typer.Typer()

What = Literal["algorithms", "benchmarks", "protocols", "experiments", "studies", "figures", "models", "reproductions"]


@verb(start_app, "regretta init", "regretta init my-project", panel=BEGIN)
def init(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of the project. Default: this one.")
    ] = Path(),
    quiet: Quiet = False,
) -> None:
    """Write a commented experiment, an optimizer and a gate for GitHub. Files that exist are left as they are."""
    from harness.commands.starting.init import init_command

    raise typer.Exit(init_command(directory))


@verb(
    start_app,
    "regretta list",
    "regretta list algorithms",
    "regretta list benchmarks --json",
    "regretta list experiments --quiet",
    name="list",
    panel=BEGIN,
)
def list_(
    what: Annotated[
        What | None, typer.Argument(metavar="KIND", help="What to list. Default: the kinds, with their numbers.")
    ] = None,
    json_: Json = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print the names alone, one per line.")] = False,
) -> None:
    """List the algorithms, benchmarks, protocols, experiments, studies, figures, models or reproductions."""
    from harness.commands.show.listing import list_command

    raise typer.Exit(list_command(what, as_json=json_, names_only=quiet))


@verb(
    start_app,
    "regretta show regularized_evolution",
    "regretta show nasbench201-cifar10",
    "regretta show standard",
    "regretta show my_search.py:MySearch",
    "regretta show fidelity --kind figure --json",
    panel=BEGIN,
)
def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="An algorithm, benchmark, protocol, experiment, study, figure, model or reproduction; FILE.py:CLASS;"
            " or an experiment's .toml file.",
            autocompletion=completion.names,
        ),
    ],
    kind: Annotated[
        str | None,
        typer.Option(
            metavar="KIND",
            help="Show only what has this kind, such as study, if several have the name.",
            autocompletion=completion.kinds,
        ),
    ] = None,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show all about a name: an algorithm's hyperparameters, a benchmark's facts, a protocol's rules in words, ..."""
    from harness.commands.show.command import show_command

    raise typer.Exit(show_command(name, kind, as_json=json_))

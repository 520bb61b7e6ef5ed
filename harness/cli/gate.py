"""The commands of the gate: ``check``, ``compare`` and ``baseline``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

gate_app = typer.Typer()
baseline_app = typer.Typer(help="Freeze results for later checks, and show what is frozen.", no_args_is_help=True)
gate_app.add_typer(baseline_app, name="baseline")

JsonFile = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the report as JSON.")]


@gate_app.command()
def check(
    results: Annotated[
        str, typer.Argument(metavar="DIR|EXPERIMENT", help="A results folder, or an experiment to run first.")
    ],
    baseline: Annotated[Path, typer.Option(help="Baseline file.")],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder in which to run or resume the experiment. Default: a fresh runs/check-NAME."),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("-j", "--jobs", min=1, help="Number of worker processes. Default: one per processor.")
    ] = None,
    significance: Annotated[
        float,
        typer.Option(
            min=0.0001,
            max=0.5,
            help="Probability of a false alarm that is accepted at level 2. Divide it among the gates of a project.",
        ),
    ] = 0.05,
    json_: JsonFile = None,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the report as Markdown, for a pull request.")
    ] = None,
) -> None:
    """Check whether results changed or got worse since a baseline: a gate for continuous integration."""
    from harness.commands.gate import check_command

    raise typer.Exit(check_command(results, baseline, out, jobs, significance, json_, markdown))


@gate_app.command()
def compare(
    old: Annotated[Path, typer.Argument(metavar="A", help="The old results: a results folder or a baseline.")],
    new: Annotated[Path, typer.Argument(metavar="B", help="The new results: a results folder or a baseline.")],
    json_: JsonFile = None,
) -> None:
    """Show how much better or worse the results in B are than those in A."""
    from harness.commands.gate import compare_command

    raise typer.Exit(compare_command(old, new, json_))


@baseline_app.command()
def update(
    file: Annotated[Path, typer.Argument(help="Baseline file to create or replace.")],
    from_: Annotated[Path, typer.Option("--from", metavar="DIR", help="A complete results folder.")],
    reason: Annotated[str, typer.Option(help="Why the results may change. Stored in the file.")],
) -> None:
    """Freeze the results of a folder as a baseline. No other command changes a baseline."""
    from harness.commands.gate import update_command

    raise typer.Exit(update_command(file, from_, reason))


@baseline_app.command()
def show(file: Annotated[Path, typer.Argument(help="Baseline file.")]) -> None:
    """Show the contents of a baseline, and the reasons for its changes."""
    from harness.commands.gate import show_command

    raise typer.Exit(show_command(file))

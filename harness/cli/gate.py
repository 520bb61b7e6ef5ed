"""The verbs of the gate: ``check``, ``compare`` and ``baseline``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

gate_app = typer.Typer()
baseline_app = typer.Typer(help="Frozen results that the gate compares with.", no_args_is_help=True)
gate_app.add_typer(baseline_app, name="baseline")

JsonFile = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the report as JSON.")]


@gate_app.command()
def check(
    results: Annotated[str, typer.Argument(metavar="DIR|EXPERIMENT", help="A result folder, or what to run first.")],
    baseline: Annotated[Path, typer.Option(help="The baseline file.")],
    out: Annotated[
        Path | None,
        typer.Option(help="Where an experiment is run or gone on with; by default anew in runs/check-NAME."),
    ] = None,
    jobs: Annotated[int | None, typer.Option("-j", "--jobs", min=1, help="Processes to run it.")] = None,
    json_: JsonFile = None,
    markdown: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report for a pull request.")] = None,
) -> None:
    """Say whether algorithms' results changed or got worse: the gate for a CI."""
    from harness.commands.gate import check_command

    raise typer.Exit(check_command(results, baseline, out, jobs, json_, markdown))


@gate_app.command()
def compare(
    old: Annotated[Path, typer.Argument(metavar="A", help="A result folder or a baseline.")],
    new: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    json_: JsonFile = None,
) -> None:
    """Show how much better or worse the results in B are than those in A."""
    from harness.commands.gate import compare_command

    raise typer.Exit(compare_command(old, new, json_))


@baseline_app.command()
def update(
    file: Annotated[Path, typer.Argument(help="The baseline file, made or replaced.")],
    from_: Annotated[Path, typer.Option("--from", metavar="DIR", help="A complete result folder.")],
    reason: Annotated[str, typer.Option(help="Why results may change; kept in the file.")],
) -> None:
    """Freeze the results of a folder. Nothing else ever changes a baseline."""
    from harness.commands.gate import update_command

    raise typer.Exit(update_command(file, from_, reason))


@baseline_app.command()
def show(file: Annotated[Path, typer.Argument(help="The baseline file.")]) -> None:
    """Show what a baseline holds, and the reasons for its changes."""
    from harness.commands.gate import show_command

    raise typer.Exit(show_command(file))

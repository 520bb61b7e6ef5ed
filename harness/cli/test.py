"""The command ``regretta test``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

test_app = typer.Typer(
    help="Check the contract of an algorithm or a benchmark, or the statistics, with one verdict per check.",
    no_args_is_help=True,
)


@test_app.callback()
def _root() -> None:
    """Check the contract of an algorithm or a benchmark that you wrote, or the statistics on a benchmark."""


@test_app.command()
def algorithm(
    use: Annotated[
        str,
        typer.Argument(
            help="NAME, FILE.py:CLASS, PACKAGE.MODULE:CLASS or program:COMMAND, like `use` in an experiment."
        ),
    ],
    benchmark: Annotated[list[str] | None, typer.Option(help="Benchmark to check it on. Repeatable.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Value of a hyperparameter. Repeatable.")
    ] = None,
) -> None:
    """Run all checks of an algorithm. The exit code is 1 if one fails."""
    from harness.commands.conformance import test_algorithm_command

    raise typer.Exit(test_algorithm_command(use, benchmark or [], set_ or []))


@test_app.command()
def benchmark(name: Annotated[str, typer.Argument(help="A known benchmark, or your own table.")]) -> None:
    """Run all checks of a benchmark and its space. The exit code is 1 if one fails."""
    from harness.commands.conformance import test_benchmark_command

    raise typer.Exit(test_benchmark_command(name))


@test_app.command()
def statistics(
    benchmark: Annotated[str, typer.Argument(help="A known benchmark, or your own table.")],
    trials: Annotated[int, typer.Option(help="Number of trials per side of a race, at least 8.")] = 20,
    races: Annotated[int, typer.Option(help="Number of races per algorithm.")] = 100,
    evaluations: Annotated[int, typer.Option(help="Number of evaluations per trial.")] = 100,
    algorithm: Annotated[
        list[str] | None,
        typer.Option(
            metavar="USE",
            help="Algorithm to race against itself. Repeatable. Default: random search, local search, evolution.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Results folder. Default: runs/statistics-BENCHMARK.")] = None,
    jobs: Annotated[
        int | None, typer.Option("-j", "--jobs", min=1, help="Number of worker processes. Default: one per processor.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Race algorithms against themselves, and count false alarms. The exit code is 1 if there are too many.

    Trial i of one side meets trial i + N of the other, so that every winner is a false alarm.
    """
    from harness.commands.conformance import test_statistics_command

    raise typer.Exit(
        test_statistics_command(benchmark, algorithm or [], trials, races, evaluations, out, jobs, as_json=json)
    )

"""The command ``regretta test``."""

from __future__ import annotations

from typing import Annotated

import typer

test_app = typer.Typer(
    help="Check the contract of an algorithm or a benchmark, with one verdict per check.", no_args_is_help=True
)


@test_app.callback()
def _root() -> None:
    """Check the contract of an algorithm or a benchmark that you wrote."""


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

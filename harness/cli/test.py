"""The verbs of ``regretta test``."""

from __future__ import annotations

from typing import Annotated

import typer

test_app = typer.Typer(help="The promises of an algorithm or a benchmark, with a verdict each.", no_args_is_help=True)


@test_app.callback()
def _root() -> None:
    """Hold what you wrote to what everybody promises."""


@test_app.command()
def algorithm(
    use: Annotated[
        str,
        typer.Argument(help="NAME, FILE.py:CLASS, PACKAGE.MODULE:CLASS or program:COMMAND, as `use` in an experiment."),
    ],
    benchmark: Annotated[list[str] | None, typer.Option(help="On which; repeatable.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A hyperparameter; repeatable.")
    ] = None,
) -> None:
    """Say of every promise whether the algorithm keeps it; exit code 1 if one is broken."""
    from harness.commands.conformance import test_algorithm_command

    raise typer.Exit(test_algorithm_command(use, benchmark or [], set_ or []))


@test_app.command()
def benchmark(name: Annotated[str, typer.Argument(help="A known benchmark, or a table of your own.")]) -> None:
    """Say of every promise whether the benchmark and its space keep it; exit code 1 if one is broken."""
    from harness.commands.conformance import test_benchmark_command

    raise typer.Exit(test_benchmark_command(name))

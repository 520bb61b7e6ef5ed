"""The command ``regretta test``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import completion
from harness.cli.options import Benchmark, Jobs, Json, Quiet
from harness.cli.verbs import Group, verb

test_app = typer.Typer(
    cls=Group,
    help="Check the contract of an algorithm or a benchmark, or the statistics, with one verdict per check.",
    no_args_is_help=True,
)


@test_app.callback()
def _root() -> None:
    """Check the contract of an algorithm or a benchmark that you wrote, or the statistics on a benchmark."""


@verb(
    test_app,
    "regretta test algorithm my_search.py:MySearch",
    "regretta test algorithm regularized_evolution --set population=10 --benchmark fcnet-naval",
)
def algorithm(
    use: Annotated[
        str,
        typer.Argument(
            metavar="ALGORITHM",
            autocompletion=completion.algorithms,
            help="NAME, FILE.py:CLASS, PACKAGE.MODULE:CLASS or program:COMMAND, like `use` in an experiment.",
        ),
    ],
    benchmark: Annotated[
        list[str] | None,
        typer.Option(
            metavar="BENCHMARK", help="Benchmark to check it on. Repeatable.", autocompletion=completion.benchmarks
        ),
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Value of a hyperparameter. Repeatable.")
    ] = None,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run all checks of an algorithm. The exit code is 1 if one fails."""
    from harness.commands.conformance import test_algorithm_command

    raise typer.Exit(test_algorithm_command(use, benchmark or [], set_ or [], as_json=json_))


@verb(test_app, "regretta test benchmark mine")
def benchmark(name: Benchmark, json_: Json = False, quiet: Quiet = False) -> None:
    """Run all checks of a benchmark and its space. The exit code is 1 if one fails."""
    from harness.commands.conformance import test_benchmark_command

    raise typer.Exit(test_benchmark_command(name, as_json=json_))


@verb(test_app, "regretta test statistics nasbench201-cifar10 --trials 20 --races 100")
def statistics(
    benchmark: Benchmark,
    trials: Annotated[int, typer.Option(metavar="N", help="Number of trials per side of a race, at least 8.")] = 20,
    races: Annotated[int, typer.Option(metavar="N", help="Number of races per algorithm.")] = 100,
    evaluations: Annotated[int, typer.Option(metavar="N", help="Number of evaluations per trial.")] = 100,
    algorithm: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ALGORITHM",
            autocompletion=completion.algorithms,
            help="Algorithm to race against itself. Repeatable. Default: random search, local search, evolution.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Results folder. Default: runs/statistics-BENCHMARK.")
    ] = None,
    jobs: Jobs = None,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Race algorithms against themselves, and count false alarms. The exit code is 1 if there are too many.

    Trial i of one side meets trial i + N of the other, so that every winner is a false alarm.
    """
    from harness.commands.conformance import test_statistics_command

    raise typer.Exit(
        test_statistics_command(benchmark, algorithm or [], trials, races, evaluations, out, jobs, as_json=json_)
    )

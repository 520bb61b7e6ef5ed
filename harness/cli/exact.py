"""The command ``regretta exact``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from harness.cli import completion
from harness.cli.options import Json, Quiet
from harness.cli.verbs import BENCHMARKS, verb

exact_app = typer.Typer()


@verb(
    exact_app,
    "regretta exact nasbench201-cifar10 --algorithm random_search",
    "regretta exact fcnet-naval --algorithm local_search --set memory=false --evaluations 100 --json",
    panel=BENCHMARKS,
)
def exact(
    benchmark: Annotated[
        str,
        typer.Argument(
            metavar="BENCHMARK",
            help="A benchmark whose architectures can be listed.",
            autocompletion=completion.benchmarks,
        ),
    ],
    algorithm: Annotated[str, typer.Option(metavar="NAME", help="random_search, local_search or successive_halving.")],
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Value of a hyperparameter. Repeatable.")
    ] = None,
    evaluations: Annotated[int, typer.Option(metavar="N", min=1, max=10**8, help="Budget of a trial.")] = 300,
    signal: Annotated[
        Literal["mean", "repeat"],
        typer.Option(help="What the algorithm observes: the mean over repeats, or one random repeat."),
    ] = "mean",
    target: Annotated[
        str | None,
        typer.Option(
            metavar="TARGET", help="True error to use. Default: the validation error at the highest fidelity."
        ),
    ] = None,
    simulate: Annotated[
        int, typer.Option(min=0, max=10**6, metavar="N", help="Simulate N trials beside the exact numbers.")
    ] = 200,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compute the expected regret of an algorithm without simulation, and check it by simulated trials.

    random_search: the whole curve. local_search: the end of the first climb, and with memory=false the whole curve.
    successive_halving: the whole curve if later rungs keep one network.
    """
    from harness.commands.exact import exact_command

    raise typer.Exit(
        exact_command(benchmark, algorithm, set_ or [], evaluations, signal, target, simulate, as_json=json_)
    )

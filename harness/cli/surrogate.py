"""The verbs of ``regretta surrogate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

surrogate_app = typer.Typer(help="Surrogate benchmarks: fit one to a table, and judge them.", no_args_is_help=True)

Model = Annotated[
    str,
    typer.Option(
        help="random_forest, mlp_ensemble, gradient_boosting, lightgbm (an extra), gaussian_process or ridge."
    ),
]
Encoding = Annotated[
    list[str] | None,
    typer.Option(help="Of the space; repeatable, then side by side. By default adjacency, or one_hot."),
]
Seed = Annotated[int, typer.Option(min=0, help="Of all that is random in the fit.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@surrogate_app.command()
def fit(
    table: Annotated[str, typer.Argument(help="A recorded benchmark.")],
    model: Model = "random_forest",
    encoding: Encoding = None,
    seed: Seed = 0,
    train: Annotated[
        int | None, typer.Option(min=50, help="Fit to so many architectures, drawn at random; by default to all.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Of the new benchmark; TABLE-MODEL by default.")] = None,
    cells: Annotated[
        Path | None,
        typer.Option(help="All cells of NAS-Bench-101: makes nasbench101-surrogate and nasbench1shot1-*-surrogate."),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a benchmark that is here.")] = False,
    json_: Json = False,
) -> None:
    """Fit a model to the errors and times of a recorded table, report how well it predicts, and save it as a benchmark.

    Its provenance is "surrogate". The same table, options and seed give the same benchmark to the bit.

    regretta surrogate fit nasbench201-cifar10 --model mlp_ensemble

    regretta surrogate fit nasbench101-pool --model mlp_ensemble --cells nasbench101_space_423624.npz
    """
    from harness.commands.surrogate import fit_command

    options = {"model": model, "encodings": tuple(encoding or ()), "seed": seed, "train": train}
    raise typer.Exit(fit_command(table, options, name, cells, replace=replace, as_json=json_))


@surrogate_app.command()
def evaluate(
    tables: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TABLE...]", help="Recorded benchmarks; by default the three of NAS-Bench-201."),
    ] = None,
    model: Model = "random_forest",
    encoding: Encoding = None,
    seed: Seed = 0,
    train: Annotated[
        int, typer.Option(min=50, help="Architectures that the surrogate of test (a) is fitted to.")
    ] = 1000,
    trials: Annotated[int, typer.Option(min=2, help="Of each algorithm on each of the two benchmarks.")] = 50,
    evaluations: Annotated[int, typer.Option(min=10, help="The budget of a trial.")] = 200,
    out: Annotated[Path | None, typer.Option(help="A folder for the figures and the numbers behind them.")] = None,
    json_: Json = False,
) -> None:
    """Put surrogates of a recorded table to two tests, where the truth is known (Zela et al. 2022).

    (a) Do searches run on a surrogate as they do on the table it was fitted to a part of? (b) Is a surrogate fitted to
    single training runs nearer to the mean of the other runs than a table of single runs is?
    """
    from harness.commands.surrogate import evaluate_command

    options = {"model": model, "encodings": tuple(encoding or ()), "seed": seed, "train": train}
    raise typer.Exit(evaluate_command(tables or [], options, trials, evaluations, out, as_json=json_))

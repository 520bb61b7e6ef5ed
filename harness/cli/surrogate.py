"""The command ``regretta surrogate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import completion
from harness.cli.options import Json, Quiet
from harness.cli.verbs import Group, verb
from harness.surrogates.registry import SURROGATE_MODELS

surrogate_app = typer.Typer(
    cls=Group, help="Fit surrogate benchmarks to recorded tables, and evaluate them.", no_args_is_help=True
)

Model = Annotated[
    str,
    typer.Option(
        metavar="MODEL",
        help=f"Model to fit: {', '.join(SURROGATE_MODELS)} (lightgbm is an extra).",
        autocompletion=completion.models,
    ),
]
Encoding = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ENCODING",
        help="Encoding of the space. Repeatable: encodings are concatenated. Default: adjacency, or one_hot.",
    ),
]
Seed = Annotated[int, typer.Option(metavar="N", min=0, help="Random seed of the fit.")]


@verb(
    surrogate_app,
    "regretta surrogate fit nasbench201-cifar10 --model mlp_ensemble --name mine",
    "regretta surrogate fit nasbench101-pool --model mlp_ensemble --cells nasbench101_space_423624.npz",
)
def fit(
    table: Annotated[
        str, typer.Argument(metavar="BENCHMARK", help="Recorded benchmark.", autocompletion=completion.benchmarks)
    ],
    model: Model = "random_forest",
    encoding: Encoding = None,
    seed: Seed = 0,
    train: Annotated[
        int | None,
        typer.Option(metavar="N", min=50, help="Number of architectures to fit to, drawn at random. Default: all."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the new benchmark. Default: BENCHMARK-MODEL.")
    ] = None,
    cells: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File with all cells of NAS-Bench-101: creates nasbench101-surrogate and nasbench1shot1-*-surrogate.",
        ),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a surrogate that was fitted before.")] = False,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fit a model to the errors and times of a recorded table, report how well it predicts, and save it as a benchmark.

    The provenance of the benchmark is "surrogate". The same table, options and seed give exactly the same benchmark.
    """
    from harness.commands.surrogates.fit import fit_command
    from harness.surrogates.fitting import Recipe

    recipe = Recipe(model, tuple(encoding or ()), seed, train)
    raise typer.Exit(fit_command(table, recipe, name, cells, replace=replace, as_json=json_))


@verb(
    surrogate_app,
    "regretta surrogate evaluate nasbench201-cifar10 --out runs/surrogates",
    "regretta surrogate evaluate --model random_forest --json",
)
def evaluate(
    tables: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="BENCHMARK...",
            help="Recorded benchmarks. Default: the three of NAS-Bench-201.",
            autocompletion=completion.benchmarks,
        ),
    ] = None,
    model: Model = "random_forest",
    encoding: Encoding = None,
    seed: Seed = 0,
    train: Annotated[
        int,
        typer.Option(metavar="N", min=50, help="Number of architectures that the surrogate of test (a) is fitted to."),
    ] = 1000,
    trials: Annotated[
        int, typer.Option(metavar="N", min=2, help="Number of trials of each algorithm on each of the two benchmarks.")
    ] = 50,
    evaluations: Annotated[int, typer.Option(metavar="N", min=10, help="Budget of a trial.")] = 200,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the figures and their data.")] = None,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run four tests of surrogates on a recorded table, where the truth is known (Zela et al. 2022).

    (a) Fit a surrogate to a part of the table: do searches behave on it as on the whole table? (b) Fit a surrogate to
    single training runs: is it closer to the mean of the other runs than a table of single runs is? (c) Fit it to what
    all algorithms but one search: does it predict what the other one searches? (d) How large is its error, by the
    number of parameter-free operations?
    """
    from harness.commands.surrogates.evaluation import evaluate_command
    from harness.surrogates.fitting import Recipe

    recipe = Recipe(model, tuple(encoding or ()), seed, train)
    raise typer.Exit(evaluate_command(tables or [], recipe, trials, evaluations, out, as_json=json_))

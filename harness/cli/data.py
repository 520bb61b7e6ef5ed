"""The command ``regretta data``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

data_app = typer.Typer(help="List, import, fetch and verify benchmark data.", no_args_is_help=True)

Space = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|columns:A,B,...",
        help="Search space of your table: a known space, or the columns that hold its choices.",
    ),
]
Name = Annotated[str | None, typer.Option(help="Name of your table.")]
Architecture = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="On a known space: the architecture. Default: arch_str.")
]
Objective = Annotated[
    str | None,
    typer.Option(metavar="COLUMN:max|min", help="Search signal of a table with one row per training run."),
]
Fidelity = Annotated[str | None, typer.Option(metavar="COLUMN", help="With --objective: the epochs of each row.")]
Repeat = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN", help="With --objective: what distinguishes the runs of an architecture, such as a seed."
    ),
]
Epochs = Annotated[
    float | None, typer.Option(help="With --objective and without --fidelity: the epochs of all rows. Default: 1.")
]
TestSignal = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Allow this column as the search signal although it is a test one.")
]
Validation = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN[,COLUMN]@EPOCHS",
        help="Search signal of a table with one row per architecture. Several columns are repeats. Repeatable.",
    ),
]
Test = Annotated[
    list[str] | None, typer.Option(metavar="COLUMN[@EPOCHS]", help="Mean test value to report. Repeatable.")
]
Cost = Annotated[
    list[str] | None,
    typer.Option(metavar="[FACTOR*]COLUMN[@EPOCHS]", help="Cumulative training time in seconds. Repeatable."),
]
Scale = Annotated[
    str | None,
    typer.Option(
        help="accuracy-percent, accuracy, error-percent or error. Default: accuracy-percent, or with --objective the"
        " values as they are."
    ),
]
Licence = Annotated[str | None, typer.Option(help="Licence to store with the table.")]
Citation = Annotated[str | None, typer.Option(help="Publication to store with the table.")]


@data_app.command("list")
def list_data() -> None:
    """List every benchmark: whether its data is available, size, provenance, licence, and how to get it."""
    from harness.commands.data_list import list_command

    raise typer.Exit(list_command())


@data_app.command("import")
def import_(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME] FILE", help="A known benchmark and its official file, or your own table."),
    ] = None,
    space: Space = None,
    name: Name = None,
    architecture: Architecture = None,
    objective: Objective = None,
    fidelity: Fidelity = None,
    repeat: Repeat = None,
    epochs: Epochs = None,
    test_signal: TestSignal = None,
    validation: Validation = None,
    test: Test = None,
    cost: Cost = None,
    scale: Scale = None,
    licence: Licence = None,
    citation: Citation = None,
    all_from: Annotated[Path | None, typer.Option(help="Import every official file in this folder.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace tables that were imported before.")] = False,
) -> None:
    """Import an official file, or your own table.

    regretta data import nasbench201-cifar10-12-200 nasbench201.csv.gz

    regretta data import --space nasbench201 --name mine --validation 'val_0,val_1@200' --cost time@200 mine.csv

    regretta data import mine.csv --space columns:depth,width,op --objective val_acc:max --cost train_time
    --fidelity epoch --repeat seed --name mine

    A table that does not hold every architecture of its space becomes a pool: optimizers choose among its rows.
    """
    from harness.commands.data_import import import_command
    from harness.commands.import_requests import TableOptions, import_request

    table = TableOptions(
        space=space,
        name=name,
        architecture=architecture,
        objective=objective,
        fidelity=fidelity,
        repeat=repeat,
        epochs=epochs,
        test_signal=test_signal,
        validation=tuple(validation or ()),
        test=tuple(test or ()),
        cost=tuple(cost or ()),
        scale=scale,
        licence=licence,
        citation=citation,
    )
    raise typer.Exit(import_command(import_request(arguments or [], all_from, table), replace=replace))


@data_app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="A known benchmark. The others of the same file are imported too.")],
    file: Annotated[str | None, typer.Option(help="Which of its official files to fetch. Default: the first.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace tables that were imported before.")] = False,
) -> None:
    """Download an official file, compare it with its authors' checksum, and import it."""
    from harness.commands.data_fetch import fetch_command

    raise typer.Exit(fetch_command(name, file, replace=replace))


@data_app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="Default: all data on this machine.")
    ] = None,
) -> None:
    """Compare every data file with its SHA-256."""
    from harness.commands.data_verify import verify_command

    raise typer.Exit(verify_command(names or []))

"""The command ``regretta data import``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SIGNAL, ARCHITECTURES, RUNS = "What to search by and to report", "Architectures", "Training runs"
"""Headings of the options."""

Texts = list[str] | None
"""Every option of a table is repeatable here, so that a value that is given twice by mistake can be refused."""


def _option(metavar: str, text: str, panel: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(metavar=metavar, help=text, rich_help_panel=panel)
    return option


Space = Annotated[
    Texts,
    _option(
        "NAME|columns:A,B,...",
        "Search space of your table: a known space, or the columns that hold its choices.",
        ARCHITECTURES,
    ),
]
Name = Annotated[Texts, _option("NAME", "Name of your table.", ARCHITECTURES)]
Architecture = Annotated[
    Texts, _option("COLUMN", "On a known space: the architecture. Default: arch_str.", ARCHITECTURES)
]
ArchitectureIndex = Annotated[
    Texts, _option("COLUMN", "On nasbench201: the official number of the architecture.", ARCHITECTURES)
]
Ordered = Annotated[
    Texts, _option("A,B:LOW<HIGH,...", "Choices with an order: of numbers, or as stated.", ARCHITECTURES)
]
Conditional = Annotated[
    Texts, _option("'A if B>=VALUE'", "When a choice applies. Elsewhere its cell is empty. Repeatable.", ARCHITECTURES)
]
Absent = Annotated[
    Texts, _option("TEXT", "The cell of a choice that does not apply, often ''. The table tells when.", ARCHITECTURES)
]
Where = Annotated[
    Texts,
    _option("COLUMN=VALUE", "Import only these rows. Several values of a column give a table each.", ARCHITECTURES),
]
Validation = Annotated[
    Texts,
    _option(
        "[FACTOR*]COLUMN[,COLUMN][@EPOCHS]",
        "Search signal. Several columns are repeats; a name with {fidelity} stands for all columns that match."
        " Repeatable.",
        SIGNAL,
    ),
]
Objective = Annotated[Texts, _option("COLUMN:max|min", "Search signal with its direction.", SIGNAL)]
TestSignal = Annotated[
    Texts, _option("COLUMN", "Search by test values, because nothing else was recorded. The title says so.", SIGNAL)
]
Test = Annotated[
    Texts,
    _option(
        "[NAME=]COLUMN[@EPOCHS][:min|max][:SCALE]",
        "Error to report, which never guides a search. NAME is test by default. Repeatable.",
        SIGNAL,
    ),
]
Cost = Annotated[
    Texts,
    _option(
        "[FACTOR*]COLUMN[,COLUMN][@EPOCHS]",
        "Cumulative training time in seconds. FACTOR is a number, or a fraction such as 1/3. Repeatable.",
        SIGNAL,
    ),
]
Info = Annotated[
    Texts,
    _option("[NAME:][FACTOR*]COLUMN,...", "Recorded numbers other than errors, such as a latency. Repeatable.", SIGNAL),
]
Scale = Annotated[
    Texts,
    _option(
        "SCALE",
        "accuracy-percent, accuracy, error-percent or error. With --objective, default: the values as they are.",
        SIGNAL,
    ),
]
Fidelity = Annotated[Texts, _option("COLUMN", "The epochs of each row, or a list of them.", RUNS)]
Epochs = Annotated[Texts, _option("NUMBER", "The epochs of all rows. Default: 1.", RUNS)]
Repeat = Annotated[Texts, _option("COLUMN", "What distinguishes the runs of an architecture, such as a seed.", RUNS)]
Missing = Annotated[
    Texts,
    _option(
        "refuse|worst[=VALUE]|drop-architecture",
        "What to do about failed runs: count them as the worst recorded error, or leave their architectures out.",
        RUNS,
    ),
]
Continuable = Annotated[
    bool,
    typer.Option(
        "--continuable", help="A run at few epochs is the beginning of the longer ones.", rich_help_panel=RUNS
    ),
]
Accept = Annotated[
    Texts,
    _option(
        "DOUBT",
        "Import although it looks like a mistake: small-values, falling-costs, minimised-accuracy or unequal-repeats.",
        RUNS,
    ),
]
Licence = Annotated[Texts, typer.Option(metavar="TEXT", help="Licence to store with the table.")]
Citation = Annotated[Texts, typer.Option(metavar="TEXT", help="Publication to store with the table.")]

EXAMPLES_OF_IMPORT = (
    "regretta data import nasbench201-cifar10-12-200 nasbench201.csv.gz",
    "regretta data import mine.csv --name mine --space nasbench201 --validation 'seed0,seed1@200'"
    " --scale accuracy-percent --cost time@200",
    "regretta data import mine.csv --name mine --space columns:depth,width,op --ordered depth,width"
    " --validation val_acc --scale accuracy --cost train_time --fidelity epoch --repeat seed",
)


def import_(
    context: typer.Context,
    arguments: Annotated[
        Texts,
        typer.Argument(metavar="[BENCHMARK] FILE", help="A known benchmark and its official file, or your own table."),
    ] = None,
    space: Space = None,
    name: Name = None,
    architecture: Architecture = None,
    architecture_index: ArchitectureIndex = None,
    ordered: Ordered = None,
    conditional: Conditional = None,
    absent: Absent = None,
    where: Where = None,
    validation: Validation = None,
    objective: Objective = None,
    test_signal: TestSignal = None,
    test: Test = None,
    cost: Cost = None,
    info: Info = None,
    scale: Scale = None,
    fidelity: Fidelity = None,
    epochs: Epochs = None,
    repeat: Repeat = None,
    missing: Missing = None,
    continuable: Continuable = False,
    accept: Accept = None,
    licence: Licence = None,
    citation: Citation = None,
    all_from: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Import every official file in this folder.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace tables that were imported before.")] = False,
) -> None:
    """Import an official file, or your own table.

    A table is a CSV file with any delimiter, plain or gzipped, a Parquet file, JSON records or JSON lines. A row is an
    architecture or one of its training runs.

    A table that does not hold every architecture of its space becomes a pool: optimizers choose among its rows.
    docs/guides/own-table.md has worked examples.
    """
    from harness.commands.data.import_requests import TableOptions, import_request
    from harness.commands.data.imports import import_command

    request = import_request(arguments or [], all_from, TableOptions.of(context.params))
    raise typer.Exit(import_command(request, replace=replace))

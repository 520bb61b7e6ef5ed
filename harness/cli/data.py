"""The verbs ``regretta data``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import completion
from harness.cli.data_import import EXAMPLES_OF_IMPORT, import_
from harness.cli.options import Json, Quiet
from harness.cli.verbs import Group, verb

data_app = typer.Typer(
    cls=Group, help="List, show, import, fetch, export, verify and remove benchmark data.", no_args_is_help=True
)

Names = typer.Argument(
    metavar="BENCHMARK...", help="Imported tables. Default: all data on this machine.",
    autocompletion=completion.benchmarks,
)  # fmt: skip


@verb(data_app, "regretta data list", "regretta data list --quiet", "regretta data list --json", name="list")
def list_data(
    json_: Json = False,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="Print the names of the available benchmarks alone, one per line.")
    ] = False,
) -> None:
    """List the families of benchmarks: whether their data is available, their size, and how to get the rest."""
    from harness.commands.data.listing import list_command

    raise typer.Exit(list_command(as_json=json_, names_only=quiet))


verb(data_app, *EXAMPLES_OF_IMPORT, name="import")(import_)


@verb(data_app, "regretta data fetch nasbench101")
def fetch(
    name: Annotated[
        str,
        typer.Argument(
            metavar="BENCHMARK",
            help="A known benchmark. The others of the same file are imported too.",
            autocompletion=completion.benchmarks,
        ),
    ],
    file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Which of its official files to fetch. Default: the first.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace tables that were imported before.")] = False,
) -> None:
    """Download an official file, compare it with its authors' checksum, and import it."""
    from harness.commands.data.fetch import fetch_command

    raise typer.Exit(fetch_command(name, file, replace=replace))


@verb(data_app, "regretta data verify", "regretta data verify nasbench201-cifar10 --quiet")
def verify(names: Annotated[list[str] | None, Names] = None, json_: Json = False, quiet: Quiet = False) -> None:
    """Compare every data file with its SHA-256."""
    from harness.commands.data.verify import verify_command

    raise typer.Exit(verify_command(names or [], as_json=json_))


@verb(
    data_app,
    "regretta data show nasbench201-cifar10",
    "regretta data show natsbench",
    "regretta data show mine --check",
)
def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="BENCHMARK|FAMILY",
            help="A benchmark, or a family of benchmarks, such as natsbench.",
            autocompletion=completion.benchmarks,
        ),
    ],
    check: Annotated[bool, typer.Option("--check", help="Check that the benchmark keeps its promises.")] = False,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show the facts of a benchmark: fidelities, errors, space, floor, licence, source, and how it was imported."""
    from harness.commands.data.show import show_command

    raise typer.Exit(show_command(name, check=check, as_json=json_))


@verb(data_app, "regretta data remove mine")
def remove(
    names: Annotated[
        list[str],
        typer.Argument(metavar="BENCHMARK...", help="Imported tables.", autocompletion=completion.benchmarks),
    ],
) -> None:
    """Remove imported tables from this machine."""
    from harness.commands.data.show import remove_command

    raise typer.Exit(remove_command(names))


@verb(data_app, "regretta data export nasbench201-cifar10 cifar10.csv.gz")
def export(
    name: Annotated[str, typer.Argument(metavar="BENCHMARK", help="A table.", autocompletion=completion.benchmarks)],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write: .csv, .csv.gz or .parquet.")],
) -> None:
    """Write a table with one row per training run and fidelity."""
    from harness.commands.data.show import export_command

    raise typer.Exit(export_command(name, file))

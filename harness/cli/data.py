"""The command ``regretta data``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.data_import import import_

data_app = typer.Typer(
    help="List, show, import, fetch, export, verify and remove benchmark data.", no_args_is_help=True
)


@data_app.command("list")
def list_data() -> None:
    """List every benchmark: whether its data is available, size, provenance, licence, and how to get it."""
    from harness.commands.data.listing import list_command

    raise typer.Exit(list_command())


data_app.command("import")(import_)


@data_app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="A known benchmark. The others of the same file are imported too.")],
    file: Annotated[str | None, typer.Option(help="Which of its official files to fetch. Default: the first.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace tables that were imported before.")] = False,
) -> None:
    """Download an official file, compare it with its authors' checksum, and import it."""
    from harness.commands.data.fetch import fetch_command

    raise typer.Exit(fetch_command(name, file, replace=replace))


@data_app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="Default: all data on this machine.")
    ] = None,
) -> None:
    """Compare every data file with its SHA-256."""
    from harness.commands.data.verify import verify_command

    raise typer.Exit(verify_command(names or []))


@data_app.command()
def show(
    name: Annotated[str, typer.Argument(help="A benchmark whose data is available.")],
    check: Annotated[bool, typer.Option("--check", help="Check that the benchmark keeps its promises.")] = False,
) -> None:
    """Show the facts of a benchmark: fidelities, errors, space, floor, licence, source, and how it was imported."""
    from harness.commands.data.show import show_command

    raise typer.Exit(show_command(name, check=check))


@data_app.command()
def remove(names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Imported tables.")]) -> None:
    """Remove imported tables from this machine."""
    from harness.commands.data.show import remove_command

    raise typer.Exit(remove_command(names))


@data_app.command()
def export(
    name: Annotated[str, typer.Argument(help="A table.")],
    file: Annotated[Path, typer.Argument(help="The file to write: .csv, .csv.gz or .parquet.")],
) -> None:
    """Write a table with one row per training run and fidelity."""
    from harness.commands.data.show import export_command

    raise typer.Exit(export_command(name, file))

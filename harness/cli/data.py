"""The verbs of ``regretta data``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

data_app = typer.Typer(help="Benchmark data: what is here, import, verification.", no_args_is_help=True)


@data_app.command("list")
def list_data() -> None:
    """List every benchmark: is its data here, its size, provenance, licence, and how to get it."""
    from harness.commands.data_list import list_command

    raise typer.Exit(list_command())


@data_app.command("import")
def import_(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME] FILE", help="A known benchmark and its official file; or a CSV."),
    ] = None,
    space: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|columns:A,B,...", help="Of your own table: a known space, or the columns with its choices."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="The name of your own table.")] = None,
    architecture: Annotated[str, typer.Option(help="The column with the architecture.")] = "arch_str",
    objective: Annotated[
        str | None,
        typer.Option(metavar="COLUMN:max|min", help="The search signal of a table with one row a training run."),
    ] = None,
    fidelity: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="With --objective: the epochs of each row.")
    ] = None,
    repeat: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="With --objective: what tells repeats apart, such as a seed.")
    ] = None,
    epochs: Annotated[
        float | None, typer.Option(help="With --objective, without --fidelity: the epochs of all rows. 1 by default.")
    ] = None,
    test_signal: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Search by this column though it holds test values.")
    ] = None,
    validation: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN[,COLUMN]@EPOCHS", help="The search signal at a fidelity; columns are repeats."),
    ] = None,
    test: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN[@EPOCHS]", help="A mean test value, to report.")
    ] = None,
    cost: Annotated[
        list[str] | None,
        typer.Option(metavar="[FACTOR*]COLUMN[@EPOCHS]", help="Cumulative training seconds to a fidelity."),
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option(
            help="accuracy-percent, accuracy, error-percent or error. By default accuracy-percent; with --objective the"
            " values as they are."
        ),
    ] = None,
    licence: Annotated[str, typer.Option(help="Recorded with the table.")] = "not stated",
    citation: Annotated[str, typer.Option(help="Recorded with the table.")] = "not stated",
    all_from: Annotated[Path | None, typer.Option(help="Import every known file found in this folder.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a table that is here.")] = False,
) -> None:
    """Import an official file that you have, or a table of your own on a known space.

    regretta data import nasbench201-cifar10-12-200 nasbench201.csv.gz

    regretta data import --space nasbench201 --name mine --validation 'val_0,val_1@200' --cost time@200 mine.csv

    regretta data import mine.csv --space columns:depth,width,op --objective val_acc:max --cost train_time
    --fidelity epoch --repeat seed --name mine

    A table that does not hold every architecture of its space becomes a pool, from which optimizers choose.
    """
    from harness.commands.data_import import check_absent, import_all, import_known, import_own

    if all_from is not None:
        raise typer.Exit(import_all(all_from, replace=replace))
    of_runs = {"fidelity": fidelity, "repeat": repeat, "epochs": epochs}
    if space is None:
        own = {"name": name, "objective": objective, "validation": validation, "test": test, "cost": cost}
        check_absent({**own, "scale": scale, "test-signal": test_signal, **of_runs}, "--space", "a table of your own")
        raise typer.Exit(import_known(arguments or [], replace=replace))
    options: dict[str, object] = {
        "space": space,
        "name": name,
        "architecture": architecture,
        "validation": validation or [],
        "test": test or [],
        "cost": cost or [],
        "scale": scale,
        "licence": licence,
        "citation": citation,
        "test_signal": test_signal,
    }
    if objective is not None:
        from harness.commands.data_import_runs import import_table_of_runs

        options |= {"objective": objective, **of_runs}
        raise typer.Exit(import_table_of_runs(arguments or [], options, replace=replace))
    check_absent(of_runs, "--objective", "a table with one row a training run")
    options["scale"] = scale or "accuracy-percent"
    raise typer.Exit(import_own(arguments or [], options, replace=replace))


@data_app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="A known benchmark; the others of the same file come with it.")],
    file: Annotated[str | None, typer.Option(help="Another of the files that it can be made of.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over tables that are here.")] = False,
) -> None:
    """Download an official file, check it against its authors' checksum, and import it."""
    from harness.commands.data_fetch import fetch_command

    raise typer.Exit(fetch_command(name, file, replace=replace))


@data_app.command()
def verify(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME...]", help="By default all that is here.")] = None,
) -> None:
    """Compare every file of the data with its SHA-256."""
    from harness.commands.data_import import verify_command

    raise typer.Exit(verify_command(names or []))

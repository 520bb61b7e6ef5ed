"""The command line. Every verb imports what it needs when it is called, so that ``--help`` is quick."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from harness.cli_data import data_app
from harness.exit_codes import INTERRUPTED, OK, USAGE

app = typer.Typer(
    name="regretta",
    help="Races neural-architecture-search optimizers over recorded benchmarks, in seeded trials on a simulated clock.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 fine, 1 regression, 2 wrong configuration or usage, 3 trials failed or missing, 4 nothing"
    " comparable, 130 interrupted and resumable.",
)
app.add_typer(data_app, name="data")

Kind = Literal["regret", "rank", "ecdf", "end-regret", "target", "critical-difference", "fidelity", "errors", "all"]

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="The result folder.")]


@app.command()
def run(
    experiment: Annotated[str, typer.Argument(help="A .toml file, or the name of a shipped experiment.")],
    out: Annotated[Path | None, typer.Option(help="The result folder; runs/NAME by default.")] = None,
    jobs: Annotated[
        int | None, typer.Option("-j", "--jobs", min=1, help="Processes; by default one a processor.")
    ] = None,
    trials: Annotated[str | None, typer.Option(metavar="N|A:B", help="Other trials than the file says.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Replace a value of the file; repeatable.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and show the grid; run nothing.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Say every task.")] = False,
) -> None:
    """Run what is missing of an experiment. Issued again, it goes on where it was interrupted."""
    from harness.commands import run_command

    raise typer.Exit(run_command(experiment, out, jobs, trials, set_ or [], dry_run=dry_run, verbose=verbose))


@app.command()
def status(directory: Directory) -> None:
    """Show done, missing, failed and stale trials of each cell, and the time left."""
    from harness.commands import status_command

    raise typer.Exit(status_command(directory))


@app.command()
def summary(
    directory: Directory,
    target: Annotated[str | None, typer.Option(help="Which true error, such as validation@200.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show end regret, area, ranks and tests of each cell, with intervals."""
    from harness.commands import summary_command

    raise typer.Exit(summary_command(directory, target, as_json=json_))


@app.command()
def plot(
    directory: Directory,
    kind: Annotated[Kind, typer.Option(help="Which figure.")] = "regret",
    target: Annotated[str | None, typer.Option(help="Which true error, such as validation@200.")] = None,
    axis: Annotated[
        Literal["evaluations", "seconds"] | None, typer.Option(help="By default that of the budget.")
    ] = None,
    horizon: Annotated[
        float | None, typer.Option(help="Where the axis ends; by default the budget, or where every trial reaches.")
    ] = None,
    statistic: Annotated[
        Literal["mean", "median", "iqm"] | None,
        typer.Option(help="Of the regret curves; by default the mean, and the median for unbounded errors."),
    ] = None,
    width: Annotated[
        Literal["page", "column"], typer.Option(help="7 or 3.3 inches, a paper's page or column.")
    ] = "page",
    out: Annotated[Path | None, typer.Option(help="The folder of the figures; DIR/figures by default.")] = None,
) -> None:
    """Draw figures as PDF, SVG and PNG, with the CSV behind each and its caption.

    regret: the incumbent's regret over time. rank: average ranks over time. ecdf: share of targets reached by when.
    end-regret: what the trials end with. target: expected running time to a regret. critical-difference: ranks over
    benchmarks. fidelity: what was spent at each. errors: where in the error distribution each algorithm looked.
    """
    from harness.commands import plot_command

    asked = {"target": target, "axis": axis, "horizon": horizon, "statistic": statistic, "width": width}
    raise typer.Exit(plot_command(directory, kind, out, **asked))


@app.command()
def table(
    directory: Directory,
    format_: Annotated[
        Literal["markdown", "latex", "csv"], typer.Option("--format", help="LaTeX needs the package booktabs.")
    ] = "markdown",
    target: Annotated[str | None, typer.Option(help="Which true error, such as test@200.")] = None,
    measure: Annotated[
        Literal["regret", "error", "area"], typer.Option(help="Of the final incumbent, or the area under log regret.")
    ] = "regret",
    statistic: Annotated[
        Literal["mean", "median"] | None,
        typer.Option(help="With sd or quartiles; by default the mean, and the median for unbounded errors."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write to this file instead.")] = None,
) -> None:
    """Print a table for a paper: algorithms by benchmarks, the best and what is no worse in bold, with its test."""
    from harness.commands import table_command

    raise typer.Exit(table_command(directory, format_, target, measure, statistic, out))


@app.command()
def reproduce(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="nasbench201, nasbench201-best-of-100, random-search-theory or queries-to-optimum."
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="The folder of its runs; runs/reproduce by default.")] = None,
    jobs: Annotated[
        int | None, typer.Option("-j", "--jobs", min=1, help="Processes; by default one a processor.")
    ] = None,
    trials: Annotated[int | None, typer.Option(min=2, help="Instead of the study's own number.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show published or theoretical numbers beside ours; run what is missing for it."""
    from harness.reproduce_commands import reproduce_command

    raise typer.Exit(reproduce_command(name, out, jobs, trials, as_json=json_))


@app.command("list")
def list_(
    what: Annotated[
        Literal["algorithms", "benchmarks", "protocols", "experiments"], typer.Argument(help="What to list.")
    ],
) -> None:
    """List what there is by name."""
    from harness.listing import list_command

    raise typer.Exit(list_command(what))


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"regretta {version('regretta')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Races neural-architecture-search optimizers over recorded benchmarks, in seeded trials on a simulated clock."""


def main() -> None:
    """Run the command line; an error that a user can mend is said in a line, without a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(OK)
    except (ValueError, OSError, RuntimeError) as error:
        if not _is_ours(error):
            raise
        for line in str(error).splitlines():
            print(f"regretta: {line}", file=sys.stderr)
        sys.exit(USAGE)


def _is_ours(error: Exception) -> bool:
    from benchmarks.errors import BenchmarkError
    from harness.errors import ConfigurationError, FolderInUseError
    from results.records import ResultsError

    return isinstance(error, (BenchmarkError, ConfigurationError, FolderInUseError, ResultsError, OSError))

"""The verbs that show results: ``summary``, ``plot``, ``table``, ``report`` and ``reproduce``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

results_app = typer.Typer()

Kind = Literal["regret", "rank", "ecdf", "end-regret", "target", "critical-difference", "fidelity", "errors", "all"]

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="The result folder.")]


@results_app.command()
def summary(
    directory: Directory,
    target: Annotated[str | None, typer.Option(help="Which true error, such as validation@200.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show end regret, area, ranks and tests of each cell, with intervals."""
    from harness.commands.results import summary_command

    raise typer.Exit(summary_command(directory, target, as_json=json_))


@results_app.command()
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
    from harness.commands.results import plot_command

    asked = {"target": target, "axis": axis, "horizon": horizon, "statistic": statistic, "width": width}
    raise typer.Exit(plot_command(directory, kind, out, **asked))


@results_app.command()
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
    """Print a table for a paper: algorithms by benchmarks, bold the best and what no test tells from it."""
    from harness.commands.results import table_command

    raise typer.Exit(table_command(directory, format_, target, measure, statistic, out))


@results_app.command()
def reproduce(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="nasbench201, nasbench201-best-of-100, random-search-theory, queries-to-optimum (10"
            " minutes of CPU) or predictor-sampling (two hours; --trials 20 for a first look).",
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
    from harness.commands.reproduce import reproduce_command

    raise typer.Exit(reproduce_command(name, out, jobs, trials, as_json=json_))


@results_app.command()
def report(directory: Directory) -> None:
    """Write DIR/report.html, one self-contained page to explore: verdict, curves, ranking, tests, provenance."""
    from harness.commands.report import report_command

    raise typer.Exit(report_command(directory))

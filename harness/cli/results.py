"""The commands that show results, such as ``summary``, ``plot``, ``report``, ``score`` and ``analyze``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from harness.analyses.registry import STUDIES
from harness.cli import completion
from harness.cli.options import Directory, Exact, Jobs, Json, Quiet, Target
from harness.cli.verbs import RESULTS, verb
from harness.reproduction.registry import REPRODUCTIONS
from plots.figures.registry import FIGURES

results_app = typer.Typer()

Algorithms = Annotated[
    list[str] | None,
    typer.Option(metavar="LABEL", help="Show this algorithm or those that match the pattern. Repeatable."),
]
Benchmarks = Annotated[
    list[str] | None,
    typer.Option(
        metavar="BENCHMARK",
        help="Show this benchmark or those that match the pattern. Repeatable.",
        autocompletion=completion.benchmarks,
    ),
]
Order = Annotated[
    Literal["experiment", "name", "area"] | None,
    typer.Option(help="Order of the algorithms. Default: that of the experiment; end-regret sorts by median."),
]
Highlight = Annotated[
    list[str] | None,
    typer.Option(
        metavar="LABEL",
        help="Draw the other algorithms thin and grey. Repeatable. Default: above eight algorithms, the best five by"
        " area and random search.",
    ),
]
Horizon = Annotated[
    float | None,
    typer.Option(metavar="X", help="End of the time axis. Default: the budget, or the time that every trial reaches."),
]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KIND",
        help=f"Figure to draw: {', '.join(FIGURES)}, or all. Repeatable. Default: regret.",
        autocompletion=completion.figures,
    ),
]


@verb(
    results_app,
    "regretta summary runs/quickstart",
    "regretta summary runs/across --across --json",
    panel=RESULTS,
)
def summary(
    directory: Directory,
    target: Target = None,
    across: Annotated[
        bool,
        typer.Option(
            "--across",
            help="Compare over search spaces instead of on each benchmark, and predict the difference on a space that"
            " was not raced.",
        ),
    ] = False,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show final regret, area under log regret, ranks and tests of each cell, with intervals."""
    from harness.commands.results import across_command, summary_command

    command = across_command if across else summary_command
    raise typer.Exit(command(directory, target, as_json=json_))


@verb(
    results_app,
    "regretta power runs/quickstart --difference 0.05",
    panel=RESULTS,
)
def power(
    directory: Directory,
    difference: Annotated[
        float,
        typer.Option(metavar="DEX", help="Difference in area to show, in dex: 0.05 is a factor of 1.12 in regret."),
    ] = 0.1,
    probability: Annotated[
        float, typer.Option("--power", metavar="P", help="Probability with which to show it, from 0.5 to below 1.")
    ] = 0.8,
    target: Target = None,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Tell how many trials each pair needs to show a difference, from the trials of a pilot."""
    from harness.commands.results import power_command

    raise typer.Exit(power_command(directory, difference, probability, target, as_json=json_))


@verb(
    results_app,
    "regretta plot runs/quickstart",
    "regretta plot runs/quickstart --kind all --width column --out figures",
    "regretta plot runs/quickstart --kind regret --kind rank",
    "regretta plot runs/quickstart --kind ecdf --highlight 'local search'",
    panel=RESULTS,
)
def plot(
    directory: Directory,
    kind: Kinds = None,
    target: Target = None,
    axis: Annotated[
        Literal["evaluations", "seconds"] | None, typer.Option(help="Time axis. Default: the unit of the budget.")
    ] = None,
    horizon: Horizon = None,
    statistic: Annotated[
        Literal["mean", "median", "iqm"] | None,
        typer.Option(help="Statistic of the regret curves. Default: mean, or median for unbounded errors."),
    ] = None,
    algorithms: Algorithms = None,
    benchmarks: Benchmarks = None,
    order: Order = None,
    highlight: Highlight = None,
    width: Annotated[
        Literal["page", "column"], typer.Option(help="Width of a paper's page (7 inches) or column (3.3 inches).")
    ] = "page",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for the figures. Default: DIR/figures.")
    ] = None,
    exact: Exact = False,
    no_caption: Annotated[
        bool, typer.Option("--no-caption", help="Leave the caption out of the picture, for a paper; the .txt has it.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Draw figures as PDF, SVG and PNG, each with its data as CSV and its caption.

    regret: regret of the incumbent over time. rank: average ranks over time. ecdf: share of target regrets reached
    over time. end-regret: regret at the end of the trials. target: expected running time to a target regret.
    ranks: ranks by area on each benchmark. critical-difference: tests of ranks over ten or more search spaces.
    across: differences over search spaces, and on a space not raced. fidelity: budget spent at each fidelity.
    errors: where in the distribution of errors each algorithm searched. pairs: differences between all pairs of
    algorithms. architectures: the best architecture that each algorithm found, drawn. trajectories: single trials
    behind the mean.

    A selection changes no number: ranks and tests are those of all algorithms.
    """
    from harness.commands.results import plot_command

    options: dict[str, Any] = {"target": target, "axis": axis, "horizon": horizon, "statistic": statistic}
    options |= {"width": width, "algorithms": algorithms, "benchmarks": benchmarks, "order": order}
    options |= {"exact": exact, "highlight": highlight, "caption": not no_caption}
    raise typer.Exit(plot_command(directory, kind or ["regret"], out, **options))


@verb(
    results_app,
    "regretta table runs/quickstart",
    "regretta table runs/quickstart --format latex --measure area --out table.tex",
    panel=RESULTS,
)
def table(
    directory: Directory,
    format_: Annotated[
        Literal["markdown", "latex", "csv"],
        typer.Option("--format", help="Format of the table. LaTeX needs the package booktabs."),
    ] = "markdown",
    target: Target = None,
    measure: Annotated[
        Literal["regret", "error", "area"],
        typer.Option(help="Regret or error of the final incumbent, or area under log regret."),
    ] = "regret",
    statistic: Annotated[
        Literal["mean", "median"] | None,
        typer.Option(
            help="Mean with standard deviation, or median with quartiles. Default: mean, or median for unbounded"
            " errors."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="File to write to instead of printing.")] = None,
    quiet: Quiet = False,
) -> None:
    """Print a table for a paper, with algorithms as rows and benchmarks as columns.

    The best value of each column is bold, and so are those that no test distinguishes from it.
    """
    from harness.commands.results import table_command

    raise typer.Exit(table_command(directory, format_, target, measure, statistic, out))


@verb(
    results_app,
    "regretta score logs/seed0.txt logs/seed1.txt --benchmark nasbench301",
    "regretta score 'logs/wd{wd}_seed{trial}.txt' --benchmark nasbench301 --json",
    panel=RESULTS,
)
def score(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Logs, CSV files or folders: the runs of one method. Or a quoted pattern such as"
            " 'logs/wd{wd}_seed{trial}.txt', whose other fields make entries.",
        ),
    ],
    benchmark: Annotated[
        str,
        typer.Option(
            metavar="BENCHMARK", help="Benchmark that has the true errors.", autocompletion=completion.benchmarks
        ),
    ],
    format_: Annotated[
        Literal["darts", "csv", "confopt", "nasbench1shot1"] | None,
        typer.Option(
            "--format", help="Format of the files. Default: csv by the file's name, that of a folder's files, or darts."
        ),
    ] = None,
    label: Annotated[str, typer.Option(metavar="TEXT", help="Name of the method.")] = "recorded search",
    seconds_per_epoch: Annotated[
        float | None,
        typer.Option(metavar="S", min=0.0, help="Seconds of an epoch of the search, where no times are recorded."),
    ] = None,
    horizon: Annotated[
        float | None,
        typer.Option(
            metavar="S", min=0.0, help="End of the time axis in seconds. Default: the end of the longest run."
        ),
    ] = None,
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Leave out what is invalid, and count it, instead of stopping.")
    ] = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Results folder. Default: runs/score-NAME.")] = None,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Score recorded one-shot searches: what they would have chosen, looked up in a benchmark.

    The results folder is like any other: `status`, `plot`, `report` and `analyze oneshot` read it.
    """
    from harness.commands.score import score_command
    from harness.scoring.score import Request

    request = Request(files, benchmark, format_, label, seconds_per_epoch, horizon, skip_invalid)
    raise typer.Exit(score_command(request, out, as_json=json_))


@verb(
    results_app,
    "regretta reproduce nasbench201",
    "regretta reproduce predictor-sampling --trials 20 --json",
    panel=RESULTS,
)
def reproduce(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            autocompletion=completion.reproductions,
            help=f"{', '.join(REPRODUCTIONS)}. On one core, queries-to-optimum takes 10 minutes and predictor-sampling"
            " two hours (use --trials 20 for a first look). predictor-sampling-nasbench101 needs imported data.",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for its runs. Default: runs/reproduce.")
    ] = None,
    jobs: Jobs = None,
    trials: Annotated[
        int | None,
        typer.Option(metavar="N", min=2, help="Number of trials. Default: as many as the reproduction asks for."),
    ] = None,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare published or theoretical numbers with ours. Missing trials are run first."""
    from harness.commands.reproduce import reproduce_command

    raise typer.Exit(reproduce_command(name, out, jobs, trials, as_json=json_))


@verb(
    results_app,
    "regretta analyze saturation runs/quickstart",
    "regretta analyze transfer 'nasbench201-*' --out transfer",
    panel=RESULTS,
)
def analyze(
    study: Annotated[
        str,
        typer.Argument(metavar="STUDY", help=f"{', '.join(STUDIES)}.", autocompletion=completion.studies),
    ],
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="BENCHMARK|DIR...", help="What the study takes: benchmarks, also as a pattern, or results folders."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for tables, figures and text. Default: runs/analyses/STUDY."),
    ] = None,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make a study of benchmarks or of results folders: tables, figures, and what they show.

    `regretta list studies` describes the studies.
    """
    from harness.commands.analyze import analyze_command

    raise typer.Exit(analyze_command(study, targets, out, as_json=json_))


@verb(
    results_app,
    "regretta report runs/quickstart",
    panel=RESULTS,
)
def report(
    directory: Directory,
    new: Annotated[
        Path | None,
        typer.Argument(metavar="[NEW]", help="Results folder to compare with DIR, which then has the old results."),
    ] = None,
    exact: Exact = False,
    quiet: Quiet = False,
) -> None:
    """Write DIR/report.html: verdict, curves, trials, ranking, tests and provenance on one self-contained page.

    With two folders, write NEW/comparison.html: what changed from DIR to NEW, and the curves of both.
    """
    from harness.commands.report import comparison_command, report_command

    raise typer.Exit(comparison_command(directory, new, exact=exact) if new else report_command(directory, exact=exact))


@verb(
    results_app,
    "regretta best runs/quickstart",
    "regretta best runs/quickstart --top 3 --target validation@200 --json",
    panel=RESULTS,
)
def best(
    directory: Directory,
    target: Target = None,
    top: Annotated[int, typer.Option(metavar="N", min=1, help="Number of architectures per benchmark, at most.")] = 5,
    benchmark: Annotated[
        list[str] | None,
        typer.Option(
            metavar="BENCHMARK",
            help="Benchmark to show. Repeatable. Default: all.",
            autocompletion=completion.benchmarks,
        ),
    ] = None,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show the best architectures that trials ended with, their true errors, their rank, and who found them."""
    from harness.commands.best import best_command

    raise typer.Exit(best_command(directory, target, top, benchmark or [], as_json=json_))


@verb(
    results_app,
    "regretta verify runs/quickstart --sample 10",
    panel=RESULTS,
)
def verify(
    directory: Directory,
    sample: Annotated[int, typer.Option(min=0, metavar="N", help="Run N trials again and compare their traces.")] = 0,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Recompute every checksum, hash and true error of a results folder, and run a sample again.

    No code of the folder is run: trials of custom classes and programs are not run again.
    """
    from harness.commands.verify import verify_command

    raise typer.Exit(verify_command(directory, sample, as_json=json_))

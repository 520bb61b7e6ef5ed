"""The verbs of the gate: ``check``, ``compare`` and ``baseline``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import completion
from harness.cli.options import Jobs, Json, Quiet
from harness.cli.verbs import GATE, Group, verb

gate_app = typer.Typer()
baseline_app = typer.Typer(
    cls=Group, help="Freeze results for later checks, and show what is frozen.", no_args_is_help=True
)
gate_app.add_typer(baseline_app, name="baseline", rich_help_panel=GATE)

Results = Annotated[
    str,
    typer.Argument(
        metavar="DIR|EXPERIMENT",
        help="A results folder, or an experiment to run first.",
        autocompletion=completion.experiments_and_results,
    ),
]
Baseline = Annotated[Path, typer.Argument(metavar="FILE", help="Baseline file.")]


@verb(
    gate_app,
    "regretta check gate.toml --baseline gate.json --markdown gate.md",
    "regretta check runs/gate --baseline gate.json --json",
    panel=GATE,
)
def check(
    results: Results,
    baseline: Annotated[Path, typer.Option(metavar="FILE", help="Baseline file.")],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Folder in which to run or resume the experiment. Default: a fresh runs/check-NAME."
        ),
    ] = None,
    jobs: Jobs = None,
    significance: Annotated[
        float,
        typer.Option(
            metavar="P",
            min=0.0001,
            max=0.5,
            help="Probability of a false alarm that is accepted at level 2. Divide it among the gates of a project.",
        ),
    ] = 0.05,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the report as Markdown, for a pull request.")
    ] = None,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Check whether results changed or got worse since a baseline: a gate for continuous integration."""
    from harness.commands.gate.check import check_command

    raise typer.Exit(check_command(results, baseline, out, jobs, significance, markdown, as_json=json_))


@verb(
    gate_app,
    "regretta compare runs/before runs/after",
    "regretta compare baseline.json runs/quickstart --json",
    panel=GATE,
)
def compare(
    old: Annotated[
        Path,
        typer.Argument(
            metavar="OLD",
            help="The old results: a results folder or a baseline.",
            autocompletion=completion.results,
        ),
    ],
    new: Annotated[
        Path,
        typer.Argument(
            metavar="NEW", help="The new results: a results folder or a baseline.", autocompletion=completion.results
        ),
    ],
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show how much better or worse the new results are than the old ones.

    Cells that differ in nothing but the budget are compared by the shorter one.
    """
    from harness.commands.gate.compare import compare_command

    raise typer.Exit(compare_command(old, new, as_json=json_))


@verb(baseline_app, 'regretta baseline update gate.json --from runs/gate --reason "the first release"')
def update(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Baseline file to create or replace.")],
    from_: Annotated[
        Path,
        typer.Option("--from", metavar="DIR", help="A complete results folder.", autocompletion=completion.results),
    ],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why the results may change. Stored in the file.")],
) -> None:
    """Freeze the results of a folder as a baseline. No other command changes a baseline."""
    from harness.commands.gate.baseline import update_command

    raise typer.Exit(update_command(file, from_, reason))


@verb(baseline_app, "regretta baseline show gate.json")
def show(file: Baseline, json_: Json = False, quiet: Quiet = False) -> None:
    """Show the contents of a baseline, and the reasons for its changes."""
    from harness.commands.gate.baseline import show_command

    raise typer.Exit(show_command(file, as_json=json_))

"""The command line. A command imports what it needs when it is called, so that ``--help`` is quick."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import typer

from harness.cli import completion
from harness.cli.data import data_app
from harness.cli.exact import exact_app
from harness.cli.gate import gate_app
from harness.cli.options import Directory, Jobs, Json, Quiet
from harness.cli.results import results_app
from harness.cli.start import start_app
from harness.cli.surrogate import surrogate_app
from harness.cli.test import test_app
from harness.cli.verbs import BENCHMARKS, RUN, Group, verb
from harness.commands.exit_codes import INTERRUPTED, OK, USAGE

GARBAGE_THRESHOLD = 50_000
"""Objects between two searches for cyclic garbage. By Python's default of 700, a short command spends a tenth of its
time on searching in what it imports, which is no garbage."""

app = typer.Typer(
    name="regretta",
    cls=Group,
    help="Compare neural-architecture-search optimizers on recorded benchmarks, in seeded trials on a simulated clock.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 success, 1 regression, 2 wrong configuration or usage, 3 failed or missing trials, 4 nothing"
    " to compare, 130 interrupted (the same command continues).",
)

run_app = typer.Typer()

Until = Annotated[
    Literal["decided"] | None,
    typer.Option(help="Add trials in blocks until every pair of algorithms on every benchmark is decided."),
]
Margin = Annotated[
    float | None,
    typer.Option(metavar="DEX", help="With --until: areas that are closer than this are equivalent. Default: 0.1."),
]
MaxTrials = Annotated[
    int | None,
    typer.Option(metavar="N", help="With --until: number of trials after which a pair stays open. Default: 500."),
]
Rule = Annotated[
    Literal["symmetric", "bounded"] | None,
    typer.Option(
        help="With --until: assumption on paired differences. symmetric needs fewer trials, bounded assumes less."
        " Default: symmetric."
    ),
]


Part = Annotated[
    str | None,
    typer.Option(metavar="I/N", help="Run only part I of N disjoint parts. `regretta merge` joins their folders."),
]
Backend = Annotated[
    Literal["local", "dask"],
    typer.Option(help="local: processes of this machine. dask: the workers of a dask.distributed scheduler."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="With --backend dask: address or scheduler file, or local:N for N worker processes on this machine.",
    ),
]


Experiment = Annotated[
    str,
    typer.Argument(
        metavar="EXPERIMENT",
        help="A .toml file, or the name of a shipped experiment.",
        autocompletion=completion.experiments,
    ),
]


@verb(
    run_app,
    "regretta run quickstart -j 2",
    "regretta run my-study.toml --dry-run",
    "regretta run quickstart --trials 20 --set budget.evaluations=100 --out runs/short",
    "regretta run quickstart --until decided",
    "regretta run quickstart --shard 1/4 --out runs/part1",
    panel=RUN,
)
def run(
    experiment: Experiment,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Results folder. Default: runs/NAME.")] = None,
    jobs: Jobs = None,
    trials: Annotated[
        str | None, typer.Option(metavar="N|A:B", help="Trials to run instead of those of the file.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Replace a value of the file. Repeatable.")
    ] = None,
    until: Until = None,
    margin: Margin = None,
    max_trials: MaxTrials = None,
    rule: Rule = None,
    shard: Part = None,
    backend: Backend = "local",
    scheduler: Scheduler = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check the experiment and show its grid, without running it.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Run only the first trial, in this process for a debugger. Store nothing.")
    ] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Print a line per task.")] = False,
    quiet: Quiet = False,
) -> None:
    """Run the missing trials of an experiment. After an interruption, the same command continues."""
    from harness.commands.run import debug_command, run_command

    if debug:
        raise typer.Exit(debug_command(experiment, trials, set_ or []))
    given = {"margin": margin, "max_trials": max_trials, "rule": rule}
    code = run_command(
        experiment,
        out,
        jobs,
        trials,
        set_ or [],
        shard=shard,
        backend=backend,
        scheduler=scheduler,
        dry_run=dry_run,
        verbose=verbose,
        until_decided=until is not None,
        stopping={key: value for key, value in given.items() if value is not None},
    )
    raise typer.Exit(code)


@verb(run_app, "regretta tune tune-evolution", "regretta tune my-tuning.toml --out runs/tuned --json", panel=RUN)
def tune(
    experiment: Annotated[
        str,
        typer.Argument(
            metavar="EXPERIMENT",
            help=r"A .toml file with \[tuning], or the name of a shipped one.",
            autocompletion=completion.experiments,
        ),
    ],
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the tuning. Default: runs/NAME.")] = None,
    jobs: Jobs = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Print a line per task.")] = False,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Tune hyperparameters on some benchmarks, and judge the choice on others. The same command continues."""
    from harness.commands.tune import tune_command

    raise typer.Exit(tune_command(experiment, out, jobs, verbose=verbose, as_json=json_))


@verb(run_app, "regretta status runs/quickstart", "regretta status runs/quickstart --json", panel=RUN)
def status(directory: Directory, json_: Json = False, quiet: Quiet = False) -> None:
    """Show the finished, missing and failed trials of each cell, the time left, and stale folders."""
    from harness.commands.status import status_command

    raise typer.Exit(status_command(directory, as_json=json_))


@verb(run_app, "regretta compact runs/quickstart", panel=RUN)
def compact(directory: Directory, quiet: Quiet = False) -> None:
    """Join the small files of trials of a results folder into few large ones. Nothing else changes."""
    from harness.commands.compact import compact_command

    raise typer.Exit(compact_command(directory))


@verb(run_app, "regretta merge runs/part1 runs/part2 --out runs/all", panel=RUN)
def merge(
    directories: Annotated[
        list[Path],
        typer.Argument(metavar="DIR...", help="Results folders of one experiment.", autocompletion=completion.results),
    ],
    out: Annotated[
        Path,
        typer.Option(metavar="DIR", help="Folder for all trials: a new one, or an earlier merge of the experiment."),
    ],
    quiet: Quiet = False,
) -> None:
    """Merge results folders of one experiment, such as those of its shards. The folders themselves are not changed."""
    from harness.commands.merge import merge_command

    raise typer.Exit(merge_command(directories, out))


app.add_typer(start_app)
app.add_typer(run_app)
app.add_typer(results_app)
app.add_typer(gate_app)
app.add_typer(exact_app)
app.add_typer(data_app, name="data", rich_help_panel=BENCHMARKS)
app.add_typer(surrogate_app, name="surrogate", rich_help_panel=BENCHMARKS)
app.add_typer(test_app, name="test", rich_help_panel=BENCHMARKS)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose",
            help="With --version: also show Python, the platform, the packages and the imported data, for an issue.",
        ),
    ] = False,
) -> None:
    """Compare neural-architecture-search optimizers on recorded benchmarks, in seeded trials on a simulated clock."""
    if verbose and not version:
        raise typer.BadParameter("has no effect without --version", param_hint="--verbose")
    if version:
        from harness.commands.version import version_command

        raise typer.Exit(version_command(verbose=verbose))
    if context.invoked_subcommand is None:
        context.fail("Missing command.")


def main() -> None:
    """Run the command line. An error that the user can correct is printed without a traceback."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # a batch system stops a command as Ctrl-C does
    try:
        _command()()
    except KeyboardInterrupt:
        print("regretta: interrupted; unfinished work was not saved", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(OK)
    except (ValueError, OSError, RuntimeError) as error:
        if not _is_correctable(error):
            raise
        for line in _message(error).splitlines():
            print(f"regretta: {line}", file=sys.stderr)
        sys.exit(USAGE)


@cache
def _command() -> Callable[[], None]:
    """Return the command line, made once for programs that call `main` repeatedly, such as tests."""
    return typer.main.get_command(app)


def _message(error: Exception) -> str:
    """Return the message of an error, with the file of one of the operating system."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror}. What was stored before is kept; correct this, and run the same command again"


def _is_correctable(error: Exception) -> bool:
    from benchmarks.errors import BenchmarkError
    from harness.entries.isolated import ProcessDied
    from harness.errors import ConfigurationError, FolderInUseError
    from results.storage.records import ResultsError

    return isinstance(error, (BenchmarkError, ConfigurationError, FolderInUseError, ProcessDied, ResultsError, OSError))

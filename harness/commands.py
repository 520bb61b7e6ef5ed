"""What the verbs ``run``, ``status``, ``summary`` and ``plot`` do. Each returns an exit code."""

from __future__ import annotations

import json
import logging
import tomllib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.console import make_console
from harness.errors import ConfigurationError
from harness.exit_codes import INTERRUPTED, OK, TRIALS
from harness.experiment_files import experiment_file, read_experiment_file
from harness.experiments import Experiment, resolve_experiment
from harness.progress import Progress
from harness.runner import Outcome, logger, run_experiment
from results.loading import cell_presence, load, read_experiment, stale_folders
from results.store import atomic_write

PAGE = ("width", "page")
"""The option of a figure that its file is not named after."""


def run_command(
    experiment: str,
    out: Path | None,
    jobs: int | None,
    trials: str | None,
    replacements: Sequence[str],
    *,
    dry_run: bool,
    verbose: bool,
) -> int:
    """Run an experiment, and say what became of it."""
    console = make_console()
    resolved = open_experiment(experiment, trials, replacements)
    directory = out or Path("runs") / resolved.name
    if dry_run:
        console.print(_grid(resolved))
        return OK
    directory.mkdir(parents=True, exist_ok=True)
    _log_to(directory / "run.log", verbose)
    progress = Progress(console, resolved)
    with progress:
        outcome = run_experiment(resolved, directory, jobs, progress.observe, progress.begin)
    return say_outcome(outcome, directory, console)


def open_experiment(name: str, trials: str | None = None, replacements: Sequence[str] = ()) -> Experiment:
    """Read and resolve an experiment, some of its values replaced.

    Raises
    ------
    ConfigurationError
        With every mistake.
    """
    file = experiment_file(name)
    raw = read_experiment_file(file)
    if trials is not None:
        raw["trials"] = _trials(trials)
    for replacement in replacements:
        _replace(raw, replacement)
    return resolve_experiment(raw, file.parent)


def _trials(text: str) -> int | list[int]:
    try:
        numbers = [int(part) for part in text.split(":")]
        if len(numbers) > 2:
            raise ValueError
    except ValueError:
        raise ConfigurationError([f"--trials: wanted is N or A:B with whole numbers; got {text!r}"]) from None
    return numbers[0] if len(numbers) == 1 else numbers


def _replace(raw: dict[str, Any], replacement: str) -> None:
    """Apply ``path.to.key=value``; the value is TOML, or else text."""
    path, equals, text = replacement.partition("=")
    if not equals:
        raise ConfigurationError([f"--set: wanted is PATH=VALUE, as in budget.evaluations=50; got {replacement!r}"])
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        value = text
    *parents, key = path.strip().split(".")
    table = raw
    for parent in parents:
        table = table.setdefault(parent, {})
        if not isinstance(table, dict):
            raise ConfigurationError([f"--set {replacement}: {parent!r} is no table in this experiment"])
    table[key] = value


def _log_to(file: Path, verbose: bool) -> None:
    logger.setLevel(logging.INFO)
    logger.handlers.clear()
    to_file = logging.FileHandler(file)
    to_file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(to_file)
    if verbose:
        logger.addHandler(logging.StreamHandler())


def _grid(experiment: Experiment) -> Table:
    table = Table(title=f"{experiment.name}: {len(experiment.trials)} trials a cell, {len(experiment.cells)} cells")
    for heading in ("algorithm", "benchmark", "budget", "hyperparameters", "cell"):
        table.add_column(heading, overflow="fold")
    for cell in experiment.cells:
        given = ", ".join(f"{key}={value}" for key, value in cell.parameters.items())
        row = (cell.label, cell.benchmark, str(cell.protocol.budget), given, cell.id[:8])
        table.add_row(*(Text(value) for value in row))
    return table


def say_outcome(outcome: Outcome, directory: Path, console: Console) -> int:
    """Say what a run did, and return its exit code."""
    for damaged in outcome.damaged:
        console.print(Text(f"damaged, set aside and its trials run again: {damaged}"))
    reasons: dict[tuple[str, str, str], list[int]] = {}
    for (label, benchmark, trial), why in outcome.failed.items():
        reasons.setdefault((label, benchmark, why), []).append(trial)
    for (label, benchmark, why), trials in list(reasons.items())[:10]:
        console.print(Text(f"failed: {label} on {benchmark}, {len(trials)} trials (the first is {trials[0]}): {why}"))
    if len(reasons) > 10:
        console.print(Text(f"... and {len(reasons) - 10} more reasons; see {directory}/run.log"))
    console.print(
        Text(f"{outcome.present + outcome.done} of {outcome.wanted} trials are in {directory} ({outcome.done} new)")
    )
    if outcome.failed:
        console.print(
            "The tracebacks are in the *.error.json files beside the trials; a new `regretta run` tries again."
        )
        return TRIALS
    if outcome.interrupted:
        console.print("Interrupted; the same command goes on from here.")
        return INTERRUPTED
    if outcome.worker_died:
        console.print(Text(f"A worker process died: {outcome.worker_died} The same command goes on from here."))
    return TRIALS if outcome.missing else OK


def status_command(directory: Path) -> int:
    """Say what is done, missing, failed and stale."""
    console = make_console()
    record = read_experiment(directory)
    wanted = range(*record["trials"])
    table = Table(title=Text(f"{record['name']}: {len(wanted)} trials a cell"))
    table.add_column("algorithm", overflow="fold")
    table.add_column("benchmark", overflow="fold")
    for heading in ("done", "missing", "failed", "time left"):
        table.add_column(heading, justify="right")
    done = missing = failed = 0
    damaged: list[str] = []
    for cell in record["cells"]:
        presence = cell_presence(directory, cell)
        here = sum(trial in presence.done for trial in wanted)
        broken = sum(trial in presence.failed for trial in wanted)
        rate = presence.real_seconds / len(presence.done) if presence.done else None
        left = "" if here == len(wanted) else "unknown" if rate is None else _duration(rate * (len(wanted) - here))
        row = (cell["label"], cell["benchmark"], str(here), str(len(wanted) - here), str(broken), left)
        table.add_row(*(Text(value) for value in row))
        done, missing, failed = done + here, missing + len(wanted) - here, failed + broken
        damaged += [f"damaged: {file}: {why}" for file, why in presence.damaged.items()]
    console.print(table)
    for line in damaged:
        console.print(Text(line))
    for folder in stale_folders(directory, record["cells"]):
        console.print(Text(f"stale, on disk but not in the grid: {folder.name}"))
    console.print(f"{done} done, {missing} missing, {failed} of them failed. Times are those of one process.")
    return TRIALS if missing else OK


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def summary_command(directory: Path, target: str | None, *, as_json: bool) -> int:
    """Print the summary of a result folder."""
    from plots.terminal import summary_table
    from results.summary import summarize

    study = load(directory)
    summary = summarize(study, target=target)
    if as_json:
        print(json.dumps(asdict(summary), indent=1))
    else:
        make_console().print(summary_table(summary))
    return TRIALS if summary.empty else OK


def plot_command(directory: Path, kind: str, out: Path | None, **options: Any) -> int:
    """Draw a figure, or all of them, into the result folder."""
    from plots.export import save
    from plots.figures import FIGURES, draw, figure_options

    study = load(directory)
    words = [str(value).replace("/", "_") for name, value in options.items() if value and (name, value) != PAGE]
    for figure_kind in FIGURES if kind == "all" else [kind]:
        known = figure_options(figure_kind) if kind == "all" else options.keys()
        figure, data = draw(figure_kind, study, **{name: value for name, value in options.items() if name in known})
        for file in save(figure, data, (out or directory / "figures") / "-".join([figure_kind, *words])):
            print(file)
    return OK if any(len(cell.trials) for cell in study.cells) else TRIALS


def table_command(
    directory: Path,
    format_: Literal["markdown", "latex", "csv"],
    target: str | None,
    measure: Literal["regret", "error", "area"],
    statistic: Literal["mean", "median"] | None,
    out: Path | None,
) -> int:
    """Print the table of a result folder for a paper, or write it to a file."""
    from plots.tables import table_text

    study = load(directory)
    if not any(len(cell.trials) for cell in study.cells):
        make_console().print(Text(f"{study.name!r} has no completed trials yet: run the experiment first"))
        return TRIALS
    text = table_text(study, format_, target, measure, statistic)
    if out is None:
        print(text, end="")
    else:
        atomic_write(out, text.encode())
        print(out)
    return OK

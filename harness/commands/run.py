"""The commands ``run`` and ``status``. Each returns an exit code."""

from __future__ import annotations

import copy
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from benchmarks.loading import load_benchmark
from harness.commands.console import make_console, print_parts
from harness.commands.exit_codes import INTERRUPTED, OK, TRIALS
from harness.commands.output_paths import check_folder
from harness.entries.trajectories.source import TrajectorySource
from harness.errors import ConfigurationError
from harness.experiments.cells import Experiment
from harness.experiments.opening import open_experiment
from harness.running.progress import Progress
from harness.running.runner import Outcome, logger, run_experiment
from harness.running.shards import Shard
from harness.simulation.trial import run_trial
from harness.stopping.until_decided import run_resolved
from results.storage.experiment_record import EXPERIMENT, read_experiment
from results.storage.files import open_inside
from results.words import counted

if TYPE_CHECKING:
    from harness.stopping.looks import Looks, Planned

FORECAST_EVERY = 5.0
"""Time between two forecasts of how many trials a run until decided takes [s]."""


def run_command(
    experiment: str,
    out: Path | None,
    jobs: int | None,
    trials: str | None,
    replacements: Sequence[str],
    *,
    shard: str | None = None,
    backend: str = "local",
    scheduler: str | None = None,
    dry_run: bool,
    verbose: bool,
    until_decided: bool = False,
    stopping: Mapping[str, Any] | None = None,
) -> int:
    """Run the missing trials of an experiment, and print the outcome."""
    console = make_console()
    _check_backend(backend, scheduler, jobs)
    resolved = open_experiment(experiment, trials, replacements, until_decided=until_decided, stopping=stopping)
    part = _part(shard, resolved, scheduler)
    directory = out or Path("runs") / resolved.name
    check_folder("--out", directory)
    if resolved.absent:
        _print_left_out(resolved.absent, console)
    if dry_run:
        from harness.commands.planning.overview import overview, overview_parts  # runs trials, which takes imports

        print_parts(overview_parts(overview(resolved, directory, jobs, part)), console)
        return OK
    for line in _changed_stopping(resolved, directory):
        console.print(Text(line))
    directory.mkdir(parents=True, exist_ok=True)
    progress = Progress(console, resolved, jobs)
    with logging_to(directory / "run.log", verbose), progress:
        if resolved.stopping:
            outcome = run_resolved(
                resolved, directory, jobs, progress.observe, progress.begin, _forecasting(progress), progress.trial
            )
        else:
            outcome = run_experiment(
                resolved, directory, jobs, progress.observe, progress.begin, shard=part, scheduler=scheduler,
                say=progress.say, ticked=progress.trial,
            )  # fmt: skip
    if resolved.stopping:
        _print_decisions(directory, console)
    return print_outcome(outcome, directory, console, experiment)


def _part(shard: str | None, experiment: Experiment, scheduler: str | None) -> Shard | None:
    """Return the shard to run, or None for all trials. Refuse what a run until decided cannot do."""
    part = None if shard is None else Shard.parse(shard)
    if experiment.stopping and (part or scheduler):
        option = "--shard" if part else "--backend dask"
        raise ConfigurationError(
            [f"{option}: expected a fixed number of trials; a run until decided has to see all results on one machine"]
        )
    return part


def _check_backend(backend: str, scheduler: str | None, jobs: int | None) -> None:
    """Refuse options that do not fit together."""
    problems = []
    if backend == "dask" and scheduler is None:
        problems.append("--backend dask: needs --scheduler with an address, or local:N for N workers on this machine")
    if backend != "dask" and scheduler is not None:
        problems.append("--scheduler: has an effect with --backend dask only")
    if backend == "dask" and jobs is not None:
        problems.append("--jobs: has no effect with --backend dask, whose scheduler has workers")
    if problems:
        raise ConfigurationError(problems)


def _print_left_out(absent: Sequence[str], console: Console) -> None:
    from harness.commands.data.listing import remedies  # imports the readers of all official files

    for line in remedies(absent):
        console.print(Text(f"left out, its data is missing: {line}"))


def _changed_stopping(experiment: Experiment, directory: Path) -> Iterator[str]:
    """Yield a sentence per value of ``[stopping]`` with which the folder was run before, and which is another now."""
    if experiment.stopping is None or not (directory / EXPERIMENT).is_file():
        return
    before = read_experiment(directory).get("stopping") or {}
    for key in ("margin", "max_trials"):
        now = getattr(experiment.stopping, key)
        if before.get(key, now) != now:
            yield f"{key} is {now:g} now, and was {before[key]:g} in {directory}: the decisions may change"


def _print_decisions(directory: Path, console: Console) -> None:
    from harness.commands.decisions import print_decisions  # imports pandas, which other runs do not need

    print_decisions(directory, console)


def _forecasting(progress: Progress) -> Callable[[Looks, Planned], None]:
    """Return a function that shows, after a look, what is open and how many trials there will probably be."""
    forecast_at, expected = monotonic(), 0

    def show(looks: Looks, planned: Planned) -> None:
        nonlocal forecast_at, expected
        if monotonic() - forecast_at > FORECAST_EVERY:
            expected, forecast_at = looks.forecast(planned), monotonic()
        still_open, pairs = looks.pairs()
        wanted = sum(planned.values())
        progress.plan_more(max(wanted, expected), f"{still_open} of {counted(pairs, 'pair')} open")

    return show


@contextmanager
def logging_to(file: Path, verbose: bool) -> Iterator[None]:
    """Log to a file, and to stderr if verbose."""
    stream = os.fdopen(open_inside(file, file.parent, os.O_WRONLY | os.O_CREAT | os.O_APPEND), "a", encoding="utf-8")
    to_file = logging.StreamHandler(stream)
    to_file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    handlers: list[logging.Handler] = [to_file, logging.StreamHandler()] if verbose else [to_file]
    logger.setLevel(logging.INFO)
    for handler in handlers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            logger.removeHandler(handler)
            handler.close()
        stream.close()


def debug_command(experiment: str, trials: str | None, replacements: Sequence[str]) -> int:
    """Run the first trial of the first cell in this process, where a debugger can follow it. Store nothing."""
    resolved = open_experiment(experiment, trials, replacements)
    cell = next((cell for cell in resolved.cells if cell.recorded is None), None)
    if cell is None or isinstance(cell.source, TrajectorySource):
        raise ConfigurationError(["--debug: expected an algorithm, got recorded trajectories alone, which run nothing"])
    trial = resolved.trials.start
    console = make_console()
    console.print(Text(f"{cell.label} on {cell.benchmark}, trial {trial}, in this process"))
    algorithm = cell.source.load()(**copy.deepcopy(cell.parameters))
    record = run_trial(algorithm, cell.source.use, load_benchmark(cell.benchmark), cell.protocol, cell.seed, trial)
    evaluations = counted(len(record.columns["number"]), "evaluation")
    console.print(Text(f"ended as {record.ended!r} after {evaluations}. Nothing was stored: this is not a result."))
    return OK


def print_outcome(outcome: Outcome, directory: Path, console: Console, experiment: str | None = None) -> int:
    """Print what a run did, and return its exit code.

    Parameters
    ----------
    outcome : Outcome
    directory : Path
        The results folder.
    console : Console
    experiment : str, optional
        What the user ran, if it can be run with ``--debug``.
    """
    for damaged in outcome.damaged:
        console.print(Text(f"damaged, set aside, its trials were run again: {damaged}"))
    reasons: dict[tuple[str, str, str], list[int]] = {}
    for (label, benchmark, trial), why in outcome.failed.items():
        reasons.setdefault((label, benchmark, why), []).append(trial)
    for (label, benchmark, why), trials in list(reasons.items())[:10]:
        console.print(
            Text(f"failed: {label} on {benchmark}, {counted(len(trials), 'trial')} (the first is {min(trials)}): {why}")
        )
    if len(reasons) > 10:
        console.print(Text(f"... and {len(reasons) - 10} more reasons; see {directory}/run.log"))
    console.print(
        Text(f"{outcome.present + outcome.done} of {outcome.wanted} trials are in {directory} ({outcome.done} new)")
    )
    if outcome.lost:
        console.print(
            Text(f"{outcome.lost}. What was finished is kept: run the same command again, here or elsewhere.")
        )
    if outcome.failed:
        console.print(Text(f"The traceback of a failed trial is in {outcome.error_file}."))
        if experiment:
            console.print(
                Text(f"`regretta run {experiment} --debug` shows the traceback of the first algorithm's first trial.")
            )
        console.print("The same command tries the failed trials again.")
        return TRIALS
    if outcome.interrupted:
        console.print("Interrupted. The same command continues from here.")
        return INTERRUPTED
    return TRIALS if outcome.missing else OK

"""The commands ``regretta test``: check an algorithm, a benchmark or the statistics, with one verdict per check."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text
from threadpoolctl import threadpool_limits

from benchmarks.loading import load_benchmark
from harness.commands.console import make_console, print_json
from harness.commands.exit_codes import OK, REGRESSION
from harness.commands.output_paths import check_folder
from harness.commands.run import print_outcome
from harness.conformance.checks import Verdict
from harness.conformance.suite import algorithm_verdicts, benchmark_verdicts, find_subject
from harness.entries.hyperparameters import read_setting
from harness.errors import ConfigurationError
from harness.experiments.cells import Experiment
from harness.experiments.resolution import resolve_experiment
from harness.running.progress import Progress
from harness.running.runner import run_experiment
from results.anytime.comparisons import comparisons
from results.anytime.regret import area_under_log_regret
from results.statistics.paired import MINIMUM_PAIRS
from results.storage.loading import load
from results.summaries.self_test import Claims, races_of, same_against_same
from results.words import counted

BENCHMARKS = ("synthetic", "nasbench201-cifar10")
"""Default benchmarks: one with several continuable fidelities and 480 architectures, one with one and 15,625."""


ALGORITHMS: dict[str, dict[str, Any]] = {
    "random search": {"use": "random_search"},
    "local search": {"use": "local_search"},
    "regularized evolution 10/3": {"use": "regularized_evolution", "population": 10, "sample": 3},
}
"""The algorithms that race if the user names none."""

SEED = 2026

NUMBER = re.compile(r"(?<![\w:.])-?\d[\w.+-]*")
"""A number in the text of an error, such as an id, which differs in each run; not the line of code after a colon."""


def test_algorithm_command(use: str, names: Sequence[str], settings: Sequence[str], *, as_json: bool) -> int:
    """Run all checks of an algorithm, and print one line per check."""
    console = make_console()
    subject = find_subject(use, Path(), dict(map(read_setting, settings)), names or BENCHMARKS)
    with threadpool_limits(1):
        if as_json:
            return print_verdicts_as_json(algorithm_verdicts(subject))
        console.print(Text(f"{use} on {', '.join(subject.benchmarks)}"))
        return print_verdicts(algorithm_verdicts(subject), console)


def test_benchmark_command(name: str, *, as_json: bool) -> int:
    """Run all checks of a benchmark and its space, and print one line per check."""
    console = make_console()
    benchmark = load_benchmark(name)
    if as_json:
        return print_verdicts_as_json(benchmark_verdicts(benchmark))
    console.print(Text(f"{name}, on space {benchmark.space.name}"))
    return print_verdicts(benchmark_verdicts(benchmark), console)


def print_verdicts(found: Iterable[Verdict], console: Console) -> int:
    """Print verdicts as they come, and return the exit code."""
    failed, errors = 0, set[str]()
    for verdict in found:
        failed += not verdict.passed
        error = NUMBER.sub("", verdict.error)
        for line in _lines(verdict, known=error in errors):
            console.print(line)
        errors |= {error} - {""}
    console.print(Text(f"{counted(failed, 'check')} failed." if failed else "All checks passed.", style="bold"))
    return REGRESSION if failed else OK


def _lines(verdict: Verdict, *, known: bool) -> Iterator[Text]:
    """Yield the lines of a verdict. The error of a class that an earlier verdict had is not repeated."""
    if verdict.passed:
        mark = Text("skipped ", style="dim") if verdict.skipped else Text("passed  ", style="green")
        yield mark + Text(verdict.statement)
    else:
        yield Text("failed  ", style="bold red") + Text(f"{verdict.statement}{' (the same error)' if known else ''}")
    if verdict.skipped:
        yield Text(f"        {verdict.skipped}")
    if verdict.failure and not known:
        yield Text(f"        {verdict.failure}")
    if verdict.hint and not known:
        yield Text(f"        hint: {verdict.hint}")


def print_verdicts_as_json(found: Iterable[Verdict]) -> int:
    """Print verdicts as JSON, and return the exit code."""
    verdicts = list(found)
    print_json([asdict(verdict) for verdict in verdicts])
    return OK if all(verdict.passed for verdict in verdicts) else REGRESSION


def test_statistics_command(
    benchmark: str,
    algorithms: Sequence[str],
    trials: int,
    races: int,
    evaluations: int,
    out: Path | None,
    jobs: int | None,
    *,
    as_json: bool,
) -> int:
    """Race each algorithm against itself, and print how often each claim was made."""
    experiment = _races(benchmark, algorithms, trials, races, evaluations)
    folder = out or Path("runs") / experiment.name
    check_folder("--out", folder)
    progress = Console(stderr=True, highlight=False)
    watch = Progress(progress, experiment, jobs)
    with watch:
        outcome = run_experiment(experiment, folder, jobs, watch.observe, watch.begin, ticked=watch.trial)
    if outcome.missing:
        return print_outcome(outcome, folder, progress)
    study = load(folder)
    (comparison,) = comparisons(study)
    asked = (comparison.target, comparison.axis, comparison.horizon)
    found = {
        cell.label: same_against_same(races_of(area_under_log_regret(cell, study, *asked), trials))
        for cell in comparison.cells
    }
    if as_json:
        content = {label: [asdict(claims) for claims in rows] for label, rows in found.items()}
        shared = {"benchmark": benchmark, "trials": trials, "races": races, "evaluations": evaluations}
        print_json({**shared, "algorithms": content})
    else:
        title = study.benchmarks[benchmark]["title"]
        _print(found, f"{title}, {counted(evaluations, 'evaluation')}, {trials} trials per side", make_console())
    return OK if all(claims.holds for rows in found.values() for claims in rows) else REGRESSION


def _races(benchmark: str, algorithms: Sequence[str], trials: int, races: int, evaluations: int) -> Experiment:
    """Resolve the experiment that has enough trials for all races."""
    limits = {"--trials": (trials, MINIMUM_PAIRS), "--races": (races, 1), "--evaluations": (evaluations, 1)}
    if problems := [
        f"{name}: expected at least {least}, got {got}" for name, (got, least) in limits.items() if got < least
    ]:
        raise ConfigurationError(problems)
    raw = {
        "schema": 1,
        "name": f"statistics-{benchmark}",
        "seed": SEED,
        "trials": 2 * trials * races,
        "benchmarks": [benchmark],
        "budget": {"evaluations": evaluations},
        "algorithms": {name: {"use": name} for name in algorithms} or ALGORITHMS,
    }
    return resolve_experiment(raw, Path())


def _print(found: Mapping[str, Sequence[Claims]], title: str, console: Console) -> None:
    console.print(Text.assemble(("Each algorithm against itself: ", "bold"), title))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("algorithm", "claim"):
        table.add_column(heading, overflow="fold")
    for heading in ("races", "share [95 %]"):
        table.add_column(Text(heading), justify="right")
    table.add_column("promised")
    for label, rows in found.items():
        for place, row in enumerate(rows):
            share = f"{row.share:.3f} [{row.low:.3f}, {row.high:.3f}]"
            promised = f"{'at most' if row.false else 'about'} {row.promised:g}" + ("" if row.holds else ", too many")
            shown = ("" if place else label, row.claim, f"{row.times} of {row.races:,}", share, promised)
            table.add_row(*map(Text, shown), style="" if row.holds else "bold red")
    console.print(table)
    failed = sum(not row.holds for rows in found.values() for row in rows)
    console.print(Text(f"{counted(failed, 'promise')} broken." if failed else "All promises hold.", style="bold"))

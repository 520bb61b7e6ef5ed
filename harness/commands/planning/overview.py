"""The overview of an experiment: its algorithms, benchmarks, trials, and what they will take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
from rich.console import RenderableType
from rich.text import Text

from benchmarks.description import mean_times
from benchmarks.loading import load_benchmark
from harness.commands.console import plain_table
from harness.commands.planning.estimates import costs
from harness.entries.toml_text import toml_pairs
from harness.experiments.cells import CellSpec, Experiment
from harness.running.shards import Shard
from harness.simulation.protocols import Budget, Protocol
from results.storage.presence import cell_presence
from results.storage.store import Presence
from results.words import counted, duration

PER_BENCHMARK = ("budget", "fidelities", "report")
"""Fields of a protocol that depend on the benchmark."""

Counts = tuple[CellSpec, int, int]
"""A cell, and the numbers of its wanted and of its missing trials."""


@dataclass(frozen=True)
class AlgorithmRow:
    """An algorithm of an experiment.

    Attributes
    ----------
    label, use : str
    changed : dict
        Hyperparameters that differ from their defaults.
    benchmarks : int
        Number of benchmarks that it searches.
    wanted, missing : int
        Numbers of trials over all benchmarks.
    """

    label: str
    use: str
    changed: dict[str, Any]
    benchmarks: int
    wanted: int
    missing: int


@dataclass(frozen=True)
class BenchmarkRow:
    """A benchmark of an experiment.

    Attributes
    ----------
    name : str
    budget : dict
        ``evaluations`` or ``seconds``.
    fidelities : tuple of float
        In epochs.
    report : tuple of str
        The true errors that are reported.
    algorithms : int
        Number of algorithms that search it.
    trainings : float or None
        How many trainings to the highest fidelity one worker completes within the budget, on average. None if the
        budget counts evaluations, or the times of all architectures are not at hand.
    workers : int
    """

    name: str
    budget: dict[str, float]
    fidelities: tuple[float, ...]
    report: tuple[str, ...]
    algorithms: int
    trainings: float | None
    workers: int


@dataclass(frozen=True)
class Estimate:
    """Approximate time and size of the missing trials.

    Attributes
    ----------
    seconds : float
        Real time of one process, without that of its start and of loading the benchmarks [s].
    processes : int
        Number of processes of the run.
    size : int
        Bytes on disk.
    rough : bool
        Whether some algorithm was run with a part of its budget only.
    unknown : tuple of str
        Algorithms of which nothing is known before they run.
    """

    seconds: float
    processes: int
    size: int
    rough: bool
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Overview:
    """Plan of a run.

    Attributes
    ----------
    name, description : str
    directory : str
        The results folder.
    seed : int
    trials : tuple of (int, int)
        The first trial of every cell, and the end.
    until_decided : bool
        Whether trials are added in blocks until every pair is decided. Trials are then those of the next block.
    shard : str or None
        The part of the trials that is counted, such as "1/8". None for all of them.
    cells, wanted, missing : int
        Numbers of cells and trials.
    rules : dict
        Rules of the protocol that differ from the standard ones.
    algorithms : tuple of AlgorithmRow
    benchmarks : tuple of BenchmarkRow
    absent : tuple of str
        Benchmarks that are left out, because their data is missing.
    estimate : Estimate or None
        None if it was not asked for.
    """

    name: str
    description: str
    directory: str
    seed: int
    trials: tuple[int, int]
    until_decided: bool
    shard: str | None
    cells: int
    wanted: int
    missing: int
    rules: dict[str, Any]
    algorithms: tuple[AlgorithmRow, ...]
    benchmarks: tuple[BenchmarkRow, ...]
    absent: tuple[str, ...]
    estimate: Estimate | None


def overview(
    experiment: Experiment,
    directory: Path,
    jobs: int | None = None,
    shard: Shard | None = None,
    *,
    estimated: bool = True,
) -> Overview:
    """Summarize what a run of an experiment would do.

    Parameters
    ----------
    experiment : Experiment
    directory : Path
        The results folder, which may not exist.
    jobs : int, optional
        Number of worker processes. Default: the number of processors.
    shard : Shard, optional
        The part of the trials that is run. Default: all of them.
    estimated : bool
        Whether to estimate time and disk space, which takes some seconds.
    """
    cells = list(experiment.cells)
    presences = [cell_presence(directory, cell.to_json()) for cell in cells]
    counts = [_counts(experiment, cell, presence, shard) for cell, presence in zip(cells, presences, strict=True)]
    labels = list(dict.fromkeys(cell.label for cell in cells))
    names = list(dict.fromkeys(cell.benchmark for cell in cells))
    return Overview(
        name=experiment.name,
        description=experiment.description,
        directory=str(directory),
        seed=experiment.seed,
        trials=(experiment.trials.start, experiment.trials.stop),
        until_decided=experiment.stopping is not None,
        shard=None if shard is None else str(shard),
        cells=len(cells),
        wanted=sum(wanted for _, wanted, _ in counts),
        missing=sum(left for _, _, left in counts),
        rules=_rules(cells),
        algorithms=tuple(_algorithm([row for row in counts if row[0].label == label]) for label in labels),
        benchmarks=tuple(_benchmark([cell for cell in cells if cell.benchmark == name]) for name in names),
        absent=experiment.absent,
        estimate=_estimate(counts, presences, jobs) if estimated else None,
    )


def _counts(experiment: Experiment, cell: CellSpec, presence: Presence, shard: Shard | None) -> Counts:
    """Return the numbers of wanted and of missing trials of a cell."""
    wanted = [trial for trial in experiment.trials_of(cell) if shard is None or shard.holds(cell.id, trial)]
    return cell, len(wanted), len(wanted) - len(presence.done.within(wanted))


def _estimate(counts: Sequence[Counts], presences: Sequence[Presence], jobs: int | None) -> Estimate:
    """Estimate what the missing trials take together."""
    taken = costs([cell for cell, _, _ in counts], presences)
    known = [(cost, left) for cost, (_, _, left) in zip(taken, counts, strict=True) if cost]
    unknown = [cell.label for cost, (cell, _, left) in zip(taken, counts, strict=True) if left and cost is None]
    return Estimate(
        seconds=sum(cost.seconds * left for cost, left in known),
        processes=jobs or joblib.cpu_count(),
        size=round(sum(cost.size * left for cost, left in known)),
        rough=any(cost.rough and left for cost, left in known),
        unknown=tuple(dict.fromkeys(unknown)),
    )


def _algorithm(rows: Sequence[Counts]) -> AlgorithmRow:
    first = rows[0][0]
    wanted, missing = sum(row[1] for row in rows), sum(row[2] for row in rows)
    return AlgorithmRow(first.label, first.source.use, first.changed, len(rows), wanted, missing)


def _benchmark(cells: Sequence[CellSpec]) -> BenchmarkRow:
    protocol = cells[0].protocol
    budget = protocol.budget.to_json()
    trainings = None
    if protocol.budget.seconds is not None:
        highest = protocol.fidelities[-1]
        mean = mean_times(load_benchmark(cells[0].benchmark), [highest]).get(highest)
        trainings = protocol.budget.seconds / mean if mean else None
    return BenchmarkRow(
        cells[0].benchmark, budget, protocol.fidelities, protocol.report, len(cells), trainings, protocol.workers
    )


def _rules(cells: Sequence[CellSpec]) -> dict[str, Any]:
    """Return the rules that differ from those of the standard protocol and are not those of a benchmark."""
    defaults = {name: field.default for name, field in Protocol.model_fields.items() if name not in PER_BENCHMARK}
    simulated = [cell for cell in cells if cell.recorded is None] or cells
    return {
        name: getattr(simulated[0].protocol, name)
        for name, default in defaults.items()
        if getattr(simulated[0].protocol, name) != default
    }


def overview_parts(shown: Overview) -> Iterator[RenderableType]:
    """Lay out an overview for the terminal."""
    each = counted(shown.trials[1] - shown.trials[0], "trial")
    each = f"until decided, at most {each}" if shown.until_decided else each
    left = "all missing" if shown.missing == shown.wanted else f"{shown.missing:,} missing"
    yield Text(f"{shown.name}: {each} per cell, {counted(shown.cells, 'cell')}", style="bold")
    if shown.description:
        yield Text(f"{shown.description[0].upper()}{shown.description[1:]}.".replace("..", "."))
    yield Text()
    table = plain_table("algorithm", "use", "differs from its defaults by", "trials", "missing", right=RIGHT)
    for row in shown.algorithms:
        partial = f"; on {row.benchmarks} of {len(shown.benchmarks)} benchmarks"
        changed = ", ".join(toml_pairs(row.changed)) or "nothing"
        changed += partial if row.benchmarks < len(shown.benchmarks) else ""
        use = "" if row.use == row.label else row.use
        table.add_row(*map(Text, (row.label, use, changed, f"{row.wanted:,}", f"{row.missing:,}")))
    yield table
    yield Text()
    yield _benchmarks(shown.benchmarks)
    if short := [row.name for row in shown.benchmarks if row.trainings is not None and row.trainings < 1]:
        yield Text(
            f"The budget is shorter than an average training to the highest fidelity on {', '.join(short)}: few trials,"
            " or none, will complete one. Give a longer budget, or lower fidelities.",
            style="yellow",
        )
    yield Text()
    rules = ", ".join(f"{name} = {value}" for name, value in shown.rules.items())
    yield Text(f"Protocol: {f'the standard one with {rules}' if rules else 'the standard one'}; seed {shown.seed}.")
    part = f" of shard {shown.shard}" if shown.shard else ""
    yield Text(f"{counted(shown.wanted, 'trial')}{part} in {shown.directory}, {left}.")
    if shown.estimate:
        yield Text(sentence(shown.estimate))


RIGHT = ("trials", "missing", "algorithms", "full trainings")


def _benchmarks(rows: Sequence[BenchmarkRow]) -> RenderableType:
    timed = any(row.trainings for row in rows)
    headings = ["benchmark", "budget", *(["full trainings"] if timed else []), "epochs", "reports", "algorithms"]
    table = plain_table(*headings, kept=1, right=RIGHT)
    for row in rows:
        epochs = [f"{fidelity:g}" for fidelity in row.fidelities]
        shown = "/".join(epochs) if len(epochs) <= 4 else f"{epochs[0]}..{epochs[-1]}: {len(epochs)}"
        budget = str(Budget.model_validate(row.budget))
        report = ", ".join(row.report[:2]) + (f" and {len(row.report) - 2} more" if len(row.report) > 2 else "")
        trainings = [_trainings(row)] if timed else []
        table.add_row(*map(Text, (row.name, budget, *trainings, shown, report, str(row.algorithms))))
    return table


def _trainings(row: BenchmarkRow) -> str:
    """Return how many trainings to the highest fidelity fit into the budget of each worker."""
    if row.trainings is None:
        return "not known"
    return f"{row.workers} x {row.trainings:,.3g}" if row.workers > 1 else f"{row.trainings:,.3g}"


def sentence(estimate: Estimate) -> str:
    """Return the estimate in words."""
    if not estimate.seconds and not estimate.unknown:
        return "Nothing is left to run."
    least = "at least" if estimate.unknown else "roughly" if estimate.rough else "about"
    together = estimate.seconds / estimate.processes
    unknown = f" Not known before they run: {', '.join(estimate.unknown)}." if estimate.unknown else ""
    if not estimate.seconds:
        return f"The time is not known before they run: {', '.join(estimate.unknown)}."
    processes = f"{estimate.processes} process{'es' if estimate.processes > 1 else ''}"
    many = f", {duration(estimate.seconds)} with one" if estimate.processes > 1 else ""
    return (
        f"Estimate: {least} {duration(together)} with {processes}{many}, after some seconds of loading; {least}"
        f" {size(estimate.size)} on disk.{unknown}"
    )


def size(count: float) -> str:
    """Write a number of bytes in kB, MB or GB."""
    if count < 1e6:
        return f"{max(1, round(count / 1e3))} kB"
    return f"{count / 1e6:.1f} MB" if count < 1e9 else f"{count / 1e9:.1f} GB"

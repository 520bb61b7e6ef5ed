"""Cells of recorded trajectories."""

from __future__ import annotations

from benchmarks.loading import load_benchmark
from benchmarks.surrogate import SurrogateBenchmark
from harness.entries.grid import Entry
from harness.entries.trajectories.runs import read_recorded
from harness.entries.trajectories.source import VERSION, TrajectorySource
from harness.errors import ConfigurationError
from harness.experiments.cells import CellSpec
from harness.simulation.protocols import Protocol


def recorded_cell(
    entry: Entry, source: TrajectorySource, benchmark_name: str, protocol: Protocol, seed: int, *, raced: bool
) -> CellSpec:
    """Read the runs of a recorded entry, and make its cell. Its incumbent is the last choice.

    Parameters
    ----------
    entry : Entry
    source : TrajectorySource
        Of the entry.
    benchmark_name : str
    protocol : Protocol
        The one of the experiment on this benchmark.
    seed : int
        Seed of the experiment.
    raced : bool
        Whether the experiment has algorithms as well.

    Raises
    ------
    ConfigurationError
        If the budget counts evaluations beside algorithms, no times are recorded for a budget in seconds, or a run is
        not valid.
    """
    timed = protocol.budget.seconds is not None
    if raced and not timed:
        raise ConfigurationError(
            [
                f"expected a budget in seconds, got one of {protocol.budget}; an epoch of a search by shared weights is"
                " not a training of one architecture, so evaluations cannot be compared"
            ]
        )
    benchmark = load_benchmark(benchmark_name)
    recorded = read_recorded(source, benchmark, protocol.report)
    untimed = [trial for trial, run in recorded.runs.items() if run.seconds is None]
    if timed and untimed:
        raise ConfigurationError(
            [
                f"expected recorded times for a budget in seconds, got none in {len(untimed)} of"
                f" {len(recorded.runs)} runs; give seconds_per_epoch"
            ]
        )
    inference = benchmark.model.libraries if isinstance(benchmark, SurrogateBenchmark) else ()
    return CellSpec(
        label=entry.label,
        source=source,
        parameters=entry.parameters,
        changed=entry.parameters,
        version=VERSION,
        bitwise_stable=not inference,
        libraries=inference,
        benchmark=benchmark_name,
        data_hash=benchmark.facts.data_hash,
        protocol=protocol.model_copy(update={"incumbent": "last"}),
        seed=seed,
        recorded=recorded,
    )

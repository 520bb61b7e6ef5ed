"""Estimate the time and the disk space of trials, from finished ones or by running a part of one."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from math import log
from time import perf_counter

import pyarrow.parquet as pq
from threadpoolctl import threadpool_limits

from benchmarks.loading import load_benchmark
from harness.entries.sources import AlgorithmSource
from harness.experiments.cells import CellSpec
from harness.running.runner import CHUNK
from harness.simulation.protocols import Budget, Protocol
from harness.simulation.trial import run_trial
from results.storage.chunks import encode_chunk
from results.storage.records import Trial
from results.storage.store import Presence

MEASURING = 3.0
"""Real time for all measurements of an estimate, about [s]."""
SHARES = (1 / 64, 1 / 16, 1 / 4, 1.0)
"""Shares of the budget of a trial that are run one after another, while time is left."""
MOST_TRIALS = 8
"""Trials of a cell that are run at most, while time is left."""
FOOTER = 10_000
"""Bytes of a file besides its rows, about."""


@dataclass(frozen=True)
class TrialCost:
    """Approximate time and size of a trial.

    Attributes
    ----------
    seconds : float
        Real time of one process [s].
    size : float
        Bytes on disk.
    rough : bool
        Whether only a part of the budget was run.
    """

    seconds: float
    size: float
    rough: bool = False


def costs(cells: Sequence[CellSpec], presences: Sequence[Presence]) -> list[TrialCost | None]:
    """Estimate what a trial of each cell takes.

    Finished trials tell it. Otherwise the first trial is run in this process, with a growing share of its budget. No
    custom class and no program is run.

    Parameters
    ----------
    cells : sequence of CellSpec
    presences : sequence of Presence
        What is on disk of each cell.

    Returns
    -------
    list of TrialCost or None
        None where nothing is known.
    """
    known = [finished_cost(presence) for presence in presences]
    share = MEASURING / max(1, known.count(None))
    with threadpool_limits(1):
        return [cost or measured_cost(cell, share) for cell, cost in zip(cells, known, strict=True)]


def finished_cost(presence: Presence) -> TrialCost | None:
    """Return what the finished trials of a cell took on average, or None if there is none."""
    if not presence.done:
        return None
    size = sum(file.stat().st_size for file in presence.files)
    return TrialCost(presence.real_seconds / len(presence.done), size / len(presence.done))


def measured_cost(cell: CellSpec, seconds: float) -> TrialCost | None:
    """Run a part of the first trial of a cell, and extrapolate; or run some trials.

    The smallest part is run once before, without a clock: the first run also loads the benchmark and fills caches, and
    that time does not grow with the budget or the number of trials.

    The time of a larger part is taken to grow as it did from the last part but one to the last one: in proportion to
    the budget or faster, up to its square, because algorithms that fit a model become slower with every result.

    Parameters
    ----------
    cell : CellSpec
    seconds : float
        No larger part and no other trial is begun if it would probably take longer [s].

    Returns
    -------
    TrialCost or None
        None for custom code and recorded entries, which are not run.
    """
    if not isinstance(cell.source, AlgorithmSource) or ":" in cell.source.use or cell.recorded:
        return None
    _run(cell, _part(cell.protocol, SHARES[0]), 0)
    records, share, began = list[Trial](), 0.0, perf_counter()
    taken, power = 0.0, 1.0
    for larger in SHARES:
        if share and taken * (larger / share) ** power > seconds:
            break
        start, before, smaller = perf_counter(), taken, share
        share, records = larger, [_run(cell, _part(cell.protocol, larger), 0)]
        taken = perf_counter() - start
        if smaller:
            power = min(2.0, max(1.0, log(taken / before) / log(share / smaller)))
    while share == 1.0 and len(records) < MOST_TRIALS and perf_counter() - began + taken < seconds:
        start = perf_counter()
        records.append(_run(cell, cell.protocol, len(records)))
        taken += (perf_counter() - start - taken) / len(records)
    return TrialCost(taken / share**power, _size(records) / share + FOOTER / CHUNK, rough=share < 1.0)


def _run(cell: CellSpec, protocol: Protocol, trial: int) -> Trial:
    assert isinstance(cell.source, AlgorithmSource)
    algorithm = cell.source.load()(**copy.deepcopy(cell.parameters))
    return run_trial(algorithm, cell.source.use, load_benchmark(cell.benchmark), protocol, cell.seed, trial)


def _part(protocol: Protocol, share: float) -> Protocol:
    """Return a protocol with a share of the budget."""
    budget = protocol.budget
    if budget.evaluations is None:
        assert budget.seconds is not None
        return protocol.model_copy(update={"budget": Budget(seconds=budget.seconds * share)})
    return protocol.model_copy(update={"budget": Budget(evaluations=-int(-budget.evaluations * share // 1))})


def _size(records: Sequence[Trial]) -> float:
    """Return the bytes that the rows of a trial take on disk, on average."""
    metadata = pq.ParquetFile(BytesIO(encode_chunk(records, {}))).metadata
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    total: int = sum(
        group.column(place).total_compressed_size for group in groups for place in range(group.num_columns)
    )
    return total / len(records)

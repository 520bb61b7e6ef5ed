"""Make the trial of a recorded run, without the simulator."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.benchmark import Benchmark
from harness.entries.trajectories.runs import RecordedRun
from harness.simulation.protocols import Protocol
from harness.simulation.trial import duplicates, incumbent_columns
from results.storage.records import COLUMNS, Trial


def recorded_trial(run: RecordedRun, benchmark: Benchmark, protocol: Protocol, trial: int) -> Trial:
    """Make a trial of a recorded run.

    Each choice is an evaluation that starts when the previous one ended, or at time 0. Nothing was trained alone: its
    fidelity is 0, and ``network`` and ``repeat`` are -1. The incumbent is the last choice. A choice that was made after
    the budget is truncated, as in a simulated trial. Without recorded times, all times are 0.

    Parameters
    ----------
    run : RecordedRun
    benchmark : Benchmark
    protocol : Protocol
        With ``incumbent = "last"``.
    trial : int
    """
    end = np.zeros(len(run.epochs)) if run.seconds is None else run.seconds
    start = np.concatenate([[0.0], end[:-1]])
    limit = np.inf if protocol.budget.seconds is None else protocol.budget.seconds
    n = int(np.searchsorted(start, limit, side="left"))
    n = min(n, protocol.budget.evaluations or n)
    genotypes = run.genotypes[:n]
    values: dict[str, Any] = {
        "number": np.arange(n),
        "start": start[:n],
        "end": end[:n],
        "architecture": genotypes,
        "network": np.full(n, -1),
        "repeat": np.full(n, -1),
        "observed_error": run.observed_error[:n],
        "charged_seconds": end[:n] - start[:n],
        "status": np.where(end[:n] > limit, "truncated", "completed"),
        "duplicate": duplicates(map(tuple, genotypes.tolist()), [0.0] * n),
    }
    none = {"incumbent"}
    columns: dict[str, NDArray[Any]] = {
        name: np.asarray(values.get(name, np.zeros(n)), dtype=kind)
        for name, kind in COLUMNS.items()
        if name not in none
    }
    cut = n < len(run.epochs) or bool((columns["status"] == "truncated").any())
    columns |= incumbent_columns(columns, benchmark, protocol)
    return Trial(trial, "budget" if cut else "done", columns, last_is_held=True)

"""Run trials one at a time, in whichever process, and encode the finished ones as a chunk."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from algorithms.base import Algorithm, Pause, Query
from benchmarks.loading import load_benchmark
from harness.entries.isolated import describe, in_other_process, shown_traceback, time_limit
from harness.entries.places import place
from harness.entries.sources import AlgorithmSource
from harness.entries.trajectories.trial import recorded_trial
from harness.errors import StopNow
from harness.experiments.cells import CellSpec
from harness.simulation.accounting import STALLED_AFTER
from harness.simulation.trial import run_trial
from results.storage.chunks import encode_chunk
from results.storage.records import Trial

_finished: list[Trial] = []
"""The trials that this process has finished, and not yet handed over."""


class Failure(NamedTuple):
    """Why a trial has no result: a line, and the traceback."""

    reason: str
    details: str


class Encoded(NamedTuple):
    """A chunk: the trials in it, and the content of its file."""

    trials: tuple[int, ...]
    content: bytes


def attempt(cell: CellSpec, trial: int) -> Failure | None:
    """Run a trial and keep it for `take_finished`. A trial that raises or stalls is a failure, which is returned.

    The trial of a recorded entry is made from its run.
    """
    try:
        record = _recorded(cell, trial) if cell.recorded else _simulated(cell, trial)
        if record.ended == "stalled":
            raise RuntimeError(f"stalled: {STALLED_AFTER:,} evaluations in a row cost neither time nor count")
    except StopNow:
        if not in_other_process():
            raise
        return Failure("StopNow: the algorithm raised what only Regretta may raise", shown_traceback())
    except BaseException as error:  # whatever an algorithm raises, SystemExit too, must not end the other trials
        own = place(error, cell.source) if isinstance(cell.source, AlgorithmSource) else ""
        return Failure(f"{describe(error)}{own}", shown_traceback())
    _finished.append(record)
    return None


def _simulated(cell: CellSpec, trial: int) -> Trial:
    """Run a trial of an algorithm."""
    assert isinstance(cell.source, AlgorithmSource)
    with time_limit(cell.time_limit, f"did not begin within {cell.time_limit:g} s" if cell.time_limit else ""):
        algorithm = cell.source.load()(**copy.deepcopy(cell.parameters))
    if cell.time_limit is not None:
        algorithm = Limited(algorithm, cell.time_limit)
    benchmark = load_benchmark(cell.benchmark)
    return run_trial(algorithm, cell.source.use, benchmark, cell.protocol, cell.seed, trial)


def _recorded(cell: CellSpec, trial: int) -> Trial:
    """Make the trial of a recorded run."""
    assert cell.recorded is not None
    return recorded_trial(cell.recorded.runs[trial], load_benchmark(cell.benchmark), cell.protocol, trial)


def take_finished(metadata: Mapping[str, Any]) -> Encoded:
    """Encode the finished trials as a chunk, and forget them."""
    trials = sorted(_finished, key=lambda record: record.trial)
    encoded = Encoded(tuple(record.trial for record in trials), encode_chunk(trials, metadata))
    _finished.clear()
    return encoded


def forget_finished() -> None:
    """Forget the finished trials, as when the run that asked for them was stopped."""
    _finished.clear()


class Limited(Algorithm):
    """Gives every call of a custom algorithm a time limit; exceeding it ends the process.

    Parameters
    ----------
    algorithm : Algorithm
    seconds : float
        For each call [s].
    """

    reference = ""

    def __init__(self, algorithm: Algorithm, seconds: float) -> None:
        self._algorithm, self._seconds = algorithm, seconds

    def _message(self, method: str) -> str:
        return (
            f"{method}() gave no answer within {self._seconds:g} s; `time_limit` in the experiment sets another limit"
        )

    def check_fits(self, space: Any, fidelities: Sequence[float], error_range: tuple[float, float]) -> None:
        """Pass the question on."""
        with time_limit(self._seconds, self._message("check_fits")):
            self._algorithm.check_fits(space, fidelities, error_range)

    def setup(self, *given: Any) -> None:
        """Pass on what a trial begins with."""
        with time_limit(self._seconds, self._message("begin")):
            self._algorithm.setup(*given)

    def ask(self) -> Query | Pause:
        """Pass the question on."""
        with time_limit(self._seconds, self._message("ask")):
            return self._algorithm.ask()

    def tell(self, query: Query, observed_error: float) -> None:
        """Pass the answer on."""
        with time_limit(self._seconds, self._message("tell")):
            self._algorithm.tell(query, observed_error)

    def end(self) -> None:
        """Pass the end on."""
        with time_limit(self._seconds, self._message("end")):
            self._algorithm.end()

"""Run one trial, and make its record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain, count, repeat
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.base import Algorithm, Pause, Query
from benchmarks.benchmark import Benchmark, Target
from benchmarks.loading import load_benchmark
from benchmarks.spaces.base import Architecture
from harness.simulation.accounting import Evaluation
from harness.simulation.incumbents import incumbents
from harness.simulation.protocols import Protocol
from harness.simulation.random_streams import repeat_draw, stream
from harness.simulation.simulator import DONE, WAIT, Run, simulate
from results.storage.records import COLUMNS, INCUMBENT, Trial, completion_order

_SCALARS = tuple(name for name in Evaluation._fields if name not in ("number", "architecture", "status"))


class Timed:
    """Wraps an algorithm and records the real time of every ask and tell.

    Attributes
    ----------
    ask, tell : callable
        Those of the algorithm, timed. Functions that hold what they need take two thirds of the time of methods.
    ask_seconds : list of float
        One time per submission [s]. The time of an ask that returned a pause is added to the next submission.
    tell_seconds : list of float
        One time per completed evaluation, in the order of completion [s].
    """

    def __init__(self, algorithm: Algorithm) -> None:
        self.ask_seconds: list[float] = []
        self.tell_seconds: list[float] = []
        self.ask = _timed_ask(algorithm.ask, self.ask_seconds.append)
        self.tell = _timed_tell(algorithm.tell, self.tell_seconds.append)


def _timed_ask(ask: Callable[[], Query | Pause], note: Callable[[float], None]) -> Callable[[], Query | Pause]:
    paused = 0.0

    def timed() -> Query | Pause:
        nonlocal paused
        before = perf_counter()
        answer = ask()
        paused += perf_counter() - before
        if answer is not WAIT and answer is not DONE:
            note(paused)
            paused = 0.0
        return answer

    return timed


def _timed_tell(tell: Callable[[Query, float], None], note: Callable[[float], None]) -> Callable[[Query, float], None]:
    def timed(query: Query, observed_error: float) -> None:
        before = perf_counter()
        tell(query, observed_error)
        note(perf_counter() - before)

    return timed


def run_trial(algorithm: Algorithm, use: str, benchmark: Benchmark, protocol: Protocol, seed: int, trial: int) -> Trial:
    """Run one trial of a new instance of an algorithm.

    Parameters
    ----------
    algorithm : Algorithm
    use : str
        The name of the algorithm's random stream: its registered name, or the ``use`` of a custom class.
    benchmark : Benchmark
    protocol : Protocol
    seed : int
        The experiment's seed.
    trial : int
    """
    name = benchmark.facts.name
    algorithm.check_fits(benchmark.space, protocol.fidelities, benchmark.facts.valid_range)
    rng = stream("algorithm", seed, use, name, trial)
    design_rng = stream("initial design", seed, name, trial)
    timed = Timed(algorithm)
    try:
        algorithm.setup(benchmark.space, protocol.fidelities, rng, design_rng)
        run = simulate(timed, benchmark, protocol, repeat_draw(seed, name, trial, benchmark.space))
    finally:
        algorithm.end()
    return Trial(trial, run.ended, _columns(run, timed, benchmark, protocol))


def _columns(run: Run, timed: Timed, benchmark: Benchmark, protocol: Protocol) -> dict[str, NDArray[Any]]:
    n = len(run.rows)
    values = dict(zip(Evaluation._fields, zip(*run.rows, strict=True) if n else repeat(()), strict=False))
    columns = {name: np.array(values[name], dtype=COLUMNS[name]) for name in _SCALARS}
    columns["number"] = np.arange(n, dtype=COLUMNS["number"])
    genes = np.fromiter(chain.from_iterable(values["architecture"]), dtype=COLUMNS["architecture"])
    columns["architecture"] = genes.reshape(n, len(benchmark.space.cardinalities))
    columns["status"] = np.full(n, "completed", dtype=COLUMNS["status"])
    if "truncated" in values["status"]:
        columns["status"][:] = values["status"]
    columns["duplicate"] = duplicates(values["architecture"], values["fidelity_to"])
    columns["ask_seconds"] = np.array(timed.ask_seconds, dtype=COLUMNS["ask_seconds"])
    columns |= incumbent_columns(columns, benchmark, protocol)
    columns["tell_seconds"] = np.zeros(n, dtype=COLUMNS["tell_seconds"])
    columns["tell_seconds"][completion_order(columns["end"], columns["status"])] = timed.tell_seconds
    return columns


def incumbent_columns(
    columns: Mapping[str, NDArray[Any]], benchmark: Benchmark, protocol: Protocol
) -> dict[str, NDArray[Any]]:
    """Compute the incumbent after each evaluation, and its true errors.

    Parameters
    ----------
    columns : mapping
        The columns of a trial that say what was evaluated and observed, see `results.storage.records.COLUMNS`.
    benchmark : Benchmark
    protocol : Protocol

    Returns
    -------
    dict
        ``incumbent``, and one ``incumbent_error:<target>`` per reported target, each ``(n_evaluations,)``.
    """
    n = len(columns["number"])
    order = completion_order(columns["end"], columns["status"])
    best = order[incumbents(columns["fidelity_to"][order], columns["observed_error"][order], protocol.incumbent)]
    found: dict[str, NDArray[Any]] = {"incumbent": np.full(n, -1, dtype=COLUMNS["incumbent"])}
    found["incumbent"][order] = best
    held, where = np.unique(best, return_inverse=True)
    for target in protocol.report:
        errors = np.full(n, np.nan)
        errors[order] = true_errors(benchmark, columns["architecture"][held], target)[where]
        found[INCUMBENT + target] = errors
    return found


def duplicates(architectures: Iterable[Architecture], fidelities: Iterable[float]) -> NDArray[np.bool_]:
    """Return whether each evaluation asks for an (architecture, fidelity) that was asked for before, ``(n,)``."""
    first: dict[tuple[Architecture, float], int] = {}
    asked = zip(architectures, fidelities, strict=True)
    earliest = np.fromiter(map(first.setdefault, asked, count()), dtype=np.int64)
    again: NDArray[np.bool_] = earliest != np.arange(len(earliest))
    return again


def true_errors(benchmark: Benchmark, genotypes: NDArray[np.int16], target: str) -> NDArray[np.float64]:
    """Return the true errors ``(n,)`` of a target, which may belong to another data set (``benchmark/target``)."""
    owner = Target.parse(target).benchmark
    return (load_benchmark(owner) if owner else benchmark).true_errors(genotypes, Target.parse(target).name)

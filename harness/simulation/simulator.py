"""The simulator: a discrete-event loop that charges every evaluation its recorded training time.

The clock advances by the cost model alone, so a seed gives the same trace on every machine. Events are ordered by
(time, completion before ask, submission number). All completions of one instant are told before the next ask, and the
idle worker with the lowest index gets the next evaluation.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Literal

from algorithms.base import Algorithm, Pause, Query
from benchmarks.benchmark import Benchmark
from harness.simulation.accounting import Accounting, AlgorithmError, Draw, Evaluation
from harness.simulation.protocols import Protocol

Ended = Literal["budget", "done", "stalled"]


@dataclass(frozen=True)
class Run:
    """All evaluations of a trial in the order of submission, and the reason why it ended."""

    evaluations: list[Evaluation]
    ended: Ended


def simulate(algorithm: Algorithm, benchmark: Benchmark, protocol: Protocol, draw: Draw) -> Run:
    """Run an algorithm, which is already set up, on a benchmark.

    Parameters
    ----------
    algorithm : Algorithm
    benchmark : Benchmark
    protocol : Protocol
    draw : callable
        ``draw(architecture, n)`` returns a non-negative integer that selects the repeat of the ``n``-th network of an
        architecture.

    Raises
    ------
    AlgorithmError
        If the algorithm waits although nothing is running, or asks for something that does not exist.
    """
    accounting = Accounting(benchmark, protocol, draw)
    evaluations: list[Evaluation] = []
    running: list[tuple[float, int, Query]] = []
    idle = list(range(protocol.workers))
    clock = 0.0
    answer: Query | Pause | None = None
    while True:
        while idle and answer is not Pause.DONE and accounting.open(clock):
            answer = algorithm.ask()
            if isinstance(answer, Pause):
                break
            evaluation = accounting.submit(answer, len(evaluations), heappop(idle), clock)
            evaluations.append(evaluation)
            heappush(running, (evaluation.end, evaluation.number, answer))
            if evaluation.end == clock:
                break
        if not running:
            if answer is Pause.WAIT and accounting.open(clock):
                raise AlgorithmError("ask() returned Pause.WAIT, but nothing is running; return a Query or Pause.DONE")
            return Run(evaluations, "stalled" if accounting.stalled else "done" if answer is Pause.DONE else "budget")
        clock = running[0][0]
        while running and running[0][0] == clock:
            _, number, query = heappop(running)
            evaluation = evaluations[number]
            heappush(idle, evaluation.worker)
            if evaluation.status == "completed":
                algorithm.tell(query, evaluation.observed_error)

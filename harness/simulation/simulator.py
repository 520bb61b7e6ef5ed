"""The simulator: a discrete-event loop that charges every evaluation its recorded training time.

The clock advances by the cost model alone, so a seed gives the same trace on every machine. Events are ordered by
(time, completion before ask, submission number). All completions of one instant are told before the next ask, and the
idle worker with the lowest index gets the next evaluation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final, Literal
from typing import Protocol as Interface

from algorithms.base import Pause, Query
from benchmarks.benchmark import Benchmark
from harness.simulation.accounting import Accounting, AlgorithmError, Draw, Evaluation, Row
from harness.simulation.protocols import Protocol

WAIT: Final = Pause.WAIT  # members of an Enum are slow to look up in Python 3.11
DONE: Final = Pause.DONE

Ended = Literal["budget", "done", "stalled"]


@dataclass(frozen=True)
class Run:
    """All evaluations of a trial in the order of submission, as rows, and the reason why it ended."""

    rows: list[Row]
    ended: Ended

    @property
    def evaluations(self) -> list[Evaluation]:
        """The evaluations, with names."""
        return [Evaluation(*row) for row in self.rows]


class Asked(Interface):
    """The two methods of an algorithm that the simulator calls; see `algorithms.base.Algorithm`."""

    @property
    def ask(self) -> Callable[[], Query | Pause]:
        """Returns the next query, or a pause."""

    @property
    def tell(self) -> Callable[[Query, float], None]:
        """Receives the result of a query."""


def simulate(algorithm: Asked, benchmark: Benchmark, protocol: Protocol, draw: Draw) -> Run:
    """Run an algorithm, which is already set up, on a benchmark.

    Parameters
    ----------
    algorithm : Asked
        An algorithm, or one that is timed.
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
    running: list[tuple[float, int, int, Query, float | None]] = []
    idle = list(range(protocol.workers))
    clock, number = 0.0, 0
    answer: Query | Pause | None = None
    ask, submit, tell = algorithm.ask, accounting.submit, algorithm.tell
    while True:
        while idle and answer is not DONE and clock < accounting.closes:
            answer = ask()
            if answer is WAIT or answer is DONE:
                break
            worker = heappop(idle)
            try:
                end, error = submit(answer, worker, clock)
            except AlgorithmError as refusal:
                raise AlgorithmError(f"ask(): {refusal}") from None
            heappush(running, (end, number, worker, answer, error))
            number += 1
            if end == clock:
                break
        if not running:
            if answer is WAIT and clock < accounting.closes:
                raise AlgorithmError("ask() returned Pause.WAIT, but nothing is running; return a Query or Pause.DONE")
            return Run(accounting.rows, "stalled" if accounting.stalled else "done" if answer is DONE else "budget")
        clock = running[0][0]
        while running and running[0][0] == clock:
            _, _, worker, query, error = heappop(running)
            heappush(idle, worker)
            if error is not None:
                tell(query, error)

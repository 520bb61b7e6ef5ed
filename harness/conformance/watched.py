"""A wrapper that checks every exchange between the simulator and an algorithm."""

from __future__ import annotations

from typing import Any

from algorithms import Algorithm, Pause, Query
from harness.conformance.checks import demand
from harness.errors import numbers, shown


class Watched(Algorithm):
    """Wraps an algorithm and checks every exchange between it and the simulator."""

    reference = "none"

    def __init__(self, algorithm: Algorithm) -> None:
        self.algorithm = algorithm
        self.running: list[Query] = []
        self.given: tuple[Any, ...] = ()
        self.done = False

    def setup(self, *given: Any) -> None:
        """Pass the arguments on, and keep them."""
        self.given = given
        self.space, self.fidelities = given[:2]
        self.algorithm.setup(*given)

    def ask(self) -> Query | Pause:
        """Pass the call on, and check the answer."""
        demand(not self.done, "the simulator asked again after Pause.DONE")
        answer = self.algorithm.ask()
        if not isinstance(answer, Query):
            demand(isinstance(answer, Pause), f"ask() returned {answer!r}; expected a Query, Pause.WAIT or Pause.DONE")
            demand(answer is Pause.DONE or bool(self.running), "ask() returned Pause.WAIT, but nothing is running")
            self.done = answer is Pause.DONE
            return answer
        architecture, fidelity, _ = answer  # the simulator checks the network
        demand(type(architecture) is tuple, f"asked for {architecture!r}, which is not a tuple")
        demand(
            all(type(value) is int for value in architecture),
            f"asked for {architecture!r}; expected a tuple of plain ints",
        )
        demand(self.space.is_valid(architecture), f"asked for {architecture!r}, which is not in {self.space!r}")
        demand(
            fidelity in self.fidelities,
            f"asked for fidelity {shown(fidelity)}; expected one of {numbers(self.fidelities)}",
        )
        self.running.append(answer)
        return answer

    def end(self) -> None:
        """Pass the call on."""
        self.algorithm.end()

    def tell(self, query: Query, observed_error: float) -> None:
        """Check that the query is running, and pass its result on."""
        position = next((i for i, asked in enumerate(self.running) if asked is query), -1)
        demand(position >= 0, f"told the result of {query!r}, which is not a query object that is running")
        del self.running[position]
        demand(
            type(observed_error) is float,
            f"told {shown(observed_error)}; expected a float, got {type(observed_error).__name__}",
        )
        self.algorithm.tell(query, observed_error)

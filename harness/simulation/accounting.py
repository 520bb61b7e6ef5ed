"""The accounting of a trial: the cost of each evaluation, the network it trains, and the budget that is left."""

from __future__ import annotations

import reprlib
import struct
from collections.abc import Callable
from numbers import Integral, Real
from types import NoneType
from typing import NamedTuple

import numpy as np

from algorithms.base import Query
from benchmarks.benchmark import Benchmark
from benchmarks.spaces.base import Architecture
from harness.errors import numbers, shown
from harness.simulation.protocols import Protocol

Draw = Callable[[Architecture, int], int]
"""``draw(architecture, n)`` returns a non-negative integer that selects the repeat of the ``n``-th network."""

STALLED_AFTER = 10_000
"""Number of consecutive evaluations without any cost, in time or in evaluations, that ends a trial."""


class AlgorithmError(RuntimeError):
    """An algorithm broke its contract."""


class Evaluation(NamedTuple):
    """One submitted evaluation and its result. Times are in simulated seconds.

    ``status`` is "completed", or "truncated" if the evaluation ends after the budget; its result is then never told.
    """

    number: int
    worker: int
    start: float
    end: float
    architecture: Architecture
    fidelity_from: float
    fidelity_to: float
    network: int
    repeat: int
    observed_error: float
    charged_seconds: float
    status: str


Row = tuple[int, int, float, float, Architecture, float, float, int, int, float, float, str]
"""The values of an `Evaluation`. Plain tuples are made and read several times as fast."""

_Network = tuple[Architecture, int, int | None]
"""One training run: its architecture, its number among those of the architecture, and its draw. A plain tuple takes a
fifth of the time of a dataclass, and every evaluation may begin one."""


class Accounting:
    """Charges evaluations under a protocol, records them, and decides whether another one may be submitted.

    Parameters
    ----------
    benchmark : Benchmark
    protocol : Protocol
    draw : callable
        Selects the recorded repeat of a network, see :data:`Draw`.

    Attributes
    ----------
    rows : list of Row
        The evaluations in the order of submission.
    closes : float
        The simulated time from which no evaluation may start [s]. It becomes minus infinity when the evaluations of the
        budget are spent, and when the trial has stalled.
    """

    def __init__(self, benchmark: Benchmark, protocol: Protocol, draw: Draw) -> None:
        self._benchmark = benchmark
        self._observe, self._is_valid = benchmark.observe, benchmark.space.is_valid
        self._protocol = protocol
        self._draw = draw
        self._horizon = float("inf") if protocol.budget.seconds is None else protocol.budget.seconds
        self._left = float("inf") if protocol.budget.evaluations is None else protocol.budget.evaluations
        self.rows: list[Row] = []
        self._networks: list[_Network] = []
        self._checkpoints: dict[_Network, list[tuple[float, float]]] = {}  # simulated time of writing, fidelity
        self._begun: dict[Architecture, int] = {}
        self._first: dict[tuple[Architecture, float], Row] = {}
        self._free_in_a_row = 0
        self._fidelities = protocol.fidelities
        self.closes = self._horizon
        self._deadline = self._horizon if protocol.overshoot == "drop" else float("inf")
        self._overhead = protocol.decision + protocol.startup
        self._draws_mean = protocol.signal == "mean"
        self._remembers = protocol.duplicates != "recharge"
        self._timed = benchmark.facts.has_seconds
        self._resumes = protocol.continuation == "resume"
        self._simple = self._timed and not self._resumes and protocol.evaluation_time == "none"
        self._counting = protocol.budget.evaluations is not None

    @property
    def stalled(self) -> bool:
        """Whether the last ``STALLED_AFTER`` evaluations had no cost."""
        return self._free_in_a_row >= STALLED_AFTER

    def submit(self, query: Query, worker: int, clock: float) -> tuple[float, float | None]:
        """Charge an evaluation that starts at the time ``clock`` [s].

        Returns
        -------
        end : float
            The simulated time at which it ends [s].
        error : float or None
            The observed error, to be told at the end. None if the evaluation is truncated.

        Raises
        ------
        AlgorithmError
            If the query asks for an architecture, a fidelity or a network that does not exist.
        """
        if not isinstance(query, Query):
            raise AlgorithmError(f"expected a Query, Pause.WAIT or Pause.DONE, got {query!r}")
        architecture, fidelity, known = query
        try:
            if self._remembers and (architecture, fidelity) in self._first:
                return self._repeat(query, worker, clock)
            if fidelity not in self._fidelities:
                raise AlgorithmError(
                    f"expected one of the fidelities {numbers(self._protocol.fidelities)}, got {shown(fidelity)}"
                )
            network = len(self._networks) if known is None else known
            trained = self._begin(architecture) if known is None else self._known(known, architecture)
            reached = self._checkpoint(trained, fidelity, clock) if self._resumes else 0.0
            error, seconds, repeat = self._observe(architecture, fidelity, trained[2])
            charge = self._overhead + seconds if self._simple else self._charge(query, reached, seconds, trained)
        except (TypeError, ValueError, struct.error):
            self._check_types(query)
            raise
        end = clock + charge
        late = end > self._deadline
        status = "truncated" if late else "completed"
        number = len(self.rows)
        row = number, worker, clock, end, architecture, reached, fidelity, network, repeat, error, charge, status
        self.rows.append(row)
        if self._remembers:
            self._first[architecture, fidelity] = row
        if self._resumes and not late:
            self._checkpoints.setdefault(trained, []).append((end, fidelity))
        self._left -= 1
        if end == clock or not self._left:
            self._note(end == clock and not self._counting)
        else:
            self._free_in_a_row = 0
        return end, None if late else error

    def _begin(self, architecture: Architecture) -> _Network:
        """Begin a new network of an architecture."""
        nth = self._begun.get(architecture, 0)
        if nth == 0 and not self._is_valid(architecture):
            raise self._no_architecture(architecture)
        self._begun[architecture] = nth + 1
        begun = architecture, nth, None if self._draws_mean else self._draw(architecture, nth)
        self._networks.append(begun)
        return begun

    def _known(self, network: int, architecture: Architecture) -> _Network:
        """Return a network that a query continues. Check that it may."""
        if not 0 <= network < len(self._networks):
            raise AlgorithmError(f"cannot continue network {network}; networks begun so far: {len(self._networks)}")
        begun = self._networks[network]
        if begun[0] != architecture:
            raise AlgorithmError(f"cannot continue network {network} as {architecture}; its architecture is {begun[0]}")
        return begun

    def _check_types(self, query: tuple[object, ...]) -> None:
        """Raise AlgorithmError if a query holds wrong types. Called after the query has caused another error."""
        architecture, fidelity, network = query
        if not isinstance(architecture, tuple) or not all(isinstance(value, Integral) for value in architecture):
            raise self._no_architecture(architecture) from None
        if not isinstance(fidelity, Real) or not isinstance(network, (Integral, NoneType)):
            raise AlgorithmError(
                "expected a number as fidelity, and an int or None as network; got"
                f" {shown(fidelity)} and {shown(network)}"
            ) from None

    def _no_architecture(self, got: object) -> AlgorithmError:
        space = self._benchmark.space
        example = space.sample(np.random.default_rng(0))
        remedy = "" if isinstance(got, tuple) else "; convert it with tuple(...)"
        return AlgorithmError(
            f"expected an architecture of {space!r}, a tuple of ints such as {example}; got"
            f" {reprlib.repr(got)} ({type(got).__name__}){remedy}"
        )

    def _repeat(self, query: Query, worker: int, clock: float) -> tuple[float, float | None]:
        """Charge an evaluation that gets the value of an earlier one, without training.

        It is available once the earlier evaluation has finished. A query for a new network gets the earlier network
        under a new number.
        """
        earlier = Evaluation(*self._first[query.architecture, query.fidelity])
        if query.network is None:
            network = len(self._networks)
            self._networks.append(self._networks[earlier.network])
        else:
            network = query.network
            self._known(network, query.architecture)
        end = max(clock + self._protocol.decision, earlier.end)
        truncated = earlier.status == "truncated" or end > self._deadline
        repeated = earlier._replace(
            number=len(self.rows),
            worker=worker,
            start=clock,
            end=end,
            fidelity_from=earlier.fidelity_to,
            network=network,
            charged_seconds=self._protocol.decision,
            status="truncated" if truncated else "completed",
        )
        self.rows.append(repeated)
        counts = self._protocol.duplicates == "count"
        self._left -= counts
        self._note(end == clock and not (counts and self._counting))
        return end, None if truncated else repeated.observed_error

    def _checkpoint(self, network: _Network, fidelity: float, clock: float) -> float:
        """Return the fidelity of the best checkpoint: written by now, and at most the fidelity that is asked for."""
        written = self._checkpoints.get(network, ())
        return max((f for time, f in written if time <= clock and f <= fidelity), default=0.0)

    def _charge(self, query: Query, reached: float, seconds: float, trained: _Network) -> float:
        if not self._timed:
            return self._overhead
        charge = self._overhead + seconds
        protocol = self._protocol
        if reached:
            before = self._observe(query.architecture, reached, trained[2]).seconds
            charge += protocol.resume_cost - before
        if protocol.evaluation_time != "none":
            passes = 1.0 if protocol.evaluation_time == "once" else query.fidelity - reached
            charge += passes * self._benchmark.validation_seconds(query.architecture, query.fidelity)
        return charge

    def _note(self, is_free: bool) -> None:
        """Count an evaluation without any cost, or note that it had one, and decide whether it was the last."""
        self._free_in_a_row = self._free_in_a_row + 1 if is_free else 0
        if not self._left or self.stalled:
            self.closes = float("-inf")

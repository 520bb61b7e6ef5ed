"""Small benchmarks and scripted algorithms, to see the simulator's rules one at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from algorithms.base import Algorithm, Pause, Query
from benchmarks.benchmark import Facts
from benchmarks.spaces.base import ChoiceSpace
from benchmarks.table import TableBenchmark, build_table
from harness.simulation.protocols import Budget, Protocol


def make_table(
    epoch_seconds: Iterable[float] = (10.0, 10.0, 10.0, 10.0),
    fidelities: tuple[float, ...] = (1.0, 3.0, 9.0, 27.0),
    errors: np.ndarray | None = None,
    *,
    continuable: bool = True,
    has_seconds: bool = True,
    validation_share: float | None = 0.1,
) -> TableBenchmark:
    """Architectures 0, 1, ... with the seconds an epoch given; errors of ``architecture + repeat / 10`` %."""
    seconds = np.array(list(epoch_seconds))
    n = len(seconds)
    if errors is None:
        errors = (np.arange(n)[:, None] + np.arange(3)[None, :] / 10.0) / 100.0
    facts = Facts(
        name="toy", title="Toy", dataset="toy", space="toy", metric="error", unit="fraction", valid_range=(0.0, 1.0),
        fidelities=fidelities, continuable=continuable, provenance="synthetic", licence="none", citation="none",
        source="test", data_hash="0", repeats=(3, 3), has_seconds=has_seconds, validation_share=validation_share,
    )  # fmt: skip
    times = {f: (seconds * f)[:, None] for f in fidelities} if has_seconds else {}
    return build_table(facts, ChoiceSpace("toy", {"x": range(n)}), dict.fromkeys(fidelities, errors), times)


@dataclass
class Scripted(Algorithm):
    """Answers from a list, then DONE; remembers what it was told and when in the order of events."""

    script: list[Query | Pause] = field(default_factory=list)
    reference = "none"

    def begin(self) -> None:
        self.events: list[tuple[str, object]] = []

    def ask(self) -> Query | Pause:
        answer = self.script.pop(0) if self.script else Pause.DONE
        self.events.append(("ask", answer))
        return answer

    def tell(self, query: Query, observed_error: float) -> None:
        self.events.append(("tell", query))


def make_protocol(evaluations: int | None = None, seconds: float | None = None, **fields: object) -> Protocol:
    """A protocol for :func:`make_table`."""
    rules = {"fidelities": (1.0, 3.0, 9.0, 27.0), "report": ("validation@27",)} | fields
    return Protocol(budget=Budget(evaluations=evaluations, seconds=seconds), **rules)


def first_repeat(architecture: tuple[int, ...], n: int) -> int:
    """Always the first repeat."""
    return 0

"""Tables with known errors, for studies of benchmarks: effects that they must find, and absences of effects."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.benchmark import Facts
from benchmarks.spaces.base import ChoiceSpace, SearchSpace
from benchmarks.surrogate import SurrogateBenchmark
from benchmarks.table import TableBenchmark, build_table


def product(positions: int, values: int, name: str = "product") -> ChoiceSpace:
    """A space of equal choices."""
    return ChoiceSpace(name, {f"p{i}": range(values) for i in range(positions)})


def planted(
    space: SearchSpace,
    errors: ArrayLike | Mapping[float, ArrayLike],
    name: str = "planted",
    seconds: Mapping[float, ArrayLike] | None = None,
    **facts: object,
) -> TableBenchmark:
    """Make a table of the errors ``(n,)`` or ``(n, repeats)`` at fidelity 1, or by fidelity."""
    given = errors if isinstance(errors, Mapping) else {1.0: errors}
    found = {at: np.asarray(values, dtype=np.float64).reshape(len(values), -1) for at, values in given.items()}
    times = seconds or {at: np.full(len(values), at) for at, values in found.items()}
    known = {
        "name": name,
        "title": name,
        "dataset": name,
        "space": space.name,
        "metric": "error, minimised",
        "unit": "fraction",
        "valid_range": (0.0, 1.0),
        "fidelities": tuple(found),
        "continuable": False,
        "provenance": "synthetic",
        "licence": "none",
        "citation": "none",
        "source": "test",
        "data_hash": hashlib.sha256(b"".join(values.tobytes() for values in found.values())).hexdigest(),
        "repeats": (1, 1),
    }
    columns = {at: np.asarray(values, dtype=np.float64).reshape(-1, 1) for at, values in times.items()}
    return build_table(Facts(**(known | facts)), space, found, columns)


def random_errors(space: SearchSpace, seed: int) -> NDArray[np.float64]:
    """Independent errors, without any effect of any choice."""
    return np.random.default_rng(seed).random(len(space.enumerate()))


class Answers:
    """A model whose predictions are the errors of a table."""

    libraries = ()
    content = np.zeros(1, dtype=np.uint8)

    def __init__(self, table: TableBenchmark) -> None:
        self.table = table

    def predict(self, genotypes: ArrayLike, fidelity: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        target = self.table.facts.target(fidelity)
        return self.table.true_errors(genotypes, target), self.table.seconds(genotypes, fidelity)


def as_surrogate(table: TableBenchmark) -> SurrogateBenchmark:
    """Make a surrogate that answers as the table does."""
    return SurrogateBenchmark(table.facts, table.space, Answers(table), "answers")

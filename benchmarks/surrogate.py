"""Surrogate benchmarks on spaces too large for a table: a model predicts each architecture when it is queried."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.benchmark import Facts, Observation, Target
from benchmarks.description import benchmark_html
from benchmarks.errors import BenchmarkError, unknown_name
from benchmarks.spaces.base import Architecture, SearchSpace

Array = NDArray[np.float64]

MEMORY = 1 << 17
"""Number of cached predictions."""


class Model(Protocol):
    """Predictor of errors and times. The prediction for an architecture must not depend on the rest of the batch."""

    libraries: ClassVar[tuple[str, ...]]
    """Optional libraries that the predictions depend on."""

    content: NDArray[np.uint8]
    """Bytes of the model's file, read-only."""

    def predict(self, genotypes: ArrayLike, fidelity: float) -> tuple[Array, Array]:
        """Return errors, in the benchmark's unit, and training times [s], each ``(n,)``."""
        ...


class SurrogateBenchmark:
    """A model of the networks of a space, queried lazily and cached.

    The model has no noise: every network of an architecture has the predicted error. So there is one repeat, and the
    observed error equals the true error. The training time is predicted at the highest fidelity and assumed to be
    linear in the epochs.

    Parameters
    ----------
    facts : Facts
        The optima are frozen reference values: the lowest errors that a long search found.
    space : SearchSpace
    model : Model
    kind : str
        The model's name in ``benchmarks.registry.MODELS``.
    """

    index = None

    def __init__(self, facts: Facts, space: SearchSpace, model: Model, kind: str) -> None:
        self.facts = facts
        self.space = space
        self.model = model
        self.kind = kind
        self._fidelities = {
            name: fidelity for name in facts.targets if (fidelity := Target.parse(name).fidelity) is not None
        }

    def _repr_html_(self) -> str:
        return benchmark_html(self)

    def arrays(self) -> dict[Any, dict[str, NDArray[np.uint8]]]:
        """Return the bytes of the model's file, by its kind."""
        return {"model": {self.kind: self.model.content}}

    def observe(self, architecture: Architecture, fidelity: float, draw: int | None = None) -> Observation:
        """Predict one network, with a cache. See :class:`benchmarks.benchmark.Benchmark`."""
        highest = self.facts.fidelities[-1]
        error, _ = _predicted(self, architecture, fidelity)
        _, seconds = _predicted(self, architecture, highest)
        return Observation(error, seconds * (fidelity / highest), -1 if draw is None else 0)

    def validation_seconds(self, architecture: Architecture, fidelity: float) -> float:
        """Raise an error: no model predicts the time of a validation pass.

        Raises
        ------
        BenchmarkError
            Always.
        """
        raise BenchmarkError(f"{self.facts.name}: the time of a validation pass is not known")

    def errors(self, genotypes: ArrayLike, fidelity: float) -> Array:
        """Return the errors of the only repeat, ``(n, 1)``."""
        return self.model.predict(genotypes, fidelity)[0][:, np.newaxis]

    def repeats(self, genotypes: ArrayLike, fidelity: float) -> NDArray[np.int64]:
        """Return the number of repeats of each architecture that can be drawn, ``(n,)``: one, as there is no noise."""
        return np.ones(np.size(genotypes) // len(self.space.cardinalities), dtype=np.int64)

    def seconds(self, genotypes: ArrayLike, fidelity: float) -> Array:
        """Return the cumulative training time to a fidelity, ``(n,)`` [s]."""
        highest = self.facts.fidelities[-1]
        seconds: Array = self.model.predict(genotypes, highest)[1] * (fidelity / highest)
        return seconds

    def true_errors(self, genotypes: ArrayLike, target: str) -> Array:
        """Return the predicted errors, ``(n,)``.

        Raises
        ------
        BenchmarkError
            If the benchmark has no such target.
        """
        if target not in self._fidelities:
            raise BenchmarkError(unknown_name(f"target of {self.facts.name}", target, self._fidelities))
        return self.model.predict(genotypes, self._fidelities[target])[0]


@lru_cache(maxsize=MEMORY)
def _predicted(benchmark: SurrogateBenchmark, architecture: Architecture, fidelity: float) -> tuple[float, float]:
    errors, seconds = benchmark.model.predict([architecture], fidelity)
    return errors.item(), seconds.item()

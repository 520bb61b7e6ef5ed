"""Algorithms driven by hand, one question at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from algorithms import Algorithm, Pause
from benchmarks import Architecture, ChoiceSpace, SearchSpace


def rugged(cardinalities: tuple[int, ...], seed: int) -> tuple[ChoiceSpace, Callable[[Architecture], float]]:
    """A space with independent random errors, all different, hence with many local optima."""
    space = ChoiceSpace("rugged", {f"p{i}": range(c) for i, c in enumerate(cardinalities)})
    errors = np.random.default_rng(seed).permutation(space.size or 0) / 1000.0
    return space, lambda architecture: float(errors[space.index(architecture)])


def begun(algorithm: Algorithm, space: SearchSpace, seed: int = 0) -> Algorithm:
    """The algorithm, set up with generators of this seed."""
    algorithm.setup(space, (1.0, 9.0), np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1]))
    return algorithm


def drive(algorithm: Algorithm, error: Callable[[Architecture], float], n: int) -> list[Architecture]:
    """Yield the queries of an algorithm, each told at once; end at ``n`` or at DONE."""
    asked: list[Architecture] = []
    while len(asked) < n:
        query = algorithm.ask()
        if query is Pause.DONE:
            break
        assert not isinstance(query, Pause), f"{query} after {len(asked)} evaluations"
        assert query.fidelity == 9.0
        assert query.network is None
        asked.append(query.architecture)
        algorithm.tell(query, error(query.architecture))
    return asked

"""Nevergrad: random search, and NGOpt, which chooses a method by itself."""

from __future__ import annotations

import nevergrad as ng
import numpy as np
from recorded import EDGES, OPERATIONS, Table, main


def search(table: Table, algorithm: str, evaluations: int, seed: int) -> list[float]:
    rng = np.random.default_rng(seed)
    space = ng.p.Tuple(*(ng.p.Choice(range(OPERATIONS)) for _ in range(EDGES)))
    space.random_state = np.random.RandomState(seed)
    optimizer = ng.optimizers.registry[algorithm](parametrization=space, budget=evaluations)
    errors = []

    def objective(operations: tuple[int, ...]) -> float:
        errors.append(table.query(list(operations), rng))
        return errors[-1]

    optimizer.minimize(objective)
    return errors


if __name__ == "__main__":
    main(search)

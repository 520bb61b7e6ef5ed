"""The loops that naszilla's papers describe, written from the papers, with the Keras that can be installed today.

White et al. 2021 (BANANAS, arXiv 1910.11858), section 5 and appendix: five feed-forward networks of ten layers of 20
units, Adam with learning rate 0.01, mean absolute error, 150 epochs of batches of 32, truncated path encoding; ten
random architectures, then rounds of ten by independent Thompson sampling among 100 mutants of the best. naszilla's own
package cannot be installed, see docs/explanations/performance.md.
"""

from __future__ import annotations

import os
import random
from collections import deque

import numpy as np
from recorded import EDGES, OPERATIONS, Table, main

PATHS = [(3,), (0, 4), (1, 5)]
"""Edges of the short paths through the cell; the edges are in the order 0>1, 0>2, 1>2, 0>3, 1>3, 2>3."""
POPULATION, TOURNAMENT, INITIAL, PICKS, CANDIDATES = 10, 3, 10, 10, 100


def mutant(operations: list[int], generator: random.Random) -> list[int]:
    child = list(operations)
    edge = generator.randrange(EDGES)
    child[edge] = generator.choice([o for o in range(OPERATIONS) if o != child[edge]])
    return child


def random_search(table: Table, evaluations: int, generator: random.Random, rng: np.random.Generator) -> list[float]:
    return [table.query([generator.randrange(OPERATIONS) for _ in range(EDGES)], rng) for _ in range(evaluations)]


def evolution(table: Table, evaluations: int, generator: random.Random, rng: np.random.Generator) -> list[float]:
    alive: deque = deque(maxlen=POPULATION)
    errors = []
    for number in range(evaluations):
        if number < POPULATION:
            operations = [generator.randrange(OPERATIONS) for _ in range(EDGES)]
        else:
            operations = mutant(min(generator.sample(list(alive), TOURNAMENT))[1], generator)
        errors.append(table.query(operations, rng))
        alive.append((errors[-1], operations))
    return errors


def encoding(operations: list[int]) -> list[float]:
    """Return which sequences of one or two operations occur on a path of the cell: 30 columns."""
    found = [0.0] * (OPERATIONS + OPERATIONS**2)
    for path in PATHS:
        if len(path) == 1:
            found[operations[path[0]]] = 1.0
        else:
            found[OPERATIONS + operations[path[0]] + OPERATIONS * operations[path[1]]] = 1.0
    return found


def prediction(known: list[list[int]], errors: list[float], candidates: list[list[int]]) -> np.ndarray:
    """Train five networks and return their predictions, ``(5, candidates)``."""
    import keras

    x, y = np.array([encoding(k) for k in known]), 100.0 * np.array(errors)
    asked = np.array([encoding(c) for c in candidates])
    predicted = []
    for _ in range(5):
        layers = [keras.layers.Dense(20, activation="relu") for _ in range(10)]
        model = keras.Sequential([keras.Input((x.shape[1],)), *layers, keras.layers.Dense(1)])
        model.compile(optimizer=keras.optimizers.Adam(0.01, beta_2=0.99), loss="mae")
        model.fit(x, y, batch_size=32, epochs=150, verbose=0)
        predicted.append(model.predict(asked, verbose=0)[:, 0])
        keras.backend.clear_session()
    return np.array(predicted)


def bananas(table: Table, evaluations: int, generator: random.Random, rng: np.random.Generator) -> list[float]:
    import keras

    keras.utils.set_random_seed(int(rng.integers(2**31)))
    known = [[generator.randrange(OPERATIONS) for _ in range(EDGES)] for _ in range(INITIAL)]
    errors = [table.query(operations, rng) for operations in known]
    while len(errors) < evaluations:
        candidates: list[list[int]] = []
        for _, parent in sorted(zip(errors, known, strict=True)):
            children = [mutant(parent, generator) for _ in range(CANDIDATES)]
            candidates += [child for child in children if child not in known and child not in candidates]
            if len(candidates) >= CANDIDATES:
                break
        predicted = prediction(known, errors, candidates[:CANDIDATES])
        drawn = rng.normal(predicted.mean(axis=0), predicted.std(axis=0))
        for place in np.argsort(drawn)[: min(PICKS, evaluations - len(errors))].tolist():
            known.append(candidates[place])
            errors.append(table.query(candidates[place], rng))
    return errors


LOOPS = {"random": random_search, "evolution": evolution, "BANANAS": bananas}


def search(table: Table, algorithm: str, evaluations: int, seed: int) -> list[float]:
    return LOOPS[algorithm](table, evaluations, random.Random(seed), np.random.default_rng(seed))


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main(search)

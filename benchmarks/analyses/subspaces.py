"""The best architectures that do without some operations: exact in a table, by local search in a larger space."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.analyses.estimates import most_better
from benchmarks.analyses.population import POINTS, Population
from benchmarks.spaces.base import Architecture

Allowed = NDArray[np.bool_]
"""Whether each operation is allowed, ``(n_operations,)``."""

STATED = {POINTS: (0.5, 1.0, 2.0, 5.0), "way": (0.05, 0.1, 0.2, 0.5)}
"""Distances to the best that tables state, by unit."""
SETS_COLUMNS = ("distance", "operations", "size", "pool", "best", "gap", "other_sets", "architectures", "how")


def best_without(population: Population, counts: NDArray[np.int64]) -> tuple[list[float], list[float], list[str]]:
    """Return the best score without each operation.

    Parameters
    ----------
    population : Population
    counts : array, ``(n, n_operations)``
        Occurrences of the operations.

    Returns
    -------
    best : list of float
        NaN if all architectures have the operation.
    better : list of float
        In a pool: the share of the sub-space that is better, at most, with 95 % confidence. Else NaN.
    how : list of str
        ``exact``, ``recorded`` or ``searched``. Recorded and searched ones are lower bounds.
    """
    best, better, how = [], [], []
    start = _first_row(population, np.ones(len(counts), dtype=np.bool_)) if population.drawn else None
    for operation in range(counts.shape[1]):
        lacking = counts[:, operation] == 0
        score = float(population.scores[lacking].max()) if lacking.any() else np.nan
        if start is not None:
            allowed = np.arange(counts.shape[1]) != operation
            starts = [start] + ([_first_row(population, lacking)] if lacking.any() else [])
            score = max(climb(population, one, allowed) for one in starts)
        best.append(score)
        pool = population.sampled and not population.drawn and lacking.any()
        better.append(most_better(int(lacking.sum())) if pool else np.nan)
        how.append("searched" if population.drawn else "recorded" if population.sampled else "exact")
    return best, better, how


def smallest_sets(population: Population, counts: NDArray[np.int64]) -> pd.DataFrame:
    """Find, for each stated distance, the smallest set of operations that reaches it.

    A set reaches a distance if some architecture within the distance of the best has no other operations.

    Parameters
    ----------
    population : Population
        Its positions choose from one pool.
    counts : array, ``(n, n_operations)``
        Occurrences of the operations.

    Returns
    -------
    DataFrame
        One row per distance with ``distance, operations, size, pool, best, gap, other_sets, architectures, how``. Of
        several smallest sets, the one with the best architecture is given, and ``other_sets`` counts the others.
        ``architectures`` is the number of architectures that have no other operations.
    """
    found = _searched_sets(population, counts.shape[1]) if population.drawn else _listed_sets(population, counts)
    names, pool = np.array(population.operations.names), counts.shape[1]
    rows: list[dict[str, Any]] = []
    for distance in STATED[population.unit]:
        reaching = [(*one, population.best - one[1]) for one in found if population.best - one[1] <= distance + 1e-9]
        if not reaching:
            rows.append({"distance": distance, "operations": None, "pool": pool, "how": "searched"})
            continue
        size = min(int(allowed.sum()) for allowed, _, _ in reaching)
        smallest = [one for one in reaching if one[0].sum() == size]
        allowed, score, gap = max(smallest, key=lambda one: one[1])
        inside = (counts[:, ~allowed] == 0).all(axis=1)
        rows.append(
            {
                "distance": distance,
                "operations": ", ".join(names[allowed]),
                "size": size,
                "pool": pool,
                "best": score,
                "gap": gap,
                "other_sets": len(smallest) - 1,
                "architectures": np.nan if population.drawn else int(inside.sum()),
                "how": "searched" if population.drawn else "recorded" if population.sampled else "exact",
            }
        )
    return pd.DataFrame(rows, columns=list(SETS_COLUMNS))


def _listed_sets(population: Population, counts: NDArray[np.int64]) -> list[tuple[Allowed, float]]:
    """Return the sets of operations of the architectures near the best, each with its best score."""
    near = np.flatnonzero(population.regrets <= max(STATED[population.unit]) + 1e-9)
    sets, group = np.unique(counts[near] > 0, axis=0, return_inverse=True)
    best = np.full(len(sets), -np.inf)
    np.maximum.at(best, group.reshape(-1), population.scores[near])
    return list(zip(sets, best.tolist(), strict=True))


def _searched_sets(population: Population, n_operations: int) -> list[tuple[Allowed, float]]:
    """Search with all sets of one operation, of two, and so on, until a set reaches the smallest distance."""
    found: list[tuple[Allowed, float]] = []
    start = _first_row(population, np.ones(len(population.scores), dtype=np.bool_))
    for size in range(1, n_operations + 1):
        for chosen in combinations(range(n_operations), size):
            allowed = np.isin(np.arange(n_operations), chosen)
            found.append((allowed, climb(population, start, allowed)))
        if population.best - max(score for _, score in found) <= min(STATED[population.unit]):
            break
    return found


def climb(population: Population, start: Architecture, allowed: Allowed) -> float:
    """Search with allowed operations only, by the best of all single edits, and return the best score found.

    Other operations of the first architecture are replaced first. A step never brings one back.

    Parameters
    ----------
    population : Population
        Of a benchmark that can be queried anywhere.
    start : Architecture
    allowed : array of bool, ``(n_operations,)``

    Returns
    -------
    float
        Negative infinity if the search gets stuck before it has replaced all other operations.
    """
    space = population.benchmark.space
    current = start
    wrong, score = _wrong(population, [start], allowed).item(), population.scores_of(_array([start])).item()
    while True:
        near = space.neighbours(current)
        counted = _wrong(population, near, allowed)
        fewest = int(counted.min())
        if fewest > wrong:
            break
        kept = [near[place] for place in np.flatnonzero(counted == fewest)]
        scores = population.scores_of(_array(kept))
        place = int(scores.argmax())
        if fewest == wrong and scores[place] <= score:
            break
        current, wrong, score = kept[place], fewest, float(scores[place])
    return score if wrong == 0 else -np.inf


def _wrong(population: Population, architectures: list[Architecture], allowed: Allowed) -> NDArray[np.int64]:
    """Count the positions with operations that are not allowed, ``(n,)``."""
    codes = population.benchmark.space.operations(_array(architectures)).codes
    counted: NDArray[np.int64] = (~np.append(allowed, True)[codes]).sum(axis=1)  # the last one is that of code -1
    return counted


def _array(architectures: list[Architecture]) -> NDArray[np.int16]:
    return np.array(architectures, dtype=np.int16)


def _first_row(population: Population, among: NDArray[np.bool_]) -> Architecture:
    """Return the best of some architectures."""
    row = np.flatnonzero(among)[population.scores[among].argmax()]
    return tuple(population.genotypes[row].tolist())

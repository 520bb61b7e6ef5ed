"""Where the algorithms with a predictor find what to choose from: no architecture that was asked before."""

from __future__ import annotations

from collections.abc import Callable, Set
from functools import lru_cache

import numpy as np

from algorithms.base import draw_unasked
from algorithms.models.predictors import Features, Values
from benchmarks.errors import UnknownNameError, unknown_name
from benchmarks.spaces.base import Architecture, Genotypes, SearchSpace

LARGEST = 200_000
"""The largest space whose architectures are all predicted, every round."""

GENERATIONS = 10
"""Of :func:`evolved`."""


def chosen_encoding(space: SearchSpace, encoding: str | None, preferred: str) -> str:
    """Return the encoding that was asked for; else the preferred one, or ``one_hot`` where there is none of it.

    Raises
    ------
    UnknownNameError
        If one was asked for that the space does not offer.
    """
    if encoding is None:
        return preferred if preferred in space.encodings else "one_hot"
    if encoding not in space.encodings:
        raise UnknownNameError(unknown_name(f"encoding of space {space.name!r}", encoding, space.encodings))
    return encoding


def mutants(
    space: SearchSpace,
    told: list[tuple[float, Architecture]],
    asked: Set[Architecture],
    n: int,
    parents: int,
    rng: np.random.Generator,
) -> list[Architecture]:
    """Different unasked mutants of the best architectures so far, in the order in which they were found.

    The best is mutated ``n / parents`` times, then the second best, and so on until ``n`` mutants are found, as in
    naszilla, or every architecture told was a parent; if they all have only asked neighbours, one random architecture.

    Parameters
    ----------
    space : SearchSpace
    told : list of (float, Architecture)
        Observed errors and architectures.
    asked : set of Architecture
    n : int
    parents : int
    rng : Generator
    """
    found: dict[Architecture, None] = {}
    for _, parent in sorted(told):
        for _ in range(-(-n // parents)):
            child = space.mutate(parent, rng)
            if child not in asked:
                found[child] = None
        if len(found) >= n:
            break
    return list(found)[:n] or [draw_unasked(space, asked, rng)]


def evolved(
    space: SearchSpace,
    told: list[tuple[float, Architecture]],
    asked: Set[Architecture],
    n: int,
    score: Callable[[list[Architecture]], Values],
    rng: np.random.Generator,
) -> list[Architecture]:
    """Unasked architectures of an evolution on a predictor; if there is none, one random architecture.

    The population is the best so far; in each of ten generations its members have ``n / 10`` mutants together, and the
    best scored ``n / 10`` of all that were ever seen are the next population.

    Parameters
    ----------
    space : SearchSpace
    told : list of (float, Architecture)
        Observed errors and architectures.
    asked : set of Architecture
    n : int
    score : callable
        What the predictor says of a list of architectures, ``(n,)``; lower is better.
    rng : Generator
    """
    size = max(n // GENERATIONS, 1)
    population = [architecture for _, architecture in sorted(told)[:size]]
    scores = dict(zip(population, score(population).tolist(), strict=True))
    for _ in range(GENERATIONS):
        children = {space.mutate(population[i % len(population)], rng): None for i in range(size)}
        new = [child for child in children if child not in scores]
        if new:
            scores.update(zip(new, score(new).tolist(), strict=True))
        population = sorted(scores, key=scores.__getitem__)[:size]
    return [seen for seen in scores if seen not in asked] or [draw_unasked(space, asked, rng)]


def random_subset(space: SearchSpace, asked: Set[Architecture], n: int, rng: np.random.Generator) -> list[Architecture]:
    """Different unasked architectures among ``n`` random draws; if there is none, one more that is unasked."""
    drawn = dict.fromkeys(space.sample(rng) for _ in range(n))
    return [architecture for architecture in drawn if architecture not in asked] or [draw_unasked(space, asked, rng)]


def check_full(space: SearchSpace) -> None:
    """Refuse a pool of all architectures of a space too large for it.

    Raises
    ------
    ValueError
        If the space has more than 200,000 architectures, or nobody knows how many.
    """
    if space.size is None or space.size > LARGEST:
        size = "an unknown number" if space.size is None else f"{space.size:,}"
        raise ValueError(
            f"pool = 'full' predicts every architecture, at most {LARGEST:,}; space {space.name!r} has {size}; use"
            " pool = 'mutate_best', 'evolve_proxy' or 'random_subset'"
        )


@lru_cache(maxsize=4)
def everything(space: SearchSpace, encoding: str) -> tuple[Genotypes, Features]:
    """All architectures of a space and their encodings, read-only; made once a process and space."""
    genotypes = space.enumerate()
    features = space.encode(genotypes, encoding)
    genotypes.setflags(write=False)
    features.setflags(write=False)
    return genotypes, features

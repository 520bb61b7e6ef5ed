"""Pools of candidates for algorithms with a predictor. They hold no architecture that was asked for before."""

from __future__ import annotations

from collections.abc import Callable, Set
from functools import lru_cache

import numpy as np

from algorithms.base import draw_unasked
from algorithms.models.predictors import Features, Values
from benchmarks.errors import UnknownNameError, unknown_name
from benchmarks.spaces.base import Architecture, Genotypes, SearchSpace

LARGEST = 200_000
"""Size of the largest space of which all architectures are predicted in every round."""

GENERATIONS = 10
"""Number of generations of :func:`evolved`."""


def chosen_encoding(space: SearchSpace, encoding: str | None, preferred: str) -> str:
    """Return the given encoding; if None, the preferred one if the space has it, else ``one_hot``.

    Raises
    ------
    UnknownNameError
        If the space does not have the given encoding.
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
    mutation: str = "one_edit",
) -> list[Architecture]:
    """Return different mutants of the best architectures so far, none asked for before, in the order of their creation.

    The best architecture is mutated ``n / parents`` times, then the second best, and so on, as in naszilla. This ends
    when ``n`` mutants are found or every architecture was a parent. If no mutant is new, one random architecture is
    returned.

    Parameters
    ----------
    space : SearchSpace
    told : list of (float, Architecture)
        Observed errors and architectures.
    asked : set of Architecture
        Architectures asked for before.
    n : int
        Number of mutants.
    parents : int
        Number of parents if every mutant is new.
    rng : Generator
    mutation : str
        A mutation operator of the space.
    """
    mutate = space.mutation(mutation)
    found: dict[Architecture, None] = {}
    for _, parent in sorted(told):
        for _ in range(-(-n // parents)):
            child = mutate(parent, rng)
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
    """Return architectures from an evolution on a predictor, none asked for before.

    The first population are the best architectures so far. In each of ten generations, the members have ``n / 10``
    mutants in total, and the ``n / 10`` architectures with the best scores so far are the next population. If no
    architecture is new, one random architecture is returned.

    Parameters
    ----------
    space : SearchSpace
    told : list of (float, Architecture)
        Observed errors and architectures.
    asked : set of Architecture
        Architectures asked for before.
    n : int
        Number of mutants in all generations together.
    score : callable
        Returns the predictor's scores ``(n,)`` of a list of architectures; lower is better.
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
    """Return the new architectures among ``n`` random draws, or one new architecture if there is none."""
    drawn = dict.fromkeys(space.sample(rng) for _ in range(n))
    return [architecture for architecture in drawn if architecture not in asked] or [draw_unasked(space, asked, rng)]


def check_full(space: SearchSpace) -> None:
    """Check that a pool may hold all architectures of a space.

    Raises
    ------
    ValueError
        If the space has more than ``LARGEST`` architectures, or an unknown number.
    """
    if space.size is None or space.size > LARGEST:
        size = "an unknown number" if space.size is None else f"{space.size:,}"
        raise ValueError(
            f"pool = 'full': expected a space of at most {LARGEST:,} architectures, got {space.name!r} with {size}; use"
            " pool = 'mutate_best', 'evolve_proxy' or 'random_subset'"
        )


@lru_cache(maxsize=4)
def everything(space: SearchSpace, encoding: str) -> tuple[Genotypes, Features]:
    """Return all architectures of a space and their encodings, as cached read-only arrays."""
    genotypes = space.enumerate()
    features = space.encode(genotypes, encoding)
    genotypes.setflags(write=False)
    features.setflags(write=False)
    return genotypes, features

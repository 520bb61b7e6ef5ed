"""The neighbourhoods of a space as sparse matrices, and the moves of local search in them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np
from scipy import sparse

from benchmarks.analyses.architectures import Floats, Ints
from benchmarks.spaces.base import SearchSpace


@dataclass(frozen=True)
class Edges:
    """The pairs of an architecture and a neighbour, in the order of the architectures.

    Attributes
    ----------
    degree : array of int, ``(n_architectures,)``
        Number of neighbours of each architecture.
    source, target : array of int, ``(n_edges,)``
        Rows in ``space.enumerate()``.
    """

    degree: Ints
    source: Ints
    target: Ints


def find_edges(space: SearchSpace) -> Edges:
    """Return all neighbourhoods of a space that can be listed."""
    genotypes = space.enumerate()
    if type(space).neighbours is SearchSpace.neighbours:
        return _product_edges(space)
    near = [space.neighbours(tuple(genotype)) for genotype in genotypes.tolist()]
    degree = np.fromiter(map(len, near), dtype=np.int64, count=len(near))
    genes = np.fromiter(chain.from_iterable(chain.from_iterable(near)), dtype=np.int64)
    target = space.indices(genes.reshape(-1, genotypes.shape[1]))
    return Edges(degree, np.repeat(np.arange(len(genotypes)), degree), target)


def _product_edges(space: SearchSpace) -> Edges:
    """Return the neighbourhoods of a product of choices, in which an edit changes one choice to any other value."""
    rows = space.enumerate().astype(np.int64)
    n, strides = len(rows), np.cumprod([1, *space.cardinalities[:0:-1]])[::-1]
    here = np.arange(n)[:, np.newaxis]
    targets = []
    for position, (count, stride) in enumerate(zip(space.cardinalities, strides.tolist(), strict=True)):
        others = np.arange(count - 1) + (np.arange(count - 1) >= rows[:, [position]])  # every value but its own
        targets.append(here + (others - rows[:, [position]]) * stride)
    target = np.concatenate(targets, axis=1)
    degree = np.full(n, target.shape[1])
    return Edges(degree, np.repeat(np.arange(n), target.shape[1]), target.ravel())


@dataclass(frozen=True)
class Landscape:
    """The neighbourhoods of a space, and the errors that local search sees in it.

    Only edges to a better architecture, with a lower error, matter.

    Attributes
    ----------
    observed : array, ``(n_architectures,)``
        Observed errors.
    degree : array of int, ``(n_architectures,)``
        Number of neighbours.
    better : array of int, ``(n_architectures,)``
        Number of better neighbours. Local optima have none.
    source, target : array of int, ``(n_edges,)``
        The edges to better neighbours, by source, then by error.
    lower, upto : array of int, ``(n_edges,)``
        Number of neighbours of the source with a lower error than the target, and with a lower or equal one.
    """

    observed: Floats
    degree: Ints
    better: Ints
    source: Ints
    target: Ints
    lower: Ints
    upto: Ints


def make_landscape(edges: Edges, observed: Floats) -> Landscape:
    """Sort the edges to better neighbours by error."""
    n = len(observed)
    down = observed[edges.target] < observed[edges.source]
    source, target = edges.source[down], edges.target[down]
    order = np.lexsort((observed[target], source))
    source, target = source[order], target[order]
    better = np.bincount(source, minlength=n).astype(np.int64)
    first = np.cumsum(better) - better
    error = observed[target]
    fresh = np.ones(len(source), dtype=bool)  # edges that begin a group of equal errors of one source
    fresh[1:] = (source[1:] != source[:-1]) | (error[1:] != error[:-1])
    begins = np.append(np.flatnonzero(fresh), len(source))
    group = np.cumsum(fresh) - 1
    lower = begins[group] - first[source]
    upto = begins[group + 1] - first[source]
    return Landscape(observed, edges.degree, better, source, target, lower, upto)


def move_matrix(landscape: Landscape, *, full: bool) -> sparse.csr_array:
    """Return the probability that a climb moves from one architecture to another, ``(n, n)``.

    The neighbours are asked for in uniform order. With first improvement, the move goes to each better neighbour with
    the same probability. With the full neighbourhood, it goes to the best neighbour; among several best ones, to the
    one that was asked for first. Rows of local optima are empty.

    Parameters
    ----------
    landscape : Landscape
    full : bool
        Whether all neighbours are asked for before the move.
    """
    if full:
        best = landscape.lower == 0
        source, target, weight = landscape.source[best], landscape.target[best], 1 / landscape.upto[best]
    else:
        source, target = landscape.source, landscape.target
        weight = 1 / landscape.better[source]
    n = len(landscape.observed)
    return sparse.csr_array((weight, (source, target)), shape=(n, n))

"""The graphs of NAS-Bench-101 cells: pruning, official hash and canonical form.

Ying et al., "NAS-Bench-101: Towards Reproducible Neural Architecture Search", ICML 2019, arXiv 1902.09635.

A *cell* here is a tuple ``(successors, operations)``. ``successors`` has, for each vertex, a bit mask of the vertices
that it leads to, which are always later ones. ``operations`` has the operation of each vertex, with -1 for the input
(vertex 0) and -2 for the output (the last vertex).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from hashlib import md5

import numpy as np
from numpy.typing import NDArray

Cell = tuple[tuple[int, ...], tuple[int, ...]]

INPUT, OUTPUT = -1, -2
MAX_EDGES = 9
MEMORY = 1 << 15
"""Number of cached results of each function."""


@lru_cache(maxsize=MEMORY)
def prune(successors: tuple[int, ...], operations: tuple[int, ...]) -> Cell | None:
    """Remove every vertex that is not on a path from the input to the output. Return None if there is no path."""
    last = len(successors) - 1
    forward, backward = 1, 1 << last
    for vertex, targets in enumerate(successors):
        if forward >> vertex & 1:
            forward |= targets
    for vertex in range(last, -1, -1):
        if successors[vertex] & backward:
            backward |= 1 << vertex
    alive = [vertex for vertex in range(last + 1) if forward & backward & 1 << vertex]
    if not alive or alive[-1] != last:
        return None
    return relabel((successors, operations), alive)


def relabel(cell: Cell, order: list[int]) -> Cell:
    """Return the cell restricted to the vertices of ``order``, in that order, which must be topological."""
    successors, operations = cell
    kept = tuple(
        sum(1 << place for place, target in enumerate(order) if successors[vertex] >> target & 1) for vertex in order
    )
    return kept, tuple(operations[vertex] for vertex in order)


def count_edges(cell: Cell) -> int:
    """Count the edges."""
    return sum(targets.bit_count() for targets in cell[0])


@lru_cache(maxsize=MEMORY)
def cell_hash(cell: Cell) -> str:
    """Return the official hash of a pruned cell: 32 hexadecimal digits, equal for isomorphic cells.

    Each vertex starts with a digest of (number of successors, number of predecessors, operation). Then, once for each
    vertex of the cell, every digest is replaced by the digest of the predecessors' sorted digests, the successors'
    sorted digests, and itself. The hash is the digest of the sorted digests of all vertices.
    """
    successors, operations = cell
    vertices = range(len(successors))
    after = [[w for w in vertices if successors[v] >> w & 1] for v in vertices]
    before = [[w for w in vertices if successors[w] >> v & 1] for v in vertices]
    digests = [_digest(str((len(after[v]), len(before[v]), operations[v]))) for v in vertices]
    for _ in vertices:
        digests = [
            _digest(
                "|".join(
                    (
                        "".join(sorted([digests[w] for w in before[v]])),
                        "".join(sorted([digests[w] for w in after[v]])),
                        digests[v],
                    )
                )
            )
            for v in vertices
        ]
    return _digest(str(sorted(digests)))


def _digest(text: str) -> str:
    return md5(text.encode("ascii"), usedforsecurity=False).hexdigest()


@lru_cache(maxsize=MEMORY)
def canonical_cell(cell: Cell) -> Cell:
    """Return the smallest topological relabelling of a pruned cell. It is equal for isomorphic cells."""
    return min(relabel(cell, order) for order in topological_orders(cell[0]))


@lru_cache(maxsize=MEMORY)
def topological_orders(successors: tuple[int, ...]) -> tuple[list[int], ...]:
    """Return all topological orders of the vertices, with the input first and the output last."""
    last = len(successors) - 1

    def extend(order: list[int], waiting: frozenset[int]) -> Iterator[list[int]]:
        if not waiting:
            yield [*order, last]
        for vertex in sorted(waiting):
            if not any(successors[other] >> vertex & 1 for other in waiting):
                yield from extend([*order, vertex], waiting - {vertex})

    return tuple(extend([0], frozenset(range(1, last))))


@lru_cache(maxsize=8)
def valid_edge_sets(vertices: int) -> NDArray[np.int64]:
    """Return all sets of edges that give a cell of at most nine edges after pruning, ascending.

    A set is a bit mask. The first edge (0, 1) is the highest bit, followed by (0, 2) and so on by rows.
    """
    edges = [(source, target) for source in range(vertices) for target in range(source + 1, vertices)]
    sets = np.arange(1 << len(edges), dtype=np.uint32)
    present = {edge: (sets >> (len(edges) - 1 - place) & 1).astype(bool) for place, edge in enumerate(edges)}
    forward, backward = np.zeros((2, vertices, len(sets)), dtype=bool)
    forward[0] = backward[-1] = True
    for source, target in edges:
        forward[target] |= forward[source] & present[source, target]
    for source, target in reversed(edges):
        backward[source] |= backward[target] & present[source, target]
    alive = forward & backward
    count = np.zeros(len(sets), dtype=np.uint8)
    for source, target in edges:
        count += present[source, target] & alive[source] & alive[target]
    return np.flatnonzero(alive[-1] & (count <= MAX_EDGES))

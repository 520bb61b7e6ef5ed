"""The graphs of NAS-Bench-101 cells: what is left of one when it is pruned, its official hash, its canonical form.

Ying et al., "NAS-Bench-101: Towards Reproducible Neural Architecture Search", ICML 2019, arXiv 1902.09635.

A *cell* here is a tuple ``(successors, operations)``: for each vertex a bit mask of the vertices that it leads to,
always later ones, and for each vertex its operation, with -1 for the input (vertex 0) and -2 for the output (the last).
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
"""How many answers are kept."""


@lru_cache(maxsize=MEMORY)
def prune(successors: tuple[int, ...], operations: tuple[int, ...]) -> Cell | None:
    """Leave out every vertex that is not on a path from the input to the output; None where there is no path."""
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
    """The cell with only the vertices of ``order``, in that order, which must be topological."""
    successors, operations = cell
    kept = tuple(
        sum(1 << place for place, target in enumerate(order) if successors[vertex] >> target & 1) for vertex in order
    )
    return kept, tuple(operations[vertex] for vertex in order)


def count_edges(cell: Cell) -> int:
    """Number of edges."""
    return sum(targets.bit_count() for targets in cell[0])


@lru_cache(maxsize=MEMORY)
def cell_hash(cell: Cell) -> str:
    """The official hash of a pruned cell: 32 hexadecimal digits, equal for isomorphic cells.

    It begins with a digest of (number of successors, number of predecessors, operation) for each vertex. As many times
    as there are vertices, each vertex then gets the digest of its predecessors' sorted digests, its successors' sorted
    digests, and its own; the hash is the digest of all of them, sorted.
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
    """The least of all topological relabellings of a pruned cell; equal for isomorphic cells."""
    return min(relabel(cell, order) for order in topological_orders(cell[0]))


def topological_orders(successors: tuple[int, ...]) -> Iterator[list[int]]:
    """All orders of the vertices in which every edge leads on; input first, output last."""
    last = len(successors) - 1

    def extend(order: list[int], waiting: frozenset[int]) -> Iterator[list[int]]:
        if not waiting:
            yield [*order, last]
        for vertex in sorted(waiting):
            if not any(successors[other] >> vertex & 1 for other in waiting):
                yield from extend([*order, vertex], waiting - {vertex})

    return extend([0], frozenset(range(1, last)))


@lru_cache(maxsize=8)
def valid_edge_sets(vertices: int) -> NDArray[np.int64]:
    """All sets of edges that make a cell of at most nine edges once it is pruned, ascending.

    The first edge (0, 1) is the highest bit; then (0, 2) and so on by rows.
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

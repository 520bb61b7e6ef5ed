"""The three search spaces of NAS-Bench-1Shot1, whose architectures are cells of NAS-Bench-101.

Zela, Siems and Hutter, "NAS-Bench-1Shot1: Benchmarking and Dissecting One-shot Neural Architecture Search", ICLR 2020,
arXiv 2001.10422. A cell is a sequence of choice blocks. Each block has an operation and a fixed number of parents among
the input and the earlier blocks. The output has a fixed number of parents as well. Blocks that do not lead to the
output are allowed, as in the published configuration spaces.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.drawings.structures import VertexCell
from benchmarks.nasbench101.cells import INPUT, MEMORY, OUTPUT, Cell, cell_hash, prune, relabel, topological_orders
from benchmarks.nasbench101.space import OPERATIONS, NASBench101Space, cell_structure
from benchmarks.spaces.base import Architecture, ChoiceSpace
from benchmarks.spaces.operations import Operations

PARENTS = {1: (1, 2, 2, 2, 2), 2: (1, 1, 2, 2, 3), 3: (1, 1, 1, 2, 2, 2)}
"""Number of parents of each choice block and of the output, by space."""

CELLS = NASBench101Space()


class NASBench1Shot1Space(ChoiceSpace):
    """A search space of NAS-Bench-1Shot1.

    The positions are the operations of all choice blocks, followed by the parents of each block, and of the output,
    that has more than one possible set of parents. They are named as in the published configuration spaces. Parents are
    separated by ``+``; the input is 0. A cell can have several genotypes.

    Parameters
    ----------
    number : int
        1, 2 or 3.
    """

    encodings = CELLS.encodings
    lossy_encodings = ("adjacency", *CELLS.lossy_encodings)
    distance = CELLS.distance

    n_blocks: int
    _parents: tuple[tuple[tuple[int, ...], ...], ...]

    def __init__(self, number: int) -> None:
        counts = PARENTS[number]
        parents = tuple(tuple(combinations(range(node + 1), count)) for node, count in enumerate(counts))
        choices: dict[str, tuple[str, ...]] = {f"choice_block_{i}_op": OPERATIONS for i in range(1, len(counts))}
        for node, options in enumerate(parents, 1):
            if len(options) > 1:
                choices[f"choice_block_{node}_parents"] = tuple("+".join(map(str, option)) for option in options)
        super().__init__(f"nasbench1shot1-{number}", choices)
        self._hold(n_blocks=len(counts) - 1, _parents=parents)

    def cell(self, architecture: Architecture) -> Cell:
        """Return the pruned cell of NAS-Bench-101."""
        cell = prune(self._successors(architecture[self.n_blocks :]), (INPUT, *architecture[: self.n_blocks], OUTPUT))
        assert cell is not None  # the output has parents, and every block leads back to the input
        return cell

    def _successors(self, chosen: tuple[int, ...]) -> tuple[int, ...]:
        left = iter(chosen)
        successors = [0] * (self.n_blocks + 2)
        for node, options in enumerate(self._parents, 1):
            for parent in options[next(left) if len(options) > 1 else 0]:
                successors[parent] |= 1 << node
        return tuple(successors)

    def encode(self, genotypes: ArrayLike, encoding: str) -> NDArray[np.float32]:
        """Encode architectures as features for a predictor.

        ``adjacency``, ``path`` and ``path_full`` are those of the cells in :class:`NASBench101Space`. For the others,
        see :meth:`SearchSpace.encode`.
        """
        if encoding not in ("adjacency", "path", "path_full"):
            return super().encode(genotypes, encoding)
        rows = np.asarray(genotypes).reshape(-1, len(self.cardinalities)).tolist()
        cells = [CELLS.from_cell(self.cell(tuple(row))) for row in rows]
        return CELLS.encode(np.array(cells, dtype=np.int16), encoding)

    def operations(self, genotypes: ArrayLike) -> Operations:
        """Return the operation of each choice block. Blocks that do not lead to the output have none."""
        rows = np.asarray(genotypes).reshape(-1, len(self.cardinalities))
        patterns, inverse = np.unique(rows[:, self.n_blocks :], axis=0, return_inverse=True)
        used = np.zeros((len(patterns), self.n_blocks), dtype=np.bool_)
        for row, pattern in enumerate(patterns.tolist()):
            _, (_, *blocks, _) = self.cell((*range(self.n_blocks), *pattern))
            used[row, blocks] = True
        codes = np.where(used[inverse.reshape(-1)], rows[:, : self.n_blocks], -1)
        return Operations.one_pool(OPERATIONS, [f"block {number}" for number in range(1, self.n_blocks + 1)], codes)

    def structure(self, architecture: Architecture) -> VertexCell:
        """Return the pruned cell of NAS-Bench-101."""
        return cell_structure(self.cell(architecture))

    def canonical(self, architecture: Architecture) -> Architecture:
        """Return the same genotype for all genotypes with isomorphic cells. See :meth:`find`."""
        found = self.find(self.cell(architecture))
        assert found is not None
        return found

    def find(self, cell: Cell) -> Architecture | None:
        """Return the genotype of a pruned cell. Isomorphic cells give the same one. Return None if there is none.

        Among all orders of the vertices that fit into this space, the smallest genotype is chosen, with the first
        choice of parents that gives the graph. Blocks that are not part of the cell have operation 0.
        """
        *blocks_parents, output_parents = (sum(s >> v & 1 for s in cell[0]) for v in range(1, len(cell[0])))
        if output_parents != len(self._parents[-1][0]) or set(blocks_parents) - {len(p[0]) for p in self._parents}:
            return None  # this quick test rules out most cells of NAS-Bench-101
        found = []
        for vertices, pattern in _placements(self, cell[0]):
            found.append((*(0 if vertex is None else cell[1][vertex] for vertex in vertices), *pattern))
        return min(found, default=None)

    def patterns(self) -> Iterator[tuple[tuple[int, ...], Cell]]:
        """Yield every choice of parents and its pruned cell, which has the block numbers in place of operations."""
        for pattern in product(*(range(c) for c in self.cardinalities[self.n_blocks :])):
            cell = prune(self._successors(pattern), (INPUT, *range(self.n_blocks), OUTPUT))
            assert cell is not None
            yield pattern, cell

    def hashes(self) -> tuple[list[str], NDArray[np.int32]]:
        """Return the distinct official hashes, and the index of each architecture's hash among them, ``(size,)``.

        Architectures are in the order of :meth:`enumerate`.
        """
        operations = np.indices((len(OPERATIONS),) * self.n_blocks, dtype=np.int64).reshape(self.n_blocks, -1)
        known: dict[str, int] = {}
        of_structure: dict[tuple[int, ...], NDArray[np.int32]] = {}
        columns = []
        for _, (structure, (_, *blocks, _)) in self.patterns():
            if structure not in of_structure:
                inner = product(range(len(OPERATIONS)), repeat=len(blocks))
                found = [cell_hash((structure, (INPUT, *names, OUTPUT))) for names in inner]
                of_structure[structure] = np.array([known.setdefault(f, len(known)) for f in found], dtype=np.int32)
            weights = len(OPERATIONS) ** np.arange(len(blocks) - 1, -1, -1)
            columns.append(of_structure[structure][weights @ operations[blocks]])
        return list(known), np.stack(columns, axis=1).ravel()


@lru_cache(maxsize=8)
def _structures(space: NASBench1Shot1Space) -> dict[tuple[int, ...], tuple[tuple[int, ...], list[int]]]:
    """Map each pruned graph to the first choice of parents that gives it, and to the blocks that remain."""
    found: dict[tuple[int, ...], tuple[tuple[int, ...], list[int]]] = {}
    for pattern, (structure, (_, *blocks, _)) in space.patterns():
        found.setdefault(structure, (pattern, blocks))
    return found


@lru_cache(maxsize=MEMORY)
def _placements(
    space: NASBench1Shot1Space, successors: tuple[int, ...]
) -> tuple[tuple[tuple[int | None, ...], tuple[int, ...]], ...]:
    """Return every way to place a graph in the space: the vertex of each block, if any, and the choices of parents."""
    structures, vertices = _structures(space), tuple(range(len(successors)))
    found = []
    for order in topological_orders(successors):
        structure, (_, *inner, _) = relabel((successors, vertices), order)
        if structure in structures:
            pattern, blocks = structures[structure]
            vertex_of = dict(zip(blocks, inner, strict=True))
            found.append((tuple(vertex_of.get(block) for block in range(space.n_blocks)), pattern))
    return tuple(found)


def first() -> NASBench1Shot1Space:
    """Make search space 1."""
    return NASBench1Shot1Space(1)


def second() -> NASBench1Shot1Space:
    """Make search space 2."""
    return NASBench1Shot1Space(2)


def third() -> NASBench1Shot1Space:
    """Make search space 3."""
    return NASBench1Shot1Space(3)

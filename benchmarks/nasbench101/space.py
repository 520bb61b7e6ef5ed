"""The search space of NAS-Bench-101: cells of up to seven vertices and nine edges, with three operations.

Ying et al., "NAS-Bench-101: Towards Reproducible Neural Architecture Search", ICML 2019, arXiv 1902.09635.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.drawings.structures import VertexCell
from benchmarks.errors import BenchmarkError
from benchmarks.nasbench101.cells import (
    INPUT,
    MAX_EDGES,
    OUTPUT,
    Cell,
    canonical_cell,
    cell_hash,
    count_edges,
    prune,
    valid_edge_sets,
)
from benchmarks.spaces.base import LISTABLE, Architecture, Genotypes, SearchSpace
from benchmarks.spaces.constrained import ConstrainedSpace
from benchmarks.spaces.operations import Operations

OPERATIONS = ("conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3")
TRUNCATED = 40
"""Number of paths in the truncated path encoding: all with at most three operations (White et al. 2021)."""

EDGE_SETS = {3: 5, 4: 47, 5: 840, 6: 27_142, 7: 1_538_083}
"""Number of valid sets of edges by number of vertices."""


class NASBench101Space(ConstrainedSpace):
    """The cells of NAS-Bench-101.

    A genotype has the edges (0, 1), (0, 2), ... of the upper triangle as 0 or 1, followed by the operations. It is
    valid if its cell, after pruning, connects input and output with at most nine edges. As in the paper, it may have
    further edges and operations that pruning removes, so a cell has many genotypes. :meth:`hash` identifies the cell,
    :meth:`canonical` picks one genotype.

    Parameters
    ----------
    vertices : int
        Largest number of vertices, from 3 to 7, including input and output.
    """

    encodings = (*SearchSpace.encodings, "adjacency", "path", "path_full")
    lossy_encodings = ("path", "path_full")
    mutations = MappingProxyType(
        {**SearchSpace.mutations, "each_position": "mutate_each_position", "ying2019": "mutate_as_published"}
    )
    distance = "path_full"

    vertices: int
    _edges: tuple[tuple[int, int], ...]
    _bits: tuple[tuple[int, int], ...]

    def __init__(self, vertices: int = 7) -> None:
        edges = list(combinations(range(vertices), 2))
        name = "nasbench101" if vertices == 7 else f"nasbench101-{vertices}v"
        super().__init__(name, [2] * len(edges) + [len(OPERATIONS)] * (vertices - 2))
        self._hold(
            vertices=vertices,
            size=EDGE_SETS[vertices] * len(OPERATIONS) ** (vertices - 2),
            _edges=tuple(edges),
            _bits=tuple((source, 1 << target) for source, target in edges),
        )

    def cell(self, architecture: Architecture) -> Cell | None:
        """Return the pruned cell, or None if input and output are not connected."""
        successors = [0] * self.vertices
        for (source, bit), present in zip(self._bits, architecture, strict=False):
            if present:
                successors[source] |= bit
        return prune(tuple(successors), (INPUT, *architecture[len(self._bits) :], OUTPUT))

    def hash(self, architecture: Architecture) -> str:
        """Return the official hash of the cell: 32 hexadecimal digits, equal for isomorphic cells.

        Raises
        ------
        BenchmarkError
            If the architecture is not valid.
        """
        return cell_hash(self._valid_cell(architecture))

    def _valid_cell(self, architecture: Architecture) -> Cell:
        if not self.is_valid(architecture):
            raise BenchmarkError(
                f"{architecture} is not an architecture of space {self.name!r}: after pruning, input and output must be"
                f" connected by at most {MAX_EDGES} edges"
            )
        cell = self.cell(architecture)
        assert cell is not None
        return cell

    def is_valid(self, architecture: Architecture) -> bool:
        """Return whether the tuple is a connected cell of at most nine edges."""
        if not super().is_valid(architecture):
            return False
        cell = self.cell(architecture)
        return cell is not None and count_edges(cell) <= MAX_EDGES

    def valid(self, genotypes: ArrayLike) -> NDArray[np.bool_]:
        """Return whether each row of ``(n, n_positions)`` is a connected cell of at most nine edges, ``(n,)``."""
        return np.isin(self._codes(genotypes)[0], valid_edge_sets(self.vertices))

    def _codes(self, genotypes: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the set of edges, as in ``valid_edge_sets``, and the operations as one number, each ``(n,)``."""
        edges, operations = np.divmod(SearchSpace.indices(self, genotypes), len(OPERATIONS) ** (self.vertices - 2))
        return edges, operations

    def canonical(self, architecture: Architecture) -> Architecture:
        """Return the same genotype for all genotypes of isomorphic cells.

        It is the smallest relabelling of the pruned cell. Unused vertices come before the output and have operation 0.
        """
        return self.from_cell(canonical_cell(self._valid_cell(architecture)))

    def from_cell(self, cell: Cell) -> Architecture:
        """Return a cell of at most ``vertices`` vertices as a genotype, with its output moved to the last vertex."""
        successors, operations = cell
        last = len(successors) - 1
        place = [*range(last), self.vertices - 1]
        present = {(v, place[w]) for v in range(last) for w in range(v + 1, last + 1) if successors[v] >> w & 1}
        inner = (*operations[1:-1], *[0] * (self.vertices - 1 - last))
        return (*(int(edge in present) for edge in self._edges), *inner)

    def indices(self, genotypes: ArrayLike) -> NDArray[np.int64]:
        """Return the rows ``(n,)`` of many valid architectures ``(n, n_positions)`` in the order of :meth:`enumerate`.

        This also works for seven vertices, whose genotypes are too many to list.
        """
        edges, operations = self._codes(genotypes)
        ranks = np.searchsorted(valid_edge_sets(self.vertices), edges)
        rows: NDArray[np.int64] = ranks * len(OPERATIONS) ** (self.vertices - 2) + operations
        return rows

    def enumerate(self) -> Genotypes:
        """Return all valid genotypes, ``(size, n_positions)``, the last position varying fastest.

        Raises
        ------
        BenchmarkError
            For seven vertices: there are 373,754,169.
        """
        if self.size is None or self.size > LISTABLE:
            raise self.too_many_to_list(self.size)
        inner = len(OPERATIONS) ** (self.vertices - 2)
        codes = valid_edge_sets(self.vertices)[:, np.newaxis] * inner + np.arange(inner)
        return self._digits(codes.ravel())

    def mutate_each_position(self, architecture: Architecture, rng: np.random.Generator) -> Architecture:
        """Mutate as naszilla does (``mutations.py``).

        Each possible edge is flipped and each operation is replaced with such a probability that one edge and one
        operation change on average: 1/21 and 1/5 for seven vertices. The draw is repeated until the child is valid. So
        a mutation makes several edits at once, or none.
        """
        return self._mutate_edges_and_operations(architecture, rng, 1 / len(self._edges), 1 / (self.vertices - 2))

    def mutate_as_published(
        self, architecture: Architecture, rng: np.random.Generator, rate: float = 1.0
    ) -> Architecture:
        """Mutate as in the experiments of Ying et al. 2019.

        Each edge is flipped with probability ``rate / vertices``, and each operation is replaced with probability
        ``rate / (vertices - 2)``. The draw is repeated until the child is valid. So a mutation makes several edits at
        once, or none.
        """
        return self._mutate_edges_and_operations(architecture, rng, rate / self.vertices, rate / (self.vertices - 2))

    def _mutate_edges_and_operations(
        self, architecture: Architecture, rng: np.random.Generator, edge: float, operation: float
    ) -> Architecture:
        """Flip each edge and replace each operation with the given probabilities."""
        return self._change_each(architecture, rng, np.repeat([edge, operation], [len(self._edges), self.vertices - 2]))

    def encode(self, genotypes: ArrayLike, encoding: str) -> NDArray[np.float32]:
        """Encode cells as features for a predictor, also by three encodings of the literature.

        Parameters
        ----------
        genotypes : array-like, ``(n, n_positions)``
        encoding : str
            ``adjacency``: the edges as 0 or 1, followed by the one-hot operations, ``(n, 36)`` for seven vertices.
            ``path_full``: one column for each possible sequence of operations on a path from the input to the output,
            1 if the cell has it (White et al. 2021, arXiv 1910.11858): 3^0 + ... + 3^5 columns, the shortest sequences
            first. The first operation of a path varies fastest. ``path``: the first 40 of these columns, with up to
            three operations. For the others, see :meth:`SearchSpace.encode`.
        """
        rows = np.asarray(genotypes, dtype=np.int64).reshape(-1, len(self.cardinalities))
        if encoding == "adjacency":
            one_hot = super().encode(rows, "one_hot")
            return np.hstack([rows[:, : len(self._edges)], one_hot[:, 2 * len(self._edges) :]]).astype(np.float32)
        if encoding in ("path", "path_full"):
            features = self._paths(rows)
            return features if encoding == "path_full" else np.ascontiguousarray(features[:, :TRUNCATED])
        return super().encode(genotypes, encoding)

    def _paths(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        n, n_inner = len(OPERATIONS), self.vertices - 2
        columns = {edge: rows[:, place] == 1 for place, edge in enumerate(self._edges)}
        features = np.zeros((len(rows), (n ** (n_inner + 1) - 1) // (n - 1)), dtype=np.float32)
        for length in range(n_inner + 1):
            first = (n**length - 1) // (n - 1)
            for inner in combinations(range(1, self.vertices - 1), length):
                steps = [columns[edge] for edge in pairwise((0, *inner, self.vertices - 1))]
                has = np.flatnonzero(np.logical_and.reduce(steps))
                places = [len(self._edges) + vertex - 1 for vertex in inner]
                features[has, first + rows[has][:, places] @ n ** np.arange(length)] = 1.0
        return features

    def operations(self, genotypes: ArrayLike) -> Operations:
        """Return the operation of each inner vertex, by its number. Vertices that pruning removes have none."""
        rows = np.asarray(genotypes).reshape(-1, len(self.cardinalities))
        edges = rows[:, : len(self._edges)] == 1
        from_input = np.zeros((len(rows), self.vertices), dtype=np.bool_)
        to_output = from_input.copy()
        from_input[:, 0] = to_output[:, -1] = True
        for place, (source, target) in enumerate(self._edges):  # ascending sources: all edges into them came before
            from_input[:, target] |= from_input[:, source] & edges[:, place]
        for place, (source, target) in reversed(list(enumerate(self._edges))):
            to_output[:, source] |= to_output[:, target] & edges[:, place]
        used = (from_input & to_output)[:, 1:-1]
        codes = np.where(used, rows[:, len(self._edges) :], -1)
        return Operations.one_pool(OPERATIONS, [f"vertex {number}" for number in range(1, self.vertices - 1)], codes)

    def structure(self, architecture: Architecture) -> VertexCell:
        """Return the pruned cell."""
        return cell_structure(self._valid_cell(architecture))

    def to_string(self, architecture: Architecture) -> str:
        """Write the adjacency matrix by rows, a semicolon, and the operations: ``011001000;input,maxpool3x3,output``.

        Both parts are written as in the official files.
        """
        present = {edge for edge, value in zip(self._edges, architecture, strict=False) if value}
        places = range(self.vertices)
        matrix = "".join(str(int((v, w) in present)) for v in places for w in places)
        inner = (OPERATIONS[value] for value in architecture[len(self._edges) :])
        return f"{matrix};{','.join(('input', *inner, 'output'))}"

    def from_string(self, text: str) -> Architecture:
        """Read the notation of :meth:`to_string`, also for a cell with fewer vertices."""
        matrix, _, operations = text.partition(";")
        try:
            return self.from_matrix(matrix, operations.split(","))
        except BenchmarkError as error:
            raise BenchmarkError(
                f"{text!r} is not an architecture of space {self.name!r}: {error}; write the rows of the adjacency"
                f" matrix, a semicolon, and the operations: input, any of {', '.join(OPERATIONS)}, and output"
            ) from None

    def from_matrix(self, matrix: str, operations: list[str]) -> Architecture:
        """Read a cell as the official files write it: the adjacency matrix by rows as 0 and 1, and all operations.

        Raises
        ------
        BenchmarkError
            If it is not a valid cell of this space.
        """
        n = len(operations)
        if not 2 <= n <= self.vertices or len(matrix) != n * n or set(matrix) - {"0", "1"}:
            raise BenchmarkError(f"the matrix must have 2 to {self.vertices} vertices, as many as there are operations")
        if operations[0] != "input" or operations[-1] != "output" or set(operations[1:-1]) - set(OPERATIONS):
            raise BenchmarkError("the operations are wrong")
        if any(matrix[v * n + w] == "1" for v in range(n) for w in range(v + 1)):
            raise BenchmarkError("the matrix must be strictly upper triangular: every edge leads to a later vertex")
        successors = tuple(sum(1 << w for w in range(v + 1, n) if matrix[v * n + w] == "1") for v in range(n))
        inner = tuple(OPERATIONS.index(name) for name in operations[1:-1])
        architecture = self.from_cell((successors, (INPUT, *inner, OUTPUT)))
        if not self.is_valid(architecture):
            raise BenchmarkError("after pruning, input and output must be connected by at most nine edges")
        return architecture


def four_vertices() -> NASBench101Space:
    """Make the space of cells of up to four vertices."""
    return NASBench101Space(4)


def five_vertices() -> NASBench101Space:
    """Make the space of cells of up to five vertices."""
    return NASBench101Space(5)


def cell_structure(cell: Cell) -> VertexCell:
    """Return the structure of a pruned cell, from which it is drawn."""
    successors, operations = cell
    n = len(successors)
    edges = tuple((source, target) for source in range(n) for target in range(n) if successors[source] >> target & 1)
    return VertexCell(("input", *(OPERATIONS[operation] for operation in operations[1:-1]), "output"), edges)

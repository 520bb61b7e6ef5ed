"""The search space of DARTS: a normal and a reduction cell of four nodes with two inputs each.

Liu, Simonyan and Yang, "DARTS: Differentiable Architecture Search", ICLR 2019, arXiv 1806.09055; the space of
NAS-Bench-301 (Zela et al., ICLR 2022, arXiv 2008.09777).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.drawings.structures import CellEdge, EdgeCell, EdgeCells
from benchmarks.errors import BenchmarkError, unknown_name
from benchmarks.spaces.base import Architecture, SearchSpace
from benchmarks.spaces.operations import Operations

OPERATIONS = (
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
)
CELLS = ("normal", "reduce")
NODES = (2, 3, 4, 5)
"""The inner nodes. 0 and 1 are the outputs of the two previous cells. The cell's output joins all inner nodes."""
EDGES = 2 * len(NODES)
"""Number of edges of a cell."""
PAIRS = {node: tuple(combinations(range(node), 2)) for node in NODES}
"""Possible pairs of inputs of each node."""
POSSIBLE_EDGES = tuple((node, source) for node in NODES for source in range(node))
"""The 14 possible edges of a cell, as (node, input)."""
CELL_POSITIONS = EDGES + len(NODES) - 1
TRUNCATED = 25
"""Number of paths, the shortest ones, that ``path`` keeps for each cell and input: 100 in total (White et al. 2021)."""

Edge = tuple[int, int]
"""An input node, and the index of an operation in ``OPERATIONS``."""

_CONCAT = r"(?:\[2,3,4,5\]|range\(2,6\))"
_GENOTYPE = re.compile(
    rf"Genotype\(normal=\[(.+)\],normal_concat={_CONCAT},reduce=\[(.+)\],reduce_concat={_CONCAT}\)", re.ASCII
)
_COMPACT = re.compile(r"\[\[(.+)\],\[(.+)\]\]", re.ASCII)
_NAMED, _NUMBERED = r"\('(\w+)',([0-9])\)", r"\(([0-9]),([0-6])\)"


class DARTSSpace(SearchSpace):
    """Two cells of eight edges, two into each of four nodes. The two inputs of a node differ.

    For the normal and then the reduction cell, a genotype has the operations of the eight edges, by node and then by
    input, and the pair of inputs of each of the nodes 3, 4 and 5 (node 2 has the inputs 0 and 1). The two edges of a
    node have no order in this form, so each cell has one genotype, and all combinations are valid. (Renumbering the
    nodes can give another genotype that computes the same. Surrogates distinguish these, and so does the space.)

    :meth:`sample` is uniform, as in NAS-Bench-301: operations and pairs of inputs are each drawn uniformly. An edit
    changes one edge: its operation, or its input to one that the node's other edge does not have. The edge keeps its
    operation when its input changes, so an edit can change several positions.
    """

    encodings = (*SearchSpace.encodings, "adjacency", "path", "path_full")
    lossy_encodings = ("path", "path_full")
    edits_one_position = False

    def __init__(self) -> None:
        cell = [len(OPERATIONS)] * EDGES + [len(PAIRS[node]) for node in NODES[1:]]
        super().__init__("darts", cell * len(CELLS))

    def edges(self, architecture: Architecture) -> tuple[Edge, ...]:
        """Return the edges of the normal and then the reduction cell: two per node, by node and then by input."""
        found: list[Edge] = []
        for start in range(0, len(architecture), CELL_POSITIONS):
            operations = architecture[start : start + EDGES]
            pairs = (0, *architecture[start + EDGES : start + CELL_POSITIONS])
            for place, (node, pair) in enumerate(zip(NODES, pairs, strict=True)):
                first, second = PAIRS[node][pair]
                found += (first, operations[2 * place]), (second, operations[2 * place + 1])
        return tuple(found)

    def from_edges(self, edges: Sequence[Edge]) -> Architecture:
        """Make an architecture from sixteen edges as in :meth:`edges`. The two edges of a node may be in any order.

        Raises
        ------
        ValueError
            If the number of edges is wrong, or a node's inputs are equal or impossible.
        """
        if len(edges) != EDGES * len(CELLS):
            raise ValueError(f"expected {EDGES} edges per cell, got {len(edges)} in total")
        genotype: list[int] = []
        for start in range(0, len(edges), EDGES):
            operations: list[int] = []
            pairs: list[int] = []
            for place, node in enumerate(NODES):
                (first, one), (second, other) = sorted(edges[start + 2 * place : start + 2 * place + 2])
                if (first, second) not in PAIRS[node]:
                    raise ValueError(
                        f"node {node}: expected two different inputs below {node}, got {first} and {second}"
                    )
                operations += one, other
                pairs.append(PAIRS[node].index((first, second)))
            genotype += operations + pairs[1:]
        return tuple(genotype)

    def mutate(self, architecture: Architecture, rng: np.random.Generator) -> Architecture:
        """Change one of the sixteen edges, drawn uniformly.

        As in Real et al. 2019 (arXiv 1802.01548), the operation or the input changes with equal probability, to another
        one drawn uniformly. At node 2, which has no other inputs, the operation always changes.
        """
        edges = list(self.edges(architecture))
        at = int(rng.random() * len(edges))
        inputs = _other_inputs(edges, at)
        source, operation = edges[at]
        if inputs and rng.random() < 0.5:
            edges[at] = inputs[int(rng.random() * len(inputs))], operation
        else:
            drawn = int(rng.random() * (len(OPERATIONS) - 1))
            edges[at] = source, drawn + (drawn >= operation)
        return self.from_edges(edges)

    def neighbours(self, architecture: Architecture) -> list[Architecture]:
        """Return all 120 architectures that differ in one edge: by edge, other operations first, then other inputs."""
        edges = list(self.edges(architecture))
        near = []
        for at, (source, operation) in enumerate(edges):
            edits = [(source, other) for other in range(len(OPERATIONS)) if other != operation]
            edits += [(other, operation) for other in _other_inputs(edges, at)]
            near += [self.from_edges([*edges[:at], edit, *edges[at + 1 :]]) for edit in edits]
        return near

    def encode(self, genotypes: ArrayLike, encoding: str) -> NDArray[np.float32]:
        """Encode architectures as features for a predictor, also by three encodings of the literature.

        Parameters
        ----------
        genotypes : array-like, ``(n, 22)``
        encoding : str
            ``adjacency``: the one-hot operation of each of the 14 possible edges of a cell, by node and then by input,
            all 0 for an absent edge, ``(n, 196)``. ``path_full``: one column for each cell, input of the cell, and
            possible sequence of operations on a path from that input to an inner node, ``(n, 4 * 2800)`` (White et al.
            2021, arXiv 1910.11858). The shortest sequences come first, and the first operation varies fastest.
            ``path``: the first 25 columns of each of these four parts. For the others, see :meth:`SearchSpace.encode`.
        """
        if encoding not in ("adjacency", "path", "path_full"):
            return super().encode(genotypes, encoding)
        rows = np.asarray(genotypes, dtype=np.int64).reshape(-1, len(self.cardinalities))
        encoded = [self.edges(tuple(row)) for row in rows.tolist()]
        if encoding == "adjacency":
            return _one_hot_edges(encoded)
        return _path_features(encoded, _N_PATHS if encoding == "path_full" else TRUNCATED)

    def operations(self, genotypes: ArrayLike) -> Operations:
        """Return the operations of the two edges into each node, of the normal and then of the reduction cell."""
        cells = np.asarray(genotypes).reshape(-1, len(CELLS), CELL_POSITIONS)
        codes = cells[:, :, :EDGES].reshape(len(cells), EDGES * len(CELLS))
        positions = [f"{cell} {node}{edge}" for cell in CELLS for node in NODES for edge in "ab"]
        return Operations.one_pool(OPERATIONS, positions, codes, (EDGES,) * len(CELLS))

    def structure(self, architecture: Architecture) -> EdgeCells:
        """Return the two cells. The output of a cell joins its four inner nodes."""
        edges, nodes = self.edges(architecture), ("c_{k-2}", "c_{k-1}", "0", "1", "2", "3", "c_{k}")
        joins = tuple(CellEdge(node, len(nodes) - 1, None) for node in NODES)
        cells = []
        for number, name in enumerate(("normal", "reduction")):
            of_cell = edges[number * EDGES : (number + 1) * EDGES]
            found = [CellEdge(source, NODES[at // 2], OPERATIONS[value]) for at, (source, value) in enumerate(of_cell)]
            cells.append(EdgeCell(nodes, (*found, *joins), inputs=2, name=name))
        return EdgeCells(tuple(cells), sideways=True)

    def to_string(self, architecture: Architecture) -> str:
        """Write ``Genotype(normal=[('sep_conv_3x3', 0), ...], ...)``, the notation of DARTS."""
        edges = self.edges(architecture)
        parts = []
        for number, cell in enumerate(CELLS):
            of_cell = edges[number * EDGES : (number + 1) * EDGES]
            pairs = ", ".join(f"('{OPERATIONS[operation]}', {source})" for source, operation in of_cell)
            parts.append(f"{cell}=[{pairs}], {cell}_concat=[2, 3, 4, 5]")
        return f"Genotype({', '.join(parts)})"

    def from_string(self, text: str) -> Architecture:
        """Read a ``Genotype(...)`` of DARTS, or the compact ``[[(input, operation), ...], [...]]`` of NASLib.

        The edges of a node may be in any order.
        """
        bare = "".join(text.split()).replace('"', "'")
        try:
            if found := _GENOTYPE.fullmatch(bare):
                named = [pair for cell in found.groups() for pair in _read_pairs(cell, _NAMED)]
                return self.from_edges([(int(source), _operation(name)) for name, source in named])
            if found := _COMPACT.fullmatch(bare):
                numbered = [pair for cell in found.groups() for pair in _read_pairs(cell, _NUMBERED)]
                return self.from_edges([(int(source), int(operation)) for source, operation in numbered])
            problem = "unknown notation"
        except ValueError as error:
            problem = str(error)
        raise BenchmarkError(
            f"{text!r} is not an architecture of space {self.name!r}: {problem}. Write Genotype(normal=[8 pairs"
            f" ('operation', input)], normal_concat=[2, 3, 4, 5], reduce=[...], reduce_concat=[2, 3, 4, 5]) with"
            f" operations {', '.join(OPERATIONS)}; or [[8 pairs (input, operation number)], [...]]"
        )


def _other_inputs(edges: Sequence[Edge], at: int) -> list[int]:
    """Return the other possible inputs of an edge: inputs of its node that neither of the node's edges has."""
    taken = edges[at][0], edges[at ^ 1][0]
    return [source for source in range(NODES[at % EDGES // 2]) if source not in taken]


def _operation(name: str) -> int:
    if name not in OPERATIONS:
        raise ValueError(unknown_name("operation", name, OPERATIONS))
    return OPERATIONS.index(name)


def _read_pairs(cell: str, pair: str) -> list[tuple[str, str]]:
    if not re.fullmatch(rf"{pair}(?:,{pair}){{{EDGES - 1}}}", cell, re.ASCII):
        raise ValueError(f"expected {EDGES} pairs per cell")
    found: list[tuple[str, str]] = re.findall(pair, cell, re.ASCII)
    return found


def _one_hot_edges(encoded: Sequence[tuple[Edge, ...]]) -> NDArray[np.float32]:
    places = {edge: place for place, edge in enumerate(POSSIBLE_EDGES)}
    features = np.zeros((len(encoded), len(CELLS), len(places), len(OPERATIONS)), dtype=np.float32)
    for row, edges in enumerate(encoded):
        for at, (source, operation) in enumerate(edges):
            features[row, at // EDGES, places[NODES[at % EDGES // 2], source], operation] = 1.0
    return _flat(features)


_N = len(OPERATIONS)
_FIRST = [sum(_N**k for k in range(1, length)) for length in range(len(NODES) + 2)]
"""First column of the paths of each length."""
_N_PATHS = _FIRST[-1]


def _path_features(encoded: Sequence[tuple[Edge, ...]], kept: int) -> NDArray[np.float32]:
    """Return the first ``kept`` columns of the path encoding for each cell and input, ``(n, 4 * kept)``."""
    features = np.zeros((len(encoded), len(CELLS), 2, kept), dtype=np.float32)
    for row, edges in enumerate(encoded):
        for cell in range(len(CELLS)):
            for source, column in _paths(edges[cell * EDGES : (cell + 1) * EDGES]):
                if column < kept:
                    features[row, cell, source, column] = 1.0
    return _flat(features)


def _flat(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Flatten the features to one row per architecture, also for zero architectures."""
    return features.reshape(len(features), math.prod(features.shape[1:]))


def _paths(edges: Sequence[Edge]) -> list[tuple[int, int]]:
    """Return the input of the cell where each path begins, and the path's column, for all paths of a cell."""
    ending: list[list[tuple[int, int, int]]] = [[(0, 0, 0)], [(1, 0, 0)]]  # paths to each node: source, length, number
    for place in range(len(NODES)):
        ending.append(
            [
                (source, length + 1, number + operation * _N**length)
                for before, operation in edges[2 * place : 2 * place + 2]
                for source, length, number in ending[before]
            ]
        )
    return [(source, _FIRST[length] + number) for node in ending[2:] for source, length, number in node]

"""The search space of NAS-Bench-201: a cell of four nodes and six edges, with five operations.

Dong and Yang, "NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture Search", ICLR 2020,
arXiv 2001.00326.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.drawings.structures import CellEdge, EdgeCell, EdgeCells
from benchmarks.errors import BenchmarkError
from benchmarks.spaces.base import Architecture, SearchSpace
from benchmarks.spaces.operations import Operations

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
_EDGE_NAMES = [[f"{operation}~{source}" for operation in OPERATIONS] for source, _ in EDGES]
"""How an architecture string names each operation of each edge."""
PATHS = ((3,), (0, 4), (1, 5), (0, 2, 5))
"""Edges of each path from the input to the output, the shortest path first."""
INCOMING = ((0,), (1, 2), (3, 4, 5))
"""Edges that lead to each of the nodes 1, 2 and 3."""
CanonicalRule = Literal["keep_zeros", "drop_zeros"]


class NASBench201Space(SearchSpace):
    """The 5 ** 6 cells of NAS-Bench-201; position i holds the operation of ``EDGES[i]``."""

    encodings = (*SearchSpace.encodings, "path", "path_full")
    lossy_encodings = ("path", "path_full")
    mutations = MappingProxyType(
        {**SearchSpace.mutations, "each_position": "mutate_each_position", "node_then_edge": "mutate_node_then_edge"}
    )

    def __init__(self) -> None:
        super().__init__("nasbench201", [len(OPERATIONS)] * len(EDGES))

    def mutate_each_position(self, architecture: Architecture, rng: np.random.Generator) -> Architecture:
        """Change each operation with probability 1/4, as naszilla does (``cell_201.py``), so sometimes none."""
        return self._change_each(architecture, rng, 1 / (len(EDGES) - 2))

    def mutate_node_then_edge(self, architecture: Architecture, rng: np.random.Generator) -> Architecture:
        """Change the operation of an edge that leads to a uniformly drawn node, as the authors' ``R_EA.py`` does.

        The node is 1, 2 or 3, and the edge is drawn uniformly among those that lead to it. So the edge from 0 to 1
        changes with probability 1/3, each edge to node 2 with 1/6, and each edge to node 3 with 1/9.
        """
        edges = INCOMING[int(rng.random() * len(INCOMING))]
        edge = edges[int(rng.random() * len(edges))]
        value = int(rng.random() * (len(OPERATIONS) - 1))
        value += value >= architecture[edge]
        return (*architecture[:edge], value, *architecture[edge + 1 :])

    def encode(self, genotypes: ArrayLike, encoding: str) -> NDArray[np.float32]:
        """Encode cells as features for a predictor, also by the path encoding.

        Parameters
        ----------
        genotypes : array-like, ``(n, 6)``
        encoding : str
            ``path_full``: one column for each possible sequence of operations on a path from the input to the output,
            1 if the cell has it (White et al. 2021, arXiv 1910.11858), ``(n, 155)``: 5 sequences of length one, 25 of
            length two and 125 of length three. ``path``: the first 30 of these columns, which is the paper's truncation
            by length, ``(n, 30)``. As in the authors' naszilla, ``none`` is an operation like the others, and the first
            edge of a path varies fastest; naszilla orders the operations alphabetically. For the other encodings, see
            :meth:`SearchSpace.encode`.
        """
        if encoding not in ("path", "path_full"):
            return super().encode(genotypes, encoding)
        rows = np.asarray(genotypes, dtype=np.int64).reshape(-1, len(EDGES))
        n, lengths = len(OPERATIONS), range(1, 3 if encoding == "path" else 4)
        features = np.zeros((len(rows), sum(n**length for length in lengths)), dtype=np.float32)
        for path in PATHS:
            if len(path) in lengths:
                first = sum(n**length for length in range(1, len(path)))
                features[np.arange(len(rows)), first + rows[:, path] @ n ** np.arange(len(path))] = 1.0
        return features

    def operations(self, genotypes: ArrayLike) -> Operations:
        """Return the operations of the six edges, called ``source>node``."""
        rows = np.asarray(genotypes).reshape(-1, len(EDGES))
        return Operations.one_pool(OPERATIONS, [f"{source}>{node}" for source, node in EDGES], rows)

    def structure(self, architecture: Architecture) -> EdgeCells:
        """Return the cell: four nodes, and the operations on the edges between them."""
        edges = [
            CellEdge(source, node, OPERATIONS[value]) for value, (source, node) in zip(architecture, EDGES, strict=True)
        ]
        return EdgeCells((EdgeCell(("0", "1", "2", "3"), tuple(edges)),))

    def to_string(self, architecture: Architecture) -> str:
        """Write ``|op~0|+|op~0|op~1|+|op~0|op~1|op~2|``."""
        a, b, c, d, e, f = architecture
        names = _EDGE_NAMES
        return f"|{names[0][a]}|+|{names[1][b]}|{names[2][c]}|+|{names[3][d]}|{names[4][e]}|{names[5][f]}|"

    def from_string(self, text: str) -> Architecture:
        """Read ``|op~0|+|op~0|op~1|+|op~0|op~1|op~2|``, or the six digits of the operations."""
        if re.fullmatch(r"[0-4]{6}", text):
            return tuple(int(digit) for digit in text)
        parts = re.findall(r"\|([a-z0-9_]+)~(\d)(?=\|)", text)
        if [int(source) for _, source in parts] == [source for source, _ in EDGES]:
            names = [name for name, _ in parts]
            if set(names) <= set(OPERATIONS):
                architecture = tuple(OPERATIONS.index(name) for name in names)
                if self.to_string(architecture) == text:
                    return architecture
        raise BenchmarkError(
            f"{text!r} is not an architecture of space 'nasbench201': write |op~0|+|op~0|op~1|+|op~0|op~1|op~2| with"
            f" op one of {', '.join(OPERATIONS)}, or the six digits 0-4 of the operations"
        )

    def class_string(self, architecture: Architecture, rule: CanonicalRule = "keep_zeros") -> str:
        """Return the name of this cell's class. All cells of a class compute the same function.

        Cells of different classes may also compute the same function: neither rule flattens a sum that reaches another
        sum through a skip connection.

        Parameters
        ----------
        architecture : Architecture
        rule : {"keep_zeros", "drop_zeros"}
            ``keep_zeros`` is the rule of NATS-Bench's ``to_unique_str``: an edge of zeros is a term ``#`` of its
            node's sum. It gives the literature's 6,466 classes. ``drop_zeros`` leaves such terms out, and a node
            without terms is zero. It gives 5,390 classes.
        """
        nodes = ["0"]
        for node in (1, 2, 3):
            terms = []
            for value, (source, target) in zip(architecture, EDGES, strict=True):
                if target != node:
                    continue
                operation = OPERATIONS[value]
                if operation == "none" or nodes[source] == "#":
                    terms.append("#")
                else:
                    terms.append(nodes[source] if operation == "skip_connect" else f"({nodes[source]})@{operation}")
            if rule == "drop_zeros":
                terms = [term for term in terms if term != "#"] or ["#"]
            nodes.append("+".join(sorted(terms)))
        return nodes[3]

    def canonical(self, architecture: Architecture, rule: CanonicalRule = "keep_zeros") -> Architecture:
        """Return the first genotype of the same class, in the order of :meth:`enumerate`. See :meth:`class_string`.

        Members of a class were trained separately, and their mean accuracies differ by up to 21.7, 6.1 and 14.5 points
        on the three data sets. So data are never merged by class.
        """
        return _representatives(rule)[self.class_string(architecture, rule)]


@cache
def _representatives(rule: CanonicalRule) -> Mapping[str, Architecture]:
    """Return the first genotype of each class, by the name of the class."""
    space = NASBench201Space()
    first: dict[str, Architecture] = {}
    for row in space.enumerate().tolist():
        first.setdefault(space.class_string(tuple(row), rule), tuple(row))
    return MappingProxyType(first)

"""TransNAS-Bench-101: a micro space of cells and a macro space of skeletons, each trained on seven tasks.

Duan et al., "TransNAS-Bench-101: Improving Transferability and Generalizability of Cross-Task Neural Architecture
Search", CVPR 2021, arXiv 2105.11871.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.drawings.structures import CellEdge, EdgeCell, EdgeCells, Modules
from benchmarks.errors import BenchmarkError
from benchmarks.spaces.base import Architecture, SearchSpace
from benchmarks.spaces.constrained import ConstrainedSpace
from benchmarks.spaces.operations import Operations
from benchmarks.storage.official_files import Source
from benchmarks.table import TableBenchmark
from benchmarks.user_tables.importing import import_table
from benchmarks.user_tables.notation import ColumnSpec
from benchmarks.user_tables.specification import TableSpec

OPERATIONS = ("zeroize", "skip", "conv1x1", "conv3x3")
EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
MODULES = 6
MODULE_KINDS = ("plain", "doubles channels", "halves resolution", "doubles and halves")
"""Modules by their digit, from 1 to 4."""
LICENCE = "not stated (TransNAS-Bench-101)"
CITATION = "Duan et al., TransNAS-Bench-101, CVPR 2021, arXiv 2105.11871"

TASKS = {
    # column: (name, title, epochs of training, scale or None for a score, lowest and highest error)
    "class_scene": ("scene", "scene classification", 25.0, "accuracy-percent", (0.0, 1.0)),
    "class_object": ("object", "object classification", 25.0, "accuracy-percent", (0.0, 1.0)),
    "jigsaw": ("jigsaw", "jigsaw", 10.0, "accuracy-percent", (0.0, 1.0)),
    "room_layout": ("layout", "room layout", 25.0, None, (0.0, np.inf)),
    "segmentsemantic": ("segmentation", "semantic segmentation", 30.0, "accuracy-percent", (0.0, 1.0)),
    "normal": ("normal", "surface normals", 30.0, None, (-1.0, 1.0)),
    "autoencoder": ("autoencoder", "autoencoding", 30.0, None, (-1.0, 1.0)),
}


class MicroSpace(SearchSpace):
    """The 4 ** 6 cells of four nodes. The positions are the edges 0->1, 0->2, 1->2, 0->3, 1->3, 2->3."""

    def __init__(self) -> None:
        super().__init__("transnasbench101-micro", [len(OPERATIONS)] * 6)

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
        """Write the digits of each node's incoming edges, as in ``64-41414-1_02_333``."""
        digits = "".join(map(str, architecture))
        return f"64-41414-{digits[0]}_{digits[1:3]}_{digits[3:]}"

    def from_string(self, text: str) -> Architecture:
        """Read the notation of :meth:`to_string`."""
        match = re.fullmatch(r"64-41414-([0-3])_([0-3]{2})_([0-3]{3})", text)
        if match is None:
            raise BenchmarkError(
                f"{text!r} is not an architecture of space {self.name!r}: write 64-41414-d_dd_ddd, with d 0"
                " (zeroize), 1 (skip), 2 (conv1x1) or 3 (conv3x3)"
            )
        return tuple(map(int, "".join(match.groups())))


class MacroSpace(ConstrainedSpace):
    """The 3,256 skeletons of four to six modules. A position is the digit of a module, or 0 after the last module.

    1 is a plain module, 2 doubles the channels, 3 halves the resolution, and 4 does both. One to three modules double
    the channels, and one to four modules halve the resolution.
    """

    def __init__(self) -> None:
        super().__init__("transnasbench101-macro", [5] * MODULES)
        self._hold(size=3_256)

    def is_valid(self, architecture: Architecture) -> bool:
        """Return whether the tuple is a valid skeleton."""
        length = sum(digit > 0 for digit in architecture)
        doubling = sum(digit in (2, 4) for digit in architecture)
        halving = sum(digit >= 3 for digit in architecture)
        counts = length >= 4 and 1 <= doubling <= 3 and 1 <= halving <= 4
        return super().is_valid(architecture) and counts and not any(architecture[length:])

    def valid(self, genotypes: ArrayLike) -> NDArray[np.bool_]:
        """Return whether each row of ``(n, 6)`` is a valid skeleton, ``(n,)``."""
        digits = np.asarray(genotypes).reshape(-1, MODULES)
        there = digits > 0
        doubling = ((digits == 2) | (digits == 4)).sum(axis=1)
        halving = (digits >= 3).sum(axis=1)
        lengths = there.sum(axis=1) >= 4
        ends = (there[:, 1:] <= there[:, :-1]).all(axis=1)
        valid: NDArray[np.bool_] = lengths & ends & (doubling >= 1) & (doubling <= 3) & (halving >= 1) & (halving <= 4)
        return valid

    def operations(self, genotypes: ArrayLike) -> Operations:
        """Return the kind of each module as its operation, because the space has no others."""
        rows = np.asarray(genotypes).reshape(-1, MODULES)
        return Operations.one_pool(MODULE_KINDS, [f"module {number}" for number in range(1, MODULES + 1)], rows - 1)

    def structure(self, architecture: Architecture) -> Modules:
        """Return the channels and the resolution after the stem, which has 64 channels, and after each module."""
        channels, halvings = [64], [0]
        for digit in filter(None, architecture):
            channels.append(channels[-1] * (2 if digit in (2, 4) else 1))
            halvings.append(halvings[-1] + (digit >= 3))
        return Modules(tuple(channels), tuple(halvings))

    def to_string(self, architecture: Architecture) -> str:
        """Write the digits of all modules, as in ``64-1234-basic``."""
        return f"64-{''.join(str(digit) for digit in architecture if digit)}-basic"

    def from_string(self, text: str) -> Architecture:
        """Read the notation of :meth:`to_string`."""
        match = re.fullmatch(r"64-([1-4]{4,6})-basic", text)
        architecture = tuple(map(int, match[1].ljust(MODULES, "0"))) if match else ()
        if not self.is_valid(architecture):
            raise BenchmarkError(
                f"{text!r} is not an architecture of space {self.name!r}: write 64-dddd-basic with 4 to 6 digits d from"
                " 1 to 4, of which one to three must be 2 or 4, and one to four must be 3 or 4"
            )
        return architecture


def read(file: Path, names: Sequence[str]) -> Iterator[TableBenchmark]:
    """Read the tables of these benchmarks, which are all on the same space."""
    for name in names:
        space, _, short = name.rpartition("-")
        (column,) = [column for column, (known, *_) in TASKS.items() if known == short]
        _, title, epochs, scale, valid_range = TASKS[column]
        spec = TableSpec(
            name=name,
            space=space,
            signal=(ColumnSpec((column,)),),
            maximise=True,
            scale=scale,
            official=True,
            epochs=epochs,
            title=f"TransNAS-Bench-101 {space.rpartition('-')[2]}, {title}",
            dataset=f"taskonomy-{short}",
            unit="fraction" if scale else "loss" if column == "room_layout" else "negated SSIM",
            valid_range=valid_range,
            licence=LICENCE,
            citation=CITATION,
            sisters=tuple(other for other in names_of(space) if other != name),
            notes=("final validation value of one run; no time was recorded, so budgets are in evaluations",),
        )
        yield import_table(spec, file)


def names_of(space: str) -> tuple[str, ...]:
    """Return the names of the benchmarks on a space."""
    return tuple(f"{space}-{short}" for short, *_ in TASKS.values())


SOURCES = tuple(
    Source(
        names=names_of(f"transnasbench101-{kind}"),
        files=(f"transnasbench101_{kind}.csv.gz",),
        read=read,
        what=f"a file transnasbench101_{kind}.csv.gz with the final values of TransNAS-Bench-101",
        size=size,
        licence=LICENCE,
        citation=CITATION,
    )
    for kind, size in (("micro", "4,096"), ("macro", "3,256"))
)

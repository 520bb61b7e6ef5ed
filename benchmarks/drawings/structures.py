"""Structures of architectures, from which they are drawn: cells, modules, widths or choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class CellEdge(NamedTuple):
    """An edge of a cell, with its operation. An operation of None joins outputs without computing anything."""

    source: int
    target: int
    operation: str | None


@dataclass(frozen=True)
class EdgeCell:
    """A cell with its operations on the edges, as in NAS-Bench-201 and DARTS.

    Attributes
    ----------
    nodes : tuple of str
        Names of the nodes, in topological order. The last one is the output of the cell.
    edges : tuple of CellEdge
        Between places in `nodes`.
    inputs : int
        Number of leading nodes that are inputs.
    name : str
        Such as ``normal``; empty if the architecture has a single cell.
    """

    nodes: tuple[str, ...]
    edges: tuple[CellEdge, ...]
    inputs: int = 1
    name: str = ""


@dataclass(frozen=True)
class EdgeCells:
    """An architecture of one or several cells with operations on the edges."""

    cells: tuple[EdgeCell, ...]
    sideways: bool = False
    """Whether the literature draws the cells from left to right instead of downwards."""


@dataclass(frozen=True)
class VertexCell:
    """A cell with its operations on the vertices, as in NAS-Bench-101.

    Attributes
    ----------
    operations : tuple of str
        Of each vertex, in topological order. The first one is ``input``, the last one ``output``.
    edges : tuple of (int, int)
    """

    operations: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Modules:
    """A skeleton: a sequence of modules that may double the channels and halve the resolution.

    Attributes
    ----------
    channels : tuple of int
        Number of channels after the stem, and after each module.
    halvings : tuple of int
        How often the resolution was halved, after the stem, and after each module.
    """

    channels: tuple[int, ...]
    halvings: tuple[int, ...]


@dataclass(frozen=True)
class Widths:
    """A list of numbers of channels, one per layer, each at most `most`."""

    channels: tuple[int, ...]
    most: int


@dataclass(frozen=True)
class Choices:
    """Named choices and their values as text, in order. A value of None is that of a choice that does not apply."""

    pairs: tuple[tuple[str, str | None], ...]


Structure = EdgeCells | VertexCell | Modules | Widths | Choices
"""The structures that can be drawn. Each kind has one entry in `benchmarks.drawings.registry.DRAWINGS`."""

"""The drawings by kind of structure. A space tells the structure of an architecture; the rest follows from it."""

from __future__ import annotations

from importlib import import_module

from benchmarks.drawings.pictures import Picture, titled
from benchmarks.drawings.structures import Structure

DRAWINGS = {
    "EdgeCells": "benchmarks.drawings.edge_cells:draw",
    "VertexCell": "benchmarks.drawings.vertex_cells:draw",
    "Modules": "benchmarks.drawings.modules:draw",
    "Widths": "benchmarks.drawings.widths:draw",
    "Choices": "benchmarks.drawings.choices:draw",
}
"""By the name of the class of a structure: the function that draws it, ``draw(structure) -> Picture``."""


def draw(structure: Structure, title: str = "") -> Picture:
    """Draw a structure as the literature does. The same structure gives the same picture."""
    module, _, function = DRAWINGS[type(structure).__name__].partition(":")
    picture: Picture = getattr(import_module(module), function)(structure)
    return titled(picture, title)

"""Cells with operations on the vertices: NAS-Bench-101 and NAS-Bench-1Shot1."""

from __future__ import annotations

from benchmarks.drawings.layered import layered_layout, layers_of
from benchmarks.drawings.pictures import Box, Label, Mark, Picture, moved, text_width
from benchmarks.drawings.routes import smooth
from benchmarks.drawings.structures import VertexCell
from benchmarks.drawings.words import GREY, look

HEIGHT = 13.0
MARGIN = 1.0


def draw(cell: VertexCell) -> Picture:
    """Draw a cell downwards, from its input to its output."""
    looks = [look(operation) for operation in cell.operations]
    ends = (0, len(looks) - 1)
    sizes = [(HEIGHT, text_width(name) + 8) for name, _ in looks]
    layout = layered_layout(sizes, cell.edges, layers_of(len(sizes), cell.edges, {}), layer_gap=14.0, gap=9.0)
    marks: list[Mark] = []
    for (source, target), route in zip(cell.edges, layout.routes, strict=True):
        start = layout.places[source][0] + HEIGHT / 2
        marks += smooth(route, start, layout.places[target][0] - HEIGHT / 2, sideways=False, strength=0.8)
    for number, ((y, x), (height, width), (name, fill)) in enumerate(zip(layout.places, sizes, looks, strict=True)):
        end = number in ends
        corner = (x - width / 2, y - height / 2, width, height)
        marks += [
            Box(*corner, GREY if end else fill, radius=HEIGHT / 2 if end else 2.5),
            Label(x, y, name, on_fill=True),
        ]
    width, height = layout.breadth + 2 * MARGIN, layout.length + 2 * MARGIN
    return Picture(width, height, tuple(moved(marks, MARGIN, MARGIN)))

"""Cells with operations on the edges: NAS-Bench-201, TransNAS-Bench-101 (micro) and DARTS."""

from __future__ import annotations

from benchmarks.drawings.layered import Layout, layered_layout, layers_of
from benchmarks.drawings.pictures import (
    FAINT,
    FONT_SIZE,
    LINE_HEIGHT,
    Box,
    Label,
    Mark,
    Picture,
    moved,
    side_by_side,
    text_width,
)
from benchmarks.drawings.routes import smooth
from benchmarks.drawings.structures import EdgeCell, EdgeCells
from benchmarks.drawings.words import GREY, UNUSED, WHITE, look

NODE = 15.0
"""Least extent of a node."""
MARGIN = 1.0
GAP = 7.0
"""Distance across the edges."""


def draw(cells: EdgeCells) -> Picture:
    """Draw the nodes of each cell, and the operations on the edges between them."""
    pictures = [_cell(cell, sideways=cells.sideways) for cell in cells.cells]
    return side_by_side(pictures, gap=14.0, stacked=cells.sideways)


def _lines(operation: str, *, sideways: bool) -> list[str]:
    """Return the lines of an operation's name: sideways, the size of its window has a line of its own."""
    name, _ = look(operation)
    words, _, size = name.rpartition(" ")
    return [words, size] if sideways and words and "×" in size else [name]


def _cell(cell: EdgeCell, *, sideways: bool) -> Picture:
    n, labelled = len(cell.nodes), [edge for edge in cell.edges if edge.operation is not None]
    texts = [_lines(str(edge.operation), sideways=sideways) for edge in labelled]
    boxes = [(max(NODE, text_width(name) + 6), NODE) for name in cell.nodes]
    boxes += [(max(map(text_width, lines)) + 5, (len(lines) - 1) * LINE_HEIGHT * FONT_SIZE + 12) for lines in texts]
    widest = max((width for width, _ in boxes[n:]), default=NODE)
    edges: list[tuple[int, int]] = []
    for number, edge in enumerate(labelled):
        edges += (edge.source, n + number), (n + number, edge.target)
    edges += [(edge.source, edge.target) for edge in cell.edges if edge.operation is None]
    midway = {n + number: (edge.source, edge.target) for number, edge in enumerate(labelled)}
    layers = layers_of(len(boxes), edges, midway)
    if sideways:
        sizes = boxes
    else:  # labels of equal breadth, so that the place of a node does not depend on the operations
        sizes = [(height, width if number < n else widest) for number, (width, height) in enumerate(boxes)]
    layout = layered_layout(sizes, edges, layers, layer_gap=16.0 if sideways else 11.0, gap=GAP)
    marks = _edges(cell, edges, sizes, layout, sideways=sideways)
    for number, ((along, across), (width, height)) in enumerate(zip(layout.places, boxes, strict=True)):
        x, y = (along, across) if sideways else (across, along)
        corner = (x - width / 2, y - height / 2, width, height)
        if number < n:
            end = number < cell.inputs or number == n - 1
            marks += [
                Box(*corner, GREY if end else WHITE, radius=NODE / 2),
                Label(x, y, cell.nodes[number], on_fill=True),
            ]
        else:
            marks += _operation(str(labelled[number - n].operation), texts[number - n], corner)
    return _framed(cell.name, marks, layout, sideways=sideways)


def _edges(
    cell: EdgeCell, edges: list[tuple[int, int]], sizes: list[tuple[float, float]], layout: Layout, *, sideways: bool
) -> list[Mark]:
    n, operations = len(cell.nodes), [edge.operation for edge in cell.edges if edge.operation is not None]
    marks: list[Mark] = []
    for (source, target), route in zip(edges, layout.routes, strict=True):
        label = max(source, target) - n
        unused = label >= 0 and operations[label] in UNUSED
        start = layout.places[source][0] + sizes[source][0] / 2
        end = layout.places[target][0] - sizes[target][0] / 2
        strength = FAINT if unused else 0.8
        marks += smooth(route, start, end, sideways=sideways, strength=strength, dashed=unused, arrow=target < n)
    return marks


def _operation(operation: str, lines: list[str], corner: tuple[float, float, float, float]) -> list[Mark]:
    x, y, width, height = corner
    unused = operation in UNUSED
    _, fill = look(operation)
    step = LINE_HEIGHT * FONT_SIZE
    first = y + height / 2 - (len(lines) - 1) * step / 2
    labels: list[Mark] = [
        Label(x + width / 2, first + line * step, text, on_fill=not unused, strength=0.7 if unused else 1.0)
        for line, text in enumerate(lines)
    ]
    return labels if unused else [Box(x, y, width, height, fill), *labels]


def _framed(name: str, marks: list[Mark], layout: Layout, *, sideways: bool) -> Picture:
    """Add the margin, and the name of the cell above it."""
    width, height = (layout.length, layout.breadth) if sideways else (layout.breadth, layout.length)
    top = 1.6 * FONT_SIZE if name else 0.0
    marks = moved(marks, MARGIN, MARGIN + top)
    if name:
        marks = [Label(MARGIN, MARGIN + top / 2 - 1, f"{name} cell", anchor="start"), *marks]
    return Picture(max(width, text_width(name)) + 2 * MARGIN, height + top + 2 * MARGIN, tuple(marks))

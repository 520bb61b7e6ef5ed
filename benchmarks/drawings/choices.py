"""Named choices as a small table: user-defined tables, FCNet and other spaces of columns."""

from __future__ import annotations

from benchmarks.drawings.pictures import Box, Label, Mark, Picture, shortened, side_by_side, text_width
from benchmarks.drawings.structures import Choices
from benchmarks.drawings.words import GREY, WHITE

ROW = 12.0
WIDEST = 96.0
"""Largest width of a name or a value. Longer ones are shortened."""
MOST_ROWS = 12
"""Largest number of rows. Longer lists have several columns side by side."""
PAD = 4.0
MARGIN = 1.0


def draw(choices: Choices) -> Picture:
    """Draw the names and values of the choices in rows."""
    pairs = choices.pairs
    rows = -(-len(pairs) // -(-len(pairs) // MOST_ROWS)) if pairs else 1
    tables = [_table(pairs[first : first + rows]) for first in range(0, len(pairs), rows)]
    return side_by_side(tables or [Picture(0.0, 0.0, ())], gap=6.0)


def _table(pairs: tuple[tuple[str, str | None], ...]) -> Picture:
    texts = [(shortened(name, WIDEST), "–" if value is None else shortened(value, WIDEST)) for name, value in pairs]
    left = max(text_width(name) for name, _ in texts) + 2 * PAD
    right = max(text_width(value) for _, value in texts) + 2 * PAD
    marks: list[Mark] = []
    for row, ((name, value), (_, given)) in enumerate(zip(texts, pairs, strict=True)):
        top = MARGIN + ROW * row
        strength = 0.6 if given is None else 1.0
        marks += [
            Box(MARGIN, top, left, ROW, GREY, radius=0.0),
            Box(MARGIN + left, top, right, ROW, WHITE, radius=0.0),
            Label(MARGIN + PAD, top + ROW / 2, name, anchor="start", on_fill=True, strength=strength),
            Label(MARGIN + left + PAD, top + ROW / 2, value, anchor="start", on_fill=True, strength=strength),
        ]
    return Picture(left + right + 2 * MARGIN, ROW * len(pairs) + 2 * MARGIN, tuple(marks))

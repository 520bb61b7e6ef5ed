"""Skeletons of modules: TransNAS-Bench-101 (macro)."""

from __future__ import annotations

from itertools import pairwise

from benchmarks.drawings.pictures import FONT_SIZE, LINE_HEIGHT, Box, Label, Mark, Picture, text_width
from benchmarks.drawings.routes import smooth
from benchmarks.drawings.structures import Modules
from benchmarks.drawings.words import BLUE, GREY

TALLEST = 56.0
"""Height of a module at the resolution of the stem. Each halving takes a third of it off."""
STEP = 26.0
"""Distance of the modules."""
MARGIN = 1.0
ROWS = ("channels", "resolution")


def draw(modules: Modules) -> Picture:
    """Draw each module as a block: the taller, the finer its resolution; the wider, the more channels it has."""
    marks: list[Mark] = []
    middle = MARGIN + TALLEST / 2
    x = MARGIN + max(map(text_width, ROWS))
    marks += [Label(x - 2, _line(line), name, anchor="end", strength=0.7) for line, name in enumerate(ROWS)]
    ends: list[tuple[float, float]] = []
    texts = [_texts(c, h) for c, h in zip(modules.channels, modules.halvings, strict=True)]
    widths = [6.0 * (channels / modules.channels[0]) ** 0.5 for channels in modules.channels]
    for place, (width, halvings) in enumerate(zip(widths, modules.halvings, strict=True)):
        height = TALLEST * (2 / 3) ** halvings
        centre = x + STEP / 2
        marks.append(Box(centre - width / 2, middle - height / 2, width, height, BLUE if place else GREY))
        ends.append((centre - width / 2, centre + width / 2))
        for line, text in enumerate(texts[place]):
            marks.append(Label(centre, _line(line), text))
        x += STEP
    for (_, right), (left, _) in pairwise(ends):
        marks += smooth([(right + 1, middle)], right + 1, left - 1, sideways=True, strength=0.8)
    return Picture(x + MARGIN, _line(1) + FONT_SIZE / 2 + 2 * MARGIN, tuple(marks))


def _line(number: int) -> float:
    """Return the height of a line of text below the modules."""
    return MARGIN + TALLEST + 8 + number * LINE_HEIGHT * FONT_SIZE


def _texts(channels: int, halvings: int) -> list[str]:
    """Return the channels, and the resolution relative to that of the stem."""
    return [str(channels), "1" if halvings == 0 else f"1/{2**halvings}"]

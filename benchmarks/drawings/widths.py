"""Lists of numbers of channels: the size space of NATS-Bench."""

from __future__ import annotations

from benchmarks.drawings.pictures import Box, Label, Mark, Picture
from benchmarks.drawings.routes import smooth
from benchmarks.drawings.structures import Widths
from benchmarks.drawings.words import BLUE, WHITE

TALLEST, WIDTH, STEP, MARGIN = 48.0, 13.0, 27.0, 1.0


def draw(widths: Widths) -> Picture:
    """Draw a bar for each layer, as high as its share of the largest number of channels, and its number below."""
    marks: list[Mark] = []
    bottom = MARGIN + TALLEST
    for layer, channels in enumerate(widths.channels):
        centre = MARGIN + STEP * (layer + 0.5)
        height = TALLEST * channels / widths.most
        left = centre - WIDTH / 2
        marks.append(Box(left, MARGIN, WIDTH, TALLEST, WHITE, radius=1.5))
        marks.append(Box(left, bottom - height, WIDTH, height, BLUE, radius=1.5))
        marks.append(Label(centre, bottom + 8, str(channels)))
        if layer:
            start, middle = left - STEP + WIDTH + 2, MARGIN + TALLEST / 2
            marks += smooth([(start, middle)], start, left - 2, sideways=True, strength=0.8)
    return Picture(STEP * len(widths.channels) + 2 * MARGIN, bottom + 13 + MARGIN, tuple(marks))

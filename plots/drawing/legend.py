"""The legend above the panels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.legend import Legend

from plots.drawing.style import LEGEND_SIZE, literal, text_width, wrap

LEGEND_LABEL_WIDTH = 2.4
"""Largest width of a label in the legend [in]. Longer labels are wrapped."""

HANDLE_WIDTH = 6 * LEGEND_SIZE / 72
"""Width of a legend entry without its label [in]."""


def legend_texts(labels: Mapping[str, Callable[[], Artist]], width: float) -> list[list[str]]:
    """Wrap labels for a legend of a width [in]."""
    return [wrap(label, LEGEND_SIZE, min(LEGEND_LABEL_WIDTH, width - HANDLE_WIDTH)) for label in labels]


def legend_height(texts: Sequence[Sequence[str]], width: float) -> float:
    """Return the height of the tallest column [in]. Matplotlib fills the columns one after another."""
    heights = [0.16 + (len(lines) - 1) * LEGEND_SIZE / 60 for lines in texts]
    return max(float(column.sum()) for column in np.array_split(heights, _columns(texts, width)))


def _columns(texts: Sequence[Sequence[str]], width: float) -> int:
    widest = max((text_width(line, LEGEND_SIZE) for lines in texts for line in lines), default=0.0)
    fitting = max(1, min(len(texts), int(width / (widest + HANDLE_WIDTH))))
    rows = -(-len(texts) // fitting)
    return -(-len(texts) // max(rows, 1)) or 1  # fill rows evenly: four entries in two rows are two by two


def draw_legend(
    figure: Figure, entries: Mapping[str, Callable[[], Artist]], texts: Sequence[Sequence[str]], handle_length: float
) -> Legend | None:
    """Draw the legend at the top of a figure. Return None if it has no entries."""
    if not entries:
        return None
    # Matplotlib leaves out labels that begin with "_", so the texts are set afterwards.
    numbers = [str(i) for i in range(len(entries))]
    look: dict[str, Any] = {"borderaxespad": 0.2, "borderpad": 0.1, "handlelength": handle_length}
    made = [handle() for handle in entries.values()]
    legend = figure.legend(made, numbers, loc="upper center", ncols=_columns(texts, figure.get_figwidth()), **look)
    literal(legend.get_texts())
    for text, lines in zip(legend.get_texts(), texts, strict=True):
        text.set_text("\n".join(lines))
    return legend

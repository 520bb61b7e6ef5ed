"""Names of algorithms: in a legend, or at the ends of their curves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from plots.drawing.colours import LabelStyle
from plots.drawing.layout import spread_out
from plots.drawing.selection import View
from plots.drawing.style import shortened, text_width

END_SIZE = 5.5
"""Size of a name at the end of a curve [pt]."""
END_STEP = 0.086
"""Distance between two such names [in]."""
WIDEST = 1.05
"""Largest width of a name at the end of a curve [in]. Longer names are shortened."""
LEADER, MARK, TEXT = 0.1, 0.15, 0.2
"""Distances from the axes at which a line to a name ends, its marker is, and its text begins [in]."""
NO_TRIALS = " (no trials)"


def legend_handles(
    view: View, handle: Callable[[LabelStyle], Artist], lacking: str = NO_TRIALS
) -> dict[str, Callable[[], Artist]]:
    """Return the legend's entries. Those without any trial are marked."""
    return {
        label + (lacking if label in view.missing else ""): partial(handle, style)
        for label, style in view.styles.items()
    }


def label_handles(
    styles: Mapping[str, LabelStyle], handle: Callable[[LabelStyle], Artist], shown: Collection[str]
) -> dict[str, Callable[[], Artist]]:
    """Return the legend's entries of the algorithms that are shown."""
    return {label: partial(handle, style) for label, style in styles.items() if label in shown}


def ends_width(labels: Mapping[str, LabelStyle]) -> float:
    """Return the room that names at the ends of curves need [in]."""
    return TEXT + min(WIDEST, max(text_width(label, END_SIZE) for label in labels))


def name_ends(styles: Mapping[str, LabelStyle], axes: Axes) -> None:
    """Write the name of every algorithm at the right, near the end of its curve, apart from each other.

    Curves are found by the labels of their lines. Those that end outside the axes are named at the nearest edge.
    """
    lines = {str(line.get_label()): line for line in axes.get_lines() if line.get_label() in styles}
    ends = {label: end for label, line in lines.items() if (end := _end(line, axes)) is not None}
    if not ends:
        return
    dpi = axes.figure.dpi
    height, width = axes.bbox.height / dpi, axes.bbox.width / dpi
    places = spread_out([y * height for _, y in ends.values()], END_STEP, -0.05, height + 0.05)
    for (label, (x, y)), place in zip(ends.items(), places, strict=True):
        style, at = styles[label], place / height
        colour = "0.4" if style.faded else style.colour
        inches = [x * width, width + LEADER] if x < 1 else [width + 0.01, width + LEADER]
        look: dict[str, Any] = {"transform": axes.transAxes, "clip_on": False, "color": style.colour}
        axes.add_line(Line2D(np.divide(inches, width), [y, at], linewidth=0.4, **look))
        axes.add_line(Line2D([1 + MARK / width], [at], linestyle="none", marker=style.marker, markersize=2.6, **look))
        text = shortened(label, END_SIZE, WIDEST)
        where = (1 + TEXT / width, at - 0.005)
        axes.text(*where, text, transform=axes.transAxes, size=END_SIZE, color=colour, va="center", parse_math=False)


def _end(line: Line2D, axes: Axes) -> tuple[float, float] | None:
    """Return the place of the last point of a line, as shares of the axes; None without a point."""
    points = np.column_stack([np.asarray(line.get_xdata(), np.float64), np.asarray(line.get_ydata(), np.float64)])
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = axes.transAxes.inverted().transform(axes.transData.transform(points[-1]))
    return float(np.clip(np.nan_to_num(x, nan=1.0), 0, 1)), float(np.clip(np.nan_to_num(y, nan=0.0), 0, 1))

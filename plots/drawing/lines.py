"""What curves have in common: the line of an algorithm, its band, and axes that are labelled by plain numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis as MatplotlibAxis
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import ArrayLike

from plots.drawing.style import LabelStyle, time_unit
from results.anytime.curves import Axis, Floats

MARKERS = 5
"""So many on a curve, each algorithm's at places of its own."""


TICK_SIZES = {"plain": 0.18, "power": 0.4}
"""So much of an axis a tick's label needs [in]."""

PANEL_SHARE = 0.75
"""The axes' share of the width of a panel; the rest is for labels."""


POINTS = 300
"""So many a curve, log-spaced."""


def curve_grid(start: float, horizon: float, axis: Axis) -> Floats:
    """Points of a curve from where it begins to the horizon: (n,), counts or [s]; none if it does not begin by then."""
    if not 0 < start <= horizon:
        return np.empty(0)
    grid = np.geomspace(start, horizon, POINTS)
    return np.unique(np.floor(grid)) if axis == "evaluations" else grid


def style_line(style: LabelStyle) -> Line2D:
    """Make an empty line in the style of an algorithm, as for a legend."""
    return make_line([], [], style)


def style_point(style: LabelStyle) -> Line2D:
    """Make a point in the style of an algorithm, as for a legend."""
    point = style_line(style)
    point.set_linestyle("none")
    return point


def make_line(x: ArrayLike, y: ArrayLike, style: LabelStyle) -> Line2D:
    """Make a line in the style of an algorithm."""
    line = Line2D(
        x,
        y,
        color=style.colour,
        marker=style.marker,
        markersize=3.7,
        markeredgewidth=0.4,
        markeredgecolor="white",
    )
    if style.dashes:
        line.set_dashes(style.dashes)
    return line


def draw_steps(axes: Axes, curve: pd.DataFrame, style: LabelStyle, phase: float, left: float) -> None:
    """Draw a right-continuous step function with its band.

    Parameters
    ----------
    axes : Axes
        Its x axis is logarithmic.
    curve : DataFrame
        ``x, centre, low, high``, as the axes show them.
    style : LabelStyle
    phase : float
        In [0, 1): shifts the markers, so that those of several algorithms do not cover each other.
    left : float
        Where the axis begins.
    """
    x, centre, low, high = (curve[name].to_numpy(np.float64) for name in ("x", "centre", "low", "high"))
    axes.fill_between(x, low, high, step="post", color=style.colour, alpha=0.18, linewidth=0)
    line = make_line(x, centre, style)
    line.set_drawstyle("steps-post")
    line.set_markevery(_marked(x, phase, left))
    axes.add_line(line)


def draw_curves(axes: Axes, curves: pd.DataFrame, styles: Mapping[str, LabelStyle], left: float) -> None:
    """Draw the curve of every algorithm that has one, see `draw_steps`; `curves` has the column ``label``."""
    for i, (label, style) in enumerate(styles.items()):
        curve = curves[curves["label"] == label]
        if len(curve):
            draw_steps(axes, curve, style, i / len(styles), left)


def _marked(x: Floats, phase: float, left: float) -> list[int]:
    places = np.geomspace(left, x[-1], MARKERS + 1)[:-1] * (x[-1] / left) ** ((0.2 + 0.8 * phase) / MARKERS)
    return sorted({int(place) for place in np.searchsorted(x, places[places >= x[0]]) if place < len(x)})


def time_label(axis: Axis, horizon: float) -> str:
    """Name an x axis of evaluations, or of simulated time up to a horizon [s]."""
    return f"simulated time [{time_unit(horizon)[1]}]" if axis == "seconds" else "completed evaluations"


def time_axis(axes: Axes, axis: Axis, horizon: float, first: float) -> tuple[float, float]:
    """Make the x axis logarithmic in evaluations or simulated time, up to a horizon.

    Parameters
    ----------
    axes : Axes
    axis : {"evaluations", "seconds"}
    horizon, first : float
        Where the axis ends, and where the first curve begins: counts or [s].

    Returns
    -------
    length, left : float
        The unit in which the axis is shown [s] (1 for counts), and where it begins, in that unit.
    """
    length = time_unit(horizon)[0] if axis == "seconds" else 1.0
    left = min(max(first, horizon / 3000), horizon / 2)
    axes.set_xscale("log")
    axes.set_xlim(left / length, horizon / length)
    log_ticks(axes.xaxis, left / length, horizon / length, axes_inches(axes))
    return length, left / length


def log_ticks(axis: MatplotlibAxis, low: float, high: float, inches: float) -> None:
    """Label a log axis of a length [in]: decades, and 2 and 5 where there is room; plain, or all by powers of ten."""
    moderate = low >= 1e-4 and high < 1e5
    needed = 3 * np.log10(high / low) * TICK_SIZES["plain" if moderate else "power"]
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if needed < inches else (1.0,)))
    axis.set_major_formatter(FuncFormatter(plain if moderate else power))
    axis.set_minor_locator(LogLocator(subs=tuple(range(2, 10)), numticks=99))
    axis.set_minor_formatter(NullFormatter())


def axes_inches(axes: Axes) -> float:
    """About how wide the axes will be [in]."""
    shape = axes.get_subplotspec()
    columns = shape.get_gridspec().ncols if shape else 1
    return PANEL_SHARE * axes.figure.bbox.width / axes.figure.dpi / columns


def plain(value: float, _: int | None = None) -> str:
    """Write a number of a moderate size as a tick's label."""
    return f"{value:,.6g}"


def power(value: float, _: int | None = None) -> str:
    """Write a number as a tick's label, as a digit times a power of ten."""
    digit, exponent = f"{value:.0e}".split("e")
    factor = "" if digit == "1" else rf"{digit} \times "
    return f"${factor}10^{{{int(exponent)}}}$"


def shade_floor(axes: Axes, bottom: float, floor: float) -> None:
    """Shade what lies below the noise floor."""
    axes.axhspan(bottom, floor, color="0.5", alpha=0.18, linewidth=0, zorder=0)


def name_floor(axes: Axes, floor: float, name: str) -> None:
    """Name what lies below the noise floor, at the left edge."""
    axes.annotate(
        name,
        (0, floor),
        xycoords=("axes fraction", "data"),
        xytext=(3, -2),
        textcoords="offset points",
        va="top",
        size=5.5,
        color="0.35",
    )


def no_curve(axes: Axes, text: str = "no curve yet") -> None:
    """Say in an empty panel that there is nothing to draw."""
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, color="0.4")
    axes.set(xticks=[], yticks=[])

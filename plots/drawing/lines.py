"""Shared parts of curves: lines of algorithms, bands, and axes with plain tick labels."""

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
"""The number of markers per curve. Each algorithm has them at different places."""


TICK_SIZES = {"plain": 0.18, "power": 0.4}
"""The length of an axis that a tick label needs, by notation [in]."""

PANEL_SHARE = 0.75
"""The share of a panel's width that the axes take. The rest is for labels."""


POINTS = 300
"""The number of log-spaced points per curve."""


def curve_grid(start: float, horizon: float, axis: Axis) -> Floats:
    """Return the points of a curve, from its start to the horizon: (n,), counts or [s].

    Empty if the curve does not start by the horizon. A curve that starts at time 0 is shown from a thousandth of the
    horizon on, because the axis is logarithmic.
    """
    if not 0 <= start <= horizon or horizon == 0:
        return np.empty(0)
    grid = np.geomspace(start or horizon / 1000, horizon, POINTS)
    return np.unique(np.floor(grid)) if axis == "evaluations" else grid


EXACT_SHADE = 0.55
"""Brightness of an exact curve, as a share of that of the algorithm's colour."""


def style_line(style: LabelStyle) -> Line2D:
    """Make an empty line in an algorithm's style, for a legend."""
    return make_line([], [], style)


def style_point(style: LabelStyle) -> Line2D:
    """Make a point in an algorithm's style, for a legend."""
    point = style_line(style)
    point.set_linestyle("none")
    return point


def make_line(x: ArrayLike, y: ArrayLike, style: LabelStyle) -> Line2D:
    """Make a line in an algorithm's style."""
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
        With a logarithmic x axis.
    curve : DataFrame
        ``x, centre, low, high``, in the units of the axes.
    style : LabelStyle
    phase : float
        In [0, 1). Shifts the markers, so that those of different algorithms do not overlap.
    left : float
        The left end of the axis.
    """
    x, centre, low, high = (curve[name].to_numpy(np.float64) for name in ("x", "centre", "low", "high"))
    axes.fill_between(x, low, high, step="post", color=style.colour, alpha=0.18, linewidth=0)
    line = make_line(x, centre, style)
    line.set_drawstyle("steps-post")
    line.set_markevery(_marked(x, phase, left))
    axes.add_line(line)


def draw_curves(axes: Axes, curves: pd.DataFrame, styles: Mapping[str, LabelStyle], left: float) -> None:
    """Draw the curve of every algorithm in `curves`, by its column ``label``; see `draw_steps`."""
    for i, (label, style) in enumerate(styles.items()):
        curve = curves[curves["label"] == label]
        if len(curve):
            draw_steps(axes, curve, style, i / len(styles), left)


def draw_exact(axes: Axes, curves: pd.DataFrame, styles: Mapping[str, LabelStyle]) -> None:
    """Draw the exact curves, the column ``exact``, as dotted steps in a darker shade of the algorithm's colour."""
    for label, style in styles.items():
        curve = curves[(curves["label"] == label) & curves["exact"].notna()]
        dark = tuple(EXACT_SHADE * part for part in style.colour)
        axes.step(curve["x"], curve["exact"], where="post", color=dark, linestyle=":", linewidth=1.0, zorder=3)


def _marked(x: Floats, phase: float, left: float) -> list[int]:
    places = np.geomspace(left, x[-1], MARKERS + 1)[:-1] * (x[-1] / left) ** ((0.2 + 0.8 * phase) / MARKERS)
    return sorted({int(place) for place in np.searchsorted(x, places[places >= x[0]]) if place < len(x)})


def time_label(axis: Axis, horizon: float) -> str:
    """Return the label of an x axis of evaluations, or of simulated time up to a horizon [s]."""
    return f"simulated time [{time_unit(horizon)[1]}]" if axis == "seconds" else "completed evaluations"


def time_axis(axes: Axes, axis: Axis, horizon: float, first: float) -> tuple[float, float]:
    """Make the x axis logarithmic in evaluations or simulated time, up to a horizon.

    Parameters
    ----------
    axes : Axes
    axis : {"evaluations", "seconds"}
    horizon, first : float
        The end of the axis, and the start of the first curve: counts or [s].

    Returns
    -------
    length, left : float
        The unit of the axis [s] (1 for counts), and its left end in that unit.
    """
    length = time_unit(horizon)[0] if axis == "seconds" else 1.0
    left = min(max(first, horizon / 3000), horizon / 2)
    axes.set_xscale("log")
    axes.set_xlim(left / length, horizon / length)
    log_ticks(axes.xaxis, left / length, horizon / length, axes_inches(axes))
    return length, left / length


def log_ticks(axis: MatplotlibAxis, low: float, high: float, inches: float) -> None:
    """Label a log axis of a given length [in].

    Decades are labelled, and 2 and 5 if there is room. Labels are plain numbers, or all of them powers of ten.
    """
    moderate = low >= 1e-4 and high < 1e5
    needed = 3 * np.log10(high / low) * TICK_SIZES["plain" if moderate else "power"]
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if needed < inches else (1.0,)))
    axis.set_major_formatter(FuncFormatter(plain if moderate else power))
    axis.set_minor_locator(LogLocator(subs=tuple(range(2, 10)), numticks=99))
    axis.set_minor_formatter(NullFormatter())


def axes_inches(axes: Axes) -> float:
    """Estimate the width of the axes [in]."""
    shape = axes.get_subplotspec()
    columns = shape.get_gridspec().ncols if shape else 1
    return PANEL_SHARE * axes.figure.bbox.width / axes.figure.dpi / columns


def plain(value: float, _: int | None = None) -> str:
    """Format a tick label of moderate size as a plain number."""
    return f"{value:,.6g}"


def power(value: float, _: int | None = None) -> str:
    """Format a tick label as a digit times a power of ten."""
    digit, exponent = f"{value:.0e}".split("e")
    factor = "" if digit == "1" else rf"{digit} \times "
    return f"${factor}10^{{{int(exponent)}}}$"


def shade_floor(axes: Axes, bottom: float, floor: float) -> None:
    """Shade the range below the noise floor."""
    axes.axhspan(bottom, floor, color="0.5", alpha=0.18, linewidth=0, zorder=0)


def name_floor(axes: Axes, floor: float, name: str) -> None:
    """Write a name below the noise floor, at the left edge."""
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
    """Write in an empty panel that there is nothing to draw."""
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, color="0.4")
    axes.set(xticks=[], yticks=[])

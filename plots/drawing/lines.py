"""Shared parts of curves: lines of algorithms, bands, and axes with plain tick labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis as MatplotlibAxis
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator
from numpy.typing import ArrayLike

from plots.drawing.colours import LabelStyle
from results.anytime.curves import Floats

MARKERS = 5
"""The number of markers per curve. Each algorithm has them at different places."""


TICK_SIZES = {"plain": 0.18, "power": 0.4}
"""The length of an axis that a tick label needs, by notation [in]."""

BAND, PALE_BAND, FEW_BANDS = 0.18, 0.1, 4
"""The opacity of bands, and that of more than a few."""

LEAST_SHARE = 1.0
"""The left end of small multiples, as a share of the horizon [%]."""

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
        markersize=2.6 if style.faded else 3.7,
        markeredgewidth=0.4,
        markeredgecolor="white",
        linewidth=0.6 if style.faded else 1.2,
        zorder=1.9 if style.faded else 2,
    )
    if style.dashes:
        line.set_dashes(style.dashes)
    return line


def draw_curve(
    axes: Axes, curve: pd.DataFrame, style: LabelStyle, label: str, *, steps: bool = True, top: float = np.inf,
    alpha: float = BAND,
) -> Line2D:  # fmt: skip
    """Draw the curve of an algorithm, with its band if it is highlighted and has more than one trial.

    Parameters
    ----------
    axes : Axes
    curve : DataFrame
        ``x, centre, low, high``, in the units of the axes.
    style : LabelStyle
    label : str
        The algorithm, by which `plots.drawing.names.name_ends` finds the line.
    steps : bool
        Whether it is a right-continuous step function.
    top : float
        Higher ends of the band are drawn there.
    alpha : float
        Opacity of the band.
    """
    x, centre, low, high = (curve[name].to_numpy(np.float64) for name in ("x", "centre", "low", "high"))
    if not style.faded and np.isfinite(low).any():
        step: Literal["post"] | None = "post" if steps else None
        axes.fill_between(x, low, np.minimum(high, top), step=step, color=style.colour, alpha=alpha, linewidth=0)
    line = make_line(x, centre, style)
    line.set_label(label)
    if steps:
        line.set_drawstyle("steps-post")
    axes.add_line(line)
    return line


def band_alpha(styles: Mapping[str, LabelStyle]) -> float:
    """Return the opacity of bands: lower if many may lie over each other."""
    return BAND if sum(not style.faded for style in styles.values()) <= FEW_BANDS else PALE_BAND


def draw_curves(axes: Axes, curves: pd.DataFrame, styles: Mapping[str, LabelStyle], left: float) -> None:
    """Draw the step function of every algorithm in `curves`, by its column ``label``.

    Parameters
    ----------
    axes : Axes
        With a logarithmic x axis.
    curves : DataFrame
        ``label``, and as for `draw_curve`.
    styles : mapping
    left : float
        The left end of the axis. Markers of different algorithms are at different places.
    """
    for i, (label, style) in enumerate(styles.items()):
        curve = curves[curves["label"] == label]
        if len(curve):
            line = draw_curve(axes, curve, style, label, alpha=band_alpha(styles))
            line.set_markevery(_marked(curve["x"].to_numpy(np.float64), i / len(styles), left))


def draw_exact(axes: Axes, curves: pd.DataFrame, styles: Mapping[str, LabelStyle]) -> None:
    """Draw the exact curves, the column ``exact``, as dotted steps in a darker shade of the algorithm's colour."""
    for label, style in styles.items():
        curve = curves[(curves["label"] == label) & curves["exact"].notna()]
        dark = tuple(EXACT_SHADE * part for part in style.colour)
        axes.step(curve["x"], curve["exact"], where="post", color=dark, linestyle=":", linewidth=1.0, zorder=3)


def _marked(x: Floats, phase: float, left: float) -> list[int]:
    left = min(left, x[-1])
    places = np.geomspace(left, x[-1], MARKERS + 1)[:-1] * (x[-1] / left) ** ((0.2 + 0.8 * phase) / MARKERS)
    return sorted({int(place) for place in np.searchsorted(x, places[places >= x[0]]) if place < len(x)})


def time_axis(axes: Axes, horizon: float, first: float) -> float:
    """Make the x axis logarithmic in time, up to a horizon.

    Parameters
    ----------
    axes : Axes
    horizon, first : float
        The end of the axis, and the start of the first curve, in the unit of the axis.

    Returns
    -------
    float
        The left end of the axis.
    """
    left = min(max(first, horizon / 3000), horizon / 2)
    axes.set_xscale("log")
    axes.set_xlim(left, horizon)
    log_ticks(axes.xaxis, left, horizon, axes_inches(axes))
    return left


def log_ticks(axis: MatplotlibAxis, low: float, high: float, inches: float) -> None:
    """Label a log axis of a given length [in].

    Decades are labelled, and 2 and 5 if there is room, or else there are small ticks. Labels are plain numbers, or
    all of them powers of ten.
    """
    moderate = low >= 1e-4 and high < 1e5
    needed = 3 * np.log10(high / low) * TICK_SIZES["plain" if moderate else "power"]
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if needed < inches else (1.0,), numticks=99))
    axis.set_major_formatter(FuncFormatter(plain if moderate else power))
    axis.set_minor_locator(NullLocator() if needed < inches else LogLocator(subs=tuple(range(2, 10)), numticks=99))
    axis.set_minor_formatter(NullFormatter())


def axes_inches(axes: Axes) -> float:
    """Return the width of the axes [in], as far as it is known before the layout."""
    return float(axes.bbox.width / axes.figure.dpi)


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


def name_floor(axes: Axes, floor: float, name: str, *, above: bool) -> None:
    """Write a name below or above the edge of the noise floor, at the left."""
    axes.annotate(
        name,
        (0, floor),
        xycoords=("axes fraction", "data"),
        xytext=(3, 1.5 if above else -2),
        textcoords="offset points",
        va="bottom" if above else "top",
        size=5.5,
        color="0.35",
    )


def multiple_axes(axes: Axes, y: tuple[float, float], left: float = LEAST_SHARE, *, log: bool = False) -> float:
    """Give a small multiple the axes of all: the share of the horizon [%] and a range. Return the left end."""
    axes.set(xscale="log", xlim=(left, 100), ylim=y)
    log_ticks(axes.xaxis, left, 100, axes_inches(axes))
    if log:
        axes.set_yscale("log", nonpositive="clip")
        axes.set_ylim(*y)
        log_ticks(axes.yaxis, *y, 0.5)
    return left


def no_curve(axes: Axes, text: str = "no curve yet") -> None:
    """Write in an empty panel that there is nothing to draw."""
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, color="0.4")
    axes.set(xticks=[], yticks=[])

"""The figures of the study ``saturation``: which benchmarks still tell algorithms apart, and which are alike."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from plots.drawing.frame import Caption, Panel, message_figure, panel_figure
from plots.drawing.lines import log_ticks
from plots.drawing.style import TICK_LABEL_SIZE, literal, wrap

NAMES_WIDTH = 1.9
"""Width of the benchmarks' names beside the first panel [in]."""
ROW_HEIGHT = 0.17
"""Height of a benchmark's row [in]."""
MOST_WRITTEN = 16
"""With more benchmarks than this, the correlations are drawn without their numbers."""
DARK = 0.75
"""Numbers of stronger correlations are white."""
BLUE, ORANGE = "#0173b2", "#de8f05"


def saturation_figures(tables: Mapping[str, pd.DataFrame]) -> dict[str, Figure]:
    """Draw both tables of the study, see `results.analyses.saturation.saturation`."""
    figures = {"saturation": _saturation_figure(tables["saturation"])}
    if len(tables["correlations"]):
        figures["correlations"] = _correlations_figure(tables["correlations"])
    return figures


def _names(table: pd.DataFrame, side: str = "") -> pd.Series[str]:
    """Return the benchmarks' names, with the study's if there are several."""
    benchmark = table[f"benchmark{side}"].astype(str)
    several = table.filter(regex="^study").stack().nunique() > 1
    return table[f"study{side}"] + ": " + benchmark if several else benchmark


def _saturation_figure(table: pd.DataFrame) -> Figure:
    rows = table.assign(name=_names(table))
    panels = [
        Panel("Trials that end at the noise floor", "share", "", partial(_draw_shares, rows)),
        Panel("Trials to separate the two leaders", "trials", "", partial(_draw_needed, rows)),
    ]
    legend = {
        "all trials": lambda: Patch(color="0.75"),
        "leader's trials": lambda: _mark("D", ORANGE),
        "trials needed, 95 % interval": lambda: _mark("o", BLUE),
        "trials of this comparison": lambda: Line2D([], [], linestyle="none", marker="|", color="0.2", markersize=7),
    }
    short = (
        "Left: share of trials whose end regret is at most the noise floor. Right: trials after which a paired"
        " two-sided t-test at level 0.05 separates the two algorithms with the lowest areas with probability 0.8. An"
        " arrow means that the interval of their difference includes 0, so that no number of trials may be enough."
    )
    height = 0.55 + ROW_HEIGHT * len(rows)
    return panel_figure(
        panels, legend, Caption(short, short), panel_height=height, handle_length=1.0, tick_width=NAMES_WIDTH
    )


def _mark(marker: str, colour: str) -> Line2D:
    return Line2D([], [], linestyle="none", marker=marker, color=colour, markersize=4.5)


def _rows(axes: Axes, rows: pd.DataFrame, *, named: bool) -> None:
    lines = ["\n".join(wrap(name, TICK_LABEL_SIZE, NAMES_WIDTH)) for name in rows["name"]] if named else []
    axes.set_yticks(np.arange(len(rows)), lines or [""] * len(rows))
    literal(axes.get_yticklabels())
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    spaces = rows["space"].to_numpy()
    for place in np.flatnonzero(spaces[1:] != spaces[:-1]):
        axes.axhline(place + 0.5, color="0.6", linewidth=0.6, linestyle=":")


def _draw_shares(rows: pd.DataFrame, axes: Axes) -> None:
    places = np.arange(len(rows))
    axes.barh(places, rows["at_floor"].to_numpy(np.float64), height=0.6, color="0.75")
    axes.plot(rows["leader_at_floor"].to_numpy(np.float64), places, "D", color=ORANGE, markersize=4, clip_on=False)
    axes.set_xlim(0, 1)
    _rows(axes, rows, named=True)


def _draw_needed(rows: pd.DataFrame, axes: Axes) -> None:
    needed = rows[["fewest_needed", "trials_needed", "most_needed", "trials"]].to_numpy(np.float64)
    finite = needed[np.isfinite(needed) & (needed > 0)]
    low, high = (finite.min() / 1.5, finite.max() * 2) if len(finite) else (1.0, 1000.0)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    log_ticks(axes.xaxis, low, high, 1.6)
    for place, (fewest, centre, most, trials) in enumerate(needed):
        if np.isfinite(fewest):
            axes.plot([fewest, min(most, high)], [place, place], color=BLUE, linewidth=1)
        if np.isinf(most):
            axes.plot(high, place, ">", color=BLUE, markersize=3.5, clip_on=False)
        if np.isfinite(centre):
            axes.plot(centre, place, "o", color=BLUE, markersize=4.5)
        if trials:
            axes.plot(trials, place, "|", color="0.2", markersize=7)
    _rows(axes, rows, named=False)


def _correlations_figure(table: pd.DataFrame) -> Figure:
    first, second = _names(table, "_a"), _names(table, "_b")
    names = list(dict.fromkeys([*first, *second]))
    matrix = pd.DataFrame(np.nan, names, names)
    for a, b, value in zip(first, second, table["correlation"], strict=True):
        matrix.loc[b, a] = value
    if matrix.isna().all(axis=None):
        return message_figure("no two benchmarks have three common algorithms, so no orders are correlated")
    shown = matrix.iloc[:, :-1]
    short = (
        "Spearman's rank correlation of the algorithms' mean areas under log regret between benchmarks, over their"
        f" {_range(table['algorithms'])} common algorithms. Columns are benchmarks by their numbers."
    )
    height = 0.4 + ROW_HEIGHT * len(shown)
    panel = Panel("", "", "", partial(_draw_correlations, shown))
    return panel_figure([panel], {}, Caption(short, short), panel_height=height, tick_width=NAMES_WIDTH)


def _range(numbers: pd.Series[int]) -> str:
    low, high = int(numbers.min()), int(numbers.max())
    return str(low) if low == high else f"{low} to {high}"


def _number(value: float) -> str:
    """Write a correlation without the digit before the point, such as ``.8`` or ``-.25``."""
    return f"{round(value, 2) + 0.0:.2g}".replace("0.", ".")


def _draw_correlations(shown: pd.DataFrame, axes: Axes) -> None:
    values = shown.to_numpy(np.float64)
    axes.imshow(np.ma.masked_invalid(values), cmap="RdBu", vmin=-1.3, vmax=1.3, aspect="auto")
    if len(shown) < MOST_WRITTEN:
        for (row, column), value in np.ndenumerate(values):
            if np.isfinite(value):
                colour = "white" if abs(value) > DARK else "0.1"
                axes.text(column, row, _number(value), ha="center", va="center", size=5.5, color=colour)
    axes.set_xticks(range(shown.shape[1]), [str(number) for number in range(1, shown.shape[1] + 1)])
    names = [wrap(f"{name} ({number})", TICK_LABEL_SIZE, NAMES_WIDTH) for number, name in enumerate(shown.index, 1)]
    axes.set_yticks(range(len(names)), ["\n".join(lines) for lines in names])
    literal(axes.get_yticklabels())
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)

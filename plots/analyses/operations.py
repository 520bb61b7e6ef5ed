"""The figures of the study ``operations``: scores near the best, effects of operations, and their occurrences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from plots.drawing.colours import LabelStyle
from plots.drawing.frame import Caption, Panel, panel_figure
from plots.drawing.lines import log_ticks, make_line, style_line
from plots.drawing.style import TICK_LABEL_SIZE, TITLE_SIZE, literal, text_width, wrap

BLUE, ORANGE = "#0173b2", "#de8f05"
NAMES_WIDTH = 0.9
"""Width of the names of operations beside a panel [in]."""
LONGEST_NAME = 1.5
"""Largest width of an operation's name [in]. Longer names are wrapped."""
MANY, SMALL = 12, 5.5
"""With more operations than this, their names have this size [pt]."""
TITLE_WIDTHS = {1: 3.5, 2: 2.0, 3: 1.26, 4: 2.0}
"""Widths of the titles of panels with names of operations beside them, by the number of panels, at most 4 [in]."""
MOST_COLUMNS = 3
MOST_PANELS = 12
"""The largest number of benchmarks in a figure with a panel for each. Tables have all of them."""
MOST_TOGETHER = 8
"""With more benchmarks than this, each space has panels of its own."""
ROW_HEIGHT = 0.15
"""Height of an operation's row [in]."""
CELL_HEIGHT = 0.17
"""Height of a row of a heat map [in]."""
MOST_WRITTEN = 8
"""With more positions than this, differences are drawn without their numbers."""
MOST_LEVEL = 6
"""With more positions than this, or with long names, the names of positions are vertical."""
LONGEST_LEVEL = 5
DARK = 0.8
"""Numbers of differences above this share of the largest one are white."""
FEW = 30
"""Means over fewer architectures than this are drawn as open markers."""
ALPHA = 0.01
DISTANCES = {
    "points": "distance to the best [points]",
    "way": "distance to the best [way from median]",
}
CHANGES = {"points": "change [points]", "way": "change [way from median]"}
SCORES = {"points": "mean accuracy [%]", "way": "mean score [way from median]"}
_MARKERS, _DASHES = "os^Dv<>p*", ((), (4, 1.5), (1.5, 1.2), (5, 1.5, 1.2, 1.5))


def operations_figures(tables: Mapping[str, pd.DataFrame]) -> dict[str, Figure]:
    """Draw the tables of the study, see `benchmarks.analyses.operations.operations`."""
    distribution = tables["distribution"].set_index("benchmark")
    units = dict(zip(distribution.index.astype(str), distribution["unit"].astype(str), strict=True))
    pooled = tables["smallest_sets"]["benchmark"].unique()
    names = (pooled if len(pooled) else distribution.index)[:MOST_PANELS]
    chosen = {name: rows[rows["benchmark"].isin(names)] for name, rows in tables.items()}
    left = len(distribution) - len(names)
    figures = {
        "within": _within_figure(tables["within"], distribution),
        "operations": _effects_figure(chosen["operations"], units, left),
    }
    if len(pooled):
        figures["occurrences"] = _occurrences_figure(chosen["occurrences"], units, left)
        figures["positions"] = _positions_figure(chosen["positions"], units, left)
    return figures


def _styles(names: Sequence[str]) -> dict[str, LabelStyle]:
    palette = seaborn.color_palette("colorblind")
    return {
        name: LabelStyle(palette[i % len(palette)], _MARKERS[i % len(_MARKERS)], _DASHES[i % len(_DASHES)])
        for i, name in enumerate(dict.fromkeys(names))
    }


def _title(name: str, n_panels: int) -> str:
    """Allow a line break at the first hyphen of a benchmark's name that is too long for one line."""
    fits = text_width(name, TITLE_SIZE) <= TITLE_WIDTHS.get(n_panels, TITLE_WIDTHS[MOST_COLUMNS])
    return name if fits else "- ".join(name.split("-", 1))


def _caption(text: str, rows: pd.DataFrame, intervals: str, left: int = 0) -> Caption:
    """Add the sentence on intervals if the rows have any, and the number of benchmarks that are left out."""
    if rows.filter(regex="low$").notna().any(axis=None):
        text += f" {intervals}: 95 % intervals of a sample."
    if left:
        text += f" Without {left} of the benchmarks: their numbers are in the tables."
    return Caption(text, text)


def _name_rows(axes: Axes, names: Sequence[str]) -> None:
    size = SMALL if len(names) > MANY else TICK_LABEL_SIZE
    lines = ["\n".join(wrap(name, size, LONGEST_NAME)) for name in names]
    axes.set_yticks(np.arange(len(names)), lines, size=size)
    literal(axes.get_yticklabels())


def _within_figure(within: pd.DataFrame, distribution: pd.DataFrame) -> Figure:
    styles, panels = _styles(list(distribution.index)), []
    groups = [("", distribution)] if len(distribution) <= MOST_TOGETHER else distribution.groupby("space", sort=False)
    for space, members in groups:
        for unit, label in DISTANCES.items():
            rows = within[within["benchmark"].isin(members.index) & (within["unit"] == unit)]
            if len(rows):
                panels.append(Panel(str(space), label, "share of architectures", partial(_draw_within, rows, styles)))
    caption = (
        "Share of the architectures whose score is within a distance of the best one. A curve further left and higher"
        " belongs to a benchmark on which more architectures are nearly as good as the best. Distances are in points"
        " of accuracy, or in shares of the way from the median architecture to the best one."
    )
    legend = {name: partial(style_line, style) for name, style in styles.items()}
    return panel_figure(panels, legend, _caption(caption, within, "Bands"))


def _draw_within(rows: pd.DataFrame, styles: Mapping[str, LabelStyle], axes: Axes) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    for name, one in rows.groupby("benchmark", sort=False):
        seen = one[one["share"] > 0]
        axes.add_line(make_line(seen["distance"], seen["share"], styles[str(name)]))
        if one["low"].notna().any():
            axes.fill_between(one["distance"], one["low"], one["high"], color=styles[str(name)].colour, alpha=0.2, lw=0)
    least = float(rows.loc[rows["share"] > 0, "share"].min())
    low, high = float(rows["distance"].min()), float(rows["distance"].max())
    axes.set_xlim(low, high)
    axes.set_ylim(max(least / 1.5, 1e-6), 1.2)
    log_ticks(axes.xaxis, low, high, 1.5)
    log_ticks(axes.yaxis, max(least / 1.5, 1e-6), 1.2, 1.5)


def _effects_figure(operations: pd.DataFrame, units: Mapping[str, str], left: int) -> Figure:
    panels, most, n = [], 0, operations["benchmark"].nunique()
    for name, rows in operations.groupby("benchmark", sort=False):
        most = max(most, len(rows))
        label = CHANGES[units[str(name)]]
        panels.append(Panel(_title(str(name), n), label, "", partial(_draw_effects, rows)))
    caption = (
        "Circles: mean change of the score where one position has this operation instead of another one; open where"
        " chance could have made it. Diamonds: change of the best score if no position may have the operation."
    )
    legend = {
        "effect on the mean score": lambda: _mark("o", BLUE),
        "best score without it": lambda: _mark("D", ORANGE),
    }
    height = 0.55 + ROW_HEIGHT * most
    wide = NAMES_WIDTH * min(n, MOST_COLUMNS)
    return panel_figure(
        panels,
        legend,
        _caption(caption, operations, "Bars", left),
        panel_height=height,
        handle_length=1.0,
        tick_width=wide,
    )


def _mark(marker: str, colour: str) -> Line2D:
    return Line2D([], [], linestyle="none", marker=marker, color=colour, markersize=4.5)


def _draw_effects(rows: pd.DataFrame, axes: Axes) -> None:
    places = np.arange(len(rows))
    effects, sure = rows["effect"].to_numpy(np.float64), rows["chance"].to_numpy(np.float64) < ALPHA
    axes.axvline(0, color="0.4", linewidth=0.6)
    axes.hlines(places, rows["effect_low"], rows["effect_high"], color=BLUE, linewidth=1)
    axes.plot(-np.maximum(rows["gap_without"].to_numpy(np.float64), 0.0), places, "D", color=ORANGE, markersize=3.5)
    axes.plot(effects[sure], places[sure], "o", color=BLUE, markersize=4)
    axes.plot(effects[~sure], places[~sure], "o", markeredgecolor=BLUE, markerfacecolor="white", markersize=4)
    _name_rows(axes, list(rows["operation"]))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(4))


def _occurrences_figure(occurrences: pd.DataFrame, units: Mapping[str, str], left: int) -> Figure:
    styles, panels = _styles(list(occurrences["operation"])), []
    for name, rows in occurrences.groupby("benchmark", sort=False):
        label = SCORES[units[str(name)]]
        panels.append(Panel(str(name), "occurrences in an architecture", label, partial(_draw_counts, rows, styles)))
    caption = (
        "Mean score of the architectures that have an operation a number of times. Open markers: fewer than"
        f" {FEW} architectures. An operation that occurs often leaves fewer positions"
        " to the others, so the curves are not independent."
    )
    legend = {name: partial(style_line, style) for name, style in styles.items()}
    return panel_figure(panels, legend, _caption(caption, occurrences, "Bars", left))


def _draw_counts(rows: pd.DataFrame, styles: Mapping[str, LabelStyle], axes: Axes) -> None:
    for name, one in rows.groupby("operation", sort=False):
        style = styles[str(name)]
        axes.plot(one["occurrences"], one["mean"], color=style.colour, linewidth=1, dashes=style.dashes or (None, None))
        for part, face in ((one["architectures"] >= FEW, style.colour), (one["architectures"] < FEW, "white")):
            seen = one[part]
            axes.plot(
                seen["occurrences"],
                seen["mean"],
                style.marker,
                color=style.colour,
                markerfacecolor=face,
                markersize=3.5,
            )
        axes.vlines(one["occurrences"], one["low"], one["high"], color=style.colour, linewidth=0.8)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))


def _positions_figure(positions: pd.DataFrame, units: Mapping[str, str], left: int) -> Figure:
    panels, most, n = [], 0, positions["benchmark"].nunique()
    for name, rows in positions.groupby("benchmark", sort=False):
        table = rows.pivot(index="operation", columns="position", values="difference")
        table = table.loc[rows["operation"].unique(), rows["position"].unique()]
        most = max(most, len(table))
        unit = "points" if units[str(name)] == "points" else "way from median"
        panels.append(Panel(f"{_title(str(name), n)} [{unit}]", "position", "", partial(_draw_positions, table)))
    caption = (
        "Mean score of the architectures with an operation at a position, minus that of the architectures with another"
        " operation there. Each panel has its own colours, from the largest loss (red) to the largest gain (blue)."
    )
    height = 0.95 + CELL_HEIGHT * most
    wide = NAMES_WIDTH * min(n, MOST_COLUMNS)
    return panel_figure(
        panels, {}, _caption(caption, positions[["benchmark"]], "", left), panel_height=height, tick_width=wide
    )


def _draw_positions(table: pd.DataFrame, axes: Axes) -> None:
    values = table.to_numpy(np.float64)
    largest = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 1.0
    axes.imshow(values, cmap="RdBu", vmin=-1.3 * largest, vmax=1.3 * largest, aspect="auto")
    upright = len(table.columns) > MOST_LEVEL or max(map(len, table.columns)) > LONGEST_LEVEL
    axes.set_xticks(np.arange(values.shape[1]), list(table.columns), rotation=90 if upright else 0)
    literal(axes.get_xticklabels())
    _name_rows(axes, list(table.index))
    axes.tick_params(length=0)
    axes.grid(visible=False)
    if values.shape[1] > MOST_WRITTEN:
        return
    digits = 1 if largest >= 1 else 2
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            colour = "white" if abs(value) > DARK * largest else "0.15"
            axes.text(column, row, f"{value:.{digits}f}", ha="center", va="center", size=5, color=colour)

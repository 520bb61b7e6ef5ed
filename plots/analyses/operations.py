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

from plots.drawing.frame import Caption, Panel, panel_figure
from plots.drawing.lines import log_ticks, make_line, style_line
from plots.drawing.style import TICK_LABEL_SIZE, LabelStyle, literal, wrap

BLUE, ORANGE = "#0173b2", "#de8f05"
NAMES_WIDTH = 1.0
"""Largest width of an operation's name [in]. Longer names are wrapped."""
ROW_HEIGHT = 0.15
"""Height of an operation's row [in]."""
FEW = 30
"""Means over fewer architectures than this are drawn as open markers."""
ALPHA = 0.05
DISTANCES = {
    "points": "distance to the best [points]",
    "way": "distance to the best [way from median]",
}
CHANGES = {"points": "change of the score [points]", "way": "change of the score [way from median]"}
SCORES = {"points": "mean accuracy [%]", "way": "mean score [way from median]"}
_MARKERS, _DASHES = "os^Dv<>p*", ((), (4, 1.5), (1.5, 1.2), (5, 1.5, 1.2, 1.5))


def operations_figures(tables: Mapping[str, pd.DataFrame]) -> dict[str, Figure]:
    """Draw the tables of the study, see `benchmarks.analyses.operations.operations`."""
    distribution = tables["distribution"].set_index("benchmark")
    figures = {
        "within": _within_figure(tables["within"], distribution),
        "operations": _effects_figure(tables["operations"], distribution),
    }
    pooled = tables["occurrences"][tables["occurrences"]["benchmark"].isin(_pooled(tables))]
    if len(pooled):
        figures["occurrences"] = _occurrences_figure(pooled, distribution)
    return figures


def _pooled(tables: Mapping[str, pd.DataFrame]) -> set[str]:
    """Return the benchmarks whose operations can occur several times."""
    sets = tables["smallest_sets"]
    return set(sets["benchmark"]) if len(sets) else set()


def _styles(names: Sequence[str]) -> dict[str, LabelStyle]:
    palette = seaborn.color_palette("colorblind")
    return {
        name: LabelStyle(palette[i % len(palette)], _MARKERS[i % len(_MARKERS)], _DASHES[i % len(_DASHES)])
        for i, name in enumerate(dict.fromkeys(names))
    }


def _within_figure(within: pd.DataFrame, distribution: pd.DataFrame) -> Figure:
    panels = []
    styles = _styles(list(distribution.index))
    for space, members in distribution.groupby("space", sort=False):
        for unit, label in DISTANCES.items():
            rows = within[within["benchmark"].isin(members.index) & (within["unit"] == unit)]
            if len(rows):
                panels.append(Panel(str(space), label, "share of architectures", partial(_draw_within, rows, styles)))
    caption = (
        "Share of the architectures whose score is within a distance of the best one. A curve further left and higher"
        " belongs to a benchmark on which more architectures are nearly as good as the best. Distances are in points"
        " of accuracy, or in shares of the way from the median architecture to the best one. Bands, where drawn: 95 %"
        " intervals of a sample."
    )
    legend = {name: partial(style_line, style) for name, style in styles.items()}
    return panel_figure(panels, legend, Caption(caption, caption))


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


def _effects_figure(operations: pd.DataFrame, distribution: pd.DataFrame) -> Figure:
    panels, most = [], 0
    for name, rows in operations.groupby("benchmark", sort=False):
        most = max(most, len(rows))
        label = CHANGES[str(distribution.loc[name, "unit"])]
        panels.append(Panel(str(name), label, "", partial(_draw_effects, rows)))
    caption = (
        "Circles: mean change of the score where one position has this operation instead of another one; open where"
        " chance could have made it. Diamonds: change of the best score if no position may have the operation. Bars: 95"
        " % intervals of a sample."
    )
    legend = {
        "effect on the mean score": lambda: _mark("o", BLUE),
        "best score without it": lambda: _mark("D", ORANGE),
    }
    height = 0.55 + ROW_HEIGHT * most
    return panel_figure(panels, legend, Caption(caption, caption), panel_height=height, handle_length=1.0)


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
    axes.set_yticks(places, ["\n".join(wrap(name, TICK_LABEL_SIZE, NAMES_WIDTH)) for name in rows["operation"]])
    literal(axes.get_yticklabels())
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(4))


def _occurrences_figure(occurrences: pd.DataFrame, distribution: pd.DataFrame) -> Figure:
    styles, panels = _styles(list(occurrences["operation"])), []
    for name, rows in occurrences.groupby("benchmark", sort=False):
        label = SCORES[str(distribution.loc[name, "unit"])]
        panels.append(Panel(str(name), "occurrences in an architecture", label, partial(_draw_counts, rows, styles)))
    caption = (
        "Mean score of the architectures that have an operation a number of times. Open markers: fewer than"
        f" {FEW} architectures. Bars: 95 % intervals of a sample. An operation that occurs often leaves fewer positions"
        " to the others, so the curves are not independent."
    )
    legend = {name: partial(style_line, style) for name, style in styles.items()}
    return panel_figure(panels, legend, Caption(caption, caption))


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

"""The figure of the study ``landscape``: climbs, local optima, correlations and noise of each benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from plots.drawing.frame import Caption, Panel, panel_figure
from plots.drawing.lines import log_ticks
from plots.drawing.style import TICK_LABEL_SIZE, literal, wrap

NAMES_WIDTH = 1.75
"""Width of the benchmarks' names beside the first panel of a row [in]."""
ROW_HEIGHT = 0.17
"""Height of a benchmark's row [in]."""
BLUE, ORANGE, GREEN = "#0173b2", "#de8f05", "#029e73"
Marks = Sequence[tuple[str, str, str]]
"""Columns of a table, each with marker and colour."""
CLIMBS: Marks = (
    ("reach_best", "o", BLUE),
    ("reach_first", "D", ORANGE),
    ("near_best", "|", BLUE),
    ("near_first", "|", ORANGE),
)
OPTIMA: Marks = (("local_optima", "o", BLUE), ("local_optima_one_run", "x", "0.35"))
CORRELATIONS: Marks = (("rank_autocorrelation", "s", GREEN), ("rank_fitness_distance", "^", "0.35"))
NOISE: Marks = (("noise_to_spread", "o", "0.35"),)


def landscape_figures(tables: Mapping[str, pd.DataFrame]) -> dict[str, Figure]:
    """Draw the first table of the study, see `benchmarks.analyses.landscape.landscape`."""
    table = tables["landscape"]
    panels = [
        Panel("Climbs that end at the optimum", "share", "", partial(_draw, table, CLIMBS, log=False, named=True)),
        Panel("Local optima", "share of the architectures", "", partial(_draw, table, OPTIMA, log=True, named=False)),
        Panel("Correlations", "correlation", "", partial(_draw, table, CORRELATIONS, log=False, named=True)),
        Panel("Noise to spread of the best 1 %", "ratio", "", partial(_draw, table, NOISE, log=True, named=False)),
    ]
    legend = {
        "best improvement": partial(_mark, "o", BLUE),
        "first improvement": partial(_mark, "D", ORANGE),
        "within the noise floor": partial(_mark, "|", "0.2"),
        "errors of one run": partial(_mark, "x", "0.35"),
        "autocorrelation of a random walk": partial(_mark, "s", GREEN),
        "fitness-distance correlation": partial(_mark, "^", "0.35"),
    }
    sampled = "" if table["exact"].all() else " Lines are 95 % intervals of numbers from samples; the others are exact."
    short = (
        "Climbs begin at random architectures and move to better neighbours until there are none. Correlations are of"
        " ranks: of the errors of the first two architectures of a random walk, and of the error with the number"
        " of edits to the optimum. Noise is the standard deviation of one run, and spread that of the mean"
        f" errors.{sampled}"
    )
    height = 0.5 + ROW_HEIGHT * len(table)
    caption = Caption(short, short)
    figure = panel_figure(panels, legend, caption, panel_height=height, handle_length=1.0, tick_width=NAMES_WIDTH)
    return {"landscape": figure}


def _mark(marker: str, colour: str) -> Line2D:
    return Line2D([], [], linestyle="none", marker=marker, color=colour, markersize=4.5)


def _draw(table: pd.DataFrame, marks: Marks, axes: Axes, *, log: bool, named: bool) -> None:
    places = np.arange(len(table))
    values = table[[column for column, *_ in marks]].to_numpy(np.float64)
    known = values[np.isfinite(values) & ((values > 0) | (not log))]
    if log:
        low, high = (known.min() / 2, known.max() * 2) if len(known) else (0.1, 10.0)
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        log_ticks(axes.xaxis, low, high, 1.6)
    else:
        axes.set_xlim(min(0.0, known.min() - 0.05) if len(known) else 0.0, 1.0)
    for column, marker, colour in marks:
        if f"{column}_low" in table:
            low, high = (table[f"{column}_{end}"].to_numpy(np.float64) for end in ("low", "high"))
            axes.hlines(places, np.maximum(low, axes.get_xlim()[0]), high, color=colour, linewidth=1)
        shown = np.where(table[column] > 0, table[column], np.nan) if log else table[column].to_numpy(np.float64)
        size = 7 if marker == "|" else 4
        axes.plot(shown, places, marker, color=colour, markersize=size, clip_on=False, zorder=3)
    lines = ["\n".join(wrap(str(name), TICK_LABEL_SIZE, NAMES_WIDTH)) for name in table["benchmark"]]
    axes.set_yticks(places, lines if named else [""] * len(table))
    literal(axes.get_yticklabels())
    axes.set_ylim(len(table) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    spaces = table["space"].to_numpy()
    for place in np.flatnonzero(spaces[1:] != spaces[:-1]):
        axes.axhline(place + 0.5, color="0.6", linewidth=0.6, linestyle=":")

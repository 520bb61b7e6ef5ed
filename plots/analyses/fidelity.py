"""The figure of the study ``fidelity``: what cheap training says about the final error, and what it can save."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from plots.drawing.frame import Caption, Panel, panel_figure
from plots.drawing.lines import log_ticks

MEAN, RUN = "mean", "one run"
MARKERS = "osD^v<>pP*"
Looks = dict[str, tuple[tuple[float, float, float], str]]
"""Colour and marker by benchmark."""


def fidelity_figures(tables: Mapping[str, pd.DataFrame]) -> dict[str, Figure]:
    """Draw the tables of the study, see `benchmarks.analyses.fidelity.fidelity`."""
    table, savings = tables["fidelity"], tables["savings"]
    names = list(dict.fromkeys(table["benchmark"]))
    palette = seaborn.color_palette("colorblind" if len(names) <= 10 else "husl", len(names))
    looks: Looks = {name: (palette[i], MARKERS[i % len(MARKERS)]) for i, name in enumerate(names)}
    x = "cost, share of complete training"
    panels = [
        Panel(
            "All architectures",
            x,
            "rank correlation with the final error",
            partial(_draw_correlation, table, looks, "spearman"),
        ),
        Panel(
            "Best 10 % by the fidelity",
            x,
            "rank correlation with the final error",
            partial(_draw_correlation, table, looks, "spearman_top_10"),
        ),
        Panel("Regret at equal cost", x, "relative to complete training", partial(_draw_regret, table, looks)),
        Panel("What a perfect method saves", x, "times as cheap", partial(_draw_savings, table, savings, looks)),
    ]
    legend: dict[str, Callable[[], Line2D]] = {name: partial(_handle, *look, "-") for name, look in looks.items()}
    legend["one run instead of the mean"] = lambda: _handle((0.3, 0.3, 0.3), "", ":")
    legend["limit by cost alone"] = lambda: _handle((0.3, 0.3, 0.3), "", "--")
    nothing = " A regret of 0 is not drawn." if (table["regret_at_equal_cost"] <= 0).any() else ""
    short = (
        "Top: Spearman's rank correlation. Dotted, with open marks: one run, compared with the mean of the other runs."
        " Bottom left: expected final regret of the architecture that looks best at a fidelity, among as many random"
        f" ones as the cost of 100 complete trainings allows.{nothing} Bottom right: factor by which a method that"
        " knows the best of 100 random architectures in advance, and drops the others when they look worse, is cheaper;"
        " the mark at the right end is for dropping at every fidelity."
    )
    return {"fidelity": panel_figure(panels, legend, Caption(short, short), panel_height=1.75)}


def _handle(colour: tuple[float, float, float], marker: str, dashes: Literal["-", ":", "--"]) -> Line2D:
    return Line2D([], [], color=colour, marker=marker or None, linestyle=dashes, markersize=4)


def _cost_axis(axes: Axes, table: pd.DataFrame) -> None:
    low = max(float(table["cost"].min()) / 1.25, 1e-4)
    axes.set_xscale("log")
    axes.set_xlim(low, 1.25)
    log_ticks(axes.xaxis, low, 1.25, 2.3)


def _draw_correlation(table: pd.DataFrame, looks: Looks, measure: str, axes: Axes) -> None:
    _cost_axis(axes, table)
    for name, (colour, marker) in looks.items():
        for signal, dashes, face in ((MEAN, "-", colour), (RUN, ":", "white")):
            rows = table[(table["benchmark"] == name) & (table["signal"] == signal)]
            rows = rows[(rows["signal"] == RUN) | (rows["cost"] < 1)]
            if rows[measure].notna().any():
                axes.plot(rows["cost"], rows[measure], dashes, marker=marker, color=colour, markersize=3.5, mfc=face)
            if rows[f"{measure}_low"].notna().any():
                low, high = (rows[f"{measure}_{end}"].to_numpy(np.float64) for end in ("low", "high"))
                axes.fill_between(rows["cost"], low, high, color=colour, alpha=0.18, linewidth=0)
    axes.set_ylim(np.nanmin([0.0, float(table[measure].min()) - 0.05]), 1.03)


def _draw_regret(table: pd.DataFrame, looks: Looks, axes: Axes) -> None:
    _cost_axis(axes, table)
    axes.axhline(1, color="0.4", linewidth=0.8)
    seen = [1.0]
    for name, (colour, marker) in looks.items():
        rows = table[(table["benchmark"] == name) & (table["signal"] == MEAN)]
        ratios = rows["regret_at_equal_cost"] / (rows["regret_at_equal_cost"].iloc[-1] or np.nan)
        ratios = ratios.where(ratios > 0)
        if ratios.notna().any():  # a line without any point confuses the layout
            axes.plot(rows["cost"], ratios, "-", marker=marker, color=colour, markersize=3.5)
            seen += ratios.dropna().tolist()
    low, high = min(seen) / 1.3, max(seen) * 1.3
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    log_ticks(axes.yaxis, low, high, 1.4)


def _draw_savings(table: pd.DataFrame, savings: pd.DataFrame, looks: Looks, axes: Axes) -> None:
    _cost_axis(axes, table)
    for name, (colour, marker) in looks.items():
        costs = table[(table["benchmark"] == name) & (table["signal"] == MEAN)].set_index("fidelity")["cost"]
        rows = savings[savings["benchmark"] == name]
        single, every = rows[rows["fidelity"] != "all"], rows[rows["fidelity"] == "all"]
        x = costs[single["fidelity"].astype(float)].to_numpy()
        axes.plot(x, single["most"], "--", color=colour, linewidth=0.8)
        axes.plot(x, single["saving"], "-", marker=marker, color=colour, markersize=3.5)
        if len(every):
            axes.plot([1], every["saving"], marker, color=colour, markersize=4.5, clip_on=False)
    low, high = 0.9 * float(savings["saving"].min()), 1.2 * float(savings["most"].max())
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    log_ticks(axes.yaxis, low, high, 1.4)

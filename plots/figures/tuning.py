"""The figure of a tuning: what it gained on benchmarks that it had not seen, and which hyperparameters matter."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from plots.drawing.frame import Caption, Panel, panel_figure
from plots.drawing.style import TICK_LABEL_SIZE, literal, wrap

MOST_BARS = 8
"""The largest number of hyperparameters and pairs in a panel."""
NAMES_WIDTH = 1.7
"""Width of the names beside a panel [in]."""
BLUE, ORANGE = "#0173b2", "#de8f05"


def tuning_figure(gains: pd.DataFrame, importance: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Draw the lead of the tuned setting over the default, and the importance of hyperparameters.

    Parameters
    ----------
    gains : DataFrame
        ``algorithm, benchmark, gain, low, high, oracle_gain, trials`` [dex]. The oracle may be NaN.
    importance : DataFrame
        ``algorithm, effect, share, method``.

    Returns
    -------
    figure : Figure
    data : DataFrame
        The numbers behind the figure.
    """
    algorithms = list(dict.fromkeys(gains["algorithm"]))
    panels = []
    for label in algorithms:
        own = gains[gains["algorithm"] == label]
        shares = importance[importance["algorithm"] == label].head(MOST_BARS)
        many = f"{label}: " if len(algorithms) > 1 else ""
        panels.append(Panel(f"{many}lead over the default", "lead [dex]", "", partial(_draw_gains, own)))
        panels.append(Panel(f"{many}importance", "share of the variance", "", partial(_draw_shares, shares)))
    legend: dict[str, Callable[[], Artist]] = {"tuned": partial(_mark, "o", BLUE)}
    if gains["oracle_gain"].notna().any():
        legend["best on the benchmarks themselves (oracle)"] = partial(_mark, "D", ORANGE)
    rows = max(gains.groupby("algorithm").size().max(), min(MOST_BARS, importance.groupby("algorithm").size().max()))
    figure = panel_figure(
        panels, legend, _caption(gains, importance), panel_height=0.7 + 0.24 * int(rows), handle_length=1.0,
        tick_width=NAMES_WIDTH,
    )  # fmt: skip
    data = pd.concat([gains.assign(part="gain"), importance.assign(part="importance")], ignore_index=True)
    return figure, data


def _caption(gains: pd.DataFrame, importance: pd.DataFrame) -> Caption:
    trials = " or ".join(map(str, sorted(set(gains["trials"]))))
    method = {"exact": "exact on the whole grid", "forest": "of a random forest"}
    methods = " and ".join(method[one] for one in dict.fromkeys(importance["method"]))
    short = (
        "Lead of the tuned setting over the default on benchmarks that the tuning had not seen, with 95 % intervals."
        " Right of 0 is better."
    )
    return Caption(
        short,
        f"{short} The lead is the median of the paired differences of the area under log regret, over {trials} fresh"
        " trials. Importance: share of the variance of the area over the"
        f" configurations on the train benchmarks, {methods}.",
    )


def _mark(marker: str, colour: str) -> Line2D:
    return Line2D([], [], linestyle="none", marker=marker, color=colour, markersize=4.5)


def _names(axes: Axes, names: list[str]) -> None:
    axes.set_yticks(
        np.arange(len(names)), ["\n".join(wrap(name, TICK_LABEL_SIZE, NAMES_WIDTH - 0.2)) for name in names]
    )
    literal(axes.get_yticklabels())
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def _draw_gains(rows: pd.DataFrame, axes: Axes) -> None:
    places = np.arange(len(rows))
    gain, low, high = (rows[name].to_numpy(np.float64) for name in ("gain", "low", "high"))
    axes.axvline(0, color="0.5", linewidth=0.7)
    axes.errorbar(gain, places, xerr=[gain - low, high - gain], fmt="o", color=BLUE, markersize=4.5, linewidth=1)
    axes.plot(rows["oracle_gain"].to_numpy(np.float64), places, "D", color=ORANGE, markersize=4.5)
    _names(axes, list(rows["benchmark"]))


def _draw_shares(rows: pd.DataFrame, axes: Axes) -> None:
    axes.barh(np.arange(len(rows)), rows["share"].to_numpy(np.float64), height=0.6, color=BLUE)
    axes.set_xlim(0, 1)
    _names(axes, list(rows["effect"]))

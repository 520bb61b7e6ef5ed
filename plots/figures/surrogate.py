"""The figures of the tests of surrogates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from plots.drawing.lines import axes_inches, log_ticks
from plots.drawing.style import PAGE_WIDTHS, literal, style_context
from plots.drawing.units import regret_unit

HEIGHT = 2.4
"""Height of a figure [in]."""
FIRST = 5
"""The evaluation at which curves begin."""
DASHES: dict[str, Any] = {"table": "-", "surrogate": (0, (3, 1.5))}
"""Line styles by the benchmark that was searched."""
BARS = {
    "single_run": "a single run",
    "fitted": "surrogate fitted to it",
    "held_out": "surrogate that has not seen it",
}


def trajectories_figure(curves: pd.DataFrame, reports: Sequence[Mapping[str, Any]]) -> tuple[Figure, pd.DataFrame]:
    """Draw the mean incumbent error on tables (solid) and on surrogates of them (dashed).

    Parameters
    ----------
    curves : DataFrame
        ``table, benchmark`` ("table" or "surrogate"), ``algorithm, evaluation, error``.
    reports : sequence of mapping
        One per table: ``table, title, unit, model, train, trials, evaluations, seed``.

    Returns
    -------
    figure : Figure
    data : DataFrame
        The numbers behind the figure.
    """
    with style_context():
        n = len(reports)
        figure = Figure(figsize=(PAGE_WIDTHS.get(n, PAGE_WIDTHS[3]), HEIGHT + 0.5), layout="constrained")
        panels = figure.subplots(1, n, squeeze=False)[0]
        labels = list(dict.fromkeys(curves["algorithm"]))
        palette = seaborn.color_palette("colorblind", len(labels))
        for axes, report in zip(panels, reports, strict=True):
            scale, _ = regret_unit(report["unit"])
            of_table = curves[curves["table"] == report["table"]]
            for (benchmark, label), curve in of_table.groupby(["benchmark", "algorithm"], sort=False):
                dashes = DASHES[str(benchmark)]
                colour = palette[labels.index(str(label))]
                named = str(label) if benchmark == "table" else None
                axes.plot(curve["evaluation"], scale * curve["error"], color=colour, linestyle=dashes, label=named)
            axes.set(xscale="log", yscale="log", xlabel="evaluations", title=report["title"])
            literal([axes.title])
            last = int(of_table["evaluation"].max())
            axes.set_xlim(FIRST, last)
            log_ticks(axes.xaxis, FIRST, last, axes_inches(axes))
            seen = scale * of_table.loc[of_table["evaluation"] >= FIRST, "error"]
            axes.set_ylim(0.995 * seen.min(), 1.005 * seen.max())
            for formatted in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
                formatted("{x:g}")
        about = reports[0]
        unit = "%" if about["unit"] == "fraction" else about["unit"]
        panels[0].set_ylabel(f"mean error of the incumbent [{unit}]")
        handles, names = panels[0].get_legend_handles_labels()
        handles += [Line2D([], [], color="0.3", linestyle=dashes) for dashes in DASHES.values()]
        figure.legend(handles, [*names, *DASHES], loc="outside lower center", ncols=4)
        figure.set_label(
            f"Mean true error of the incumbent over {about['trials']} trials of {about['evaluations']} evaluations on"
            f" the recorded table (solid) and on a surrogate, {about['model']} fitted to {about['train']:,}"
            f" architectures (dashed); seed {about['seed']}."
        )
    return figure, curves


def single_runs_figure(reports: Sequence[Mapping[str, Any]]) -> tuple[Figure, pd.DataFrame]:
    """Draw the distance of single runs, and of surrogates fitted to them, from the mean of the other runs.

    Parameters
    ----------
    reports : sequence of mapping
        One per table: ``table, title, unit, model, seed`` and ``single_runs``, see ``harness.surrogates.evaluation``.
        Those in which it is None are not drawn.

    Returns
    -------
    figure : Figure
    data : DataFrame
        The numbers behind the figure, in the benchmark's unit.
    """
    reports = [report for report in reports if report["single_runs"]]
    rows = [
        {"table": report["table"], "values": key, "distance": report["single_runs"][key]}
        for report in reports
        for key in BARS
    ]
    with style_context():
        figure = Figure(figsize=(PAGE_WIDTHS[1], HEIGHT), layout="constrained")
        axes = figure.subplots()
        palette, places = seaborn.color_palette("colorblind"), np.arange(len(reports))
        scale, unit = regret_unit(reports[0]["unit"])
        for number, (key, name) in enumerate(BARS.items()):
            heights = [scale * report["single_runs"][key] for report in reports]
            bars = axes.bar(places + 0.27 * (number - 1), heights, 0.25, color=palette[number], label=name)
            axes.bar_label(bars, fmt="%.2f", fontsize=6)
        axes.set_xticks(places, [report["title"].replace(", ", ",\n") for report in reports])
        axes.set_ylabel(f"distance from the mean of\nthe other runs [{unit}]")
        axes.grid(visible=False, axis="x")
        figure.legend(loc="outside upper center", ncols=3)
        figure.set_label(
            "Mean absolute difference from the mean of an architecture's other training runs: of a single run, and of"
            f" {reports[0]['model']} fitted to single runs; seed {reports[0]['seed']}."
        )
        literal(axes.get_xticklabels())
    return figure, pd.DataFrame(rows)

"""Figures with one panel per benchmark and a legend of the algorithms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.drawing.caption import panel_names
from plots.drawing.frame import Caption, Panel, label_handles, panel_figure
from plots.drawing.lines import style_line
from plots.drawing.style import LabelStyle, Width, label_styles
from results.storage.study import Study
from results.summaries.types import BenchmarkSummary, Summary

Words = Callable[[BenchmarkSummary], str]
Draw = Callable[[BenchmarkSummary, pd.DataFrame, Mapping[str, LabelStyle], Axes], None]
"""Draws one benchmark, given its summary, its rows of the data, the style of every algorithm, and the axes."""


def benchmark_figure(
    study: Study,
    summary: Summary,
    data: pd.DataFrame,
    draw: Draw,
    x_label: Words,
    y_label: Words,
    caption: Caption,
    width: Width,
    handle: Callable[[LabelStyle], Artist] = style_line,
    handle_length: float = 3.2,
) -> Figure:
    """Make a figure with one panel per benchmark.

    Parameters
    ----------
    study : Study
    summary : Summary
        The summary of the study, with at least one benchmark. Its benchmarks are the panels.
    data : DataFrame
        With the columns ``benchmark`` and ``label``. Algorithms without rows are not in the legend.
    draw, x_label, y_label : callable
        Draw a benchmark's panel, and return the labels of its axes.
    caption, width, handle_length
        As for `plots.drawing.frame.panel_figure`.
    handle : callable
        Makes the legend handle of a style.
    """
    styles, names = label_styles(study), panel_names(summary)
    panels = [
        Panel(
            names[panel.benchmark],
            x_label(panel),
            y_label(panel),
            partial(draw, panel, data[data["benchmark"] == panel.benchmark], styles),
        )
        for panel in summary.benchmarks
    ]
    legend = label_handles(styles, handle, set(data["label"]))
    return panel_figure(panels, legend, caption, width, handle_length=handle_length)

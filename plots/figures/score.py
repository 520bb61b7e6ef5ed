"""The figure of scored searches: regret of the choice over the time of the search, on linear axes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.drawing.caption_writer import Captions
from plots.drawing.colours import LabelStyle
from plots.drawing.lines import draw_curve
from plots.drawing.panels import Panels, benchmark_figure
from plots.drawing.precision import bands_words
from plots.drawing.scales import Scale, in_units, scales
from plots.drawing.selection import view
from results.storage.study import Study
from results.summaries.curve_table import regret_data
from results.summaries.types import BenchmarkSummary

MARKS = 8
"""Markers of a curve."""


def score_figure(study: Study) -> tuple[Figure, pd.DataFrame]:
    """Draw the mean regret of the choices of recorded searches.

    Parameters
    ----------
    study : Study
        Of recorded searches, with runs.

    Returns
    -------
    figure : Figure
    data : DataFrame
        As `results.summaries.curve_table.regret_data`.
    """
    shown = view(study)
    units = scales(shown)
    data = in_units(regret_data(study), units, "regret", times=["x"], regrets=["centre", "low", "high"], x_unit="time")
    captions = Captions.of(shown)
    caption = captions.caption(
        f"Mean regret of the choice of recorded searches ({captions.words(lambda panel: panel.target)}), above"
        f" {captions.zero()}{bands_words(shown)}."
    )
    panels = Panels(
        partial(_draw, units), partial(_time_label, units), lambda panel: units[panel.benchmark].regret_label()
    )
    return benchmark_figure(shown, data, panels, caption, "page"), data


def _time_label(units: Mapping[str, Scale], panel: BenchmarkSummary) -> str:
    return "choice" if panel.axis == "evaluations" else f"time of the search [{units[panel.benchmark].time}]"


def _draw(
    units: Mapping[str, Scale],
    panel: BenchmarkSummary,
    data: pd.DataFrame,
    styles: Mapping[str, LabelStyle],
    axes: Axes,
) -> None:
    for name, curve in data.dropna(subset="centre").groupby("label", sort=False):
        line = draw_curve(axes, curve, styles[str(name)], str(name))
        line.set_markevery(max(1, len(curve) // MARKS))
    axes.set_xlim(0, panel.horizon / units[panel.benchmark].length)
    axes.set_ylim(0, 1.1 * float(np.nanmax(data[["centre", "high"]].to_numpy(np.float64))) or 1.0)

"""The figure of scored searches: regret of the choice over the time of the search, on linear axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.drawing.caption import Captions
from plots.drawing.panels import benchmark_figure
from plots.drawing.style import LabelStyle, regret_unit, time_unit
from plots.figures.regret import regret_data
from results.storage.study import Study
from results.summaries.summary import summarize
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
        As `plots.figures.regret.regret_data`.
    """
    summary, data = summarize(study), regret_data(study)
    captions = Captions(study, summary)
    caption = captions.caption(
        f"Mean regret of the choice of recorded searches ({captions.words(lambda panel: panel.target)}) with 95 %"
        f" bootstrap bands, above {captions.zero()}."
    )
    return (
        benchmark_figure(
            study,
            summary,
            data,
            _draw,
            _time_label,
            lambda panel: f"regret [{regret_unit(panel.unit)[1]}]",
            caption,
            "page",
        ),
        data,
    )


def _time_label(panel: BenchmarkSummary) -> str:
    return "choice" if panel.axis == "evaluations" else f"time of the search [{time_unit(panel.horizon)[1]}]"


def _draw(panel: BenchmarkSummary, data: pd.DataFrame, styles: Mapping[str, LabelStyle], axes: Axes) -> None:
    length = 1.0 if panel.axis == "evaluations" else time_unit(panel.horizon)[0]
    factor, _ = regret_unit(panel.unit)
    for label, curve in data.dropna(subset="centre").groupby("label", sort=False):
        x, style = curve["x"] / length, styles[str(label)]
        look: dict[str, Any] = {
            "color": style.colour,
            "marker": style.marker,
            "markersize": 3,
            "markevery": max(1, len(x) // MARKS),
        }
        axes.step(x, factor * curve["centre"], where="post", dashes=style.dashes or (None, None), **look)
        low, high = (factor * curve[end] for end in ("low", "high"))
        axes.fill_between(x, low, high, step="post", color=style.colour, alpha=0.15, linewidth=0)
    axes.set_xlim(0, panel.horizon / length)
    axes.set_ylim(0, 1.1 * factor * float(np.nanmax(data[["centre", "high"]].to_numpy(np.float64))) or 1.0)

"""The figure of anytime regret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.drawing.caption_writer import Captions
from plots.drawing.colours import LabelStyle
from plots.drawing.frame import Caption, message_figure
from plots.drawing.lead import lead_title, over_benchmarks
from plots.drawing.lines import (
    draw_curves,
    draw_exact,
    log_ticks,
    multiple_axes,
    name_floor,
    no_curve,
    shade_floor,
    time_axis,
)
from plots.drawing.panels import Panels, benchmark_figure, draw_lead, first_share, lead_panel
from plots.drawing.precision import bands_words, coverage_words, many_words
from plots.drawing.scales import Scale, in_units, scales
from plots.drawing.selection import Selection, View, view
from plots.drawing.style import Width
from results.anytime.curves import Axis, Floats
from results.statistics.bootstrap import RESAMPLES, Statistic
from results.storage.study import Study
from results.summaries.curve_table import EXACT, ExactCurve, regret_data
from results.summaries.types import BenchmarkSummary

NEAR = 2.0
"""A curve that comes closer to the noise floor than this factor shows that it does: there is room below the floor."""
NAMED_SHARE = 0.25
"""The smallest height of the range below the noise floor, as a share of the rest, so that its name fits."""
LEAST_REGRET = 1e-5
"""The lowest bottom of small multiples, as a share of the median architecture's regret."""
STRIP_SHARE = 0.05
"""The same where no curve comes near the floor."""

_STATISTICS = {"mean": "Mean", "median": "Median", "iqm": "Interquartile mean"}


def regret_figure(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    statistic: Statistic | None = None,
    horizon: float | None = None,
    data: pd.DataFrame | None = None,
    width: Width = "page",
    exact: ExactCurve | None = None,
    selection: Selection | None = None,
) -> Figure:
    """Draw regret against evaluations or simulated time, one panel per benchmark.

    Curves are steps. They begin at the first x at which all trials of the algorithm have an incumbent, because a
    statistic over only some of the trials would favour the quick ones. They may rise, because the true error of the
    incumbent may rise.

    Parameters
    ----------
    study : Study
        Complete or not. The caption names missing trials.
    target : str, optional
        Default: the first reported target of each benchmark.
    axis : {"evaluations", "seconds"}, optional
        Default: the unit of the budget.
    statistic : {"mean", "median", "iqm"}, optional
        The statistic over trials, drawn with a 95 % bootstrap band. Default: the mean of fractions, the median of
        unbounded errors.
    horizon : float, optional
        The end of the axis, a count or [s]. Default: see `results.anytime.curves.shared_horizon`.
    data : DataFrame, optional
        The result of `regret_data` for the same arguments, to save its computation.
    width : {"page", "column"}
        3.3 in for a column, up to 7 in (three panels per row) for a page.
    exact : callable, optional
        Computes the curves that are known without simulation. They are drawn as dotted lines.
    selection : Selection, optional
        What to show. Default: everything.

    Returns
    -------
    Figure
        Not registered with pyplot. Its label is the full caption.

    Raises
    ------
    ResultsError
        As `results.summaries.summary.summarize`.
    """
    shown = view(study, target, axis, horizon, selection)
    if not shown.summary.benchmarks:
        return message_figure(shown.nothing, width)
    if data is None:
        data = regret_data(study, target, axis, statistic, horizon, exact)
    units = scales(shown)
    columns = ["centre", "low", "high", *([EXACT] if EXACT in data else [])]
    data = in_units(shown.rows(data), units, "regret", times=["x"], regrets=columns, x_unit="time")
    words = _caption(shown, statistic, exact_words(data))
    panels = Panels(
        partial(_draw, units, _multiple_ends(data) if shown.many else None),
        lambda panel: units[panel.benchmark].time_label(),
        lambda panel: units[panel.benchmark].regret_label(),
        statistic=statistic is None,
    )
    if shown.many:
        averages = over_benchmarks(shown, data, before=1.0, floors=True)
        title = lead_title(shown, data, "Geometric mean")
        panels = replace(panels, lead=lead_panel(shown, averages, title, panels, partial(draw_lead, "log")))
        data = pd.concat([averages, data], ignore_index=True)
    return benchmark_figure(shown, data, panels, words, width)


def exact_words(data: pd.DataFrame) -> list[str]:
    """Say in a sentence whose curves are known exactly; no sentence if there are none."""
    if EXACT not in data:
        return []
    known = list(dict.fromkeys(data.loc[data[EXACT].notna(), "label"]))
    return [f"Dotted: the exact curve, computed without simulation ({', '.join(known)})."] if known else []


def _caption(shown: View, statistic: Statistic | None, exact: list[str]) -> Caption:
    captions = Captions.of(shown)
    names = dict.fromkeys(_STATISTICS[statistic or panel.statistic] for panel in shown.summary.benchmarks)
    which = captions.words(lambda panel: _STATISTICS[statistic or panel.statistic].lower())
    unit = ", as a share of the median architecture's" if shown.many else ""
    return captions.caption(
        f"{' or '.join(names).capitalize()} regret of the incumbent ({{targets}}){unit}{bands_words(shown)}.",
        notes=[
            *exact,
            f"Shaded: below the noise floor ({captions.floors()}).",
            *coverage_words(shown.summary.benchmarks, statistic),
        ],
        details=[
            *([f"Statistic: {which}."] if len(names) > 1 else []),
            f"Regret is the true error of the incumbent minus {captions.zero()}.",
            f"Bands: {RESAMPLES:,} resamples of whole trials.",
            "A curve begins where all its trials have an incumbent.",
            *many_words(shown),
        ],
        brief="shaded: below the noise floor" + ("; dotted: exact, without simulation" if exact else ""),
    )


def _draw(
    units: Mapping[str, Scale],
    ends: tuple[float, float] | None,
    panel: BenchmarkSummary,
    data: pd.DataFrame,
    styles: Mapping[str, LabelStyle],
    axes: Axes,
) -> None:
    if data["centre"].isna().all():
        no_curve(axes)
        return
    scale = units[panel.benchmark]
    floor = panel.floor * scale.factor
    if ends:
        left = multiple_axes(axes, (ends[1], 1.5), ends[0], log=True)
        shade_floor(axes, 1e-9, floor)
    else:
        left = time_axis(axes, panel.horizon / scale.length, float(data["x"].min()))
        seen = data.loc[data["x"] >= left, ["centre", "low", "high"]].to_numpy(np.float64)
        _regret_axis(axes, floor, seen, "assumed floor" if panel.floor_assumed else "noise floor")
    draw_curves(axes, data, styles, left)
    if EXACT in data:
        draw_exact(axes, data, styles)


def _multiple_ends(data: pd.DataFrame) -> tuple[float, float]:
    """Return the left end and the bottom of small multiples, so that they show all curves."""
    positive = data.loc[data["centre"] > 0, "centre"]
    return first_share(data), max(0.8 * float(positive.min()), LEAST_REGRET) if len(positive) else LEAST_REGRET


def _regret_axis(axes: Axes, floor: float, shown: Floats, name: str) -> None:
    """Fit the y axis to the curves. The noise floor is a thin strip at the bottom where no curve comes near it."""
    lowest = float(np.nanmin(shown[shown > 0], initial=np.inf))
    top = 1.2 * max(float(np.nanmax(shown)), 2 * floor)
    near = lowest < NEAR * floor
    bottom = min(floor / 2, max(0.8 * lowest, floor / 10)) if near else floor
    bottom = min(bottom, floor * (floor / top) ** (NAMED_SHARE if near else STRIP_SHARE))
    axes.set_yscale("log", nonpositive="clip")
    axes.set_ylim(bottom, top)
    log_ticks(axes.yaxis, bottom, top, axes.bbox.height / axes.figure.dpi)
    shade_floor(axes, bottom, floor)
    name_floor(axes, floor, name, above=not near)

"""The figure of anytime regret."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.drawing.caption import Captions
from plots.drawing.frame import PANEL_HEIGHTS, Caption, message_figure
from plots.drawing.lines import (
    curve_grid,
    draw_curves,
    draw_exact,
    log_ticks,
    name_floor,
    no_curve,
    shade_floor,
    time_axis,
    time_label,
)
from plots.drawing.panels import benchmark_figure
from plots.drawing.precision import coverage_words
from plots.drawing.style import LabelStyle, Width, regret_unit
from results.anytime.comparisons import Comparison, comparisons
from results.anytime.curves import Axis, Floats, first_completion
from results.anytime.regret import regret_curves
from results.statistics.bootstrap import BOOTSTRAP_SEED, RESAMPLES, Statistic, bootstrap_band
from results.storage.study import Cell, Study
from results.summaries.summary import display_statistic, summarize
from results.summaries.types import BenchmarkSummary, Summary

NAMED_SHARE = 0.25
"""The smallest height of the band below the noise floor, as a share of the rest, so that its name fits."""

_COLUMNS = ["benchmark", "label", "x", "centre", "low", "high", "n_trials", "target", "axis", "statistic"]
EXACT = "exact"
"""The column of the exact curve, if there is one."""

ExactCurve = Callable[[Cell, str, Axis, Statistic, Floats], Floats]
"""Returns the exact regret of a cell by a target at each point of a grid, ``(n_points,)``; NaN if it is not known."""

_STATISTICS = {"mean": "Mean", "median": "Median", "iqm": "Interquartile mean"}


def regret_data(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    statistic: Statistic | None = None,
    horizon: float | None = None,
    exact: ExactCurve | None = None,
) -> pd.DataFrame:
    """Return the numbers behind the anytime regret figure. The parameters are those of `regret_figure`.

    Returns
    -------
    DataFrame
        One row per point of a curve: ``benchmark, label, x`` (a count, or [s]), ``centre, low, high`` (regret in the
        benchmark's unit), ``n_trials, target, axis, statistic``. A cell without trials has no rows. The numbers of an
        algorithm do not depend on the others. With `exact` there is a column of that name: the regret that is known
        without simulation, or NaN.
    """
    frames = []
    for comparison in comparisons(study, target, axis, horizon):
        shown = statistic or display_statistic(comparison.unit)
        frames += [_curve(study, cell, comparison, shown, exact) for cell in comparison.present]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_COLUMNS)


def _curve(
    study: Study, cell: Cell, comparison: Comparison, statistic: Statistic, exact: ExactCurve | None
) -> pd.DataFrame:
    target, axis = comparison.target, comparison.axis
    start = float(first_completion(cell, target, axis).max(skipna=False))
    grid = curve_grid(start, comparison.horizon, axis)
    regret, _ = regret_curves(cell, study, target, axis, grid)
    band = bootstrap_band(regret.to_numpy(), statistic, np.random.default_rng(BOOTSTRAP_SEED))
    columns = [cell.benchmark, cell.label, grid, *band, len(regret), target, axis, statistic]
    frame = pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True)))
    return frame if exact is None else frame.assign(**{EXACT: exact(cell, target, axis, statistic, grid)})


def regret_figure(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    statistic: Statistic | None = None,
    horizon: float | None = None,
    data: pd.DataFrame | None = None,
    width: Width = "page",
    exact: ExactCurve | None = None,
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

    Returns
    -------
    Figure
        Not registered with pyplot. Its label is the full caption.

    Raises
    ------
    ResultsError
        As `results.summaries.summary.summarize`.
    """
    summary = summarize(study, target, axis, horizon)
    if not summary.benchmarks:
        return message_figure(summary.missing[0], width)
    if data is None:
        data = regret_data(study, target, axis, statistic, horizon, exact)
    return benchmark_figure(
        study,
        summary,
        data,
        _draw,
        lambda panel: time_label(panel.axis, panel.horizon),
        lambda panel: f"regret [{regret_unit(panel.unit)[1]}]",
        _caption(study, summary, statistic, exact_words(data)),
        width,
    )


def exact_words(data: pd.DataFrame) -> list[str]:
    """Say in a sentence whose curves are known exactly; no sentence if there are none."""
    if EXACT not in data:
        return []
    known = list(dict.fromkeys(data.loc[data[EXACT].notna(), "label"]))
    return [f"Dotted: the exact curve, computed without simulation ({', '.join(known)})."] if known else []


def _caption(study: Study, summary: Summary, statistic: Statistic | None, exact: list[str]) -> Caption:
    captions = Captions(study, summary)
    shown = captions.words(lambda panel: _STATISTICS[statistic or panel.statistic])
    targets = captions.words(lambda panel: panel.target)
    return captions.caption(
        f"{shown} regret of the incumbent ({targets}) with 95 % bootstrap bands.",
        notes=[
            *exact,
            f"Shaded: below the noise floor ({captions.floors()}).",
            *coverage_words(summary.benchmarks, statistic),
        ],
        details=[
            f"Regret is the true error of the incumbent minus {captions.zero()}.",
            f"Bands: {RESAMPLES:,} resamples of whole trials.",
            "A curve begins where all its trials have an incumbent.",
        ],
    )


def _draw(panel: BenchmarkSummary, data: pd.DataFrame, styles: Mapping[str, LabelStyle], axes: Axes) -> None:
    if data["centre"].isna().all():
        no_curve(axes)
        return
    factor, _ = regret_unit(panel.unit)
    length, left = time_axis(axes, panel.axis, panel.horizon, float(data["x"].min()))
    scaled = data.assign(x=data["x"] / length, **{name: data[name] * factor for name in ("centre", "low", "high")})
    _regret_axis(axes, panel, scaled.loc[scaled["x"] >= left, ["centre", "low", "high"]].to_numpy(np.float64))
    draw_curves(axes, scaled, styles, left)
    if EXACT in scaled:
        draw_exact(axes, scaled.assign(**{EXACT: scaled[EXACT] * factor}), styles)


def _regret_axis(axes: Axes, panel: BenchmarkSummary, shown: Floats) -> None:
    """Fit the y axis to the curves, with room for the name of the noise floor below it."""
    floor = panel.floor * regret_unit(panel.unit)[0]
    lowest = float(np.nanmin(shown[shown > 0], initial=np.inf))
    top = 1.2 * max(float(np.nanmax(shown)), 2 * floor)
    bottom = min(floor / 2, max(0.8 * lowest, floor / 10), floor * (floor / top) ** NAMED_SHARE)
    axes.set_yscale("log", nonpositive="clip")
    axes.set_ylim(bottom, top)
    log_ticks(axes.yaxis, bottom, top, PANEL_HEIGHTS["column"])
    shade_floor(axes, bottom, floor)
    name_floor(axes, floor, "assumed floor" if panel.floor_assumed else "noise floor")

"""The figure of single trials behind the mean."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from plots.drawing.caption import panel_names, short_names
from plots.drawing.caption_writer import Captions
from plots.drawing.colours import LabelStyle
from plots.drawing.frame import Panel, message_figure, panel_figure
from plots.drawing.lines import log_ticks, no_curve, shade_floor, time_axis
from plots.drawing.page import shown_labels, shown_words
from plots.drawing.scales import Scale, in_units, scales
from plots.drawing.selection import Selection, View, view
from plots.drawing.style import Width
from results.anytime.comparisons import Comparison, comparisons
from results.anytime.curves import Axis, curve_grid, first_completion
from results.anytime.regret import regret_curves
from results.statistics.bootstrap import Statistic, trial_statistic
from results.storage.study import Cell, Study
from results.summaries.summary import display_statistic
from results.summaries.types import BenchmarkSummary

_COLUMNS = ["benchmark", "label", "curve", "trial", "x", "x_unit", "regret", "unit", "n_trials", "target"]
_WORDS = {"mean": "mean", "median": "median", "iqm": "interquartile mean"}
TRIAL = "trial"
"""The curve of a single trial. Others have the name of the statistic."""
HEIGHT = 1.3
"""Height of a panel [in]."""
MOST_COLUMNS: dict[Width, int] = {"page": 4, "column": 2}
MOST_PANELS: dict[Width, int] = {"page": 24, "column": 8}
"""The largest numbers of panels per row, and of a figure."""
TICKS = 0.45
"""Width of the labels and ticks of the y axis [in]."""
FAINTEST = 0.2
"""Opacity of a trial among many."""


def trajectories_data(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    statistic: Statistic | None = None,
    horizon: float | None = None,
) -> pd.DataFrame:
    """Return the regret of the incumbent in every trial, and the statistic over trials.

    Parameters
    ----------
    study : Study
    target, axis, statistic, horizon
        As for `results.summaries.curve_table.regret_data`, whose column ``centre`` has the same statistic.

    Returns
    -------
    DataFrame
        One row per point at which a curve changes, and for its end: ``benchmark, label, curve`` ("trial", or the name
        of the statistic), ``trial`` (its number; -1 for the statistic), ``x, x_unit`` (evaluations, or s), ``regret,
        unit, n_trials, target``.
    """
    frames = [
        _curves(study, cell, comparison, statistic or display_statistic(comparison.unit))
        for comparison in comparisons(study, target, axis, horizon)
        for cell in comparison.present
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_COLUMNS)


def _curves(study: Study, cell: Cell, comparison: Comparison, statistic: Statistic) -> pd.DataFrame:
    target, axis = comparison.target, comparison.axis
    first = first_completion(cell, target, axis)
    shared = curve_grid(float(first.max(skipna=False)), comparison.horizon, axis)
    early = curve_grid(float(first.min()), comparison.horizon, axis)
    grid = np.union1d(shared, early)
    regret, _ = regret_curves(cell, study, target, axis, grid)
    trials = _changes(grid, regret.to_numpy(), regret.index.to_numpy(), TRIAL)
    means = trial_statistic(regret[shared].to_numpy(), statistic) if len(shared) else np.empty(0)
    data = pd.concat([trials, _changes(shared, means[np.newaxis], np.array([-1]), statistic)], ignore_index=True)
    given: dict[str, Any] = {
        "benchmark": cell.benchmark,
        "label": cell.label,
        "x_unit": "s" if axis == "seconds" else axis,
        "unit": comparison.unit,
        "n_trials": len(regret),
        "target": target,
    }
    return data.assign(**given)[_COLUMNS]


def _changes(x: np.ndarray, regret: np.ndarray, trials: np.ndarray, curve: str) -> pd.DataFrame:
    """Return the points at which step functions ``(n_trials, n_points)`` change, and their ends.

    They are NaN before they begin.
    """
    kept = np.isfinite(regret)
    kept[:, 1:-1] &= regret[:, 1:-1] != regret[:, :-2]
    row, point = np.nonzero(kept)
    return pd.DataFrame({"curve": curve, "trial": trials[row], "x": x[point], "regret": regret[kept]})


def trajectories_figure(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    statistic: Statistic | None = None,
    horizon: float | None = None,
    data: pd.DataFrame | None = None,
    width: Width = "page",
    selection: Selection | None = None,
) -> Figure:
    """Draw the regret of every trial behind the statistic over trials, one panel per benchmark and algorithm.

    If that is more than a page of panels, only the algorithms with the lowest mean area are shown.

    Parameters
    ----------
    study : Study
        Complete or not. The caption names missing trials.
    target, axis, statistic, horizon
        As for `trajectories_data`.
    data : DataFrame, optional
        The result of `trajectories_data` for the same arguments, to save its computation.
    width : {"page", "column"}
    selection : Selection, optional
        What to show. Default: everything.

    Returns
    -------
    Figure
        Not registered with pyplot. Its label is the full caption.
    """
    part = view(study, target, axis, horizon, selection)
    summary = part.summary
    if not summary.benchmarks or summary.empty:
        return message_figure(part.nothing, width)
    if data is None:
        data = trajectories_data(study, target, axis, statistic, horizon)
    units = scales(part, multiples=False)
    data = in_units(part.rows(data), units, "regret", times=["x"], regrets=["regret"], x_unit="time")
    shown = shown_labels(summary, MOST_PANELS[width])
    captions = Captions.of(part, coloured=False)
    words = captions.words(lambda panel: _WORDS[statistic or panel.statistic])
    caption = captions.caption(
        f"Regret of the incumbent ({{targets}}) in every trial (thin), and the {words} over trials (thick).",
        notes=[*shown_words(summary, shown), f"Shaded: below the noise floor ({captions.floors()})."],
        details=["A trial whose regret is below the shown range, such as 0, runs along the bottom of its panel."],
        tests="Descriptive only; nothing is tested.",
        defined=["incumbent", "floor"],
        brief="shaded: below the noise floor",
        parts="Benchmarks",
    )
    panels = _panels(part, units, data, shown)
    figure = panel_figure(panels, {}, caption, width, HEIGHT, tick_width=TICKS, columns=_columns(shown, width))
    figure.data = data
    return figure


def _columns(shown: dict[str, list[str]], width: Width) -> int:
    """Return the panels per row: the algorithms of a benchmark, if they fit."""
    widest, total = max(map(len, shown.values())), sum(map(len, shown.values()))
    most = MOST_COLUMNS[width]
    if len(shown) == 1 or not 1 < widest <= most:
        return min(total, most)
    return widest


def _panels(part: View, units: Mapping[str, Scale], data: pd.DataFrame, shown: Mapping[str, list[str]]) -> list[Panel]:
    summary = part.summary
    names = panel_names(summary) if len(summary.benchmarks) == 1 else short_names(summary)
    found = []
    for panel in summary.benchmarks:
        rows = data[data["benchmark"] == panel.benchmark]
        scale = units[panel.benchmark]
        ends = _range(panel.floor * scale.factor, rows)
        for label in shown.get(panel.benchmark, []):
            title = label if len(summary.benchmarks) == 1 else f"{names[panel.benchmark]}: {label}"
            draw = partial(_draw, panel, scale, rows[rows["label"] == label], part.styles[label], ends)
            found.append(Panel(title, scale.time_label(), scale.regret_label(), draw, left=TICKS - 0.25))
    return found


def _range(floor: float, rows: pd.DataFrame) -> tuple[float, float]:
    """Return the ends of the y axis, which all panels of a benchmark share, in the shown unit."""
    positive = rows.loc[rows["regret"] > 0, "regret"]
    low, high = (floor, floor) if positive.empty else (float(positive.min()), float(positive.max()))
    return max(min(low * 0.8, floor / 2), floor / 10), 1.2 * max(high, 2 * floor)


def _draw(
    panel: BenchmarkSummary,
    scale: Scale,
    rows: pd.DataFrame,
    style: LabelStyle,
    ends: tuple[float, float],
    axes: Axes,
) -> None:
    if rows.empty:
        no_curve(axes)
        return
    time_axis(axes, panel.horizon / scale.length, float(rows["x"].min()))
    axes.set_yscale("log", nonpositive="clip")
    axes.set_ylim(*ends)
    log_ticks(axes.yaxis, *ends, HEIGHT - 0.4)
    shade_floor(axes, ends[0], scale.factor * panel.floor)
    trials = rows[rows["curve"] == TRIAL]
    points = trials[["x", "regret"]].to_numpy()
    lines = [_steps(part, ends[0]) for part in np.split(points, np.flatnonzero(np.diff(trials["trial"])) + 1)]
    opacity = float(np.clip(8 / max(len(lines), 1), FAINTEST, 0.6))
    axes.add_collection(LineCollection(lines, colors=[style.colour], linewidths=0.5, alpha=opacity), autolim=False)
    centre = rows[rows["curve"] != TRIAL]
    x, y = centre["x"], centre["regret"].clip(lower=ends[0])
    axes.step(x, y, where="post", color="white", linewidth=2.8)
    axes.step(x, y, where="post", color=style.colour, linewidth=1.5)


def _steps(points: np.ndarray, lowest: float) -> np.ndarray:
    """Return the corners of a right-continuous step function: ``(n, 2)``."""
    corners = np.repeat(points, 2, axis=0)
    return np.column_stack([corners[1:, 0], np.maximum(corners[:-1, 1], lowest)])

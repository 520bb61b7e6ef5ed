"""The figure of average ranks over time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from plots.drawing.caption import Captions
from plots.drawing.frame import message_figure
from plots.drawing.lines import curve_grid, draw_curves, no_curve, time_axis, time_label
from plots.drawing.panels import benchmark_figure
from plots.drawing.style import LabelStyle, Width
from results.anytime.comparisons import Comparison, comparisons
from results.anytime.curves import Axis, first_completion
from results.anytime.regret import regret_curves, regret_floor
from results.statistics.bootstrap import BOOTSTRAP_SEED, bootstrap_band, rank_curves
from results.storage.study import Study
from results.summaries.summary import summarize
from results.summaries.types import BenchmarkSummary

_COLUMNS = ["benchmark", "label", "x", "centre", "low", "high", "n_trials", "target", "axis"]


def rank_data(
    study: Study, target: str | None = None, axis: Axis | None = None, horizon: float | None = None
) -> pd.DataFrame:
    """Return the average rank of each algorithm over time.

    Algorithms are ranked by the incumbent's regret within each trial that all of them have; 1 is the best. Regrets
    below the noise floor are ties. Ranks depend on the set of algorithms.

    Parameters
    ----------
    study, target, axis, horizon
        As for `results.anytime.comparisons.comparisons`.

    Returns
    -------
    DataFrame
        One row per point of a curve: ``benchmark, label, x`` (a count, or [s]), ``centre, low, high`` (mean rank with
        its 95 % bootstrap interval), ``n_trials`` (common trials), ``target, axis``. Curves begin where all trials of
        all algorithms have an incumbent.
    """
    frames = [frame for comparison in comparisons(study, target, axis, horizon) for frame in _curves(study, comparison)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_COLUMNS)


def _curves(study: Study, comparison: Comparison) -> list[pd.DataFrame]:
    target, axis, cells = comparison.target, comparison.axis, comparison.present
    starts = [first_completion(cell, target, axis).max(skipna=False) for cell in cells]
    start = float(np.max(starts)) if starts else np.nan  # NaN if a trial never has an incumbent
    grid = curve_grid(start, comparison.horizon, axis)
    regrets = {cell.label: regret_curves(cell, study, target, axis, grid)[0] for cell in cells}
    floor, _ = regret_floor(comparison.facts)
    frames = []
    for label, ranks in rank_curves(regrets, floor).items():
        band = bootstrap_band(ranks.to_numpy(), "mean", np.random.default_rng(BOOTSTRAP_SEED))
        columns = [comparison.benchmark, label, grid, *band, len(ranks), target, axis]
        frames.append(pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True))))
    return frames


def rank_figure(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    horizon: float | None = None,
    data: pd.DataFrame | None = None,
    width: Width = "page",
) -> Figure:
    """Draw average ranks against evaluations or simulated time, one panel per benchmark, the best rank on top.

    Parameters
    ----------
    study : Study
        Complete or not. The caption names missing trials.
    target, axis, horizon
        As for `rank_data`.
    data : DataFrame, optional
        The result of `rank_data` for the same arguments, to save its computation.
    width : {"page", "column"}

    Returns
    -------
    Figure
        Not registered with pyplot. Its label is the full caption.
    """
    summary = summarize(study, target, axis, horizon)
    if not summary.benchmarks:
        return message_figure(summary.missing[0], width)
    if data is None:
        data = rank_data(study, target, axis, horizon)
    captions = Captions(study, summary)
    caption = captions.caption(
        "Average rank (1 is the best) by the incumbent's regret"
        f" ({captions.words(lambda panel: panel.target)}) within a trial, with 95 % bootstrap bands.",
        notes=["Ranks depend on the set of algorithms; regrets below the noise floor are ties."],
        details=["Trials that any algorithm lacks are left out. Curves begin where all trials have an incumbent."],
    )
    return benchmark_figure(
        study, summary, data, _draw,
        lambda panel: time_label(panel.axis, panel.horizon), lambda _: "average rank", caption, width,
    )  # fmt: skip


def _draw(panel: BenchmarkSummary, data: pd.DataFrame, styles: Mapping[str, LabelStyle], axes: Axes) -> None:
    known = data.dropna(subset="centre")
    if known.empty:
        no_curve(axes, "no common trial")
        return
    length, left = time_axis(axes, panel.axis, panel.horizon, float(known["x"].min()))
    axes.set_ylim(known["label"].nunique() + 0.1, 0.9)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    draw_curves(axes, known.assign(x=known["x"] / length), styles, left)

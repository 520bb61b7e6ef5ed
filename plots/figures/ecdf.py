"""The figure of the share of target regrets reached over time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.drawing.caption import Captions
from plots.drawing.frame import message_figure
from plots.drawing.lines import curve_grid, draw_curves, no_curve, time_axis, time_label
from plots.drawing.panels import benchmark_figure
from plots.drawing.style import LabelStyle, Width
from results.anytime.comparisons import Comparison, comparisons
from results.anytime.curves import Axis, first_completion
from results.anytime.runtimes import TARGETS, runtimes, share_reached, target_ladder
from results.statistics.bootstrap import BOOTSTRAP_SEED, bootstrap_band
from results.storage.study import Cell, Study
from results.summaries.summary import summarize
from results.summaries.types import BenchmarkSummary

_COLUMNS = ["benchmark", "label", "x", "centre", "low", "high", "n_trials", "target", "axis"]


def ecdf_data(
    study: Study, target: str | None = None, axis: Axis | None = None, horizon: float | None = None
) -> pd.DataFrame:
    """Return the empirical distribution of the runtimes to 51 target regrets.

    The target regrets are log-spaced from the median architecture's regret down to the noise floor. Both are facts of
    the benchmark, so no algorithm's numbers depend on the others.

    Parameters
    ----------
    study, target, axis, horizon
        As for `results.anytime.comparisons.comparisons`.

    Returns
    -------
    DataFrame
        One row per point of a curve: ``benchmark, label, x`` (a count, or [s]), ``centre, low, high`` (share of all
        pairs of trial and target regret that are reached and kept from x on, with its 95 % bootstrap interval over
        whole trials), ``n_trials, target, axis``.
    """
    frames = [
        _curve(study, cell, comparison)
        for comparison in comparisons(study, target, axis, horizon)
        for cell in comparison.present
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_COLUMNS)


def _curve(study: Study, cell: Cell, comparison: Comparison) -> pd.DataFrame:
    target, axis, horizon = comparison.target, comparison.axis, comparison.horizon
    grid = curve_grid(float(first_completion(cell, target, axis).min()), horizon, axis)
    times = runtimes(cell, study, target, axis, horizon, target_ladder(comparison.facts))
    shares = share_reached(times, grid).to_numpy()
    band = bootstrap_band(shares, "mean", np.random.default_rng(BOOTSTRAP_SEED))
    columns = [cell.benchmark, cell.label, grid, *band, len(shares), target, axis]
    return pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True)))


def ecdf_figure(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    horizon: float | None = None,
    data: pd.DataFrame | None = None,
    width: Width = "page",
) -> Figure:
    """Draw the share of target regrets reached against evaluations or simulated time, one panel per benchmark.

    Parameters
    ----------
    study : Study
        Complete or not. The caption names missing trials.
    target, axis, horizon
        As for `ecdf_data`.
    data : DataFrame, optional
        The result of `ecdf_data` for the same arguments, to save its computation.
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
        data = ecdf_data(study, target, axis, horizon)
    captions = Captions(study, summary)
    caption = captions.caption(
        f"Share of {TARGETS} target regrets ({captions.words(lambda panel: panel.target)}) that a trial has reached and"
        " keeps until the horizon, with 95 % bootstrap bands.",
        notes=[
            f"Target regrets: log-spaced from the median architecture's regret ({captions.starts()}) down to the noise"
            f" floor ({captions.floors()})."
        ],
        details=[
            "A target regret is reached at the completion from which on the incumbent's regret stays at or below it"
            " until the horizon. Trials that do not reach it are right-censored there."
        ],
    )
    return benchmark_figure(
        study, summary, data, _draw,
        lambda panel: time_label(panel.axis, panel.horizon), lambda _: "share of regrets reached", caption, width,
    )  # fmt: skip


def _draw(panel: BenchmarkSummary, data: pd.DataFrame, styles: Mapping[str, LabelStyle], axes: Axes) -> None:
    if data.empty:
        no_curve(axes)
        return
    length, left = time_axis(axes, panel.axis, panel.horizon, float(data["x"].min()))
    axes.set_ylim(0, 1)
    draw_curves(axes, data.assign(x=data["x"] / length), styles, left)

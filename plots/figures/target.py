"""The figure of the expected running time to target regrets."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.drawing.caption import Captions
from plots.drawing.frame import PANEL_HEIGHTS, message_figure
from plots.drawing.lines import axes_inches, log_ticks, make_line, no_curve, time_label
from plots.drawing.panels import benchmark_figure
from plots.drawing.style import LabelStyle, Width, regret_unit, time_unit
from results.anytime.comparisons import Comparison, comparisons
from results.anytime.curves import Axis
from results.anytime.runtimes import TARGETS, expected_running_time, runtimes, target_ladder
from results.statistics.bootstrap import BOOTSTRAP_SEED
from results.storage.study import Cell, Study
from results.summaries.summary import summarize
from results.summaries.types import BenchmarkSummary

MARKER_STEP = 12
"""The number of target regrets from one marker to the next."""

_COLUMNS = ["benchmark", "label", "regret", "reached", "centre", "low", "high", "n_trials", "target", "axis"]


def target_data(
    study: Study, target: str | None = None, axis: Axis | None = None, horizon: float | None = None
) -> pd.DataFrame:
    """Return the expected running time to each of 51 target regrets.

    Parameters
    ----------
    study, target, axis, horizon
        As for `results.anytime.comparisons.comparisons`.

    Returns
    -------
    DataFrame
        One row per target regret: ``benchmark, label, regret`` (in the benchmark's unit), ``reached`` (share of the
        trials that reach and keep it), ``centre, low, high`` (expected running time with its 95 % bootstrap interval, a
        count or [s]; infinite if no trial reached it), ``n_trials, target, axis``.
    """
    frames = [
        _times(study, cell, comparison)
        for comparison in comparisons(study, target, axis, horizon)
        for cell in comparison.present
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_COLUMNS)


def _times(study: Study, cell: Cell, comparison: Comparison) -> pd.DataFrame:
    target, axis, horizon = comparison.target, comparison.axis, comparison.horizon
    ladder = target_ladder(comparison.facts)
    times = runtimes(cell, study, target, axis, horizon, ladder)
    band = expected_running_time(times, horizon, np.random.default_rng(BOOTSTRAP_SEED))
    reached = np.isfinite(times.to_numpy()).mean(axis=0)
    columns = [cell.benchmark, cell.label, ladder, reached, *band, len(times), target, axis]
    return pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True)))


def target_figure(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    horizon: float | None = None,
    data: pd.DataFrame | None = None,
    width: Width = "page",
) -> Figure:
    """Draw the expected running time against the target regret, harder ones to the right, one panel per benchmark.

    Parameters
    ----------
    study : Study
        Complete or not. The caption names missing trials.
    target, axis, horizon
        As for `target_data`.
    data : DataFrame, optional
        The result of `target_data` for the same arguments, to save its computation.
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
        data = target_data(study, target, axis, horizon)
    captions = Captions(study, summary)
    caption = captions.caption(
        f"Expected running time until a target regret ({captions.words(lambda panel: panel.target)}) is reached and"
        " kept: the total spent by all trials divided by the number of successful trials, with 95 % bootstrap bands.",
        notes=["Lines end where no trial reached the target regret. Dotted: the horizon."],
        details=[
            f"At {TARGETS} target regrets, log-spaced from the median architecture's down to the noise floor. Trials"
            " that do not reach a target regret are right-censored at the horizon."
        ],
    )
    return benchmark_figure(
        study,
        summary,
        data,
        _draw,
        lambda panel: f"target regret [{regret_unit(panel.unit)[1]}]",
        lambda panel: f"expected {time_label(panel.axis, panel.horizon).removeprefix('completed ')}",
        caption,
        width,
    )


def _draw(panel: BenchmarkSummary, data: pd.DataFrame, styles: Mapping[str, LabelStyle], axes: Axes) -> None:
    finite = data[np.isfinite(data["centre"].astype(np.float64))]
    if finite.empty:
        no_curve(axes, "no target regret reached")
        return
    factor, length = regret_unit(panel.unit)[0], time_unit(panel.horizon)[0] if panel.axis == "seconds" else 1.0
    easy, hard = factor * float(data["regret"].max()), factor * float(data["regret"].min())
    bottom, top = 0.8 * finite["centre"].min() / length, 1.5 * max(finite["centre"].max(), panel.horizon) / length
    axes.set(xscale="log", yscale="log", xlim=(easy, hard), ylim=(bottom, top))
    log_ticks(axes.xaxis, hard, easy, axes_inches(axes))
    log_ticks(axes.yaxis, bottom, top, PANEL_HEIGHTS["column"])
    axes.axhline(panel.horizon / length, color="0.4", linewidth=0.7, linestyle=":", zorder=1)
    for i, (label, style) in enumerate(styles.items()):
        line = finite[finite["label"] == label]
        if len(line):
            x = factor * line["regret"].to_numpy(np.float64)
            centre, low, high = (line[name].to_numpy(np.float64) / length for name in ("centre", "low", "high"))
            axes.fill_between(x, low, np.minimum(high, top), color=style.colour, alpha=0.18, linewidth=0)
            drawn = make_line(x, centre, style)
            drawn.set_markevery((3 * i % MARKER_STEP, MARKER_STEP))
            axes.add_line(drawn)

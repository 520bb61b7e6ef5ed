"""The figure of the expected running time to target regrets."""

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
from plots.drawing.lead import ALL, complete_benchmarks, step_after
from plots.drawing.lines import axes_inches, band_alpha, draw_curve, log_ticks, no_curve
from plots.drawing.panels import Panels, benchmark_figure, lead_panel
from plots.drawing.precision import bands_words, many_words
from plots.drawing.scales import UNIT, X_UNIT, Scale, in_units, scales
from plots.drawing.selection import Selection, View, view
from plots.drawing.style import Width
from results.anytime.comparisons import Comparison, comparisons
from results.anytime.curves import Axis
from results.anytime.runtimes import TARGETS, expected_running_time, runtimes, target_ladder
from results.statistics.bootstrap import BOOTSTRAP_SEED
from results.storage.study import Cell, Study
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
    selection: Selection | None = None,
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
    selection : Selection, optional
        What to show. Default: everything.

    Returns
    -------
    Figure
        Not registered with pyplot. Its label is the full caption.
    """
    shown = view(study, target, axis, horizon, selection)
    if not shown.summary.benchmarks:
        return message_figure(shown.nothing, width)
    if data is None:
        data = target_data(study, target, axis, horizon)
    units = scales(shown)
    data = in_units(
        shown.rows(data), units, "time", times=["centre", "low", "high"], regrets=["regret"], x_unit="regret"
    )
    panels = Panels(
        partial(_draw, units, shown),
        lambda panel: units[panel.benchmark].regret_label("target regret"),
        lambda panel: f"expected {units[panel.benchmark].time_label().removeprefix('completed ')}",
    )
    if shown.many:
        medians = _over_benchmarks(shown, data)
        title = f"Median over {len(complete_benchmarks(shown, data))} benchmarks"
        lead = lead_panel(shown, medians, title, panels, _draw_lead)
        panels, data = replace(panels, lead=lead), pd.concat([medians, data], ignore_index=True)
    return benchmark_figure(shown, data, panels, _caption(shown), width)


def _caption(shown: View) -> Caption:
    captions = Captions.of(shown)
    above = ["The panel above is the median over the benchmarks, where a target regret that no trial reached counts as"
             " infinite. It has no bands."]  # fmt: skip
    return captions.caption(
        f"Expected running time{bands_words(shown)} until a target regret ({{targets}}) is reached and kept.",
        notes=["Lines end where no trial reached the target regret. Dotted: the horizon."],
        details=[
            "The expected running time is the total spent by all trials divided by the number of successful trials.",
            f"At {TARGETS} target regrets, log-spaced from the median architecture's down to the noise floor. Trials"
            " that do not reach a target regret are right-censored at the horizon.",
            *many_words(shown)[:1],
            *(above if shown.many else []),
        ],
        tests="Descriptive only; nothing is tested.",
        defined=["incumbent", "floor", "start"],
        brief="lines end where no trial reached the target regret; dotted: the horizon",
    )


def _over_benchmarks(shown: View, data: pd.DataFrame) -> pd.DataFrame:
    """Return the median over benchmarks of the expected running time to shares of the median architecture's regret."""
    benchmarks = complete_benchmarks(shown, data)
    known = data[data["benchmark"].isin(benchmarks)]
    if known.empty:
        return data.iloc[:0]
    grid = np.geomspace(float(known["regret"].max()), float(known.groupby("benchmark")["regret"].min().max()), TARGETS)
    frames = []
    for label, own in known.groupby("label", sort=False):
        values = []
        for _, times in own.groupby("benchmark", sort=False):
            rising = times.sort_values("regret")
            centre = rising["centre"].to_numpy(np.float64)
            values.append(step_after(grid, rising["regret"].to_numpy(np.float64), centre))
        median = np.median(values, axis=0)
        frames.append(pd.DataFrame({"benchmark": ALL, "label": label, "regret": grid, "centre": median}))
    units = {name: data[name].iloc[0] for name in (UNIT, X_UNIT)}
    return pd.concat(frames, ignore_index=True).assign(low=np.nan, high=np.nan, **units)


def _draw(
    units: Mapping[str, Scale],
    shown: View,
    panel: BenchmarkSummary,
    data: pd.DataFrame,
    styles: Mapping[str, LabelStyle],
    axes: Axes,
) -> None:
    finite = data[np.isfinite(data["centre"].astype(np.float64))]
    if finite.empty:
        no_curve(axes, "no target regret reached")
        return
    horizon = panel.horizon / units[panel.benchmark].length
    if shown.many:
        ends = (1.0, 1e-3, 1.0, 3000.0)
    else:
        easy, hard = float(data["regret"].max()), float(data["regret"].min())
        ends = (easy, hard, 0.8 * finite["centre"].min(), 1.5 * max(finite["centre"].max(), horizon))
    _lines(axes, finite, styles, ends, horizon)


def _draw_lead(shown: View, data: pd.DataFrame, axes: Axes) -> None:
    finite = data[np.isfinite(data["centre"].astype(np.float64))]
    ends = (1.0, float(finite["regret"].min()), 0.8 * finite["centre"].min(), max(1.2 * finite["centre"].max(), 120.0))
    _lines(axes, finite, shown.styles, ends, 100.0)


def _lines(
    axes: Axes,
    data: pd.DataFrame,
    styles: Mapping[str, LabelStyle],
    ends: tuple[float, float, float, float],
    horizon: float,
) -> None:
    """Draw the lines of all algorithms, between the ends of both axes."""
    easy, hard, bottom, top = ends
    axes.set(xscale="log", yscale="log", xlim=(easy, hard), ylim=(bottom, top))
    log_ticks(axes.xaxis, hard, easy, axes_inches(axes))
    log_ticks(axes.yaxis, bottom, top, axes.bbox.height / axes.figure.dpi)
    axes.axhline(horizon, color="0.4", linewidth=0.7, linestyle=":", zorder=1)
    for i, (label, style) in enumerate(styles.items()):
        line = data[data["label"] == label]
        if len(line):
            curve, alpha = line.rename(columns={"regret": "x"}), band_alpha(styles)
            drawn = draw_curve(axes, curve, style, label, steps=False, top=top, alpha=alpha)
            drawn.set_markevery((3 * i % MARKER_STEP, MARKER_STEP))

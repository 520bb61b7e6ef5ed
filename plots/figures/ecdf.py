"""The figure of the share of target regrets reached over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.drawing.caption_writer import Captions
from plots.drawing.colours import LabelStyle
from plots.drawing.frame import Caption, message_figure
from plots.drawing.lead import lead_title, over_benchmarks
from plots.drawing.lines import draw_curves, multiple_axes, no_curve, time_axis
from plots.drawing.panels import Panels, benchmark_figure, draw_lead, first_share, lead_panel
from plots.drawing.precision import bands_words, many_words
from plots.drawing.scales import Scale, in_units, scales
from plots.drawing.selection import Selection, View, view
from plots.drawing.style import Width
from results.anytime.comparisons import Comparison, comparisons
from results.anytime.curves import Axis, curve_grid, first_completion
from results.anytime.runtimes import TARGETS, runtimes, share_reached, target_ladder
from results.statistics.bootstrap import bootstrap_band, seeded_counts
from results.storage.study import Cell, Study
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
    band = bootstrap_band(shares, "mean", seeded_counts)
    columns = [cell.benchmark, cell.label, grid, *band, len(shares), target, axis]
    return pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True)))


def ecdf_figure(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    horizon: float | None = None,
    data: pd.DataFrame | None = None,
    width: Width = "page",
    selection: Selection | None = None,
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
        data = ecdf_data(study, target, axis, horizon)
    units = scales(shown)
    data = in_units(shown.rows(data), units, "share of the target regrets", times=["x"], x_unit="time")
    panels = Panels(
        partial(_draw, units, shown, first_share(data)),
        lambda panel: units[panel.benchmark].time_label(),
        lambda _: "share of regrets reached",
    )
    if shown.many:
        averages = over_benchmarks(shown, data, before=0.0)
        lead = lead_panel(shown, averages, lead_title(shown, data), panels, partial(draw_lead, "linear"))
        panels, data = replace(panels, lead=lead), pd.concat([averages, data], ignore_index=True)
    return benchmark_figure(shown, data, panels, _caption(shown), width)


def _caption(shown: View) -> Caption:
    captions = Captions.of(shown)
    return captions.caption(
        f"Share of {TARGETS} target regrets ({{targets}}) that a trial has reached and keeps until the"
        f" horizon{bands_words(shown)}.",
        notes=[
            f"Target regrets: log-spaced from the median architecture's regret ({captions.starts()}) down to the noise"
            f" floor ({captions.floors()})."
        ],
        details=[
            "A target regret is reached at the completion from which on the incumbent's regret stays at or below it"
            " until the horizon. Trials that do not reach it are right-censored there.",
            *many_words(shown),
        ],
        tests="Descriptive only; nothing is tested.",
        defined=["incumbent"],
    )


def _draw(
    units: Mapping[str, Scale],
    shown: View,
    first: float,
    panel: BenchmarkSummary,
    data: pd.DataFrame,
    styles: Mapping[str, LabelStyle],
    axes: Axes,
) -> None:
    if data.empty:
        no_curve(axes)
        return
    if shown.many:
        left = multiple_axes(axes, (0.0, 1.0), first)
    else:
        left = time_axis(axes, panel.horizon / units[panel.benchmark].length, float(data["x"].min()))
        axes.set_ylim(0, 1)
    draw_curves(axes, data, styles, left)

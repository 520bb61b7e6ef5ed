"""The figure of average ranks over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from plots.drawing.caption_writer import Captions
from plots.drawing.colours import LabelStyle
from plots.drawing.frame import message_figure
from plots.drawing.lead import lead_title, over_benchmarks
from plots.drawing.lines import draw_curves, multiple_axes, no_curve, time_axis
from plots.drawing.panels import Panels, benchmark_figure, draw_lead, first_share, lead_panel
from plots.drawing.precision import bands_words, many_words
from plots.drawing.scales import Scale, in_units, scales
from plots.drawing.selection import Selection, View, view
from plots.drawing.style import Width
from results.anytime.comparisons import Comparison, comparisons
from results.anytime.curves import Axis, curve_grid, first_completion
from results.anytime.regret import regret_curves, regret_floor
from results.statistics.bootstrap import bootstrap_band, seeded_counts
from results.statistics.ranks import rank_curves
from results.storage.study import Study
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
        all algorithms have an incumbent, and two algorithms differ: before, they have evaluated the same architectures.
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
    ranked = rank_curves(regrets, floor)
    first = _first_difference(ranked)
    frames = []
    for label, ranks in ranked.items():
        band = bootstrap_band(ranks.to_numpy()[:, first:], "mean", seeded_counts)
        columns = [comparison.benchmark, label, grid[first:], *band, len(ranks), target, axis]
        frames.append(pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True))))
    return frames


def _first_difference(ranked: Mapping[str, pd.DataFrame]) -> int:
    """Return the first point at which two algorithms differ in any trial; 0 if none ever does."""
    differs = [(ranks.to_numpy() != (1 + len(ranked)) / 2).any(axis=0) for ranks in ranked.values()]
    apart = np.any(differs, axis=0) if len(ranked) > 1 else np.empty(0)
    return int(np.argmax(apart)) if len(apart) else 0


def rank_figure(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    horizon: float | None = None,
    data: pd.DataFrame | None = None,
    width: Width = "page",
    selection: Selection | None = None,
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
        data = rank_data(study, target, axis, horizon)
    units = scales(shown)
    data = in_units(shown.rows(data), units, "rank", times=["x"], x_unit="time")
    captions = Captions.of(shown)
    caption = captions.caption(
        f"Average rank (1 is the best) by the incumbent's regret ({{targets}}) within a trial{bands_words(shown)}.",
        notes=["Ranks depend on the set of algorithms; regrets below the noise floor are ties."],
        details=[
            "Trials that any algorithm lacks are left out. Curves begin where all trials have an incumbent and two"
            " algorithms differ.",
            *many_words(shown),
        ],
        tests="Descriptive only; nothing is tested.",
        defined=["incumbent", "floor"],
        brief="ranks depend on the set of algorithms",
    )
    panels = Panels(
        partial(_draw, units, shown, first_share(data)),
        lambda panel: units[panel.benchmark].time_label(),
        lambda _: "average rank",
    )
    if shown.many:
        averages = over_benchmarks(shown, data, before=(1 + shown.n_algorithms) / 2)
        lead = lead_panel(shown, averages, lead_title(shown, data), panels, partial(draw_lead, "rank"))
        panels, data = replace(panels, lead=lead), pd.concat([averages, data], ignore_index=True)
    return benchmark_figure(shown, data, panels, caption, width)


def _draw(
    units: Mapping[str, Scale],
    shown: View,
    first: float,
    panel: BenchmarkSummary,
    data: pd.DataFrame,
    styles: Mapping[str, LabelStyle],
    axes: Axes,
) -> None:
    known = data.dropna(subset="centre")
    if known.empty:
        no_curve(axes, "no common trial")
        return
    worst = shown.n_algorithms if shown.many else max(2.0, float(known["centre"].max()))
    if shown.many:
        left = multiple_axes(axes, (worst + 0.1, 0.9), first)
    else:
        left = time_axis(axes, panel.horizon / units[panel.benchmark].length, float(known["x"].min()))
        axes.set_ylim(worst + 0.1, 0.9)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    draw_curves(axes, known, styles, left)

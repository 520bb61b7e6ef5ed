"""The figure of the budget spent at each fidelity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import cast

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from plots.drawing.caption import Captions, panel_names
from plots.drawing.frame import Panel, message_figure, panel_figure
from plots.drawing.lines import no_curve
from plots.drawing.style import TICK_LABEL_SIZE, Width, literal, text_width, wrap
from results.anytime.comparisons import comparisons
from results.storage.study import Cell, Study
from results.summaries.summary import summarize

ROW_HEIGHTS: dict[Width, float] = {"page": 0.22, "column": 0.16}
"""Smallest height of an algorithm's bar with its gap [in]."""

NAMES_WIDTH = 1.2
"""Width of the algorithms' names [in]. Longer names are wrapped."""

LUMINANCE = (0.3, 0.59, 0.11)
"""Weights of red, green and blue in the lightness of a colour."""

LEAST_NAMED = 0.07
"""Smaller shares have no number on their bar."""

_COLUMNS = ["benchmark", "label", "fidelity", "evaluations", "seconds", "share", "n_trials"]


def fidelity_data(study: Study) -> pd.DataFrame:
    """Return the budget spent at each fidelity.

    Returns
    -------
    DataFrame
        One row per fidelity that was used: ``benchmark, label, fidelity`` (epochs), ``evaluations, seconds`` (per
        trial: mean number of evaluations begun, and mean simulated time charged within the budget [s], NaN without
        recorded times), ``share`` (of all that the algorithm was charged: of time, or of evaluations without recorded
        times), ``n_trials``.
    """
    frames = [
        _spent(cell, timed=bool(study.benchmarks[comparison.benchmark]["has_seconds"]))
        for comparison in comparisons(study)
        for cell in comparison.present
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_COLUMNS)


def _spent(cell: Cell, timed: bool) -> pd.DataFrame:
    rows, n_trials = cell.evaluations, len(cell.trials)
    budget = cell.protocol["budget"].get("seconds", np.inf)
    charged = (rows["end"].clip(upper=budget) - rows["start"]).clip(upper=rows["charged_seconds"])
    groups = charged.groupby(rows["fidelity_to"])
    evaluations, total = groups.size() / n_trials, groups.sum() / n_trials
    share = total if timed else evaluations
    spent = pd.DataFrame(
        {"evaluations": evaluations, "seconds": total if timed else np.nan, "share": share / share.sum()}
    )
    spent = spent.assign(benchmark=cell.benchmark, label=cell.label, n_trials=n_trials)
    table: pd.DataFrame = spent.rename_axis("fidelity").reset_index()[_COLUMNS]
    return table


def fidelity_figure(study: Study, data: pd.DataFrame | None = None, width: Width = "page") -> Figure:
    """Draw the share of the budget spent at each fidelity, one bar per algorithm, one panel per benchmark.

    Parameters
    ----------
    study : Study
        Complete or not. The caption names missing trials.
    data : DataFrame, optional
        The result of `fidelity_data`, to save its computation.
    width : {"page", "column"}

    Returns
    -------
    Figure
        Not registered with pyplot. Its label is the full caption.
    """
    summary = summarize(study)
    if not summary.benchmarks:
        return message_figure(summary.missing[0], width)
    if data is None:
        data = fidelity_data(study)
    names, shades = panel_names(summary), _shades(sorted(data["fidelity"].unique()))
    labels = list(dict.fromkeys(cell.label for cell in study.cells))
    timed = {panel.benchmark: study.benchmarks[panel.benchmark]["has_seconds"] for panel in summary.benchmarks}
    panels = [
        Panel(
            names[panel.benchmark],
            f"share of {'simulated time' if timed[panel.benchmark] else 'evaluations'} [%]",
            "",
            partial(_draw, data=data[data["benchmark"] == panel.benchmark], labels=labels, shades=shades),
        )
        for panel in summary.benchmarks
    ]
    caption = Captions(study, summary).caption(
        "Cost charged at each fidelity, as a share of the total that an algorithm was charged within the budget.",
        tests="Descriptive only; nothing is tested.",
        unit="algorithm",
    )
    legend = {f"{fidelity:g} epochs": partial(_patch, shade) for fidelity, shade in shades.items()}
    lines = max(len(wrap(label, TICK_LABEL_SIZE, NAMES_WIDTH)) for label in labels)
    height = 0.45 + max(ROW_HEIGHTS[width], 0.04 + lines * TICK_LABEL_SIZE / 60) * len(labels)
    names_width = min(NAMES_WIDTH, max(text_width(label, TICK_LABEL_SIZE) for label in labels))
    return panel_figure(panels, legend, caption, width, height, handle_length=1.5, tick_width=names_width)


Shade = tuple[float, float, float, float]


def _shades(fidelities: Sequence[float]) -> dict[float, Shade]:
    """Return a shade for each fidelity, lighter for lower ones, also in greyscale."""
    places = np.linspace(0.9, 0.25, len(fidelities)) if len(fidelities) > 1 else [0.5] * len(fidelities)
    return dict(zip(fidelities, map(mpl.colormaps["cividis"], places), strict=True))


def _patch(shade: Shade) -> Patch:
    return Patch(facecolor=shade, edgecolor="white", linewidth=0.5)


def _draw(axes: Axes, data: pd.DataFrame, labels: Sequence[str], shades: Mapping[float, Shade]) -> None:
    if data.empty:
        no_curve(axes, "no evaluations yet")
        return
    shares = data.pivot_table("share", "label", "fidelity").reindex(list(labels)).fillna(0.0)
    left = np.zeros(len(labels))
    for fidelity, share in shares.items():
        shade, width = shades[cast(float, fidelity)], 100 * share.to_numpy()
        bars = axes.barh(range(len(labels)), width, 0.72, left, color=shade, edgecolor="white", linewidth=0.5)
        dark = np.dot(shade[:3], LUMINANCE) < 0.5
        numbers = [f"{value:.0f}" if value >= 100 * LEAST_NAMED else "" for value in width]
        axes.bar_label(bars, numbers, label_type="center", size=6, color="white" if dark else "black")
        left += width
    axes.set(xlim=(0, 100), ylim=(len(labels) - 0.45, -0.55))
    place = axes.get_subplotspec()
    named = labels if place is None or place.is_first_col() else [""] * len(labels)
    axes.set_yticks(range(len(labels)), ["\n".join(wrap(label, TICK_LABEL_SIZE, NAMES_WIDTH)) for label in named])
    literal(axes.get_yticklabels())
    axes.grid(visible=False)

"""The figures of what surrogates predict: of a left-out algorithm, and by the number of parameter-free operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.drawing.frame import message_figure
from plots.drawing.lines import log_ticks
from plots.drawing.style import PAGE_WIDTHS, literal, style_context
from plots.drawing.units import regret_unit

HEIGHT = 2.4
"""Height of a figure [in]."""
KINDS = {"trajectories": ("fitted to the other algorithms", "o"), "random": ("fitted to random architectures", "D")}


def left_out_figure(reports: Sequence[Mapping[str, Any]]) -> tuple[Figure, pd.DataFrame]:
    """Draw how well surrogates rank the architectures of an algorithm that they were not fitted to.

    Parameters
    ----------
    reports : sequence of mapping
        One per table: ``table, title, model, seed`` and ``left_out``, see ``harness.surrogates.left_out``.

    Returns
    -------
    figure : Figure
    data : DataFrame
        The numbers behind the figure.
    """
    rows = [
        {
            "table": report["table"],
            "algorithm": label,
            **{key: value for key, value in found.items() if key not in KINDS},
            **{f"{kind}_{name}": value for kind in KINDS for name, value in found[kind].items()},
        }
        for report in reports
        for label, found in report["left_out"].items()
    ]
    if not rows:
        return message_figure("no algorithm has enough architectures of its own"), pd.DataFrame()
    data = pd.DataFrame(rows)
    labels = list(dict.fromkeys(data["algorithm"]))
    with style_context():
        figure, panels = _panels(len(reports))
        for axes, report in zip(panels, reports, strict=True):
            own = data[data["table"] == report["table"]].set_index("algorithm").reindex(labels)
            places = np.arange(len(labels))
            for colour, (kind, (name, marker)) in zip(seaborn.color_palette("colorblind"), KINDS.items(), strict=False):
                taus = own[f"{kind}_kendall"].to_numpy(np.float64)
                axes.plot(taus, places, marker, color=colour, label=name, markersize=4.5)
            axes.set(title=report["title"], xlabel="Kendall tau of predictions and records")
            axes.set_yticks(places, labels if axes is panels[0] else [""] * len(labels))
            axes.set_ylim(len(labels) - 0.5, -0.5)
            axes.set_xlim(min(0.0, 1.1 * data[[f"{kind}_kendall" for kind in KINDS]].to_numpy(np.float64).min()), 1)
            literal([axes.title, *axes.get_yticklabels()])
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
        about = reports[0]
        figure.set_label(
            f"Kendall tau between recorded errors and those that {about['model']} predicts for the architectures of an"
            " algorithm that it was not fitted to. It was fitted to architectures that the other algorithms searched,"
            f" or to as many random ones; seed {about['seed']}."
        )
    return figure, data


def parameter_free_figure(reports: Sequence[Mapping[str, Any]]) -> tuple[Figure, pd.DataFrame]:
    """Draw recorded and predicted errors by the number of parameter-free operations.

    Parameters
    ----------
    reports : sequence of mapping
        One per table: ``table, title, unit, model, train, seed`` and ``parameter_free``, see
        ``harness.surrogates.parameter_free``. Those in which it is None are not drawn.

    Returns
    -------
    figure : Figure
    data : DataFrame
        The numbers behind the figure, in the benchmark's unit.
    """
    reports = [report for report in reports if report["parameter_free"]]
    data = pd.DataFrame([{"table": one["table"], **level} for one in reports for level in one["parameter_free"]])
    with style_context():
        figure, panels = _panels(len(reports))
        palette = seaborn.color_palette("colorblind")
        lines = {"error": "recorded", "predicted": "predicted", "mean_absolute_error": "distance of the two"}
        for axes, report in zip(panels, reports, strict=True):
            own = data[data["table"] == report["table"]]
            scale, _ = regret_unit(report["unit"])
            for colour, marker, (column, name) in zip(palette, "oDs", lines.items(), strict=False):
                axes.plot(own["operations"], scale * own[column], marker=marker, color=colour, label=name, markersize=4)
            axes.set(title=report["title"], xlabel="parameter-free operations", yscale="log")
            low, high = axes.get_ylim()
            log_ticks(axes.yaxis, low, high, HEIGHT / 2)
            literal([axes.title])
        panels[0].set_ylabel(f"mean [{'%' if reports[0]['unit'] == 'fraction' else reports[0]['unit']}]")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
        about = reports[0]
        figure.set_label(
            f"Mean recorded error, mean error predicted by {about['model']} fitted to {about['train']:,} architectures,"
            " and mean absolute difference of the two, over the architectures with a number of operations without"
            f" weights that it was not fitted to; seed {about['seed']}."
        )
    return figure, data


def _panels(number: int) -> tuple[Figure, Sequence[Axes]]:
    """Return a figure with panels side by side."""
    figure = Figure(figsize=(PAGE_WIDTHS.get(number, PAGE_WIDTHS[3]), HEIGHT), layout="constrained")
    return figure, list(figure.subplots(1, number, squeeze=False)[0])

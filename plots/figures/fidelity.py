"""The figure of the budget spent at each fidelity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from plots.drawing.caption import panel_names
from plots.drawing.caption_writer import Captions
from plots.drawing.frame import Caption, Panel, message_figure, panel_figure
from plots.drawing.lines import no_curve
from plots.drawing.names import NO_TRIALS
from plots.drawing.panels import ordered_panels
from plots.drawing.selection import MOST_BENCHMARKS, Selection, View, view
from plots.drawing.style import TICK_LABEL_SIZE, Width, literal, text_width, wrap
from results.storage.study import Study
from results.summaries.fidelity_table import fidelity_data

MOST_FIDELITIES = 8
"""With more fidelities than this, they are grouped in classes."""
CLASSES = ["below 3 %", "3 to 10 %", "10 to 30 %", "30 % or more", "full training"]
"""Fidelities as shares of the highest one."""

ROW_HEIGHTS: dict[Width, float] = {"page": 0.22, "column": 0.16}
"""Smallest height of an algorithm's bar with its gap [in]."""

MANY_HEIGHT = 0.14
"""The same of many panels [in]."""
NAMES_WIDTH = 1.2
"""Width of the algorithms' names [in]. Longer names are wrapped."""

LUMINANCE = (0.3, 0.59, 0.11)
"""Weights of red, green and blue in the lightness of a colour."""

LEAST_NAMED = 0.07
"""Smaller shares have no number on their bar."""


def fidelity_figure(
    study: Study, data: pd.DataFrame | None = None, width: Width = "page", selection: Selection | None = None
) -> Figure:
    """Draw the share of the budget spent at each fidelity, one bar per algorithm, one panel per benchmark.

    Parameters
    ----------
    study : Study
        Complete or not. The caption names missing trials.
    data : DataFrame, optional
        The result of `fidelity_data`, to save its computation.
    width : {"page", "column"}
    selection : Selection, optional
        What to show. Default: everything.

    Returns
    -------
    Figure
        Not registered with pyplot. Its label is the full caption.
    """
    shown = view(study, selection=selection)
    if not shown.summary.benchmarks:
        return message_figure(shown.nothing, width)
    if data is None:
        data = fidelity_data(study)
    data = shown.rows(data)
    data = data.assign(share=100 * data["share"], unit="% of the cost charged")
    relative = data["fidelity"].nunique() > MOST_FIDELITIES
    drawn = _relative(data) if relative else data.assign(group=data["fidelity"].map("{:g} epochs".format))
    groups = CLASSES if relative else drawn.sort_values("fidelity")["group"].unique().tolist()
    shades = _shades([group for group in groups if group in set(drawn["group"])])
    timed = {panel.benchmark: study.benchmarks[panel.benchmark]["has_seconds"] for panel in shown.summary.benchmarks}
    chosen, names = ordered_panels(shown), panel_names(shown.summary)
    columns = _columns(len(chosen), width)
    named = {label: label + (NO_TRIALS if label in shown.missing else "") for label in shown.styles}
    panels = [
        Panel(
            names[panel.benchmark],
            f"share of {'simulated time' if timed[panel.benchmark] else 'evaluations'} [%]",
            "",
            partial(_draw, drawn[drawn["benchmark"] == panel.benchmark], named, shades, first=place % columns == 0),
        )
        for place, panel in enumerate(chosen)
    ]
    legend = {group: partial(_patch, shade) for group, shade in shades.items()}
    lines = max(len(wrap(label, TICK_LABEL_SIZE, NAMES_WIDTH)) for label in named.values())
    rows = ROW_HEIGHTS[width] if len(panels) <= MOST_BENCHMARKS else MANY_HEIGHT
    height = 0.45 + max(rows, 0.04 + lines * TICK_LABEL_SIZE / 60) * len(named)
    names_width = min(NAMES_WIDTH, max(text_width(label, TICK_LABEL_SIZE) for label in named.values()))
    figure = panel_figure(panels, legend, _caption(shown, relative), width, height, 1.5, names_width, columns=columns)
    figure.data = data
    return figure


def _columns(panels: int, width: Width) -> int:
    if width == "column":
        return 1
    return 2 if panels in (2, 4) else min(panels, 3)


def _caption(shown: View, relative: bool) -> Caption:
    of = " Fidelities are grouped by their share of the highest one of the benchmark." if relative else ""
    return Captions.of(shown, coloured=False).caption(
        "Cost charged at each fidelity, as a share of the total that an algorithm was charged within the budget.",
        details=[of.strip()] if of else [],
        tests="Descriptive only; nothing is tested.",
        unit="algorithm",
        defined=[],
        brief="fidelities as shares of the highest one" if relative else "",
    )


def _relative(data: pd.DataFrame) -> pd.DataFrame:
    """Return the data with fidelities in classes by their share of the highest one of the benchmark."""
    share = data["fidelity"] / data.groupby("benchmark")["fidelity"].transform("max")
    group = np.select([share >= 1, share >= 0.3, share >= 0.1, share >= 0.03], CLASSES[:0:-1], CLASSES[0])
    grouped = data.assign(group=group)
    summed: pd.DataFrame = grouped.groupby(["benchmark", "label", "group"], sort=False)["share"].sum().reset_index()
    return summed


Shade = tuple[float, float, float, float]


def _shades(groups: Sequence[str]) -> dict[str, Shade]:
    """Return a shade for each group of fidelities, lighter for lower ones, also in greyscale."""
    places = np.linspace(0.9, 0.25, len(groups)) if len(groups) > 1 else [0.5] * len(groups)
    return dict(zip(groups, map(mpl.colormaps["cividis"], places), strict=True))


def _patch(shade: Shade) -> Patch:
    return Patch(facecolor=shade, edgecolor="white", linewidth=0.5)


def _draw(
    data: pd.DataFrame, names: Mapping[str, str], shades: Mapping[str, Shade], axes: Axes, *, first: bool
) -> None:
    if data.empty:
        no_curve(axes, "no evaluations yet")
        return
    labels = list(names)
    shares = data.pivot_table("share", "label", "group", aggfunc="sum").reindex(labels).fillna(0.0)
    left = np.zeros(len(labels))
    for group, shade in shades.items():
        if group not in shares:
            continue
        width = shares[group].to_numpy()
        bars = axes.barh(range(len(labels)), width, 0.72, left, color=shade, edgecolor="white", linewidth=0.5)
        dark = np.dot(shade[:3], LUMINANCE) < 0.5
        numbers = [f"{value:.0f}" if value >= 100 * LEAST_NAMED else "" for value in width]
        axes.bar_label(bars, numbers, label_type="center", size=6, color="white" if dark else "black")
        left += width
    axes.set(xlim=(0, 100), ylim=(len(labels) - 0.45, -0.55))
    shown = names.values() if first else [""] * len(labels)
    axes.set_yticks(range(len(labels)), ["\n".join(wrap(name, TICK_LABEL_SIZE, NAMES_WIDTH)) for name in shown])
    literal(axes.get_yticklabels())
    axes.grid(visible=False)

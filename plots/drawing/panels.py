"""Figures with one panel per benchmark, and the names of the algorithms in a legend or at their curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from plots.drawing.caption import panel_names
from plots.drawing.colours import LabelStyle
from plots.drawing.frame import PANEL_HEIGHTS, Caption, Lead, Panel, PanelFigure, panel_figure
from plots.drawing.lines import LEAST_SHARE, draw_curves, multiple_axes, style_line
from plots.drawing.names import END_STEP, ends_width, legend_handles, name_ends
from plots.drawing.selection import View
from plots.drawing.style import Width, wrap
from results.summaries.types import BenchmarkSummary

Words = Callable[[BenchmarkSummary], str]
Draw = Callable[[BenchmarkSummary, pd.DataFrame, Mapping[str, LabelStyle], Axes], None]
"""Draws one benchmark, given its summary, its rows of the data, the style of every algorithm, and the axes."""

MULTIPLES: dict[Width, int] = {"page": 5, "column": 2}
"""Number of small multiples per row."""
MOST_LEFT = 50.0
"""The largest left end of small multiples, as a share of the horizon [%]."""
MULTIPLE_HEIGHT = 1.3
LEAD_HEIGHT, LEAD_ROW = 2.3, 0.11
NOTE_SIZE = 5.5
NOTE_WIDTHS = {1: 3.2, 2: 2.2, 3: 1.9}
"""Width of the note above a panel, by panels per row [in]."""


@dataclass(frozen=True)
class Panels:
    """How the panels of a figure are drawn.

    Attributes
    ----------
    draw : callable
        Draws a benchmark's panel.
    x_label, y_label : callable
        Return the labels of the axes of a benchmark's panel.
    lead : Panel, optional
        The summary over all benchmarks, drawn above small multiples.
    handle : callable
        Makes the legend's handle of a style.
    handle_length : float
        Length of the handles, in font sizes.
    curves : bool
        Whether the algorithms are curves, that can be named at their ends.
    named : bool
        Whether the panels name the algorithms themselves, so that there is no legend.
    statistic : bool
        Whether a panel says so if its statistic is another one than that of most panels.
    left : float
        Width of the names at the left of each panel [in].
    height : float, optional
        Height of a row of panels [in].
    columns : int, optional
        Panels per row.
    """

    draw: Draw
    x_label: Words
    y_label: Words
    lead: Panel | None = None
    handle: Callable[[LabelStyle], Artist] = style_line
    handle_length: float = 3.2
    curves: bool = True
    named: bool = False
    statistic: bool = False
    left: float = 0.0
    height: float | None = None
    columns: int | None = None


def benchmark_figure(view: View, data: pd.DataFrame, panels: Panels, caption: Caption, width: Width) -> PanelFigure:
    """Make a figure with one panel per benchmark.

    Parameters
    ----------
    view : View
        With at least one benchmark.
    data : DataFrame
        With the columns ``benchmark`` and ``label``, in the units of the figure.
    panels : Panels
    caption, width
        As for `plots.drawing.frame.panel_figure`.
    """
    ends = view.crowded and panels.curves
    room = ends_width(view.styles) if ends else 0.0
    finish = partial(name_ends, view.styles) if ends else None
    made = [
        _panel(view, found, data, panels, None if view.many else finish, 0.0 if view.many else room, width)
        for found in ordered_panels(view)
    ]
    legend = {} if ends or panels.named else legend_handles(view, panels.handle)
    columns, height, lead = panels.columns, panels.height, None
    if view.many and not panels.named:
        columns, height = MULTIPLES[width], panels.height or MULTIPLE_HEIGHT
    elif ends:
        columns = 1 if width == "column" or len(made) == 1 else 2
        height = max(PANEL_HEIGHTS["page"], 0.55 + END_STEP * len(view.styles))
    if view.many and panels.lead:
        first = Panel(panels.lead.title, panels.lead.x_label, panels.lead.y_label, panels.lead.draw, finish, room)
        lead = Lead(first, max(LEAD_HEIGHT, 0.75 + LEAD_ROW * len(view.styles) if ends or panels.named else 0.0))
    figure = panel_figure(
        made, legend, caption, width, height, panels.handle_length, columns=columns, lead=lead,
        shared_axes=view.many and not panels.named,
    )  # fmt: skip
    figure.data = data
    return figure


def ordered_panels(view: View) -> list[BenchmarkSummary]:
    """Return the benchmarks in the order of the experiment; small multiples by family."""
    panels = view.summary.benchmarks
    if not view.many:
        return panels
    families = list(dict.fromkeys(family(panel) for panel in panels))
    return sorted(panels, key=lambda panel: families.index(family(panel)))


def family(panel: BenchmarkSummary) -> str:
    """Return the family of a benchmark, which its title begins with."""
    return panel.title.partition(", ")[0]


def _panel(
    view: View, found: BenchmarkSummary, data: pd.DataFrame, panels: Panels,
    finish: Callable[[Axes], None] | None, room: float, width: Width,
) -> Panel:  # fmt: skip
    rows = data[data["benchmark"] == found.benchmark]
    name = panel_names(view.summary)[found.benchmark]
    note = panel_note(found, view, statistic=panels.statistic)

    def draw(axes: Axes) -> None:
        panels.draw(found, rows, view.styles, axes)
        if note:
            write_note(axes, note, width)

    title = name.replace(", ", ",\n", 1) if view.many else name
    return Panel(title, panels.x_label(found), panels.y_label(found), draw, finish, room, panels.left)


def panel_note(panel: BenchmarkSummary, view: View, *, statistic: bool) -> str:
    """Say what is particular about a panel: fewer trials than wanted, or another statistic than most panels."""
    notes: list[str] = []
    statistics = [found.statistic for found in view.summary.benchmarks] if statistic else []
    if (statistics and statistics.count(panel.statistic) * 2 < len(statistics)) or (
        len(set(statistics)) > 1 and panel.statistic == "median"
    ):
        notes.append(panel.statistic)
    partial_ = [found for found in panel.algorithms if 0 < found.trials < found.wanted]
    absent = [found.label for found in panel.algorithms if not found.trials]
    if len(partial_) == 1:
        notes.append(f"{partial_[0].label}: {partial_[0].trials} of {partial_[0].wanted} trials")
    elif partial_:
        fewest = min(partial_, key=lambda found: found.trials)
        notes.append(f"{len(partial_)} algorithms with fewer trials: {fewest.trials} of {fewest.wanted} or more")
    if absent and len(absent) < len(panel.algorithms):
        notes.append(f"no trials: {', '.join(absent) if len(absent) < 3 else f'{len(absent)} algorithms'}")
    return "; ".join(notes)


def write_note(axes: Axes, note: str, width: Width) -> None:
    """Write a note between the title and the axes."""
    inches = axes.bbox.width / axes.figure.dpi
    lines = wrap(note, NOTE_SIZE, max(inches, 0.8))
    axes.set_title(axes.get_title(), pad=3 + 1.25 * NOTE_SIZE * len(lines), parse_math=False)
    axes.annotate(
        "\n".join(lines), (0.5, 1), xycoords="axes fraction", xytext=(0, 2), textcoords="offset points", ha="center",
        va="bottom", size=NOTE_SIZE, color="0.35", parse_math=False, annotation_clip=False,
    )  # fmt: skip


def first_share(data: pd.DataFrame) -> float:
    """Return the left end of small multiples: the first point of a curve, as a share of the horizon [%]."""
    first = data.dropna(subset="centre")["x"].min()
    return float(np.clip(first, LEAST_SHARE, MOST_LEFT)) if np.isfinite(first) else LEAST_SHARE


DrawLead = Callable[[View, pd.DataFrame, Axes], None]


def lead_panel(view: View, data: pd.DataFrame, title: str, panels: Panels, draw: DrawLead) -> Panel | None:
    """Return the panel over all benchmarks, with the labels of the first panel; None without numbers."""
    if data.empty:
        return None
    first = view.summary.benchmarks[0]
    return Panel(title, panels.x_label(first), panels.y_label(first), partial(draw, view, data))


def draw_lead(scale: str, view: View, data: pd.DataFrame, axes: Axes) -> None:
    """Draw the curves over all benchmarks on an axis that fits them: logarithmic, linear, or of ranks."""
    left = first_share(data)
    seen = data.loc[data["x"] >= left, "centre"].to_numpy(np.float64)
    if scale == "log":
        multiple_axes(axes, (0.8 * float(seen.min()), min(1.2 * float(seen.max()), 1.5)), left, log=True)
    elif scale == "rank":
        multiple_axes(axes, (float(seen.max()) + 0.3, float(seen.min()) - 0.3), left)
    else:
        multiple_axes(axes, (0.0, 1.0), left)
    draw_curves(axes, data, view.styles, left)

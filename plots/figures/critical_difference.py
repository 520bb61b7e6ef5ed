"""The critical difference diagram: average ranks over benchmarks, and which of them differ significantly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.drawing.caption_writer import Captions
from plots.drawing.colours import LabelStyle
from plots.drawing.frame import Panel, PanelFigure, message_figure, panel_figure
from plots.drawing.selection import Selection, view
from plots.drawing.style import LABEL_SIZE, Width, literal, wrap
from plots.figures.ranks import NAMES_WIDTHS, areas_of, ranks_caption, ranks_data, ranks_figure, row_height
from results.anytime.curves import Axis
from results.storage.study import Study
from results.summaries.significance import BlockComparison, compare_over_blocks

BAR_STEP = 0.4
"""Distance between bars, in rows."""
RANKS = "ranks"
"""The kind of figure that is drawn instead where no test is possible."""


def critical_difference_data(
    study: Study, target: str | None = None, axis: Axis | None = None, horizon: float | None = None
) -> pd.DataFrame:
    """Return `plots.figures.ranks.ranks_data`: areas and ranks on every benchmark."""
    return ranks_data(study, target, axis, horizon)


def critical_difference_figure(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    horizon: float | None = None,
    data: pd.DataFrame | None = None,
    width: Width = "page",
    selection: Selection | None = None,
) -> Figure:
    """Draw average ranks over benchmarks, and which of them differ significantly.

    Bars join algorithms between which Nemenyi's test finds no difference. With fewer than ten independent blocks
    (search spaces), the figure is the table of ranks, and called so: its `kind` is ``ranks``. See
    `results.summaries.significance.compare_over_blocks`.

    Parameters
    ----------
    study : Study
        Complete or not. The caption names missing trials.
    target, axis, horizon
        As for `critical_difference_data`.
    data : DataFrame, optional
        The result of `critical_difference_data` for the same arguments, to save its computation.
    width : {"page", "column"}
    selection : Selection, optional
        What to show. Default: everything.

    Returns
    -------
    Figure
        Not registered with pyplot. Its label is the full caption.
    """
    shown = view(study, target, axis, horizon, selection)
    if not shown.summary.benchmarks or shown.summary.empty:
        return message_figure(shown.nothing, width)
    if data is None:
        data = critical_difference_data(study, target, axis, horizon)
    compared = compare_over_blocks(areas_of(data))
    if compared.ranks.empty or compared.refused:
        figure = ranks_figure(study, target, axis, horizon, data, width, selection)
        if isinstance(figure, PanelFigure):
            figure.kind = RANKS
        return figure
    diagram = _diagram_figure(compared, shown.styles, Captions.of(shown), width)
    diagram.data = shown.rows(data).assign(unit="dex")
    return diagram


def _diagram_figure(
    compared: BlockComparison, styles: Mapping[str, LabelStyle], captions: Captions, width: Width
) -> PanelFigure:
    n_blocks, n_labels = compared.ranks.shape
    tests = (
        f"Friedman's test over {n_blocks} search spaces: p = {compared.p_value:.2g}. Bars join algorithms that are not"
        " significantly different (not evidence of equality): their average ranks are within Nemenyi's critical"
        f" difference at level 0.05, {compared.critical_difference:.2f}."
    )
    average = compared.average[list(styles)].sort_values(kind="stable")
    labels = [str(label) for label in average.index]

    groups = [[label for label in group if label in styles] for group in compared.groups]
    joined = [group for group in groups if len(group) > 1]
    half, base = -(-len(labels) // 2), 0.3 + BAR_STEP * len(joined)
    wrapped = [wrap(label, LABEL_SIZE, NAMES_WIDTHS[width]) for label in labels]

    def draw(axes: Axes) -> None:
        axes.set(xlim=(0.9, n_labels + 0.1), ylim=(base + half, -0.2))
        axes.xaxis.tick_top()
        axes.set_xticks(range(1, n_labels + 1))
        axes.set_yticks([])
        axes.grid(visible=False)
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.spines["top"].set_visible(True)
        for place, label in enumerate(labels):
            _name(axes, float(average.iloc[place]), wrapped[place], styles[label], (place, len(labels), n_labels), base)
        for level, group in enumerate(joined):
            ends, y = average[list(group)], 0.3 + BAR_STEP * level
            axes.plot(
                [ends.min() - 0.03, ends.max() + 0.03], [y, y], color="0.25", linewidth=2.6, solid_capstyle="butt"
            )

    height = 0.6 + row_height(wrapped) * (half + 1 + BAR_STEP * len(joined))
    caption = ranks_caption(captions, "Average ranks (1 is the best)", tests, "bars: no significant difference")
    return panel_figure([Panel("", "", "", draw)], {}, caption, width, height)


def _name(
    axes: Axes, rank: float, lines: Sequence[str], style: LabelStyle, places: tuple[int, int, int], base: float
) -> None:
    """Draw a line from a rank to its algorithm's name. The better half is at the left edge, the others at the right."""
    place, n_shown, n_labels = places
    left = place < -(-n_shown // 2)
    y = base + (place if left else n_shown - 1 - place) + 0.5
    edge = 0.9 if left else n_labels + 0.1
    axes.plot([rank, rank, edge], [0, y, y], color=style.colour, linewidth=0.8, clip_on=False)
    axes.plot([rank], [0], style.marker, color=style.colour, markersize=3.5, clip_on=False)
    text = axes.annotate(
        "\n".join([*lines[:-1], f"{lines[-1]}  {rank:.2f}"] if left else [f"{rank:.2f}  {lines[0]}", *lines[1:]]),
        (edge, y),
        xytext=(-3 if left else 3, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="center",
        size=LABEL_SIZE,
        annotation_clip=False,
    )
    literal([text])

"""The figure of average ranks over benchmarks: a critical difference diagram, or a table if no test is possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.drawing.caption import Captions, short_names
from plots.drawing.frame import Caption, Panel, message_figure, panel_figure
from plots.drawing.lines import axes_inches
from plots.drawing.style import LABEL_SIZE, TICK_LABEL_SIZE, LabelStyle, Width, label_styles, literal, text_width, wrap
from results.anytime.curves import Axis
from results.storage.study import Study
from results.summaries.significance import BlockComparison, areas_by_benchmark, compare_over_blocks
from results.summaries.summary import summarize

ROW_HEIGHT = 0.17
"""Height of an algorithm's row [in]."""

NAMES_WIDTHS: dict[Width, float] = {"page": 2.0, "column": 1.4}
"""Width of the algorithms' names [in]. Longer names are wrapped."""

BAR_STEP = 0.4
"""Distance between bars, in rows."""

_COLUMNS = ["space", "benchmark", "label", "area", "rank"]


def critical_difference_data(
    study: Study, target: str | None = None, axis: Axis | None = None, horizon: float | None = None
) -> pd.DataFrame:
    """Return the mean area under log regret of every algorithm on every benchmark, and its rank there.

    Parameters
    ----------
    study, target, axis, horizon
        As for `results.anytime.comparisons.comparisons`.

    Returns
    -------
    DataFrame
        One row per cell: ``space, benchmark, label, area`` ([dex], NaN without trials), ``rank`` (1 is the best; NaN if
        any algorithm has no value on the benchmark, which is then left out).
    """
    areas = areas_by_benchmark(study, target, axis, horizon)
    if areas.empty:
        return pd.DataFrame(columns=_COLUMNS)
    ranks = areas.dropna(how="any").rank(axis="columns").reindex(areas.index)
    data = pd.DataFrame({"area": areas.stack(future_stack=True), "rank": ranks.stack(future_stack=True)})
    return data.rename_axis(["space", "benchmark", "label"]).reset_index()


def critical_difference_figure(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    horizon: float | None = None,
    data: pd.DataFrame | None = None,
    width: Width = "page",
) -> Figure:
    """Draw average ranks over benchmarks, and which of them differ significantly.

    With enough independent blocks (search spaces), bars join algorithms between which Nemenyi's test finds no
    difference. Otherwise the figure is a table of ranks. See `results.summaries.significance.compare_over_blocks`.

    Parameters
    ----------
    study : Study
        Complete or not. The caption names missing trials.
    target, axis, horizon
        As for `critical_difference_data`.
    data : DataFrame, optional
        The result of `critical_difference_data` for the same arguments, to save its computation.
    width : {"page", "column"}

    Returns
    -------
    Figure
        Not registered with pyplot. Its label is the full caption.
    """
    summary = summarize(study, target, axis, horizon)
    if summary.empty:
        return message_figure(summary.missing[0], width)
    if data is None:
        data = critical_difference_data(study, target, axis, horizon)
    areas = data.pivot_table("area", ["space", "benchmark"], "label", sort=False, dropna=False)
    compared = compare_over_blocks(areas)
    if compared.ranks.empty:
        return message_figure("no benchmark has trials of all algorithms yet", width)
    captions = Captions(study, summary)
    if compared.refused:
        return _table_figure(compared, data, short_names(summary), captions, width)
    return _diagram_figure(compared, label_styles(study), captions, width)


def _caption(captions: Captions, lead: str, tests: str) -> Caption:
    return captions.caption(
        f"{lead} by the mean area under log regret ({captions.words(lambda panel: panel.target)}). Ranks are first"
        " averaged over the data sets of a search space, because these are not independent.",
        tests=tests,
        unit="algorithm",
    )


def _table_figure(
    compared: BlockComparison, data: pd.DataFrame, titles: Mapping[str, str], captions: Captions, width: Width
) -> Figure:
    caption = _caption(captions, "Ranks (1 is the best)", f"Descriptive only; nothing is tested: {compared.refused}.")
    average = compared.average.sort_values(kind="stable")
    ranks = data.pivot_table("rank", "label", "benchmark", sort=False).reindex(list(average.index))
    labels = list(map(str, average.index))
    wrapped_labels = [wrap(label, TICK_LABEL_SIZE, NAMES_WIDTHS[width]) for label in labels]
    names = [*(titles[str(benchmark)] for benchmark in ranks.columns), "average"]

    def draw(axes: Axes) -> None:
        values = np.column_stack([ranks.to_numpy(), average.to_numpy()])
        axes.imshow(values, cmap="Greys", vmin=0.5, vmax=2 * len(labels), aspect="auto")
        for (row, column), value in np.ndenumerate(values):
            text = f"{value:.2f}".rstrip("0").rstrip(".")
            axes.text(column, row, text, ha="center", va="center", size=TICK_LABEL_SIZE)
        axes.axvline(len(names) - 1.5, color="white", linewidth=3)
        room = axes_inches(axes) / len(names)
        tilted = any(text_width(word, TICK_LABEL_SIZE) > room for name in names for word in name.split())
        wrapped = ["\n".join(wrap(name, TICK_LABEL_SIZE, room)) for name in names]
        axes.set_xticks(range(len(names)), wrapped)
        if tilted:
            axes.set_xticks(range(len(names)), names, rotation=30, ha="left", rotation_mode="anchor")
        axes.set_yticks(range(len(labels)), ["\n".join(lines) for lines in wrapped_labels])
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        literal([*axes.get_xticklabels(), *axes.get_yticklabels()])

    height = 0.75 + _row_height(wrapped_labels) * len(labels)
    return panel_figure([Panel("", "", "", draw)], {}, caption, width, height)


def _diagram_figure(
    compared: BlockComparison, styles: Mapping[str, LabelStyle], captions: Captions, width: Width
) -> Figure:
    n_blocks, n_labels = compared.ranks.shape
    tests = (
        f"Friedman's test over {n_blocks} search spaces: p = {compared.p_value:.2g}. Bars join algorithms that are not"
        " significantly different (not evidence of equality): their average ranks are within Nemenyi's critical"
        f" difference at level 0.05, {compared.critical_difference:.2f}."
    )
    average = compared.average.sort_values(kind="stable")
    labels = [str(label) for label in average.index]

    joined = [group for group in compared.groups if len(group) > 1]
    half, base = -(-n_labels // 2), 0.3 + BAR_STEP * len(joined)
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
            _name(axes, float(average.iloc[place]), wrapped[place], styles[label], place, n_labels, base)
        for level, group in enumerate(joined):
            ends, y = average[list(group)], 0.3 + BAR_STEP * level
            axes.plot(
                [ends.min() - 0.03, ends.max() + 0.03], [y, y], color="0.25", linewidth=2.6, solid_capstyle="butt"
            )

    height = 0.6 + _row_height(wrapped) * (half + 1 + BAR_STEP * len(joined))
    caption = _caption(captions, "Average ranks (1 is the best)", tests)
    return panel_figure([Panel("", "", "", draw)], {}, caption, width, height)


def _row_height(wrapped: Sequence[Sequence[str]]) -> float:
    """Return the height of a row in which the longest wrapped name fits [in]."""
    return max(ROW_HEIGHT, 0.05 + max(map(len, wrapped)) * LABEL_SIZE / 60)


def _name(
    axes: Axes, rank: float, lines: Sequence[str], style: LabelStyle, place: int, n_labels: int, base: float
) -> None:
    """Draw a line from a rank to its algorithm's name. The better half is at the left edge, the others at the right."""
    half = -(-n_labels // 2)
    left = place < half
    y = base + (place if left else n_labels - 1 - place) + 0.5
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

"""The figure of ranks on every benchmark: a table, with the average over search spaces."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.drawing.caption import panel_names, short_names
from plots.drawing.caption_writer import Captions
from plots.drawing.frame import Caption, Panel, message_figure, panel_figure
from plots.drawing.lines import axes_inches
from plots.drawing.panels import ordered_panels
from plots.drawing.selection import Selection, View, view
from plots.drawing.style import TICK_LABEL_SIZE, Width, literal, text_width, wrap
from results.anytime.curves import Axis
from results.storage.study import Study
from results.summaries.significance import BlockComparison, areas_by_benchmark, compare_over_blocks

ROW_HEIGHT = 0.17
"""Height of a row with one line [in]."""
NAMES_WIDTHS: dict[Width, float] = {"page": 2.0, "column": 1.4}
"""Width of the names of rows [in]. Longer names are wrapped."""
MOST_COLUMNS = 8
"""With more benchmarks than this, they are the rows, and the algorithms the columns."""
DARKEST = 0.75
"""Shade of rank 1 in the colour map."""
MOST_LETTERS = 1.5
"""Largest width of the name of a column [in]."""
AVERAGE = "average"

_COLUMNS = ["space", "benchmark", "label", "area", "rank"]


def ranks_data(
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


def ranks_figure(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    horizon: float | None = None,
    data: pd.DataFrame | None = None,
    width: Width = "page",
    selection: Selection | None = None,
) -> Figure:
    """Draw a table of ranks on every benchmark and their average. It is descriptive: nothing is tested.

    Parameters
    ----------
    study : Study
        Complete or not. The caption names missing trials.
    target, axis, horizon
        As for `ranks_data`.
    data : DataFrame, optional
        The result of `ranks_data` for the same arguments, to save its computation.
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
        data = ranks_data(study, target, axis, horizon)
    compared = compare_over_blocks(areas_of(data))
    if compared.ranks.empty:
        return message_figure("no benchmark has trials of all algorithms yet", width)
    data = shown.rows(data).assign(unit="dex")
    ranks = _table(shown, data, compared)
    many = len(ranks.columns) > MOST_COLUMNS + 1
    names = {**(panel_names(shown.summary) if many else short_names(shown.summary)), AVERAGE: AVERAGE}
    ranks, names = (ranks.T, dict(names)) if many else (ranks, names)
    room = 1.4 * NAMES_WIDTHS[width] if many else NAMES_WIDTHS[width]
    rows = [wrap(names.get(str(key), str(key)), TICK_LABEL_SIZE, room) for key in ranks.index]
    columns = [names.get(str(key), str(key)) for key in ranks.columns]
    draw = partial(_draw, ranks.to_numpy(np.float64), rows, columns, shown.n_algorithms, across=many)
    height = 0.35 + row_height(rows) * len(rows)
    if many:
        height += min(MOST_LETTERS, max(text_width(name, TICK_LABEL_SIZE) for name in columns)) * 0.6
    refused = compared.refused or "see the critical difference diagram for tests"
    tests = f"Descriptive only; nothing is tested: {refused}."
    caption = ranks_caption(Captions.of(shown, coloured=False), "Ranks (1 is the best)", tests)
    figure = panel_figure([Panel("", "", "", draw)], {}, caption, width, height, columns=1)
    figure.data = data
    return figure


def areas_of(data: pd.DataFrame) -> pd.DataFrame:
    """Return the areas in the data of this figure as `results.summaries.significance.areas_by_benchmark`."""
    return data.pivot_table("area", ["space", "benchmark"], "label", sort=False, dropna=False)


def ranks_caption(captions: Captions, lead: str, tests: str, brief: str = "") -> Caption:
    """Write the caption of a figure of ranks over benchmarks."""
    return captions.caption(
        lead + " by the mean area under log regret ({targets}).",
        details=["Ranks are first averaged over the data sets of a search space, because these are not independent."],
        tests=tests,
        unit="algorithm",
        brief=brief,
        parts="Benchmarks",
    )


def _table(shown: View, data: pd.DataFrame, compared: BlockComparison) -> pd.DataFrame:
    """Return the ranks: one row per algorithm, one column per benchmark in the order of the figure, and the average."""
    average = compared.average[[label for label in shown.styles if label in compared.average.index]]
    if shown.order is None:
        average = average.sort_values(kind="stable")
    ranks = data.pivot_table("rank", "label", "benchmark", sort=False).reindex(list(average.index))
    benchmarks = [panel.benchmark for panel in ordered_panels(shown) if panel.benchmark in ranks]
    return ranks[benchmarks].assign(**{AVERAGE: average})


def _draw(
    values: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    rows: Sequence[Sequence[str]],
    columns: Sequence[str],
    worst: int,
    axes: Axes,
    *,
    across: bool,
) -> None:
    shades = DARKEST * (worst - values) / max(worst - 1, 1)
    axes.imshow(shades, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        text = f"{value:.2f}".rstrip("0").rstrip(".") if np.isfinite(value) else ""
        dark = shades[row, column] > 0.55
        axes.text(column, row, text, ha="center", va="center", size=TICK_LABEL_SIZE, color="white" if dark else "black")
    (axes.axhline if across else axes.axvline)(values.shape[0 if across else 1] - 1.5, color="white", linewidth=3)
    names = max(text_width(line, TICK_LABEL_SIZE) for lines in rows for line in lines)
    room = (axes_inches(axes) - names + 0.2) / len(columns) - 0.05  # the provisional axes have room for numbers only
    tilted = any(text_width(word, TICK_LABEL_SIZE) > room for name in columns for word in name.split())
    if tilted:
        axes.set_xticks(range(len(columns)), columns, rotation=45 if across else 30, ha="left", rotation_mode="anchor")
    else:
        axes.set_xticks(range(len(columns)), ["\n".join(wrap(name, TICK_LABEL_SIZE, room)) for name in columns])
    axes.set_yticks(range(len(rows)), ["\n".join(lines) for lines in rows])
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    literal([*axes.get_xticklabels(), *axes.get_yticklabels()])


def row_height(wrapped: Sequence[Sequence[str]]) -> float:
    """Return the height of a row in which the longest wrapped name fits [in]."""
    return max(ROW_HEIGHT, 0.05 + max(map(len, wrapped)) * TICK_LABEL_SIZE / 60)

"""The figure of all pairwise differences."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from plots.drawing.caption import panel_names, short_names
from plots.drawing.caption_writer import Captions
from plots.drawing.frame import Caption, Panel, message_figure, panel_figure
from plots.drawing.selection import Selection, View, view
from plots.drawing.style import COLUMN_WIDTH, PAGE_WIDTHS, Width, literal, shortened, text_width
from results.anytime.curves import Axis
from results.storage.study import Study
from results.summaries.summary import summarize
from results.summaries.types import BenchmarkSummary, PairSummary

_COLUMNS = [
    "benchmark", "label", "other", "difference", "low", "high", "unit", "trials", "tested", "p_holm", "winner",
    "verdict",
]  # fmt: skip

EDGES = (-0.3, -0.1, 0.1, 0.3)
"""Differences at which the shade changes [dex]: factors of 2 and 1.26 in regret."""
SHADES = ("#2b6cb0", "#a9cde6", "#f4f4f4", "#f7b999", "#c0392b")
"""From a row that is better to one that is worse: blue to red, which colour-blind readers tell apart."""
DARK = (0, len(SHADES) - 1)
"""Shades with white text."""
NUMBERED = 0.25
"""Least width of a cell that shows its number [in]."""
WIDEST_CELL, LOWEST_CELL = 0.42, 0.03
MOST_COLUMNS = 8
SHORT = 3
"""With more panels per row, titles leave out what all of them share."""
TALLEST: dict[Width, float] = {"page": 8.0, "column": 5.5}
"""Largest height of all panels together [in]. The caption below a column is long."""
HEADING, GUTTER = 0.45, 0.25
"""Height of a panel's title and ticks, and width of its ticks and its distance from the next one [in]."""
NAME_SIZE = 6.5
SMALLEST = 4.0
"""Smallest text [pt]. Where names would be smaller, the caption has them."""
NUMBER_LENGTH = 3.6
"""Width of a number, in font sizes."""


class _Sizes(NamedTuple):
    columns: int
    cell: float  # [in]
    names: float  # [in]; 0 if the caption names the rows

    @property
    def numbered(self) -> bool:
        """Whether a cell has room for its number."""
        return self.cell >= NUMBERED

    @property
    def text(self) -> float:
        """The size of the names and numbers of rows [pt]."""
        return min(NAME_SIZE, 72 * 0.85 * self.cell)

    @property
    def room(self) -> float:
        """The width of a name beside its number [in]."""
        return self.names - 0.1 - text_width(" 00", self.text)


def pairs_data(
    study: Study, target: str | None = None, axis: Axis | None = None, horizon: float | None = None
) -> pd.DataFrame:
    """Return the difference in area under log regret of every ordered pair of algorithms.

    The numbers are those of ``regretta summary --json``; each pair stands twice, once from each side.

    Parameters
    ----------
    study : Study
    target, axis, horizon
        As for `results.summaries.summary.summarize`.

    Returns
    -------
    DataFrame
        One row per ordered pair of algorithms with trials: ``benchmark, label, other, difference`` (area of `label`
        minus that of `other`, negative if `label` is better: the median over common trials, or the mean after a run
        until decided), ``low, high`` (its interval), ``unit`` (dex), ``trials, tested, p_holm, winner, verdict``.
    """
    return _table(summarize(study, target, axis, horizon).benchmarks)


def _table(benchmarks: list[BenchmarkSummary]) -> pd.DataFrame:
    rows = []
    for panel in benchmarks:
        without = {a.label for a in panel.algorithms if not a.trials}
        for pair in (pair for pair in panel.pairs if not {pair.a, pair.b} & without):
            rows += [_row(panel.benchmark, pair, 1.0), _row(panel.benchmark, pair, -1.0)]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _row(benchmark: str, pair: PairSummary, sign: float) -> list[object]:
    decided = pair.decision
    if decided is None:
        difference, low, high = pair.median_difference, pair.low, pair.high
        tested, trials = pair.refusal is None, pair.trials
    else:
        difference, low, high = decided.mean_difference, decided.low, decided.high
        tested, trials = difference is not None, decided.trials
    ends = [np.nan if end is None else sign * end for end in (low, high)]
    labels = (pair.a, pair.b) if sign > 0 else (pair.b, pair.a)
    value = np.nan if difference is None else sign * difference
    p = np.nan if pair.p_holm is None else pair.p_holm
    return [
        benchmark, *labels, value + 0.0, *(ends if sign > 0 else ends[::-1]), "dex", trials, tested, p,
        pair.winner or "", pair.verdict,
    ]  # fmt: skip


def pairs_figure(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    horizon: float | None = None,
    data: pd.DataFrame | None = None,
    width: Width = "page",
    selection: Selection | None = None,
) -> Figure:
    """Draw the differences in area of all pairs as a matrix, one panel per benchmark.

    Rows and columns are in the order of the mean area, the best algorithm first. Only tested pairs are shaded.

    Parameters
    ----------
    study : Study
        Complete or not. The caption names missing trials.
    target, axis, horizon
        As for `pairs_data`.
    data : DataFrame, optional
        The result of `pairs_data` for the same arguments, to save its computation.
    width : {"page", "column"}
    selection : Selection, optional
        What to show. Default: everything.

    Returns
    -------
    Figure
        Not registered with pyplot. Its label is the full caption.
    """
    part = view(study, target, axis, horizon, selection)
    summary = part.summary
    if not summary.benchmarks:
        return message_figure(part.nothing, width)
    if data is None:
        data = _table(summary.benchmarks)
    data = part.rows(data)
    data = data[data["other"].isin(list(part.styles))]
    if data.empty:
        return message_figure("there is a single algorithm, so there are no pairs to compare", width)
    labels = _ordered(summary.benchmarks)
    sizes = _sizes(labels, len(summary.benchmarks), width)
    names = short_names(summary) if sizes.columns > SHORT else panel_names(summary)
    panels = [
        Panel(
            name,
            "",
            "",
            partial(_draw, data[data["benchmark"] == benchmark], labels, sizes, named=number % sizes.columns == 0),
        )
        for number, (benchmark, name) in enumerate(names.items())
    ]
    caption = _caption(part, labels, sizes)
    height = len(labels) * sizes.cell + HEADING
    figure = panel_figure(
        panels,
        _scale(),
        caption,
        width,
        height,
        handle_length=1.0,
        tick_width=sizes.names or 0.15,
        columns=sizes.columns,
    )
    figure.data = data
    return figure


def _caption(part: View, labels: Sequence[str], sizes: _Sizes) -> Caption:
    captions = Captions.of(part, coloured=False)
    numbers = ", ".join(f"{number} {label}" for number, label in enumerate(labels, 1))
    whole = sizes.names and all(shortened(label, sizes.text, sizes.room) == label for label in labels)
    rows = "Columns have the numbers of the rows." if whole else f"Rows and columns: {numbers}."
    strong = "Bold" if sizes.numbered else "Dot"
    statistic = "mean" if part.study.stopping else "median"
    over = "" if len(part.summary.benchmarks) == 1 else ", averaged as ranks over the panels"
    return captions.caption(
        "Area under log regret ({targets}) of the row's algorithm minus that of the column's [dex],"
        f" {statistic} over common trials; below 0 (blue), the row is better.",
        notes=[f"Shaded: tested. {strong}: the row is significantly better. {rows}"],
        details=[
            f"Rows are in the order of the mean area{over}. A difference of 0.1 dex is a factor of 1.26 in regret."
        ],
        unit="algorithm",
        brief=f"shaded: tested; {strong.lower()}: significantly better"
        + ("" if whole else f"; rows and columns: {numbers}"),
    )


def _ordered(panels: Sequence[BenchmarkSummary]) -> list[str]:
    """Return all labels by the mean rank of their mean area over the benchmarks that have one."""
    areas = pd.DataFrame([{a.label: a.area.value for a in panel.algorithms} for panel in panels], dtype=np.float64)
    return [str(label) for label in areas.rank(axis=1).mean().sort_values(kind="stable").index]


def _sizes(labels: Sequence[str], n: int, width: Width) -> _Sizes:
    """Return the number of panels per row and the size of a cell: with numbers if there is room for them."""
    inches = _inches(width)
    widest = max(text_width(label, NAME_SIZE) for label in labels) + text_width(" 00", NAME_SIZE)
    names = min(widest + 0.11, 0.35 * inches)  # a hundredth more than `room` takes away, against rounding
    sizes = _largest(len(labels), n, width, names)
    return sizes if sizes.text >= SMALLEST else _largest(len(labels), n, width, 0.0)


def _inches(width: Width) -> float:
    return COLUMN_WIDTH if width == "column" else PAGE_WIDTHS[3]


def _largest(n_labels: int, n: int, width: Width, names: float) -> _Sizes:
    """Return the arrangement with the most panels per row whose cells have numbers, or with the largest cells."""
    inches, found = _inches(width), []
    for columns in range(1, min(n, MOST_COLUMNS) + 1):
        across = (inches - names) / columns - GUTTER
        down = TALLEST[width] / -(-n // columns) - HEADING
        found.append(_Sizes(columns, min(max(min(across, down) / n_labels, LOWEST_CELL), WIDEST_CELL), names))
    numbered = [sizes for sizes in found if sizes.numbered]
    return numbered[-1] if numbered else max(found, key=lambda sizes: sizes.cell)


def _draw(data: pd.DataFrame, labels: Sequence[str], sizes: _Sizes, axes: Axes, *, named: bool) -> None:
    n, size = len(labels), max(sizes.text, SMALLEST)
    place = {label: number for number, label in enumerate(labels)}
    shades = np.full((n, n), len(SHADES))  # white, unless it was tested
    np.fill_diagonal(shades, len(SHADES) + 1)
    row: Any
    for row in data.dropna(subset="difference").itertuples():
        y, x = place[str(row.label)], place[str(row.other)]
        if row.tested:
            shades[y, x] = bisect_right(EDGES, row.difference)
        _number(axes, x, y, row, dark=shades[y, x] in DARK, sizes=sizes)
    colours = ListedColormap([*SHADES, "white", "0.85"])
    axes.grid(visible=False)
    axes.pcolormesh(shades, cmap=colours, vmin=-0.5, vmax=len(SHADES) + 1.5, edgecolors="white", linewidth=0.4)
    axes.set(xlim=(0, n), ylim=(n, 0), aspect="equal")
    numbers = [str(number) for number in range(1, n + 1)]
    shown = numbers if sizes.names else ["" if int(number) % 5 else number for number in numbers]
    axes.set_xticks(np.arange(n) + 0.5, shown, size=size)
    if sizes.names and named:
        shown = [
            f"{shortened(label, size, sizes.room)} {number}" for label, number in zip(labels, numbers, strict=True)
        ]
    axes.set_yticks(np.arange(n) + 0.5, shown, size=size)
    axes.tick_params(length=0, pad=1.5)
    for spine in axes.spines.values():
        spine.set(visible=True, linewidth=0.4, color="0.6")
    literal(axes.get_yticklabels())


def _number(axes: Axes, x: int, y: int, row: Any, *, dark: bool, sizes: _Sizes) -> None:
    """Write a difference, or mark it where there is no room: strong if the row is significantly better."""
    wins, ink = row.winner == row.label, "white" if dark else "0.1"
    if sizes.numbered:
        text = "0.00" if abs(row.difference) < 0.005 else f"{row.difference:+.2f}".replace("-", "−")
        size = min(NAME_SIZE, 72 * sizes.cell / NUMBER_LENGTH)
        weight = "bold" if wins else "normal"
        axes.text(x + 0.5, y + 0.52, text, ha="center", va="center", size=size, color=ink, weight=weight)
    elif wins:
        axes.plot(x + 0.5, y + 0.5, "o", color=ink, markersize=0.3 * 72 * sizes.cell, markeredgewidth=0)


def _scale() -> dict[str, Callable[[], Artist]]:
    """Return the legend of the shades."""
    ends = [f"{edge:+g}".replace("-", "−") for edge in EDGES]
    texts = [f"< {ends[0]}", *(f"{a} to {b}" for a, b in pairwise(ends)), f"> {ends[-1]}"]
    return {text: partial(_patch, shade) for text, shade in zip(texts, SHADES, strict=True)}


def _patch(shade: str) -> Artist:
    return Patch(facecolor=shade, edgecolor="0.6", linewidth=0.4)

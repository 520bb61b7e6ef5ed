"""The figure of the best architectures that each algorithm found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from plots.drawing.caption import named, panel_names, short_names
from plots.drawing.caption_writer import Captions
from plots.drawing.colours import LabelStyle, label_styles
from plots.drawing.frame import Caption, Panel, message_figure, panel_figure
from plots.drawing.lines import style_point
from plots.drawing.names import label_handles
from plots.drawing.pictures import Picture, add_picture, draw_text, text_picture
from plots.drawing.selection import Selection, View, view
from plots.drawing.style import COLUMN_WIDTH, PAGE_WIDTHS, Width, shortened, text_width
from plots.drawing.units import regret_unit
from results.anytime.architectures import final_architectures
from results.anytime.comparisons import Comparison, comparisons
from results.storage.study import Study

_COLUMNS = [
    "benchmark", "label", "architecture", "genotype", "error", "unit", "rank", "architectures", "found", "n_trials",
    "target",
]  # fmt: skip

Genotype = tuple[int, ...]

TEXT = 6.0
"""Size of the text above and below a picture [pt]."""
LINE = 1.35 * TEXT
"""Distance of its lines [pt]."""
MOST_FINDERS = 4
"""The largest number of algorithms that are named above one architecture."""
SMALLEST, LARGEST = 0.45, 0.85
"""Smallest and largest scale of a picture. Its text has 8 points times the scale."""
MOST_COLUMNS = 5
MOST_EACH = 12
"""The largest number of architectures per benchmark, if not all are shown."""
TALLEST: dict[Width, float] = {"page": 8.0, "column": 6.5}
"""Largest height of all panels together [in]. The caption below a column is long."""
WIDEST_TEXT = 180.0
"""Width of the text above a picture, unless the picture is wider [pt]."""
GUTTER, GAP = 14.0, 8.0
"""Distance of two panels, and of a picture from the text above and below it together [pt]."""
TITLE_HEIGHT = 0.3
"""Height of a panel's title, and of the space around the panel [in]."""


class Drawings(Protocol):
    """Draws and ranks architectures, see `harness.reporting.drawings.Drawings`."""

    def picture(self, benchmark: str, architecture: Genotype) -> Picture:
        """Draw an architecture; the title of the picture is its notation."""
        ...

    def identities(self, benchmark: str, architectures: Sequence[Genotype]) -> ArrayLike:
        """Return numbers that are equal for architectures of the same recorded network: ``(n,)``."""
        ...

    def rank(self, benchmark: str, target: str, error: float) -> tuple[int, int] | None:
        """Return the rank of a true error in the space, and the number of architectures; None if unknown."""
        ...


def architectures_data(study: Study, target: str | None = None, drawings: Drawings | None = None) -> pd.DataFrame:
    """Return the best architecture that each algorithm found on each benchmark.

    It is the best final incumbent of its trials, by the true error. Of equally good ones, it is the one that most
    trials ended with.

    Parameters
    ----------
    study : Study
        Its results folder is read again, because a study does not hold the architectures.
    target : str, optional
        As for `results.anytime.comparisons.comparisons`.
    drawings : Drawings, optional
        The search spaces, such as ``harness.Drawings(study)``. Without them there are neither notations nor ranks.

    Returns
    -------
    DataFrame
        One row per benchmark and algorithm with trials: ``benchmark, label, architecture`` (in the notation of the
        space), ``genotype`` (numbers separated by spaces), ``error`` (true error), ``unit, rank`` (among all recorded
        architectures, 1 is the best; NaN if unknown), ``architectures`` (their number; NaN if unknown), ``found``
        (number of trials that ended with it), ``n_trials, target``.
    """
    rows = [row for comparison in comparisons(study, target) for row in _best(study, comparison, drawings)]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _best(study: Study, comparison: Comparison, drawings: Drawings | None) -> list[list[object]]:
    finals = final_architectures(study, comparison)
    if finals.empty:
        return []
    benchmark, target = comparison.benchmark, comparison.target
    genotypes: list[Genotype] = finals["architecture"].tolist()
    finals["identity"] = _identities(benchmark, genotypes, drawings)
    trials = {cell.label: len(cell.trials) for cell in comparison.present}
    rows: list[list[object]] = []
    for label, of_label in finals.groupby("label", sort=False):
        best = of_label[of_label["error"] == of_label["error"].min()]
        counts = best["identity"].value_counts()
        likeliest = best[best["identity"].map(counts) == counts.max()].iloc[0]
        found = int((of_label["identity"] == likeliest["identity"]).sum())
        genotype, error = likeliest["architecture"], float(likeliest["error"])
        notation = drawings.picture(benchmark, genotype).title if drawings else ""
        rank, size = (drawings.rank(benchmark, target, error) if drawings else None) or (np.nan, np.nan)
        digits = " ".join(map(str, genotype))
        rows.append(
            [benchmark, label, notation, digits, error, comparison.unit, rank, size, found, trials[str(label)], target]
        )
    return rows


def _identities(benchmark: str, genotypes: Sequence[Genotype], drawings: Drawings | None) -> NDArray[np.int64]:
    """Return equal numbers for the same network, or for equal genotypes if the search space is not known: ``(n,)``."""
    if drawings is not None:
        return np.asarray(drawings.identities(benchmark, genotypes), dtype=np.int64)
    numbers: dict[Genotype, int] = {}
    return np.array([numbers.setdefault(genotype, len(numbers)) for genotype in genotypes], dtype=np.int64)


class _Found(NamedTuple):
    """An architecture, and the algorithms whose best one it is, with ``(found, n_trials)``."""

    benchmark: str
    picture: Picture
    finders: dict[str, tuple[int, int]]
    words: str


class _Grid(NamedTuple):
    """The panels per row, the size of a panel [in], the scale of the pictures, and the number of lines above them."""

    columns: int
    width: float
    height: float
    scale: float
    widest: float  # picture [pt]
    lines: int


def architectures_figure(
    study: Study,
    target: str | None = None,
    drawings: Drawings | None = None,
    data: pd.DataFrame | None = None,
    width: Width = "page",
    selection: Selection | None = None,
) -> Figure:
    """Draw the best architectures that the algorithms found, one panel per architecture and benchmark.

    Algorithms whose best architecture is the same share a panel. If that is more than a page, the best architectures
    of each benchmark are shown.

    Parameters
    ----------
    study : Study
        Complete or not. The caption names missing trials.
    target, drawings
        As for `architectures_data`. Without `drawings`, the numbers of the genotypes are shown instead of pictures.
    data : DataFrame, optional
        The result of `architectures_data` for the same arguments, to save its computation.
    width : {"page", "column"}
    selection : Selection, optional
        What to show. Default: everything.

    Returns
    -------
    Figure
        Not registered with pyplot. Its label is the full caption.
    """
    part = view(study, target, selection=selection)
    summary = part.summary
    if not summary.benchmarks or summary.empty:
        return message_figure(part.nothing, width)
    if data is None:
        data = architectures_data(study, target, drawings)
    data = part.rows(data)
    found = _found(data, drawings)
    if not found:
        return message_figure("no trial has completed an evaluation yet", width)
    grid, shown = _fitting(found, width)
    styles = label_styles(study)
    several = len({one.benchmark for one in found}) > 1
    names = short_names(summary) if several else panel_names(summary)
    titles = [names[one.benchmark] if several or not number else "" for number, one in enumerate(shown)]
    panels = [Panel(title, "", "", partial(_draw, one, grid, styles)) for title, one in zip(titles, shown, strict=True)]
    caption = _caption(part, found, shown, drawn=drawings is not None)
    finders = {label for one in shown for label in one.finders}
    legend = label_handles(styles, style_point, finders)
    height = grid.height + TITLE_HEIGHT
    figure = panel_figure(panels, legend, caption, width, height, 1.0, 0.0, columns=grid.columns)
    percent = data["unit"] == "fraction"
    figure.data = data.assign(
        error=data["error"].where(~percent, 100 * data["error"]), unit=data["unit"].where(~percent, "%")
    )
    return figure


def _caption(part: View, found: Sequence[_Found], shown: Sequence[_Found], *, drawn: bool) -> Caption:
    captions = Captions.of(part, coloured=False)
    what = "drawn as in the literature" if drawn else "given as genotypes"
    return captions.caption(
        f"Best architectures found, {what}: of each algorithm the final incumbent with the lowest true error"
        " ({targets}), and the share of its trials that ended with it.",
        notes=_shown_words(found, shown),
        details=[
            "Of equally good architectures, the one that most trials ended with is shown.",
            "The rank is among all recorded architectures of the benchmark: 1 is the lowest true error.",
        ],
        tests="Descriptive only; nothing is tested.",
        unit="algorithm",
        defined=["incumbent"],
        parts="Benchmarks",
    )


def _found(data: pd.DataFrame, drawings: Drawings | None) -> list[_Found]:
    """Group the algorithms by benchmark and architecture, the lowest error of a benchmark first."""
    found: list[_Found] = []
    for benchmark, rows in data.groupby("benchmark", sort=False):
        genotypes: list[Genotype] = [tuple(map(int, text.split())) for text in rows["genotype"]]
        same = _identities(str(benchmark), genotypes, drawings)
        numbered = rows.assign(identity=same, place=range(len(rows)))
        groups = [group for _, group in numbered.groupby("identity")]
        for group in sorted(groups, key=lambda rows: tuple(rows[["error", "place"]].iloc[0])):
            first = group.iloc[0]
            genotype = genotypes[int(first["place"])]
            picture = drawings.picture(str(benchmark), genotype) if drawings else text_picture(str(first["genotype"]))
            finders = {str(row["label"]): (int(row["found"]), int(row["n_trials"])) for row in group.to_dict("records")}
            found.append(_Found(str(benchmark), picture, finders, _words(first)))
    return found


def _words(row: pd.Series) -> str:
    """Write the error and the rank of an architecture."""
    factor, _ = regret_unit(row["unit"])
    percent = row["unit"] == "fraction"
    error = f"error {factor * row['error']:.2f} %" if percent else f"error {row['error']:.4g} {row['unit']}"
    return error if np.isnan(row["rank"]) else f"{error}, rank {int(row['rank']):,} of {int(row['architectures']):,}"


def _fitting(found: Sequence[_Found], width: Width) -> tuple[_Grid, list[_Found]]:
    """Return the panels that fit on a page with legible pictures, and how they are arranged.

    They are all of them; or the best ones of each benchmark, the same number of each; or those of the first benchmarks.
    """
    benchmarks = list(dict.fromkeys(one.benchmark for one in found))
    by_benchmark = [[one for one in found if one.benchmark == name] for name in benchmarks]
    choices = [list(found)]
    choices += [[one for group in by_benchmark for one in group[:each]] for each in range(MOST_EACH, 0, -1)]
    choices += [[group[0] for group in by_benchmark[:n]] for n in range(len(benchmarks) - 1, 0, -1)]
    for shown in choices:
        grid = _grid(shown, width)
        if grid.scale >= SMALLEST:
            return grid, shown
    return _grid(choices[-1], width), choices[-1]


def _grid(shown: Sequence[_Found], width: Width) -> _Grid:
    """Arrange panels on a page so that the pictures are as large as possible."""
    inches = COLUMN_WIDTH if width == "column" else PAGE_WIDTHS[3]
    widest = max(one.picture.width for one in shown)
    tallest = max(one.picture.height for one in shown)
    lines = min(max(len(one.finders) for one in shown), MOST_FINDERS)
    text = (lines + 1) * LINE + GAP
    grids = []
    for columns in range(1, min(len(shown), MOST_COLUMNS) + 1):
        rows = -(-len(shown) // columns)
        across = (72 * inches / columns - GUTTER) / widest
        down = (72 * (TALLEST[width] / rows - TITLE_HEIGHT) - text) / tallest
        scale = min(across, down, LARGEST)
        height = (text + max(scale, 0.0) * tallest) / 72
        grids.append(_Grid(columns, inches / columns, height, scale, scale * widest, lines))
    return max(grids, key=lambda grid: (grid.scale, grid.columns))


def _shown_words(found: Sequence[_Found], shown: Sequence[_Found]) -> list[str]:
    if len(shown) == len(found):
        return []
    seen = {one.benchmark for one in shown}
    missing = list(dict.fromkeys(one.benchmark for one in found if one.benchmark not in seen))
    sentences = [f"For lack of room, {len(shown)} of {len(found)} are shown: the best ones of each benchmark."]
    return sentences + ([f"Not shown: {named(missing)}."] if missing else [])


def _draw(one: _Found, grid: _Grid, styles: Mapping[str, LabelStyle], axes: Axes) -> None:
    """Draw a panel, with coordinates in points: the algorithms, the picture, and the error."""
    width, height = min(72 * grid.width - GUTTER, max(grid.widest, WIDEST_TEXT)), 72 * grid.height
    axes.set(xlim=(0, width), ylim=(height, 0), aspect="equal")
    axes.set_axis_off()
    finders = list(one.finders.items())
    hidden = len(finders) - MOST_FINDERS + 1 if len(finders) > MOST_FINDERS else 0
    for line, (label, (found, trials)) in enumerate(finders[: len(finders) - hidden]):
        y, share, style = (line + 0.5) * LINE, f"{found:,} of {trials:,}", styles[label]
        room = width - 10 - 72 * text_width(f"{share}  ", TEXT)
        axes.plot(3, y, style.marker, color=style.colour, markersize=3.6, markeredgewidth=0)
        draw_text(axes, 9, y, shortened(label, TEXT, room / 72), TEXT)
        draw_text(axes, width, y, share, TEXT, anchor="end")
    if hidden:
        draw_text(axes, 9, (MOST_FINDERS - 0.5) * LINE, f"and {hidden} more", TEXT)
    top = grid.lines * LINE + GAP / 2
    room = height - top - LINE
    add_picture(
        axes,
        one.picture,
        (width - grid.scale * one.picture.width) / 2,
        top + (room - grid.scale * one.picture.height) / 2,
        grid.scale,
    )
    size = min(TEXT, TEXT * width / (72 * text_width(one.words, TEXT)))
    draw_text(axes, width / 2, height - LINE / 2, one.words, size, anchor="middle")

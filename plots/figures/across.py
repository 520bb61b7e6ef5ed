"""The figure of differences over search spaces: the mean over spaces, and the prediction for another space."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from plots.drawing.caption_writer import Captions
from plots.drawing.colours import COLOURS, MARKERS
from plots.drawing.frame import Caption, Panel, message_figure, panel_figure
from plots.drawing.lines import axes_inches
from plots.drawing.selection import Selection, view
from plots.drawing.style import TICK_LABEL_SIZE, Width, literal, wrap
from results.anytime.curves import Axis
from results.storage.study import Study
from results.summaries.across import Across, PairAcross, summarize_across
from results.summaries.pair_words import beats_words, undecided_words, versus
from results.words import counted

MOST_PAIRS = 15
"""With more pairs than this, only those of the algorithm with the best mean over spaces are drawn."""
MOST_SPACES = len(COLOURS)
"""With more spaces than this, all have the same mark."""

NAMES_WIDTHS: dict[Width, float] = {"page": 2.0, "column": 1.25}
"""Width of the pairs' names [in]. Longer names are wrapped."""
ROW_HEIGHT = 0.26
"""Height of a pair's row with one line [in]."""
Colour = str | tuple[float, float, float]
Mark = tuple[str, Colour]
"""A marker and its colour."""
GREY = "0.80"

_COLUMNS = [
    "a", "b", "space", "difference", "low", "high", "predicted_low", "predicted_high", "least", "greatest", "p_holm",
]  # fmt: skip


def across_data(
    study: Study, target: str | None = None, axis: Axis | None = None, horizon: float | None = None
) -> pd.DataFrame:
    """Return the differences between all pairs of algorithms: on each search space, and over the spaces.

    Parameters
    ----------
    study, target, axis, horizon
        As for `results.anytime.comparisons.comparisons`.

    Returns
    -------
    DataFrame
        ``a, b`` (labels), ``space`` (empty for the mean over spaces), ``difference`` (area of a minus area of b [dex]).
        The rows of the mean also have ``low, high, predicted_low, predicted_high, least, greatest, p_holm``, see
        `results.summaries.across.PairAcross`; NaN where undefined.
    """
    return _data(summarize_across(study, target, axis, horizon))


def _data(across: Across) -> pd.DataFrame:
    rows = []
    for pair in _compared(across):
        names = {"a": pair.a, "b": pair.b}
        rows += [names | {"space": space, "difference": value} for space, value in pair.by_space.items()]
        rows.append(names | {"space": ""} | {name: getattr(pair, name) for name in _COLUMNS[3:]})
    data = pd.DataFrame(rows, columns=_COLUMNS)
    return data.astype(dict.fromkeys(_COLUMNS[3:], np.float64))


def across_figure(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    horizon: float | None = None,
    data: pd.DataFrame | None = None,
    width: Width = "page",
    selection: Selection | None = None,
) -> Figure:
    """Draw the difference of each pair of algorithms on every search space, its mean, and what it predicts.

    Parameters
    ----------
    study : Study
        Complete or not. The caption names missing trials.
    target, axis, horizon
        As for `across_data`.
    data : DataFrame, optional
        The result of `across_data` for the same arguments.
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
    across = summarize_across(study, target, axis, horizon)
    across = replace(across, pairs=[pair for pair in across.pairs if {pair.a, pair.b} <= shown.styles.keys()])
    if data is None:
        data = _data(across)
    pairs = drawn_pairs(across)
    if not pairs:
        return message_figure("no two algorithms have a common trial, so there is nothing to compare", width)
    names = [wrap(_name(pair), TICK_LABEL_SIZE, NAMES_WIDTHS[width] - 0.1) for pair in pairs]
    styles = _space_styles([space.space for space in across.spaces])
    legend: dict[str, Callable[[], Artist]] = {
        label: partial(_mark, *style) for label, style in styles.items() if label or len(styles) == 1
    }
    legend["mean over spaces"] = partial(_mark, "|", "black")
    if across.refusal is None:
        legend["mean, 95 % interval"] = partial(Line2D, [], [], color="black", linewidth=1.6)
        legend["a space not raced, 95 %"] = partial(Patch, color=GREY)
    rows = sum(ROW_HEIGHT + (len(lines) - 1) * TICK_LABEL_SIZE / 55 for lines in names)
    panel = Panel("", "difference in area [dex]", "", partial(_draw, pairs, names, styles))
    caption = _caption(across, pairs, Captions.of(shown, coloured=False))
    figure = panel_figure([panel], legend, caption, width, 0.55 + rows, 1.2, NAMES_WIDTHS[width])
    figure.data = data[data["a"].isin(list(shown.styles)) & data["b"].isin(list(shown.styles))].assign(unit="dex")
    return figure


def drawn_pairs(across: Across) -> list[PairAcross]:
    """Return the pairs with a difference, or only those of the leader if they are many."""
    pairs = _compared(across)
    if len(pairs) <= MOST_PAIRS:
        return pairs
    totals: dict[str, float] = {}
    for pair in pairs:
        totals[pair.a] = totals.get(pair.a, 0.0) + (pair.difference or 0.0)
        totals[pair.b] = totals.get(pair.b, 0.0) - (pair.difference or 0.0)
    leader = min(totals, key=lambda label: totals[label])
    return [pair for pair in pairs if leader in (pair.a, pair.b)]


def _compared(across: Across) -> list[PairAcross]:
    """Return the pairs that have a common trial."""
    return [pair for pair in across.pairs if pair.difference is not None]


def _sign(pair: PairAcross) -> float:
    """Return the sign that puts the better algorithm of a pair first, so that its difference is negative."""
    return -1.0 if (pair.difference or 0.0) > 0 else 1.0


def _name(pair: PairAcross) -> str:
    return versus(pair.a, pair.b) if _sign(pair) > 0 else versus(pair.b, pair.a)


def _space_styles(spaces: Sequence[str]) -> dict[str, Mark]:
    """Return a marker and a colour by space; one style for all, without a name, if they are many."""
    if len(spaces) > MOST_SPACES:
        return {f"{len(spaces)} search spaces": (MARKERS[0], COLOURS[0])}
    return {space: (MARKERS[i], COLOURS[i]) for i, space in enumerate(spaces)}


def _mark(marker: str, colour: Colour) -> Line2D:
    return Line2D([], [], linestyle="none", marker=marker, color=colour, markersize=4.2 if marker != "|" else 8)


def _draw(pairs: Sequence[PairAcross], names: Sequence[Sequence[str]], styles: Mapping[str, Mark], axes: Axes) -> None:
    axes.axvline(0, color="0.5", linewidth=0.7)
    for place, pair in enumerate(pairs):
        sign = _sign(pair)
        if pair.predicted_low is not None and pair.predicted_high is not None:
            start = min(sign * pair.predicted_low, sign * pair.predicted_high)
            axes.barh(place, pair.predicted_high - pair.predicted_low, left=start, height=0.5, color=GREY, zorder=1)
        if pair.low is not None and pair.high is not None:
            axes.plot([sign * pair.low, sign * pair.high], [place, place], color="black", linewidth=1.6, zorder=2)
        axes.plot(sign * (pair.difference or 0.0), place, "|", color="black", markersize=11, zorder=4)
        for space, value in pair.by_space.items():
            marker, colour = styles.get(space) or next(iter(styles.values()))
            axes.plot(sign * value, place, marker, color=colour, markersize=4.2, markeredgewidth=0.4,
                      markeredgecolor="white", zorder=3)  # fmt: skip
    axes.use_sticky_edges = False
    axes.xaxis.set_major_locator(MaxNLocator(4 if axes_inches(axes) < 2.5 else 6))
    axes.set_yticks(range(len(pairs)), ["\n".join(lines) for lines in names])
    literal(axes.get_yticklabels())
    axes.set_ylim(len(pairs) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")


def _caption(across: Across, pairs: Sequence[PairAcross], captions: Captions) -> Caption:
    targets = dict.fromkeys(panel.target for panel in captions.summary.benchmarks)
    lead = (
        f"Difference of the mean area under log regret ({', '.join(targets)}) by search space; left of 0, the first"
        " algorithm is better."
    )
    notes = ["Data sets of a space are averaged first, because they are not independent."]
    if len(pairs) < len(_compared(across)):
        notes.append("Only the pairs of the algorithm with the best mean over spaces are drawn.")
    brief = _brief(pairs, across)
    return captions.caption(lead, notes, tests=_tests(across), unit="algorithm", brief=brief, parts="Benchmarks")


def _brief(pairs: Sequence[PairAcross], across: Across) -> str:
    return "" if len(pairs) == len(_compared(across)) else "only the pairs of the best algorithm are drawn"


def _tests(across: Across) -> str:
    """Name the intervals and tests, and what they show."""
    if across.refusal:
        return f"Descriptive only; nothing is tested: {across.refusal}."
    k = len(across.spaces)
    won = [beats_words(str(pair.winner), str(pair.loser)) for pair in across.pairs if pair.winner]
    level = [pair for pair in across.pairs if not pair.winner and not pair.refusal]
    shown = won if len(won) <= 4 else [f"{len(won)} of {len(across.pairs)} pairs differ"]
    if level:
        shown.append(undecided_words(f"{len(level)} of {counted(len(across.pairs), 'pair')}"))
    wide = f" ({across.wide})" if across.wide else ""
    return (
        f"Intervals by Student's t over {k} spaces{wide}, not adjusted for the number of pairs; a new space is"
        " predicted as one more draw from the same population. Tests of the mean, Holm-adjusted over pairs, at level"
        f" 0.05: {'; '.join(shown)}."
    )

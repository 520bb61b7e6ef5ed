"""The figure of the regret at the end of each trial."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from plots.drawing.caption import pairs_words
from plots.drawing.caption_writer import Captions
from plots.drawing.colours import LabelStyle
from plots.drawing.frame import Caption, message_figure
from plots.drawing.layout import Numbers
from plots.drawing.lead import ALL, complete_benchmarks, lead_title
from plots.drawing.lines import no_curve, plain, power
from plots.drawing.panels import Panels, benchmark_figure, lead_panel
from plots.drawing.precision import many_words
from plots.drawing.scales import NORMALIZED, Scale, in_units, scales
from plots.drawing.selection import Order, Selection, View, view
from plots.drawing.style import PAGE_WIDTHS, Width, literal, shortened, text_width, wrap
from results.anytime.comparisons import comparisons
from results.anytime.curves import Floats
from results.anytime.regret import end_regret
from results.storage.study import Study
from results.summaries.pairs import compare_pairs
from results.summaries.types import BenchmarkSummary

NAME_SIZE = 6.0
"""Size of the algorithms' names [pt]."""
NAMES_WIDTHS: dict[Width, float] = {"page": 0.98, "column": 1.1}
"""Width of the names [in]. Longer names are wrapped."""
PANEL_WIDTH = 1.15
"""Least width of a panel without its names [in]."""
LINE_HEIGHTS = {False: 0.1, True: 0.085}
"""Height of a line of a name [in]: of few and of many panels."""
ROW_GAPS = {False: 0.07, True: 0.025}
"""Distance between two names [in]."""

SPREAD = 0.32
"""Half the height over which an algorithm's points are spread, in units of the distance between algorithms."""

GOLDEN = (5**0.5 - 1) / 2
_COLUMNS = ["benchmark", "label", "trial", "regret", "target"]


def end_regret_data(study: Study, target: str | None = None) -> pd.DataFrame:
    """Return the regret of each trial's final incumbent.

    Parameters
    ----------
    study : Study
    target : str, optional
        As for `results.anytime.comparisons.comparisons`.

    Returns
    -------
    DataFrame
        One row per trial: ``benchmark, label, trial, regret`` (in the benchmark's unit), ``target``.
    """
    frames = []
    for comparison in comparisons(study, target):
        for cell in comparison.present:
            regret = end_regret(cell, study, comparison.target)
            columns = [cell.benchmark, cell.label, regret.index, regret.to_numpy(), comparison.target]
            frames.append(pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True))))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_COLUMNS)


def end_regret_figure(
    study: Study,
    target: str | None = None,
    data: pd.DataFrame | None = None,
    width: Width = "page",
    selection: Selection | None = None,
) -> Figure:
    """Draw the end regret of every trial as a point, with box plots over them, one panel per benchmark.

    Algorithms are sorted by their median, the best on top. The axis is logarithmic above the noise floor and linear
    below it, so that it includes a regret of 0.

    Parameters
    ----------
    study : Study
        Complete or not. The caption names missing trials.
    target : str, optional
        As for `end_regret_data`.
    data : DataFrame, optional
        The result of `end_regret_data` for the same arguments, to save its computation.
    width : {"page", "column"}
    selection : Selection, optional
        What to show, and in which order. Default: everything, by median.

    Returns
    -------
    Figure
        Not registered with pyplot. Its label is the full caption.
    """
    shown = view(study, target, selection=selection)
    if not shown.summary.benchmarks:
        return message_figure(shown.nothing, width)
    if data is None:
        data = end_regret_data(study, target)
    units = scales(shown)
    caption = _caption(shown, data)
    data = in_units(shown.rows(data), units, "regret", regrets=["regret"])
    room = NAMES_WIDTHS[width]
    names = {
        label: [shortened(label, NAME_SIZE, room)] if shown.many else wrap(label, NAME_SIZE, room)
        for label in shown.styles
    }
    panels = Panels(
        partial(_draw, units, names, shown.order),
        lambda panel: units[panel.benchmark].regret_label("end regret"),
        lambda _: "",
        named=True,
        curves=False,
        left=max(text_width(line, NAME_SIZE) for lines in names.values() for line in lines),
        height=_height(names, small=shown.many),
        columns=_columns(shown, names, width),
    )
    if shown.many:
        medians = _medians(shown, data)
        title = lead_title(shown, data, "Median end regret")
        lead = lead_panel(shown, medians, title, panels, partial(_draw_lead, names))
        panels, data = replace(panels, lead=lead), pd.concat([medians, data], ignore_index=True)
    return benchmark_figure(shown, data, panels, caption, width)


def _height(names: Mapping[str, Sequence[str]], *, small: bool) -> float:
    """Return the height of a row of panels [in]."""
    lines = max(map(len, names.values()))
    return 0.65 + len(names) * (lines * LINE_HEIGHTS[small] + ROW_GAPS[small])


def _columns(shown: View, names: Mapping[str, Sequence[str]], width: Width) -> int | None:
    """Return how many panels with their names fit beside each other; None for a single one."""
    if len(shown.summary.benchmarks) == 1:
        return None
    widest = max(text_width(line, NAME_SIZE) for lines in names.values() for line in lines)
    fitting = 1 if width == "column" else int(PAGE_WIDTHS[3] / (widest + PANEL_WIDTH))
    return max(1, min(fitting, 2 if len(shown.summary.benchmarks) == 4 else 3, len(shown.summary.benchmarks)))


def _medians(shown: View, data: pd.DataFrame) -> pd.DataFrame:
    """Return the median end regret of every algorithm on every benchmark on which all have trials."""
    known = data[data["benchmark"].isin(complete_benchmarks(shown, data))]
    medians = known.groupby(["label", "benchmark"], sort=False)["regret"].median().reset_index()
    return medians.assign(benchmark=ALL, unit=NORMALIZED)


def _caption(shown: View, data: pd.DataFrame) -> Caption:
    """Write the caption. The tests are of all algorithms of the study."""
    captions = Captions.of(shown)
    tests = None
    if shown.study.stopping is None:
        recorded = {cell.label for cell in shown.study.cells if cell.recorded}
        by_benchmark = dict(iter(data.groupby("benchmark", sort=False)))
        words = {
            panel.benchmark: _leader_words(by_benchmark.get(panel.benchmark, data.iloc[:0]), recorded, shown)
            for panel in shown.summary.benchmarks
        }
        tested = captions.words(lambda panel: words[panel.benchmark])
        tests = f"{captions.tests_of('end regret')}: {tested}."
    return captions.caption(
        "Regret of each trial's final incumbent ({targets}), one point per trial; boxes: quartiles and median,"
        " whiskers: 5 % and 95 % quantiles.",
        notes=[f"The axis is linear below the noise floor (shaded, {captions.floors()})."],
        details=["Algorithms are sorted by their median.", *many_words(shown)[:1]] if shown.order is None else [],
        tests=tests,
        unit="algorithm",
        defined=["incumbent"] if tests else ["area"],
        brief="shaded: below the noise floor, where the axis is linear",
    )


def _leader_words(data: pd.DataFrame, recorded: Collection[str], shown: View) -> str:
    by_label = {str(label): rows.set_index("trial")["regret"] for label, rows in data.groupby("label", sort=False)}
    medians = {label: float(regret.median()) for label, regret in by_label.items() if label in shown.styles}
    return pairs_words(medians, compare_pairs(by_label, recorded))


def _draw(
    units: Mapping[str, Scale],
    names: Mapping[str, Sequence[str]],
    order: Order | None,
    panel: BenchmarkSummary,
    data: pd.DataFrame,
    styles: Mapping[str, LabelStyle],
    axes: Axes,
) -> None:
    if data.empty:
        no_curve(axes)
        return
    _axis(axes, panel.floor * units[panel.benchmark].factor, float(data["regret"].max()))
    _boxes(axes, data, styles, names, order)


def _draw_lead(names: Mapping[str, Sequence[str]], shown: View, data: pd.DataFrame, axes: Axes) -> None:
    positive = data.loc[data["regret"] > 0, "regret"]
    _axis(axes, float(positive.min()) if len(positive) else 1e-3, float(data["regret"].max()), shaded=False)
    _boxes(axes, data, shown.styles, names, shown.order)


def _boxes(
    axes: Axes,
    data: pd.DataFrame,
    styles: Mapping[str, LabelStyle],
    names: Mapping[str, Sequence[str]],
    order: Order | None,
) -> None:
    """Draw the trials and the box of every algorithm, from top to bottom."""
    medians = data.groupby("label")["regret"].median()
    labels = [label for label in styles if label in medians.index]
    if order is None:
        labels.sort(key=lambda label: medians[label])
    for place, label in enumerate(labels):
        regret = np.sort(data.loc[data["label"] == label, "regret"].to_numpy(np.float64))
        spread = SPREAD * (2 * (GOLDEN * np.arange(len(regret)) % 1) - 1)
        style = styles[label]
        look: dict[str, Any] = {"color": style.colour, "markeredgewidth": 0, "zorder": 1.5}
        axes.plot(regret, place + spread, style.marker, markersize=2.0, alpha=0.35 if len(regret) > 1 else 1, **look)
        if len(regret) > 1:
            _box(axes, place, regret, style)
    texts = ["\n".join(names[label]) for label in labels]
    axes.set_yticks(range(len(labels)), texts, size=NAME_SIZE)
    for text, label in zip(axes.get_yticklabels(), labels, strict=True):
        text.set_color("0.45" if styles[label].faded else "black")
    literal(axes.get_yticklabels())
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.set_ylim(len(labels) - 0.4, -0.6)


def _box(axes: Axes, place: int, regret: Floats, style: LabelStyle) -> None:
    low, quartile, median, upper, high = np.quantile(regret, [0.05, 0.25, 0.5, 0.75, 0.95])
    stats = {"med": median, "q1": quartile, "q3": upper, "whislo": low, "whishi": high}
    line: dict[str, Any] = {"color": style.colour, "linewidth": 0.8}
    axes.bxp(
        [stats],
        positions=[place],
        widths=2 * SPREAD,
        orientation="horizontal",
        showfliers=False,
        manage_ticks=False,
        patch_artist=True,
        boxprops={"edgecolor": style.colour, "linewidth": 0.8, "facecolor": (*style.colour, 0.18)},
        whiskerprops=line,
        capprops=line,
        medianprops=line | {"linewidth": 2.0},
    )


def _axis(axes: Axes, floor: float, highest: float, *, shaded: bool = True) -> None:
    """Make the x axis linear up to the noise floor and logarithmic above it."""
    top = 1.5 * max(highest, 2 * floor)
    axes.set_xscale("symlog", linthresh=floor, linscale=0.5)
    axes.set_xlim(-0.08 * floor, top)
    subs = (1.0, 2.0, 5.0) if top / floor < 100 else (1.0,)
    ticks = [tick for tick in LogLocator(subs=subs).tick_values(floor, top) if floor * 1.3 <= tick <= top]
    axes.xaxis.set_major_locator(Numbers([0.0, *ticks]))
    number = plain if floor >= 1e-4 else power
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: "0" if value == 0 else number(value)))
    axes.xaxis.set_minor_locator(NullLocator())
    if shaded:
        axes.axvspan(-0.08 * floor, floor, color="0.5", alpha=0.18, linewidth=0, zorder=0)

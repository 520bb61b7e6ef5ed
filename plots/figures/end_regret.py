"""The figure of the regret at the end of each trial."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from plots.drawing.caption import Captions, pairs_words
from plots.drawing.frame import message_figure
from plots.drawing.lines import no_curve, plain, power, shade_floor, style_point
from plots.drawing.panels import benchmark_figure
from plots.drawing.style import LabelStyle, Width, regret_unit
from results.anytime.comparisons import comparisons
from results.anytime.curves import Floats
from results.anytime.regret import end_regret
from results.storage.study import Study
from results.summaries.pairs import compare_pairs
from results.summaries.summary import summarize
from results.summaries.types import BenchmarkSummary

SPREAD = 0.32
"""Half the width over which an algorithm's points are spread, in units of the distance between algorithms."""

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
    study: Study, target: str | None = None, data: pd.DataFrame | None = None, width: Width = "page"
) -> Figure:
    """Draw the end regret of every trial as a point, with box plots over them, one panel per benchmark.

    The axis is logarithmic above the noise floor and linear below it, so that it includes a regret of 0.

    Parameters
    ----------
    study : Study
        Complete or not. The caption names missing trials.
    target : str, optional
        As for `end_regret_data`.
    data : DataFrame, optional
        The result of `end_regret_data` for the same arguments, to save its computation.
    width : {"page", "column"}

    Returns
    -------
    Figure
        Not registered with pyplot. Its label is the full caption.
    """
    summary = summarize(study, target)
    if not summary.benchmarks:
        return message_figure(summary.missing[0], width)
    if data is None:
        data = end_regret_data(study, target)
    by_benchmark = {panel.benchmark: data[data["benchmark"] == panel.benchmark] for panel in summary.benchmarks}
    captions = Captions(study, summary)
    tests = None
    if study.stopping is None:
        recorded = {cell.label for cell in study.cells if cell.recorded}
        tested = captions.words(lambda panel: _leader_words(by_benchmark[panel.benchmark], recorded))
        tests = f"{captions.tests_of('end regret')}: {tested}."
    caption = captions.caption(
        f"Regret of each trial's final incumbent ({captions.words(lambda panel: panel.target)}), one point per trial."
        " Boxes show the quartiles and the median, whiskers the 5 % and 95 % quantiles.",
        notes=[f"The axis is linear below the noise floor (shaded, {captions.floors()})."],
        tests=tests,
        unit="algorithm",
    )
    return benchmark_figure(
        study,
        summary,
        data,
        _draw,
        lambda _: "",
        lambda panel: f"end regret [{regret_unit(panel.unit)[1]}]",
        caption,
        width,
        style_point,
        handle_length=1.0,
    )


def _leader_words(data: pd.DataFrame, recorded: Collection[str]) -> str:
    by_label = {str(label): rows.set_index("trial")["regret"] for label, rows in data.groupby("label", sort=False)}
    medians = {label: float(regret.median()) for label, regret in by_label.items()}
    return pairs_words(medians, compare_pairs(by_label, recorded))


def _draw(panel: BenchmarkSummary, data: pd.DataFrame, styles: Mapping[str, LabelStyle], axes: Axes) -> None:
    if data.empty:
        no_curve(axes)
        return
    factor, _ = regret_unit(panel.unit)
    shown = [label for label in styles if label in set(data["label"])]
    _axis(axes, panel, factor * float(data["regret"].max()))
    axes.set_xticks([])
    axes.set_xlim(-0.6, len(shown) - 0.4)
    for place, label in enumerate(shown):
        regret = np.sort(data.loc[data["label"] == label, "regret"].to_numpy(np.float64)) * factor
        spread = SPREAD * (2 * (GOLDEN * np.arange(len(regret)) % 1) - 1)
        style = styles[label]
        axes.plot(
            place + spread, regret, style.marker, color=style.colour, markersize=2.2, markeredgewidth=0, alpha=0.55
        )
        _box(axes, place, regret)


def _box(axes: Axes, place: int, regret: Floats) -> None:
    low, quartile, median, upper, high = np.quantile(regret, [0.05, 0.25, 0.5, 0.75, 0.95])
    stats = {"med": median, "q1": quartile, "q3": upper, "whislo": low, "whishi": high}
    dark = {"color": "0.15", "linewidth": 0.7}
    axes.bxp(
        [stats],
        positions=[place],
        widths=2 * SPREAD,
        showfliers=False,
        manage_ticks=False,
        boxprops=dark,
        whiskerprops=dark,
        capprops=dark,
        medianprops=dark | {"linewidth": 1.5},
    )


def _axis(axes: Axes, panel: BenchmarkSummary, highest: float) -> None:
    """Make the y axis linear up to the noise floor and logarithmic above it."""
    floor = panel.floor * regret_unit(panel.unit)[0]
    top = 1.5 * max(highest, 2 * floor)
    axes.set_yscale("symlog", linthresh=floor, linscale=0.5)
    axes.set_ylim(-0.08 * floor, top)
    subs = (1.0, 2.0, 5.0) if top / floor < 100 else (1.0,)
    ticks = [tick for tick in LogLocator(subs=subs).tick_values(floor, top) if floor * 1.3 <= tick <= top]
    axes.yaxis.set_major_locator(FixedLocator([0.0, *ticks]))
    number = plain if floor >= 1e-4 else power
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: "0" if value == 0 else number(value)))
    axes.yaxis.set_minor_locator(NullLocator())
    shade_floor(axes, -0.08 * floor, floor)

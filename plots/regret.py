"""The anytime regret figure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import ArrayLike

from plots.caption import panel_names, regret_caption
from plots.style import (
    FIGURE_WIDTHS,
    LEGEND_SIZE,
    PANELS_PER_ROW,
    TITLE_SIZE,
    LabelStyle,
    label_styles,
    literal,
    regret_unit,
    style_context,
    text_width,
    time_unit,
    wrap,
)
from results.comparisons import Comparison, comparisons
from results.curves import Axis, Floats, first_completion
from results.regret import regret_curves
from results.statistics import BOOTSTRAP_SEED, Statistic, bootstrap_band
from results.study import Cell, Study
from results.summary import display_statistic, summarize
from results.summary_types import BenchmarkSummary

POINTS = 300
PANEL_HEIGHT = 2.0
CAPTION_SIZE = 6.0
MARGIN = 0.06
_LINE_HEIGHT = 1.3 * CAPTION_SIZE / 72  # [in]
_COLUMNS = ["benchmark", "label", "x", "centre", "low", "high", "n_trials", "target", "axis", "statistic"]


def regret_data(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    statistic: Statistic | None = None,
    horizon: float | None = None,
) -> pd.DataFrame:
    """Return the numbers behind the anytime regret figure; the parameters are those of `regret_figure`.

    Returns
    -------
    DataFrame
        One row a point of a curve: ``benchmark, label, x`` (a count, or [s]), ``centre, low, high`` (regret
        in the benchmark's unit), ``n_trials, target, axis, statistic``. A cell without trials has no rows. No
        number of an algorithm depends on the others.
    """
    frames = []
    for comparison in comparisons(study, target, axis, horizon):
        shown = statistic or display_statistic(comparison.unit)
        frames += [_curve(study, cell, comparison, shown) for cell in comparison.present]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_COLUMNS)


def _curve(study: Study, cell: Cell, comparison: Comparison, statistic: Statistic) -> pd.DataFrame:
    target, axis = comparison.target, comparison.axis
    grid = _grid(cell, target, axis, comparison.horizon)
    regret, _ = regret_curves(cell, study, target, axis, grid)
    band = bootstrap_band(regret.to_numpy(), statistic, np.random.default_rng(BOOTSTRAP_SEED))
    columns = [cell.benchmark, cell.label, grid, *band, len(regret), target, axis, statistic]
    return pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True)))


def _grid(cell: Cell, target: str, axis: Axis, horizon: float) -> Floats:
    """Points from where all trials have an incumbent to the horizon; none if they never all have one."""
    start = float(first_completion(cell, target, axis).max(skipna=False))
    if not 0 < start <= horizon:
        return np.empty(0)
    grid = np.geomspace(start, horizon, POINTS)
    return np.unique(np.floor(grid)) if axis == "evaluations" else grid


def regret_figure(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    statistic: Statistic | None = None,
    horizon: float | None = None,
    data: pd.DataFrame | None = None,
) -> Figure:
    """Draw regret against evaluations or simulated time, one panel a benchmark.

    Curves are steps. They begin at the first x at which all trials of the algorithm have an incumbent: a
    statistic over some of the trials would be one over the quick ones. Nothing is drawn where it is
    undefined. They may rise, since the true error of an incumbent may.

    Parameters
    ----------
    study : Study
        Complete or not; what is missing is named in the caption.
    target : str, optional
        The first reported target of each benchmark if not given.
    axis : {"evaluations", "seconds"}, optional
        The budget's kind if not given.
    statistic : {"mean", "median", "iqm"}, optional
        Over trials, with a 95 % bootstrap band. If not given the mean of fractions, the median of unbounded
        errors.
    horizon : float, optional
        Where the axis ends, a count or [s]; if not given as `results.curves.shared_horizon` says.
    data : DataFrame, optional
        What `regret_data` returned for the same arguments, to spare the work.

    Returns
    -------
    Figure
        Belongs to no pyplot state; 7 in wide from three panels on.

    Raises
    ------
    ResultsError
        As `results.summary.summarize`.
    """
    summary = summarize(study, target, axis, horizon)
    if data is None:
        data = regret_data(study, target, axis, statistic, horizon)
    styles = label_styles(study)
    with style_context():
        if not summary.benchmarks:
            return _message(summary.missing[0])
        columns = min(PANELS_PER_ROW, len(summary.benchmarks))
        rows = -(-len(summary.benchmarks) // columns)
        width = FIGURE_WIDTHS[columns]
        statistics = {p.benchmark: statistic or p.statistic for p in summary.benchmarks}
        caption = wrap(regret_caption(study, summary, statistics), CAPTION_SIZE, width - 2 * MARGIN)
        caption_height = (len(caption) + 0.7) * _LINE_HEIGHT
        drawn = {label: style for label, style in styles.items() if label in set(data["label"])}
        legend_columns = _legend_columns(drawn, width)
        titles = {b: wrap(name, TITLE_SIZE, width / columns - 0.5) for b, name in panel_names(summary).items()}
        panel_height = PANEL_HEIGHT + (max(map(len, titles.values())) - 1) * TITLE_SIZE / 60
        height = rows * panel_height + 0.16 * -(-len(drawn) // legend_columns) + caption_height
        below = caption_height / height
        layout = ConstrainedLayoutEngine(rect=(0, below, 1, 1 - below), w_pad=MARGIN, wspace=0.03)
        figure = Figure(figsize=(width, height), layout=layout)
        grid = figure.subplots(rows, columns, squeeze=False)
        for i, panel in enumerate(summary.benchmarks):
            literal([grid.flat[i].set_title("\n".join(titles[panel.benchmark]))])
            labelled = i % columns == 0 or panel.unit != summary.benchmarks[i - 1].unit
            _panel(grid.flat[i], panel, data[data["benchmark"] == panel.benchmark], styles, labelled)
        for axes in grid.flat[len(summary.benchmarks) :]:
            axes.set_axis_off()
        _legend(figure, drawn, legend_columns)
        text = "\n".join(caption)
        place = (MARGIN / width, 0.3 * _LINE_HEIGHT / height)
        literal([figure.text(*place, text, va="bottom", size=CAPTION_SIZE, color="0.25", linespacing=1.3)])
        figure.draw_without_rendering()  # makes the ticks while the style holds
        figure.set_layout_engine("none")  # the layout is found: the same in every format, and drawn in half the time
    return figure


def _message(text: str) -> Figure:
    figure = Figure(figsize=(FIGURE_WIDTHS[1], 1.0))
    literal([figure.text(0.5, 0.5, "\n".join(wrap(text, 7, 4)), ha="center", va="center")])
    return figure


def _legend_columns(labels: Collection[str], width: float) -> int:
    widest = max((text_width(label, LEGEND_SIZE) for label in labels), default=0.0)
    return max(1, min(len(labels), int(width / (widest + 6 * LEGEND_SIZE / 72))))


def _legend(figure: Figure, styles: Mapping[str, LabelStyle], columns: int) -> None:
    if not styles:
        return
    handles = [_line([], [], style) for style in styles.values()]
    # A label that begins with "_" would be left out: the texts are put in afterwards.
    legend = figure.legend(
        handles,
        [str(i) for i in range(len(handles))],
        loc="outside upper center",
        ncols=columns,
        handlelength=3.2,
    )
    literal(legend.get_texts())
    for text, label in zip(legend.get_texts(), styles, strict=True):
        text.set_text(label)


def _line(x: ArrayLike, y: ArrayLike, style: LabelStyle) -> Line2D:
    line = Line2D(
        x,
        y,
        color=style.colour,
        marker=style.marker,
        markersize=3.2,
        markeredgewidth=0.4,
        markeredgecolor="white",
    )
    if style.dashes:
        line.set_dashes(style.dashes)
    return line


def _panel(
    axes: Axes, panel: BenchmarkSummary, data: pd.DataFrame, styles: Mapping[str, LabelStyle], labelled: bool
) -> None:
    factor, unit = regret_unit(panel.unit)
    length, time_name = time_unit(panel.horizon) if panel.axis == "seconds" else (1.0, "")
    axes.set_xlabel(f"simulated time [{time_name}]" if time_name else "completed evaluations")
    if labelled:
        literal([axes.set_ylabel(f"regret [{unit}]")])
    if data["centre"].isna().all():
        axes.text(0.5, 0.5, "no curve yet", ha="center", va="center", transform=axes.transAxes, color="0.4")
        axes.set(xticks=[], yticks=[])
        return
    axes.set_xscale("log")
    axes.set_yscale("log", nonpositive="clip")
    left = min(max(float(data["x"].min()), panel.horizon / 3000), panel.horizon / 2)
    axes.set_xlim(left / length, panel.horizon / length)
    shown = data.loc[data["x"] >= left, ["centre", "low", "high"]].to_numpy(np.float64) * factor
    floor = panel.floor * factor
    lowest = float(np.nanmin(shown[shown > 0], initial=np.inf))
    bottom = min(floor / 2, max(0.8 * lowest, floor / 10))
    axes.set_ylim(bottom, 1.2 * max(float(np.nanmax(shown)), 2 * floor))
    _shade(axes, bottom, floor, "assumed floor" if panel.floor_assumed else "noise floor")
    for i, (label, style) in enumerate(styles.items()):
        curve = data[data["label"] == label]
        if len(curve):
            _draw(axes, curve, style, length, factor, i / len(styles), left / length)
    _ticks(axes)


def _shade(axes: Axes, bottom: float, floor: float, name: str) -> None:
    axes.axhspan(bottom, floor, color="0.5", alpha=0.18, linewidth=0, zorder=0)
    axes.annotate(
        name,
        (0, floor),
        xycoords=("axes fraction", "data"),
        xytext=(3, -2),
        textcoords="offset points",
        va="top",
        size=5.5,
        color="0.35",
    )


def _draw(
    axes: Axes,
    curve: pd.DataFrame,
    style: LabelStyle,
    length: float,
    factor: float,
    phase: float,
    left: float,
) -> None:
    x = curve["x"].to_numpy(np.float64) / length
    centre, low, high = (curve[name].to_numpy(np.float64) * factor for name in ("centre", "low", "high"))
    axes.fill_between(x, low, high, step="post", color=style.colour, alpha=0.18, linewidth=0)
    line = _line(x, centre, style)
    line.set_drawstyle("steps-post")
    places = np.geomspace(left, x[-1], 6)[:-1] * (x[-1] / left) ** ((0.2 + 0.8 * phase) / 5)
    line.set_markevery(sorted({int(place) for place in np.searchsorted(x, places[places >= x[0]]) if place < len(x)}))
    axes.add_line(line)


def _ticks(axes: Axes) -> None:
    """Label a log axis by plain numbers: decades, and 2 and 5 where it spans few."""
    for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        decades = np.log10(high / low)
        axis.set_major_locator(LogLocator(subs=(1.0,) if decades > 2.7 else (1.0, 2.0, 5.0)))
        axis.set_major_formatter(FuncFormatter(_plain))
        axis.set_minor_locator(LogLocator(subs=tuple(range(2, 10)), numticks=99))
        axis.set_minor_formatter(NullFormatter())


def _plain(value: float, _: int | None = None) -> str:
    if 1e-4 <= value < 1e5:
        return f"{value:,.6g}"
    digit, exponent = f"{value:.0e}".split("e")
    factor = "" if digit == "1" else rf"{digit} \times "
    return f"${factor}10^{{{int(exponent)}}}$"

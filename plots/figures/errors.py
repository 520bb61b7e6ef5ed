"""The figure of the errors that each algorithm observed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.drawing.caption_writer import Captions
from plots.drawing.colours import LabelStyle
from plots.drawing.frame import Caption, message_figure
from plots.drawing.lead import lead_title, over_benchmarks
from plots.drawing.lines import axes_inches, draw_curves, log_ticks, no_curve
from plots.drawing.panels import Panels, benchmark_figure, lead_panel
from plots.drawing.precision import bands_words, many_words
from plots.drawing.scales import Scale, in_units, scales
from plots.drawing.selection import Selection, View, view
from plots.drawing.style import Width
from results.anytime.comparisons import comparisons
from results.anytime.curves import POINTS
from results.anytime.regret import median_regret, regret_floor
from results.statistics.bootstrap import bootstrap_band, seeded_counts
from results.storage.records import ResultsError
from results.storage.study import Cell, Study
from results.summaries.types import BenchmarkSummary
from results.target import Target

MULTIPLE_ENDS = (1e-3, 10.0)
"""The ends of the x axis of small multiples, as shares of the median architecture's regret."""

_COLUMNS = ["benchmark", "label", "x", "centre", "low", "high", "n_trials", "fidelity"]


def errors_data(study: Study) -> pd.DataFrame:
    """Return the distribution of the errors that each algorithm observed.

    It is over the completed evaluations at the highest fidelity of the protocol, with the same weight for each trial.
    Observed errors are relative to the optimum of the mean validation error at that fidelity. An error that is below it
    because of noise counts at the left edge.

    Returns
    -------
    DataFrame
        One row per point of a curve: ``benchmark, label, x`` (observed error above the optimum, in the benchmark's
        unit), ``centre, low, high`` (mean share of a trial's evaluations at or below it, with its 95 % bootstrap
        interval), ``n_trials``, ``fidelity`` (epochs).

    Raises
    ------
    ResultsError
        If the optimum of the validation error at that fidelity is unknown.
    """
    frames = [_curve(study, cell) for comparison in comparisons(study) for cell in comparison.present]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_COLUMNS)


def _curve(study: Study, cell: Cell) -> pd.DataFrame:
    fidelity = float(max(cell.protocol["fidelities"]))
    facts = _facts(study, cell.benchmark, fidelity)
    rows = cell.evaluations
    rows = rows[(rows["status"] == "completed").to_numpy() & (rows["fidelity_to"] == fidelity).to_numpy()]
    excess = rows["observed_error"] - float(facts["optimum"])
    lowest, _ = regret_floor(facts)
    highest = max(float(excess.max()) if len(excess) else 0.0, 2 * median_regret(facts))
    grid = np.geomspace(lowest / 2, highest, POINTS)
    by_trial = [np.sort(values.to_numpy()) for _, values in excess.groupby(rows["trial"])]
    shares = np.array([np.searchsorted(values, grid, side="right") / len(values) for values in by_trial])
    band = bootstrap_band(shares.reshape(len(by_trial), len(grid)), "mean", seeded_counts)
    columns = [cell.benchmark, cell.label, grid, *band, len(by_trial), fidelity]
    return pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True)))


def _facts(study: Study, benchmark: str, fidelity: float) -> Mapping[str, float]:
    facts = study.benchmarks[benchmark]
    targets: Mapping[str, Mapping[str, float]] = facts["targets"]
    name = str(Target(facts.get("signal", "validation"), fidelity))
    if name not in targets:
        raise ResultsError(f"{benchmark}: the optimum of {name} is unknown; the known targets are {', '.join(targets)}")
    return targets[name]


def errors_figure(
    study: Study, data: pd.DataFrame | None = None, width: Width = "page", selection: Selection | None = None
) -> Figure:
    """Draw the distribution of observed errors, one panel per benchmark.

    Parameters
    ----------
    study : Study
        Complete or not. The caption names missing trials.
    data : DataFrame, optional
        The result of `errors_data`, to save its computation.
    width : {"page", "column"}
    selection : Selection, optional
        What to show. Default: everything.

    Returns
    -------
    Figure
        Not registered with pyplot. Its label is the full caption.

    Raises
    ------
    ResultsError
        As `errors_data`.
    """
    shown = view(study, selection=selection)
    if not shown.summary.benchmarks:
        return message_figure(shown.nothing, width)
    if data is None:
        data = errors_data(study)
    units = scales(shown)
    data = in_units(shown.rows(data), units, "share of the evaluations", regrets=["x"], x_unit="regret")
    panels = Panels(
        partial(_draw, units, study, shown),
        lambda panel: units[panel.benchmark].regret_label(f"observed error above {_zero(panel)}"),
        lambda _: "share of evaluations",
    )
    if shown.many:
        averages = over_benchmarks(shown, data, before=0.0)
        lead = lead_panel(shown, averages, lead_title(shown, data), panels, _draw_lead)
        panels, data = replace(panels, lead=lead), pd.concat([averages, data], ignore_index=True)
    return benchmark_figure(shown, data, panels, _caption(shown, data), width)


def _caption(shown: View, data: pd.DataFrame) -> Caption:
    captions = Captions.of(shown)
    at = sorted(data["fidelity"].dropna().unique())
    epochs = " or ".join(f"{fidelity:g}" for fidelity in at) + " epochs" if len(at) <= 3 else "the highest fidelity"
    return captions.caption(
        f"Distribution of observed errors: share of each algorithm's evaluations at {epochs} with an observed error of"
        f" at most x above {captions.zero()}{bands_words(shown)}.",
        notes=["Shaded: below the noise floor. Dotted: the median architecture."],
        details=[
            "All trials have the same weight. Lower errors, which noise causes, count at the left edge.",
            *many_words(shown)[1:],
        ],
        tests="Descriptive only; nothing is tested.",
        defined=["floor"],
        brief="shaded: below the noise floor; dotted: the median architecture",
    )


def _zero(panel: BenchmarkSummary) -> str:
    return "the optimum" if panel.reference is None else "the reference"


def _draw(
    units: Mapping[str, Scale],
    study: Study,
    shown: View,
    panel: BenchmarkSummary,
    data: pd.DataFrame,
    styles: Mapping[str, LabelStyle],
    axes: Axes,
) -> None:
    known = data.dropna(subset="centre")
    if known.empty:
        no_curve(axes, "no evaluations yet")
        return
    factor = units[panel.benchmark].factor
    facts = _facts(study, panel.benchmark, float(known["fidelity"].iloc[0]))
    left, right = MULTIPLE_ENDS if shown.many else (float(known["x"].min()), float(known["x"].max()))
    _axes(axes, left, right)
    axes.axvspan(left, max(factor * regret_floor(facts)[0], left), color="0.5", alpha=0.18, linewidth=0, zorder=0)
    axes.axvline(factor * median_regret(facts), color="0.4", linewidth=0.7, linestyle=":", zorder=1)
    draw_curves(axes, known, styles, left)


def _draw_lead(shown: View, data: pd.DataFrame, axes: Axes) -> None:
    _axes(axes, *MULTIPLE_ENDS)
    draw_curves(axes, data, shown.styles, MULTIPLE_ENDS[0])


def _axes(axes: Axes, left: float, right: float) -> None:
    axes.set(xscale="log", xlim=(left, right), ylim=(0, 1))
    log_ticks(axes.xaxis, left, right, axes_inches(axes))

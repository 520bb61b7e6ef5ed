"""The figure of the errors that each algorithm observed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.drawing.caption import Captions
from plots.drawing.frame import message_figure
from plots.drawing.lines import POINTS, axes_inches, draw_curves, log_ticks, no_curve
from plots.drawing.panels import benchmark_figure
from plots.drawing.style import LabelStyle, Width, regret_unit
from results.anytime.comparisons import comparisons
from results.anytime.regret import median_regret, regret_floor
from results.statistics.bootstrap import BOOTSTRAP_SEED, bootstrap_band
from results.storage.records import ResultsError
from results.storage.study import Cell, Study
from results.summaries.summary import summarize
from results.summaries.types import BenchmarkSummary
from results.target import Target

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
    band = bootstrap_band(shares.reshape(len(by_trial), len(grid)), "mean", np.random.default_rng(BOOTSTRAP_SEED))
    columns = [cell.benchmark, cell.label, grid, *band, len(by_trial), fidelity]
    return pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True)))


def _facts(study: Study, benchmark: str, fidelity: float) -> Mapping[str, float]:
    facts = study.benchmarks[benchmark]
    targets: Mapping[str, Mapping[str, float]] = facts["targets"]
    name = str(Target(facts.get("signal", "validation"), fidelity))
    if name not in targets:
        raise ResultsError(f"{benchmark}: the optimum of {name} is unknown; the known targets are {', '.join(targets)}")
    return targets[name]


def errors_figure(study: Study, data: pd.DataFrame | None = None, width: Width = "page") -> Figure:
    """Draw the distribution of observed errors, one panel per benchmark.

    Parameters
    ----------
    study : Study
        Complete or not. The caption names missing trials.
    data : DataFrame, optional
        The result of `errors_data`, to save its computation.
    width : {"page", "column"}

    Returns
    -------
    Figure
        Not registered with pyplot. Its label is the full caption.

    Raises
    ------
    ResultsError
        As `errors_data`.
    """
    summary = summarize(study)
    if not summary.benchmarks:
        return message_figure(summary.missing[0], width)
    if data is None:
        data = errors_data(study)
    captions = Captions(study, summary)
    at = " or ".join(f"{fidelity:g}" for fidelity in sorted(data["fidelity"].unique()))
    caption = captions.caption(
        f"Distribution of observed errors: share of each algorithm's evaluations at {at} epochs with an observed error"
        f" of at most x above {captions.zero()}, with 95 % bootstrap bands.",
        notes=["Shaded: below the noise floor. Dotted: the median architecture."],
        details=["All trials have the same weight. Lower errors, which noise causes, count at the left edge."],
        tests="Descriptive only; nothing is tested.",
    )
    return benchmark_figure(
        study,
        summary,
        data,
        partial(_draw, study),
        lambda panel: f"observed error above {_zero(panel)} [{regret_unit(panel.unit)[1]}]",
        lambda _: "share of evaluations",
        caption,
        width,
    )


def _zero(panel: BenchmarkSummary) -> str:
    return "the optimum" if panel.reference is None else "the reference"


def _draw(
    study: Study, panel: BenchmarkSummary, data: pd.DataFrame, styles: Mapping[str, LabelStyle], axes: Axes
) -> None:
    known = data.dropna(subset="centre")
    if known.empty:
        no_curve(axes, "no evaluations yet")
        return
    factor, _ = regret_unit(panel.unit)
    facts = _facts(study, panel.benchmark, float(known["fidelity"].iloc[0]))
    left, right = factor * float(known["x"].min()), factor * float(known["x"].max())
    axes.set(xscale="log", xlim=(left, right), ylim=(0, 1))
    log_ticks(axes.xaxis, left, right, axes_inches(axes))
    axes.axvspan(left, factor * regret_floor(facts)[0], color="0.5", alpha=0.18, linewidth=0, zorder=0)
    axes.axvline(factor * median_regret(facts), color="0.4", linewidth=0.7, linestyle=":", zorder=1)
    draw_curves(axes, known.assign(x=factor * known["x"]), styles, left)

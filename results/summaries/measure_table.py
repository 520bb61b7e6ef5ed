"""All measures of a study in one DataFrame, one row per algorithm and benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from results.anytime.comparisons import Comparison, comparisons
from results.anytime.curves import Axis
from results.anytime.regret import area_under_log_regret, areas_by_floor, end_regret, normalised_regret, regret_floor
from results.anytime.runtimes import expected_running_time, log_efficiency, runtimes, share_reached, target_ladder
from results.statistics.bootstrap import BOOTSTRAP_SEED, trial_statistic
from results.statistics.ranks import average_ranks
from results.storage.records import ResultsError
from results.storage.study import Cell, Study

FLOOR_FACTORS = (0.5, 1.0, 2.0)
"""Factors by which `floor_sensitivity` multiplies the noise floor."""


def measures(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    horizon: float | None = None,
    reference: str | None = None,
) -> pd.DataFrame:
    """Return all measures of each algorithm on each benchmark.

    Parameters
    ----------
    study : Study
        Complete or not.
    target, axis, horizon
        As for `results.anytime.comparisons.comparisons`.
    reference : str, optional
        The label that log-efficiency compares with. Default: the first of the experiment.

    Returns
    -------
    DataFrame
        One row per cell, in the order of the experiment; NaN for a cell without trials. Errors and regrets are in the
        benchmark's unit. Expected running time is a count or in seconds, as `axis` says.

        ``benchmark, label, target, axis, horizon, trials``
            The comparison, and the number of trials with a result.
        ``mean_regret, sd_regret, median_regret, low_quartile_regret, high_quartile_regret, iqm_regret``
            Regret of the final incumbents. sd divides by n - 1. iqm is the mean without the lowest and highest quarter.
        ``normalised_regret``
            The mean end regret as a share of the median architecture's, `results.anytime.regret.normalised_regret`.
        ``area``
            Mean area under log regret [dex], `results.anytime.regret.area_under_log_regret`.
        ``rank``
            Mean rank by area within the common trials, `results.statistics.ranks.average_ranks`. NaN for entries
            that were recorded outside, as is log-efficiency.
        ``share_reached``
            Mean share of 51 targets, from the median architecture's regret down to the floor, that a trial has reached
            and kept at the horizon, `results.anytime.runtimes.share_reached`.
        ``running_time``
            Expected running time to the noise floor, `results.anytime.runtimes.expected_running_time`.
        ``log_efficiency``
            Against the reference, `results.anytime.runtimes.log_efficiency`.
        ``duplicates``
            Share of the evaluations that repeat an architecture and fidelity within a trial.
        ``busy``
            Share of the time of several workers in which they trained, `busy_share`. NaN with one worker.

    Raises
    ------
    ResultsError
        As `results.anytime.comparisons.comparisons`, and if no cell has the reference's label.
    """
    labels = list(dict.fromkeys(cell.label for cell in study.cells))
    if reference is not None and reference not in labels:
        raise ResultsError(f"no algorithm is labelled {reference!r}; the labels are {', '.join(labels)}")
    rows: list[dict[str, Any]] = []
    for comparison in comparisons(study, target, axis, horizon):
        rows += _rows(study, comparison, reference or labels[0])
    return pd.DataFrame(rows)


def duplicate_share(cell: Cell) -> float:
    """Return the share of a cell's evaluations that repeat an architecture and fidelity within a trial.

    ``#{duplicates} / #{evaluations}`` over all trials; NaN without evaluations. If duplicates are trained and charged
    again, this share of the budget buys only repeated measurements.
    """
    duplicate = cell.evaluations["duplicate"].to_numpy(np.float64)
    return float(duplicate.mean()) if len(duplicate) else float("nan")


def busy_share(cell: Cell, *, timed: bool) -> float:
    """Return the share of the simulated time of several workers in which they trained.

    The time of a trial is its budget in seconds; with a budget in evaluations, it is the end of the last one. A low
    share means that workers wait for each other, for example at the end of a rung.

    Parameters
    ----------
    cell : Cell
    timed : bool
        Whether the benchmark has recorded times.

    Returns
    -------
    float
        In [0, 1]. NaN with one worker, without times, or without evaluations.
    """
    rows, workers = cell.evaluations, cell.protocol.get("workers", 1)
    if workers == 1 or not timed or not len(rows):
        return float("nan")
    limit = cell.protocol["budget"].get("seconds")
    lasts = pd.Series(limit, cell.trials.index) if limit else rows.groupby("trial")["end"].max()
    used = rows["end"].clip(upper=rows["trial"].map(lasts)) - rows["start"]
    return float(used.sum() / (workers * lasts.sum()))


def floor_sensitivity(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    horizon: float | None = None,
    factors: Sequence[float] = FLOOR_FACTORS,
) -> pd.DataFrame:
    """Return how the area under log regret depends on the noise floor.

    Parameters
    ----------
    study : Study
    target, axis, horizon
        As for `results.anytime.comparisons.comparisons`.
    factors : sequence of float
        The floor is multiplied by each of them.

    Returns
    -------
    DataFrame
        One row per algorithm, benchmark and factor: ``benchmark, label, factor, floor`` (in the benchmark's unit),
        ``area`` (mean over trials [dex]), ``place`` (1 for the lowest area of the benchmark). If the places change with
        the factor, the floor decides them.
    """
    frames = []
    for comparison in comparisons(study, target, axis, horizon):
        floor, _ = regret_floor(comparison.facts)
        asked = (comparison.target, comparison.axis, comparison.horizon)
        areas = {cell.label: areas_by_floor(cell, study, *asked, factors).mean() for cell in comparison.present}
        frame = (
            pd.DataFrame(areas).rename_axis("factor").reset_index().melt("factor", var_name="label", value_name="area")
        )
        frame["place"] = frame.groupby("factor")["area"].rank(method="min").astype("Int64")
        frames.append(frame.assign(benchmark=comparison.benchmark, floor=floor * frame["factor"]))
    columns = ["benchmark", "label", "factor", "floor", "area", "place"]
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def _rows(study: Study, comparison: Comparison, reference: str) -> list[dict[str, Any]]:
    asked, cells = (comparison.target, comparison.axis, comparison.horizon), comparison.cells
    times = {cell.label: runtimes(cell, study, *asked, target_ladder(comparison.facts)) for cell in cells}
    areas = pd.DataFrame({cell.label: area_under_log_regret(cell, study, *asked) for cell in cells})
    ranks, _ = average_ranks(areas[[cell.label for cell in cells if not cell.recorded]])
    against = next((times[cell.label] for cell in cells if cell.label == reference and not cell.recorded), None)
    timed = bool(study.benchmarks[comparison.benchmark]["has_seconds"])
    shared = dict(zip(("target", "axis", "horizon"), asked, strict=True))
    return [
        {"benchmark": comparison.benchmark, "label": cell.label, **shared, "trials": len(cell.trials)}
        | _end_regret(end_regret(cell, study, comparison.target), comparison)
        | {"area": areas[cell.label].mean(), "rank": ranks.get(cell.label, np.nan)}
        | _running_times(times[cell.label], None if cell.recorded else against, comparison.horizon)
        | {"duplicates": duplicate_share(cell), "busy": busy_share(cell, timed=timed)}
        for cell in cells
    ]


def _end_regret(regret: pd.Series[float], comparison: Comparison) -> dict[str, float]:
    low, high = regret.quantile([0.25, 0.75])
    mean = float(regret.mean())
    return {
        "mean_regret": mean,
        "sd_regret": float(regret.std(ddof=1)),
        "median_regret": float(regret.median()),
        "low_quartile_regret": low,
        "high_quartile_regret": high,
        "iqm_regret": float(trial_statistic(regret, "iqm")) if len(regret) else np.nan,
        "normalised_regret": float(normalised_regret(mean, comparison.facts)),
    }


def _running_times(times: pd.DataFrame, reference: pd.DataFrame | None, horizon: float) -> dict[str, float]:
    floor = expected_running_time(times, horizon, np.random.default_rng(BOOTSTRAP_SEED)).centre[-1]
    efficiency = np.nan
    if reference is not None:
        efficiency = log_efficiency(reference, times, horizon, np.random.default_rng(BOOTSTRAP_SEED)).centre.item()
    reached = share_reached(times, [horizon]).to_numpy()
    share = float(reached.mean()) if len(reached) else np.nan
    return {"share_reached": share, "running_time": float(floor), "log_efficiency": efficiency}

"""The numbers of the report, as one JSON: summaries by target, curves by view, what was spent."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, get_args

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex
from numpy.typing import ArrayLike

from plots.caption import panel_names
from plots.regret import regret_data
from plots.report_words import curves_caption
from plots.style import label_styles, regret_unit, time_unit
from results.curves import Axis
from results.records import ResultsError
from results.regret import area_under_log_regret
from results.statistics import BOOTSTRAP_SEED, Statistic, bootstrap_band
from results.study import Cell, Study
from results.summary_types import BenchmarkSummary, Summary

STATISTICS: tuple[Statistic, ...] = ("mean", "median")


def explorer_data(study: Study, summary: Summary, by_target: Mapping[str, Summary]) -> dict[str, Any]:
    """Return all numbers that the report shows, as plain JSON without NaN.

    Parameters
    ----------
    study : Study
    summary : Summary
        Of the study, by the first reported target of each benchmark.
    by_target : mapping
        Its summary by every target that is reported.

    Returns
    -------
    dict
        ``summary`` and ``by_target[target]`` are what ``regretta summary --json`` prints without and with that
        target. ``benchmarks`` has for every benchmark its words, and in ``views[target]`` the curves by axis, exactly
        the numbers of `plots.regret.regret_data`, with captions and the intervals of the tests' effects.
    """
    names = panel_names(summary)
    return {
        "summary": asdict(summary),
        "by_target": {target: asdict(found) for target, found in by_target.items()},
        "labels": [
            {"label": label, "colour": to_hex(style.colour), "marker": style.marker, "dashes": style.dashes}
            for label, style in label_styles(study).items()
        ],
        "benchmarks": [_benchmark(study, panel, names[panel.benchmark], by_target) for panel in summary.benchmarks],
    }


def _benchmark(study: Study, panel: BenchmarkSummary, title: str, by_target: Mapping[str, Summary]) -> dict[str, Any]:
    cells = [cell for cell in study.cells if cell.benchmark == panel.benchmark]
    alone = replace(study, cells=cells)
    factor, unit = regret_unit(panel.unit)
    timed = bool(study.benchmarks[panel.benchmark]["has_seconds"])
    return {
        "benchmark": panel.benchmark,
        "title": title,
        "factor": factor,
        "unit": unit,
        "targets": cells[0].protocol["report"],
        "views": {target: _views(alone, by_target[target], target) for target in cells[0].protocol["report"]},
        "spent": [{"label": cell.label, "fidelities": spent(cell, timed)} for cell in cells if len(cell.trials)],
    }


def _views(alone: Study, summary: Summary, target: str) -> dict[str, Any]:
    """What is shown of one benchmark by one target."""
    name = alone.cells[0].benchmark
    panel = next(found for found in summary.benchmarks if found.benchmark == name)
    return {
        "axes": {axis: _curves(alone, target, axis) for axis in get_args(Axis)},
        "captions": {statistic: curves_caption(alone.cells, panel, statistic) for statistic in STATISTICS},
        "effects": _effects(alone, panel),
    }


def _curves(alone: Study, target: str, axis: Axis) -> dict[str, Any]:
    """The curves of one benchmark, or why there are none; x in counts or [s], regret in the benchmark's unit."""
    try:
        by_statistic = {statistic: regret_data(alone, target, axis, statistic) for statistic in STATISTICS}
    except ResultsError as reason:
        return {"refused": str(reason)}
    first = by_statistic["mean"]
    horizon = float(first["x"].max()) if len(first) else 0.0
    length, name = time_unit(horizon) if axis == "seconds" else (1.0, "")
    curves = []
    for label, rows in first.groupby("label", sort=False):
        values = {s: _columns(data[data["label"] == label]) for s, data in by_statistic.items()}
        curves.append({"label": label, "n_trials": int(rows["n_trials"].iloc[0]), "x": _packed(rows["x"])} | values)
    return {"horizon": horizon, "unit": {"length": length, "name": name}, "curves": curves}


def _columns(rows: pd.DataFrame) -> dict[str, str]:
    return {column: _packed(rows[column]) for column in ("centre", "low", "high")}


def _packed(values: ArrayLike) -> str:
    """Little-endian doubles in base64: exact, NaN included, and half as long as their decimals."""
    return base64.b64encode(np.asarray(values, dtype="<f8").tobytes()).decode("ascii")


def _effects(alone: Study, panel: BenchmarkSummary) -> list[dict[str, float | None]]:
    """The 95 % bootstrap interval of each pair's median difference in area [dex], in the order of the pairs."""
    areas = {
        cell.label: area_under_log_regret(cell, alone, panel.target, panel.axis, panel.horizon) for cell in alone.cells
    }
    return [_interval(areas[pair.a], areas[pair.b]) for pair in panel.pairs]


def _interval(a: pd.Series[float], b: pd.Series[float]) -> dict[str, float | None]:
    common = a.index.intersection(b.index)
    difference = (a.loc[common] - b.loc[common]).to_numpy(np.float64)
    band = bootstrap_band(difference[:, None], "median", np.random.default_rng(BOOTSTRAP_SEED))
    return {name: _number(float(values[0])) for name, values in zip(band._fields, band, strict=True)}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def spent(cell: Cell, timed: bool) -> list[dict[str, float | None]]:
    """Say what a cell spent at each fidelity that it trained to.

    Parameters
    ----------
    cell : Cell
        With at least one trial.
    timed : bool
        Whether its benchmark has recorded times.

    Returns
    -------
    list of dict
        Ascending in ``fidelity`` [epochs]: ``evaluations`` begun and ``seconds`` charged within the budget [s], each
        per trial on average, and ``share`` of all that the algorithm was charged: of time, or of evaluations where no
        times are recorded; ``seconds`` is then None.
    """
    rows, n_trials = cell.evaluations, len(cell.trials)
    budget = cell.protocol["budget"].get("seconds", math.inf)
    charged = (rows["end"].clip(upper=budget) - rows["start"]).clip(upper=rows["charged_seconds"])
    found = charged.groupby(rows["fidelity_to"]).agg(evaluations="size", seconds="sum") / n_trials
    counted = found["seconds" if timed else "evaluations"]
    return [
        {
            "fidelity": float(fidelity),
            "evaluations": float(evaluations),
            "seconds": float(seconds) if timed else None,
            "share": _number(float(share)),
        }
        for fidelity, evaluations, seconds, share in zip(
            found.index, found["evaluations"], found["seconds"], counted / counted.sum(), strict=True
        )
    ]

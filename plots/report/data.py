"""The numbers of the report, as one JSON: summaries by target, curves by view, and the budget spent."""

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

from plots.drawing.caption import panel_names
from plots.drawing.style import label_styles, regret_unit, time_unit
from plots.figures.fidelity import fidelity_data
from plots.figures.regret import EXACT, ExactCurve, regret_data
from plots.report.text import curves_caption
from results.anytime.curves import Axis
from results.statistics.bootstrap import Statistic
from results.storage.records import ResultsError
from results.storage.study import Study
from results.summaries.recorded_words import recorded_words
from results.summaries.types import BenchmarkSummary, Summary

STATISTICS: tuple[Statistic, ...] = ("mean", "median")


def explorer_data(
    study: Study, summary: Summary, by_target: Mapping[str, Summary], exact: ExactCurve | None = None
) -> dict[str, Any]:
    """Return all numbers that the report shows, as plain JSON without NaN.

    Parameters
    ----------
    study : Study
    summary : Summary
        The summary of the study, by the first reported target of each benchmark.
    by_target : mapping
        Its summary by every reported target.
    exact : callable, optional
        Computes the curves that are known without simulation.

    Returns
    -------
    dict
        ``summary`` and ``by_target[target]`` are the output of ``regretta summary --json`` without and with that
        target. ``benchmarks`` has the texts of every benchmark and, in ``views[target]``, its curves by axis with
        captions. They are exactly the numbers of `plots.figures.regret.regret_data`.
    """
    names = panel_names(summary)
    return {
        "summary": asdict(summary),
        "by_target": {target: asdict(found) for target, found in by_target.items()},
        "labels": [
            {"label": label, "colour": to_hex(style.colour), "marker": style.marker, "dashes": style.dashes}
            for label, style in label_styles(study).items()
        ],
        "benchmarks": [
            _benchmark(study, panel, names[panel.benchmark], by_target, exact) for panel in summary.benchmarks
        ],
    }


def _benchmark(
    study: Study,
    panel: BenchmarkSummary,
    title: str,
    by_target: Mapping[str, Summary],
    exact: ExactCurve | None,
) -> dict[str, Any]:
    cells = [cell for cell in study.cells if cell.benchmark == panel.benchmark]
    alone = replace(study, cells=cells)
    factor, unit = regret_unit(panel.unit)
    return {
        "benchmark": panel.benchmark,
        "title": title,
        "factor": factor,
        "unit": unit,
        "targets": cells[0].protocol["report"],
        "views": {target: _views(alone, by_target[target], target, exact) for target in cells[0].protocol["report"]},
        "spent": _spent(alone),
    }


def _views(alone: Study, summary: Summary, target: str, exact: ExactCurve | None) -> dict[str, Any]:
    """Return the curves and captions of one benchmark by one target."""
    name = alone.cells[0].benchmark
    panel = next(found for found in summary.benchmarks if found.benchmark == name)
    recorded = recorded_words(alone, [alone.cells])
    return {
        "axes": {axis: _curves(alone, target, axis, exact) for axis in get_args(Axis)},
        "captions": {statistic: curves_caption(alone.cells, panel, statistic, recorded) for statistic in STATISTICS},
    }


def _curves(alone: Study, target: str, axis: Axis, exact: ExactCurve | None) -> dict[str, Any]:
    """Return the curves of one benchmark, or the reason for their absence; x in counts or [s], regret in its unit."""
    try:
        known = exact if axis == "evaluations" else None
        by_statistic = {s: regret_data(alone, target, axis, s, exact=known) for s in STATISTICS}
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
    columns = ["centre", "low", "high"]
    columns += [EXACT] if EXACT in rows and rows[EXACT].notna().any() else []
    return {column: _packed(rows[column]) for column in columns}


def _packed(values: ArrayLike) -> str:
    """Encode numbers as little-endian doubles in base64: exact, including NaN, and half as long as decimals."""
    return base64.b64encode(np.asarray(values, dtype="<f8").tobytes()).decode("ascii")


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _spent(alone: Study) -> list[dict[str, Any]]:
    """Group the rows of `plots.figures.fidelity.fidelity_data` for one benchmark by algorithm."""
    return [
        {
            "label": label,
            "fidelities": [
                {name: _number(float(row[name])) for name in ("fidelity", "evaluations", "seconds", "share")}
                for row in rows.to_dict("records")
            ],
        }
        for label, rows in fidelity_data(alone).groupby("label", sort=False)
    ]

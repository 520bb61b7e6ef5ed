"""The numbers of the report, as one JSON: summaries by target, curves by view, and the budget spent."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from plots.drawing.caption import panel_names
from plots.drawing.colours import RGB, hex_code, label_styles
from plots.drawing.selection import BASE, MOST_COLOURED, N_LEADERS
from plots.drawing.units import regret_unit, time_unit
from plots.report.packing import pack_numbers
from plots.report.text import curves_caption
from results.anytime.curves import Axis
from results.statistics.bootstrap import Statistic
from results.storage.records import ResultsError
from results.storage.study import Study
from results.summaries.curve_table import EXACT, ExactCurve, regret_tables
from results.summaries.fidelity_table import fidelity_data
from results.summaries.recorded_words import recorded_words
from results.summaries.types import BenchmarkSummary, Summary

STATISTICS: tuple[Statistic, ...] = ("mean", "median")
"""The statistics that the page offers."""


class Numbers:
    """Numbers of one benchmark, which the page finds by their place."""

    def __init__(self) -> None:
        self._parts: list[np.ndarray[Any, np.dtype[np.float64]]] = []
        self._length = 0

    def add(self, values: ArrayLike) -> int:
        """Append numbers, and return the place of the first of them."""
        part = np.asarray(values, dtype=np.float64)
        self._parts.append(part)
        self._length += len(part)
        return self._length - len(part)

    def packed(self) -> str:
        """Return all numbers in the order in which they were appended; see `plots.report.packing`."""
        return pack_numbers(np.concatenate([np.empty(0), *self._parts]))


def explorer_data(
    study: Study,
    summary: Summary,
    by_target: Mapping[str, Summary],
    exact: ExactCurve | None = None,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Return all numbers that the report shows, as plain JSON without NaN.

    Parameters
    ----------
    study : Study
    summary : Summary
        The summary of the study, by the first reported target of each benchmark.
    by_target : mapping
        Its summary by every reported target. Targets whose summary is the same object share its numbers.
    exact : callable, optional
        Computes the curves that are known without simulation.
    progress : callable, optional
        Is told the title of every benchmark before its curves are computed.

    Returns
    -------
    dict
        ``summary`` and ``by_target[target]`` are the output of ``regretta summary --json`` without and with that
        target. ``benchmarks`` has the texts of every benchmark and, in ``views[target]``, its curves by axis with
        captions. A curve has ``points`` and, by column, the place of its first number in ``numbers`` of its benchmark.
        These are exactly the numbers of `results.summaries.curve_table.regret_data`.
    """
    names = panel_names(summary)
    algorithms = {cell.label: cell.algorithm for cell in study.cells}
    benchmarks = []
    for panel in summary.benchmarks:
        if progress:
            progress(names[panel.benchmark])
        benchmarks.append(_benchmark(study, panel, names[panel.benchmark], by_target, exact))
    return {
        "summary": asdict(summary),
        "by_target": {target: asdict(found) for target, found in by_target.items() if found is not summary},
        "labels": [
            {
                "label": label,
                "algorithm": algorithms[label],
                "colour": hex_code(style.colour),
                "dark": hex_code(on_dark(style.colour)),
                "marker": style.marker,
                "dashes": style.dashes,
            }
            for label, style in label_styles(study).items()
        ],
        "benchmarks": benchmarks,
    }


def on_dark(colour: RGB) -> RGB:
    """Return the colour of an algorithm on dark paper: of the same hue, the lighter the darker it is on white."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*colour)
    return colorsys.hls_to_rgb(hue, 1.0 - 0.75 * lightness, saturation)


def leaders(panel: BenchmarkSummary, algorithms: Mapping[str, str]) -> list[str]:
    """Return the labels that have colour and band at first: all of a few, or else the best by area and random search.

    Parameters
    ----------
    panel : BenchmarkSummary
    algorithms : mapping
        By label, the registered algorithm.
    """
    labels = [found.label for found in panel.algorithms]
    if len(labels) <= MOST_COLOURED:
        return labels
    areas = {found.label: found.area.value for found in panel.algorithms if found.area.value is not None}
    best = sorted(areas, key=lambda label: areas[label])[:N_LEADERS]
    return [label for label in labels if label in best or algorithms[label] == BASE]


def _benchmark(
    study: Study,
    panel: BenchmarkSummary,
    title: str,
    by_target: Mapping[str, Summary],
    exact: ExactCurve | None,
) -> dict[str, Any]:
    cells = [cell for cell in study.cells if cell.benchmark == panel.benchmark]
    alone, targets, numbers = replace(study, cells=cells), cells[0].protocol["report"], Numbers()
    factor, unit = regret_unit(panel.unit)
    return {
        "benchmark": panel.benchmark,
        "title": title,
        "factor": factor,
        "unit": unit,
        "targets": targets,
        "leaders": leaders(panel, {cell.label: cell.algorithm for cell in cells}),
        "views": {target: _views(alone, by_target[target], target, exact, numbers) for target in targets},
        "spent": _spent(alone),
        "numbers": numbers.packed(),
    }


def _views(alone: Study, summary: Summary, target: str, exact: ExactCurve | None, numbers: Numbers) -> dict[str, Any]:
    """Return the curves and captions of one benchmark by one target."""
    name = alone.cells[0].benchmark
    panel = next(found for found in summary.benchmarks if found.benchmark == name)
    recorded = recorded_words(alone, [alone.cells])
    return {
        "axes": {axis: _curves(alone, target, axis, exact, numbers) for axis in get_args(Axis)},
        "captions": {statistic: curves_caption(alone.cells, panel, statistic, recorded) for statistic in STATISTICS},
    }


def _curves(alone: Study, target: str, axis: Axis, exact: ExactCurve | None, numbers: Numbers) -> dict[str, Any]:
    """Return the curves of one benchmark, or the reason for their absence; x in counts or [s], regret in its unit."""
    try:
        known = exact if axis == "evaluations" else None
        tables = regret_tables(alone, target, axis, STATISTICS, exact=known)
    except ResultsError as reason:
        return {"refused": str(reason)}
    by_statistic = dict(zip(STATISTICS, tables, strict=True))
    first = by_statistic["mean"]
    horizon = float(first["x"].max()) if len(first) else 0.0
    length, name = time_unit(horizon) if axis == "seconds" else (1.0, "")
    curves = []
    for label, rows in first.groupby("label", sort=False):
        values = {s: _columns(data[data["label"] == label], numbers) for s, data in by_statistic.items()}
        curve = {"label": label, "n_trials": int(rows["n_trials"].iloc[0]), "points": len(rows)}
        curves.append(curve | {"x": numbers.add(rows["x"])} | values)
    return {"horizon": horizon, "unit": {"length": length, "name": name}, "curves": curves}


def _columns(rows: pd.DataFrame, numbers: Numbers) -> dict[str, int]:
    columns = ["centre", "low", "high"]
    columns += [EXACT] if EXACT in rows and rows[EXACT].notna().any() else []
    return {column: numbers.add(rows[column]) for column in columns}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _spent(alone: Study) -> list[dict[str, Any]]:
    """Group the rows of `results.summaries.fidelity_table.fidelity_data` for one benchmark by algorithm."""
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

"""The summary panel above small multiples: an average over benchmarks in one unit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from plots.drawing.scales import UNIT, X_UNIT
from plots.drawing.selection import View, spaces_of
from results.anytime.curves import POINTS, Floats
from results.words import counted

ALL = ""
"""The benchmark of the numbers over all benchmarks."""


def step_after(grid: Floats, x: Floats, values: Floats) -> Floats:
    """Return a right-continuous step function on a grid; NaN before its first point."""
    places = np.searchsorted(x, grid * (1 + 1e-12), side="right") - 1
    return np.where(places >= 0, values[np.maximum(places, 0)], np.nan)


def over_benchmarks(view: View, data: pd.DataFrame, *, before: float = np.nan, floors: bool = False) -> pd.DataFrame:
    """Average curves over the benchmarks on which all algorithms with trials have one.

    Data sets of a search space are averaged first, because they are not independent, then spaces. The mean of regrets
    is geometric, and regrets below the noise floor count as the floor, as in the area under log regret.

    Parameters
    ----------
    view : View
    data : DataFrame
        ``benchmark, label, x, centre``, in the units of small multiples.
    before : float
        The value before the first point of a curve.
    floors : bool
        Whether the values are regrets.

    Returns
    -------
    DataFrame
        One row per point: ``benchmark`` (empty), ``label, x, centre, low, high`` (no bands: NaN), and the units.
    """
    known = data.dropna(subset="centre")
    benchmarks = complete_benchmarks(view, known)
    if not benchmarks:
        return data.iloc[:0]
    known = known[known["benchmark"].isin(benchmarks)]
    ends = known.groupby("benchmark")["x"].agg(["min", "max"])
    grid = np.geomspace(ends["min"].min(), ends["max"].max(), POINTS)
    floor = {
        panel.benchmark: panel.floor / max(panel.median - panel.optimum, panel.floor)
        for panel in view.summary.benchmarks
    }
    frames = []
    for label, own in known.groupby("label", sort=False):
        values: dict[str, Floats] = {}
        for benchmark, curve in own.sort_values("x").groupby("benchmark", sort=False):
            x, centre = curve["x"].to_numpy(np.float64), curve["centre"].to_numpy(np.float64)
            value = step_after(grid, x, centre)
            value = np.where(np.isnan(value), before, value)
            values[str(benchmark)] = np.log10(np.maximum(value, floor[str(benchmark)])) if floors else value
        mean = _mean_over_spaces(view, values)
        frames.append(_rows(label, grid, 10**mean if floors else mean))
    units = {name: data[name].iloc[0] for name in (UNIT, X_UNIT)}
    return pd.concat(frames, ignore_index=True).dropna(subset="centre").assign(**units)


def complete_benchmarks(view: View, data: pd.DataFrame) -> list[str]:
    """Return the benchmarks on which all algorithms with trials have numbers."""
    labels = data.groupby("benchmark")["label"].nunique()
    wanted = len(view.styles) - len(view.missing)
    return [panel.benchmark for panel in view.summary.benchmarks if labels.get(panel.benchmark, 0) == wanted]


def lead_title(view: View, data: pd.DataFrame, what: str = "Mean") -> str:
    """Name what the summary panel shows."""
    benchmarks = complete_benchmarks(view, data)
    spaces = {view.study.benchmarks[benchmark]["space"] for benchmark in benchmarks}
    return f"{what} over {counted(len(benchmarks), 'benchmark')} of {counted(len(spaces), 'search space')}"


def _mean_over_spaces(view: View, values: dict[str, Floats]) -> Floats:
    spaces = spaces_of(view.summary, view.study).values()
    means = [
        np.mean([values[p.benchmark] for p in of if p.benchmark in values], axis=0)
        for of in spaces
        if any(p.benchmark in values for p in of)
    ]
    mean: Floats = np.mean(means, axis=0)
    return mean


def _rows(label: object, x: Floats, centre: Floats) -> pd.DataFrame:
    return pd.DataFrame({"benchmark": ALL, "label": label, "x": x, "centre": centre, "low": np.nan, "high": np.nan})

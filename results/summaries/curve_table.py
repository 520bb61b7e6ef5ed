"""The curves of anytime regret, as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import pandas as pd

from results.anytime.comparisons import Comparison, comparisons
from results.anytime.curves import Axis, Floats, curve_grid, first_completion
from results.anytime.regret import regret_curves
from results.statistics.bootstrap import Statistic, bootstrap_band, seeded_counts
from results.storage.study import Cell, Study
from results.summaries.summary import display_statistic

_COLUMNS = ["benchmark", "label", "x", "centre", "low", "high", "n_trials", "target", "axis", "statistic"]
EXACT = "exact"
"""The column of the exact curve, if there is one."""

ExactCurve = Callable[[Cell, str, Axis, Statistic, Floats], Floats]
"""Returns the exact regret of a cell by a target at each point of a grid, ``(n_points,)``; NaN if it is not known."""


def regret_data(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    statistic: Statistic | None = None,
    horizon: float | None = None,
    exact: ExactCurve | None = None,
) -> pd.DataFrame:
    """Return the numbers behind the anytime regret figure.

    The parameters are those of `plots.figures.regret.regret_figure`.

    Returns
    -------
    DataFrame
        One row per point of a curve: ``benchmark, label, x`` (a count, or [s]), ``centre, low, high`` (regret in the
        benchmark's unit), ``n_trials, target, axis, statistic``. A cell without trials has no rows. The numbers of an
        algorithm do not depend on the others. With `exact` there is a column of that name: the regret that is known
        without simulation, or NaN.
    """
    (table,) = regret_tables(study, target, axis, [statistic], horizon, exact)
    return table


def regret_tables(
    study: Study,
    target: str | None,
    axis: Axis | None,
    statistics: Sequence[Statistic | None],
    horizon: float | None = None,
    exact: ExactCurve | None = None,
) -> list[pd.DataFrame]:
    """Return `regret_data` by several statistics, which takes less time than one after the other."""
    tables: list[list[pd.DataFrame]] = [[] for _ in statistics]
    for comparison in comparisons(study, target, axis, horizon):
        named = [statistic or display_statistic(comparison.unit) for statistic in statistics]
        for cell in comparison.present:
            for table, curve in zip(tables, _curves(study, cell, comparison, named, exact), strict=True):
                table.append(curve)
    return [pd.concat(table, ignore_index=True) if table else pd.DataFrame(columns=_COLUMNS) for table in tables]


def _curves(
    study: Study, cell: Cell, comparison: Comparison, statistics: Iterable[Statistic], exact: ExactCurve | None
) -> Iterator[pd.DataFrame]:
    target, axis = comparison.target, comparison.axis
    start = float(first_completion(cell, target, axis).max(skipna=False))
    grid = curve_grid(start, comparison.horizon, axis)
    regret, _ = regret_curves(cell, study, target, axis, grid)
    for statistic in statistics:
        band = bootstrap_band(regret.to_numpy(), statistic, seeded_counts)
        columns = [cell.benchmark, cell.label, grid, *band, len(regret), target, axis, statistic]
        table = pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True)))
        yield table if exact is None else table.assign(**{EXACT: exact(cell, target, axis, statistic, grid)})

"""How much each hyperparameter matters: shares of the variance of the mean area over the configurations.

Hutter, Hoos and Leyton-Brown, "An Efficient Approach for Assessing Hyperparameter Importance", ICML 2014, section 3:
the functional analysis of variance. On a complete grid it is exact; otherwise it is that of a random forest fitted to
the configurations, on a grid of their values.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from harness.tuning.configurations import Configuration

Array = NDArray[np.float64]
LEVELS = 8
"""The largest number of values of a hyperparameter in the grid of a forest."""
MOST_POINTS = 100_000
TREES = 128


def importance(running: Sequence[Configuration], areas: Mapping[str, pd.DataFrame], *, complete: bool) -> pd.DataFrame:
    """Divide the variance of the mean area among hyperparameters and pairs of them.

    Parameters
    ----------
    running : sequence of Configuration
    areas : mapping
        By benchmark: ``(n_trials, n_configurations)`` [dex], over the trials that every configuration has.
    complete : bool
        Whether the configurations are all combinations of their values.

    Returns
    -------
    DataFrame
        A row for each hyperparameter and pair: ``effect``, ``share`` of the variance of the areas (averaged over
        benchmarks), and ``method``, ``exact`` or ``forest``.
    """
    mean = np.mean([frame[[one.number for one in running]].mean().to_numpy() for frame in areas.values()], axis=0)
    names = list(running[0].values)
    levels = [_levels([one.values[name] for one in running]) for name in names]
    codes = np.array([[levels[i].index(one.values[name]) for i, name in enumerate(names)] for one in running])
    if complete:
        table = np.empty([len(one) for one in levels])
        table[tuple(codes.T)] = mean
        return _shares(names, table, "exact")
    return _shares(names, _forest_table(levels, codes, mean), "forest")


def _levels(values: Sequence[object]) -> list[object]:
    """Return the different values: numbers in order, others in the order of their appearance."""
    different = list(dict.fromkeys(values))
    numbers = [value for value in different if isinstance(value, int | float) and not isinstance(value, bool)]
    return list(sorted(numbers) if len(numbers) == len(different) else different)


def _forest_table(levels: Sequence[Sequence[object]], codes: NDArray[np.int64], mean: Array) -> Array:
    """Return the predictions of a forest on a grid. It sees the place of a value among all values."""
    from sklearn.ensemble import RandomForestRegressor

    chosen = [np.unique(np.linspace(0, len(one) - 1, min(len(one), LEVELS)).round().astype(int)) for one in levels]
    while np.prod([len(one) for one in chosen]) > MOST_POINTS:
        widest = max(range(len(chosen)), key=lambda i: len(chosen[i]))
        chosen[widest] = chosen[widest][::2]
    forest = RandomForestRegressor(TREES, min_samples_leaf=2, random_state=0, n_jobs=1).fit(codes, mean)
    points = np.stack([one.ravel() for one in np.meshgrid(*chosen, indexing="ij")], axis=1)
    table: Array = forest.predict(points).reshape([len(one) for one in chosen])
    return table


def _shares(names: Sequence[str], table: Array, method: str) -> pd.DataFrame:
    """Return the shares of main effects and of pairs, by the decomposition on a grid."""
    total = float(table.var())
    rows: list[dict[str, object]] = []
    mains = {}
    for place, name in enumerate(names):
        others = tuple(axis for axis in range(table.ndim) if axis != place)
        mains[place] = table.mean(axis=others) - table.mean()
        rows.append({"effect": name, "share": float(mains[place].var())})
    for first, second in itertools.combinations(range(len(names)), 2):
        others = tuple(axis for axis in range(table.ndim) if axis not in (first, second))
        pair = table.mean(axis=others) - table.mean() - mains[first][:, None] - mains[second][None, :]
        rows.append({"effect": f"{names[first]} x {names[second]}", "share": float((pair**2).mean())})
    frame = pd.DataFrame(rows)
    frame["share"] = frame["share"] / total if total > 0 else 0.0
    frame["method"] = method
    return frame.sort_values("share", ascending=False, kind="stable", ignore_index=True)

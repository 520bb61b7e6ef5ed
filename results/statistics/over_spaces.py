"""Statistics over search spaces: the mean over spaces, and the prediction for a space that was not raced.

The data sets of one space are nearly one benchmark, so they are averaged first, and a space counts once. Notation: m_1
to m_k are the means of k spaces, M their mean, s their standard deviation (dividing by k - 1), and t the 97.5 %
quantile of Student's distribution with k - 1 degrees of freedom.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from results.statistics.bootstrap import LEVEL
from results.words import counted

MINIMUM_SPACES = 3
"""Intervals over spaces are refused with fewer spaces."""
FEW_SPACES = 6
"""With fewer spaces, intervals are called wide."""
LEVELS = ("space", "data_set", "benchmark")
"""The levels of the index of values by benchmark."""


@dataclass(frozen=True)
class OverSpaces:
    """A mean over search spaces, with its interval and the prediction for another space.

    Attributes
    ----------
    n : int
        The number of spaces.
    mean, low, high : float
        Mean over spaces with its 95 % interval; NaN where undefined or refused.
    predicted_low, predicted_high : float
        95 % interval of the value on a space that was not raced; NaN if refused.
    p_value : float
        Of the t-test that the mean over all spaces is 0; NaN if refused.
    least, greatest : float
        The range of the mean if any one space is left out; NaN with fewer than two spaces.
    refused : str
        Why there are no intervals; empty if there are.
    """

    n: int
    mean: float
    low: float
    high: float
    predicted_low: float
    predicted_high: float
    p_value: float
    least: float
    greatest: float
    refused: str = ""


def without_intervals(one: OverSpaces, refusal: str) -> OverSpaces:
    """Return the mean alone, because claims about it are refused.

    Parameters
    ----------
    one : OverSpaces
    refusal : str
        The reason.
    """
    unknown = float("nan")
    return replace(
        one, low=unknown, high=unknown, predicted_low=unknown, predicted_high=unknown, p_value=unknown, refused=refusal
    )


def space_means(values: pd.Series[float]) -> pd.Series[float]:
    """Average over the benchmarks of a data set, then over the data sets of a space.

    Several tables of one data set, such as recorded runs and modelled curves, count once, and so do the data sets of a
    space that has few of them and one that has many.

    Parameters
    ----------
    values : Series
        Indexed by ``space, data_set, benchmark``. NaN are left out.

    Returns
    -------
    Series
        Indexed by ``space``, in the order of the values.
    """
    by_data_set = values.groupby(level=["space", "data_set"], sort=False).mean()
    return by_data_set.groupby(level="space", sort=False).mean()


def over_spaces(means: ArrayLike) -> OverSpaces:
    """Estimate the mean over search spaces, and predict the value on a space that was not raced.

    The mean has the interval ``M -+ t s sqrt(1 / k)``. A new space has the interval ``M -+ t s sqrt(1 + 1 / k)``, in
    which the value that would be measured there lies with probability 0.95, if the spaces are a random sample of a
    normal population and are raced alike. (Higgins, Thompson and Spiegelhalter 2009, "A re-evaluation of random-effects
    meta-analysis", Journal of the Royal Statistical Society A 172, section 4.1, predict the *true* value on a new space
    from estimates of unequal precision. With spaces raced alike, s has the noise of the trials in it, and the interval
    is exact.)

    Parameters
    ----------
    means : (k,) array_like
        One finite value per space, from `space_means`.

    Returns
    -------
    OverSpaces
        Without intervals below three spaces. With equal values in all spaces, the intervals have no width.
    """
    values = np.asarray(means, dtype=np.float64)
    k, nan = len(values), float("nan")
    mean = float(values.mean()) if k else nan
    others = (values.sum() - values) / (k - 1) if k > 1 else np.array([nan])
    least, greatest = float(others.min()), float(others.max())
    if k < MINIMUM_SPACES:
        reason = f"{counted(k, 'search space')}, {MINIMUM_SPACES} are needed"
        return OverSpaces(k, mean, nan, nan, nan, nan, nan, least, greatest, reason)
    spread = float(values.std(ddof=1)) if values.min() < values.max() else 0.0
    quantile = float(stdtrit(k - 1, (1 + LEVEL) / 2))
    half, wide = quantile * spread * (1 / k) ** 0.5, quantile * spread * (1 + 1 / k) ** 0.5
    return OverSpaces(
        k, mean, mean - half, mean + half, mean - wide, mean + wide, _p_value(mean, spread, k), least, greatest
    )


def _p_value(mean: float, spread: float, k: int) -> float:
    """Return the two-sided p-value of the t-test that the mean is 0."""
    if mean == 0:
        return 1.0
    statistic = abs(mean) / (spread / k**0.5) if spread else float("inf")
    return float(2 * stdtr(k - 1, -statistic))


def share_best(areas: pd.DataFrame) -> pd.DataFrame:
    """Return the share of data sets and of spaces on which each algorithm has the lowest area.

    Algorithms with equal areas share a data set or space. The shares describe these benchmarks; nothing is tested.

    Parameters
    ----------
    areas : DataFrame
        (n_benchmarks, n_algorithms), indexed by ``space, data_set, benchmark``; lower is better. A benchmark on which
        any algorithm has no value is left out.

    Returns
    -------
    DataFrame
        Indexed by algorithm: ``data_sets, data_sets_low, data_sets_high, spaces, spaces_low, spaces_high``. Low and
        high are the range of the share if any one space is left out. NaN without a complete benchmark, and for ranges
        with fewer than two spaces.
    """
    complete = areas.dropna(how="any")
    by_data_set = complete.groupby(level=["space", "data_set"], sort=False).mean()
    best = {
        "data_sets": _credits(by_data_set),
        "spaces": _credits(by_data_set.groupby(level="space", sort=False).mean()),
    }
    columns = {}
    for name, credit in best.items():
        spaces = credit.index.get_level_values("space")
        columns[name] = credit.mean()
        without = [credit[spaces != space].mean() for space in spaces.unique()]
        shares = (
            pd.DataFrame(without, columns=areas.columns) if len(without) > 1 else pd.DataFrame(columns=areas.columns)
        )
        columns[f"{name}_low"], columns[f"{name}_high"] = shares.min(), shares.max()
    return pd.DataFrame(columns, index=areas.columns, dtype=np.float64)


def _credits(areas: pd.DataFrame) -> pd.DataFrame:
    """Return 1 where an algorithm is the best of its row, and equal parts where several are."""
    best = areas.eq(areas.min(axis="columns"), axis="index").astype(np.float64)
    return best.div(best.sum(axis="columns"), axis="index")

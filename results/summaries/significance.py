"""Claims: that an algorithm is no worse than another, and that algorithms differ over many benchmarks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from results.anytime.comparisons import comparisons
from results.anytime.curves import Axis
from results.anytime.regret import area_under_log_regret
from results.statistics.bootstrap import ALPHA, Floats
from results.statistics.paired import MINIMUM_PAIRS, common_differences
from results.statistics.unpaired import MINIMUM_RUNS, too_few
from results.storage.study import Study
from results.words import counted

MARGIN = 0.1
"""The margin of non-inferiority [dex]: 0.1 dex is 26 % more regret."""

MINIMUM_BLOCKS = 10
"""The test over benchmarks is refused with fewer independent blocks."""


@dataclass(frozen=True)
class NoWorse:
    """The result of a test that an algorithm is no worse than another by more than a margin.

    Attributes
    ----------
    n : int
        The number of common trials.
    mean_difference, bound : float
        Mean of the paired differences, the other's value minus its own [dex], and the lower end of its one-sided 95 %
        interval; NaN if refused.
    margin : float
    holds : bool or None
        Whether the bound is above ``-margin``; None if refused. False does not mean that the algorithm is worse.
    refused : str
        Why there was no test; empty if there was one.
    """

    n: int
    mean_difference: float
    bound: float
    margin: float
    holds: bool | None
    refused: str = ""


def no_worse(a: pd.Series[float], b: pd.Series[float], margin: float = MARGIN, *, paired: bool = True) -> NoWorse:
    """Test whether `a` is no worse than `b`, by a paired, one-sided t-test of non-inferiority.

    With ``d_i = b_i - a_i`` over the n common trials, the bound is ``mean(d) - t(0.95, n - 1) sd(d) / sqrt(n)``. `a` is
    no worse if the bound is above ``-margin``. If that holds in both directions, the two are equivalent within the
    margin (two one-sided tests at 0.05 each).

    Parameters
    ----------
    a, b : Series
        Indexed by trial without repetition; finite values [dex], lower is better.
    margin : float
        Positive.
    paired : bool
        False for entries without common trials: then the bound is that of Welch's t-test for unequal variances.

    Raises
    ------
    ValueError
        As `results.statistics.paired.paired_wilcoxon`.
    """
    if not paired:
        return _no_worse_unpaired(a, b, margin)
    difference = -common_differences(a, b)
    n, nan = len(difference), float("nan")
    if n < MINIMUM_PAIRS:
        reason = f"{counted(n, 'common trial')}, {MINIMUM_PAIRS} are needed"
        return NoWorse(n, nan, nan, margin, None, reason)
    bound = mean = float(difference.mean())
    if difference.min() < difference.max():
        bound = mean_bound(difference)
    return NoWorse(n, mean, bound, margin, bound > -margin)


def mean_bound(values: Floats) -> float:
    """Return the lower end of the one-sided 95 % t interval of a mean: ``mean + t(0.05; n - 1) sd / sqrt(n)``.

    It equals ``scipy.stats.ttest_1samp(values, 0, alternative="greater").confidence_interval(0.95).low`` to the last
    bit, without its checks of every argument, which take a hundred times as long.

    Parameters
    ----------
    values : (n,) array
        At least two, not all equal.
    """
    n, mean = len(values), values.mean()
    variance = np.mean((values - mean) ** 2) * np.divide(n, n - 1)
    return float(stdtrit(n - 1, 1 - (1 - ALPHA)) * np.sqrt(variance / n) + mean)


def _no_worse_unpaired(a: pd.Series[float], b: pd.Series[float], margin: float) -> NoWorse:
    from scipy.stats import ttest_ind  # slow to import, and few studies have such entries

    n, nan = min(len(a), len(b)), float("nan")
    if n < MINIMUM_RUNS:
        return NoWorse(n, nan, nan, margin, None, too_few(n))
    bound = mean = float(b.mean() - a.mean())
    if a.min() < a.max() or b.min() < b.max():
        found = ttest_ind(b.to_numpy(), a.to_numpy(), equal_var=False, alternative="greater")
        bound = float(found.confidence_interval(1 - ALPHA).low)
    return NoWorse(n, mean, bound, margin, bound > -margin)


def areas_by_benchmark(
    study: Study, target: str | None = None, axis: Axis | None = None, horizon: float | None = None
) -> pd.DataFrame:
    """Return the mean area under log regret of each algorithm on each benchmark.

    Parameters
    ----------
    study : Study
    target, axis, horizon
        As for `results.anytime.comparisons.comparisons`.

    Returns
    -------
    DataFrame
        (n_benchmarks, n_algorithms) [dex], indexed by ``(space, benchmark)``; NaN for a cell without trials.
    """
    labels = list(dict.fromkeys(cell.label for cell in study.cells))
    rows = {}
    for comparison in comparisons(study, target, axis, horizon):
        asked = (comparison.target, comparison.axis, comparison.horizon)
        areas = {cell.label: area_under_log_regret(cell, study, *asked).mean() for cell in comparison.cells}
        rows[study.benchmarks[comparison.benchmark]["space"], comparison.benchmark] = areas
    index = pd.MultiIndex.from_tuples(rows, names=["space", "benchmark"])
    return pd.DataFrame(list(rows.values()), index=index, columns=labels, dtype=np.float64)


@dataclass(frozen=True)
class BlockComparison:
    """The comparison of algorithms over independent blocks.

    Attributes
    ----------
    ranks : DataFrame
        (n_blocks, n_algorithms); 1 is the best of a block.
    average : Series
        The mean rank of each algorithm.
    p_value : float
        Of Friedman's test; NaN if refused.
    critical_difference : float
        Average ranks that are further apart differ (Nemenyi, 0.05); NaN if refused.
    groups : tuple of tuple of str
        Maximal sets of algorithms without a significant difference, the best first; empty if refused.
    refused : str
        Why there was no test; empty if there was one.
    """

    ranks: pd.DataFrame
    average: pd.Series[float]
    p_value: float
    critical_difference: float
    groups: tuple[tuple[str, ...], ...]
    refused: str = ""


def compare_over_blocks(areas: pd.DataFrame) -> BlockComparison:
    """Compare algorithms over benchmarks by Friedman's test and Nemenyi's critical difference of average ranks.

    The data sets of one search space are not independent, so a space is one block: its ranks are the means over its
    benchmarks. With N blocks, k algorithms and average ranks R, Friedman's test asks whether any R differs. If so, two
    differ if ``|R_a - R_b| > q sqrt(k (k + 1) / (6 N))``, where q is the quantile of the studentized range for k groups
    divided by sqrt 2 (Demsar 2006, "Statistical comparisons of classifiers over multiple data sets").

    Parameters
    ----------
    areas : DataFrame
        From `areas_by_benchmark`. A benchmark on which any algorithm has no value is left out.

    Returns
    -------
    BlockComparison
        Always with ranks. The test is refused, with the reason, below 10 blocks or 3 algorithms.
    """
    complete = areas.dropna(how="any")
    ranks = complete.rank(axis="columns").groupby(level="space", sort=False).mean()
    (n, k), average = ranks.shape, ranks.mean()
    reason = ""
    if n < MINIMUM_BLOCKS:
        reason = f"{counted(n, 'independent block')} (search spaces), {MINIMUM_BLOCKS} are needed"
    elif k < 3:
        reason = f"{counted(k, 'algorithm')}, 3 are needed"
    if reason:
        return BlockComparison(ranks, average, float("nan"), float("nan"), (), reason)
    from scipy.stats import friedmanchisquare  # slow to import, and most studies have fewer search spaces

    p_value = float(friedmanchisquare(*ranks.to_numpy().T).pvalue)
    difference = critical_difference(k, n) if p_value < ALPHA else float("inf")
    return BlockComparison(ranks, average, p_value, critical_difference(k, n), _groups(average, difference))


def critical_difference(n_algorithms: int, n_blocks: int) -> float:
    """Return Nemenyi's critical difference of average ranks at 0.05: ``q sqrt(k (k + 1) / (6 N))``."""
    from scipy.stats import studentized_range

    k = n_algorithms
    quantile = studentized_range.ppf(1 - ALPHA, k, np.inf) / np.sqrt(2)
    return float(quantile * np.sqrt(k * (k + 1) / (6 * n_blocks)))


def _groups(average: pd.Series[float], difference: float) -> tuple[tuple[str, ...], ...]:
    """Return the maximal runs of algorithms, sorted by rank, that span at most a difference."""
    ordered = average.sort_values(kind="stable")
    ends = np.searchsorted(ordered.to_numpy(), ordered.to_numpy() + difference, side="right")
    runs = [(start, end) for start, end in enumerate(ends) if start == 0 or end > ends[start - 1]]
    return tuple(tuple(map(str, ordered.index[start:end])) for start, end in runs)

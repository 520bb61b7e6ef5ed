"""Plans: how many trials a study needs to show a difference, from the trials that it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from results.anytime.comparisons import Comparison, comparisons
from results.anytime.regret import area_under_log_regret
from results.statistics.bootstrap import ALPHA, Floats
from results.statistics.paired import MINIMUM_PAIRS, common_differences, median_interval
from results.statistics.power import POWER, spread_interval, trials_needed
from results.storage.study import Study
from results.summaries.resolution import pair_resolution
from results.words import counted


@dataclass(frozen=True)
class PairPlan:
    """The number of trials that one pair needs.

    Attributes
    ----------
    a, b : str
        Labels, in the order of the experiment.
    trials : int
        The number of common trials of the pilot.
    median_difference : float or None
        Median of area(a) - area(b) over these trials [dex], negative if a is better. None without any.
    low, high : float or None
        Its 95 % interval, `results.statistics.paired.median_interval`. None with too few trials.
    spread : float or None
        The standard deviation of the paired differences in area [dex].
    resolution : float or None
        The smallest difference that the pilot itself shows [dex].
    needed, needed_low, needed_high : int or None
        The number of trials, and its 95 % interval, which follows from that of the spread. None if it is unknown or
        above `results.statistics.power.MOST_TRIALS`.
    enough : bool
        Whether the trials of the pilot are already as many as are needed.
    refusal : str or None
        Why it is unknown. None if it is known.
    """

    a: str
    b: str
    trials: int
    median_difference: float | None
    low: float | None
    high: float | None
    spread: float | None
    resolution: float | None
    needed: int | None
    needed_low: int | None
    needed_high: int | None
    enough: bool
    refusal: str | None


@dataclass(frozen=True)
class BenchmarkPlan:
    """The plan of one benchmark.

    Attributes
    ----------
    benchmark, title, target : str
    level : float
        The level of each test: 0.05 divided by the number of pairs.
    pairs : list of PairPlan
    needed, needed_low, needed_high : int or None
        The largest of the pairs whose number is not unknown. None if any of them is above the limit, or none is known.
    """

    benchmark: str
    title: str
    target: str
    level: float
    pairs: list[PairPlan]
    needed: int | None
    needed_low: int | None
    needed_high: int | None


@dataclass(frozen=True)
class Plan:
    """How many trials show a difference. ``dataclasses.asdict`` gives plain JSON.

    Attributes
    ----------
    name : str
    difference : float
        The difference in area to be shown [dex].
    factor : float
        The same as a ratio of regrets.
    power : float
        The probability with which it is to be shown.
    benchmarks : list of BenchmarkPlan
    until_decided : bool
        Whether the pilot was run until decided, so that its folder takes no fixed number of trials.
    """

    name: str
    difference: float
    factor: float
    power: float
    benchmarks: list[BenchmarkPlan]
    until_decided: bool = False

    @property
    def empty(self) -> bool:
        """Whether the number of trials is unknown for every pair."""
        return all(pair.refusal for benchmark in self.benchmarks for pair in benchmark.pairs)


def plan(study: Study, difference: float, power: float = POWER, target: str | None = None) -> Plan:
    """Plan how many trials show a difference in the area under log regret, for every pair of algorithms.

    The trials of the study are the pilot: they give the spread of the paired differences. Their median is stated, and
    nothing is concluded from it. The formula is the inverse of `results.statistics.power.smallest_difference`.

    Parameters
    ----------
    study : Study
        Complete or not.
    difference : float
        Positive [dex].
    power : float
        At least 0.5, below 1.
    target : str, optional
        As for `results.anytime.comparisons.comparisons`.

    Raises
    ------
    ValueError
        If the difference or the power is out of range.
    ResultsError
        As `results.anytime.comparisons.comparisons`.
    """
    if not 0.5 <= power < 1:
        raise ValueError(f"expected a power of at least 0.5 and below 1, got {power!r}")
    if not 0 < difference <= 100:
        raise ValueError(f"expected a difference above 0 and up to 100 dex, got {difference!r}")
    study = study.simulated
    plans = [_benchmark(study, comparison, difference, power) for comparison in comparisons(study, target)]
    return Plan(study.name, difference, 10**difference, power, plans, study.stopping is not None)


def _benchmark(study: Study, comparison: Comparison, difference: float, power: float) -> BenchmarkPlan:
    asked = (comparison.target, comparison.axis, comparison.horizon)
    areas = {cell.label: area_under_log_regret(cell, study, *asked) for cell in comparison.cells}
    n_pairs = len(areas) * (len(areas) - 1) // 2
    pairs = [_pair(areas, a, b, n_pairs, difference, power) for a, b in combinations(areas, 2)]
    known = [pair for pair in pairs if not pair.refusal]
    return BenchmarkPlan(
        comparison.benchmark,
        study.benchmarks[comparison.benchmark]["title"],
        comparison.target,
        ALPHA / max(n_pairs, 1),
        pairs,
        _most([pair.needed for pair in known]),
        _most([pair.needed_low for pair in known]),
        _most([pair.needed_high for pair in known]),
    )


def _pair(
    areas: Mapping[str, pd.Series[float]], a: str, b: str, n_pairs: int, difference: float, power: float
) -> PairPlan:
    differences = common_differences(areas[a], areas[b])
    n = len(differences)
    refusal = None
    if n < MINIMUM_PAIRS:
        refusal = f"{counted(n, 'common trial')}, {MINIMUM_PAIRS} are needed"
    elif differences.min() == differences.max():
        refusal = "the differences do not vary"
    observed = _observed(differences)
    if refusal:
        return PairPlan(a, b, n, *observed, None, None, None, None, None, enough=False, refusal=refusal)
    spread = float(np.std(differences, ddof=1))
    spreads = (spread, *spread_interval(differences))
    needed, low, high = (trials_needed(one, difference, ALPHA / n_pairs, power) for one in spreads)
    resolution, enough = pair_resolution(differences, n_pairs), needed is not None and needed <= n
    return PairPlan(a, b, n, *observed, spread, resolution, needed, low, high, enough, None)


def _observed(differences: Floats) -> tuple[float | None, float | None, float | None]:
    """Return the median of paired differences with its interval; None where it does not exist."""
    if not len(differences):
        return None, None, None
    low, high = median_interval(differences)
    return float(np.median(differences)), None if np.isnan(low) else low, None if np.isnan(high) else high


def _most(numbers: list[int | None]) -> int | None:
    return None if not numbers or None in numbers else max(number for number in numbers if number is not None)

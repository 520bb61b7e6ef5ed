"""One verdict over many benchmarks: algorithms compared over search spaces, and on a space that was not raced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from results.anytime.comparisons import Comparison, comparisons, left_out
from results.anytime.curves import Axis
from results.anytime.regret import area_under_log_regret
from results.statistics.bootstrap import ALPHA
from results.statistics.over_spaces import (
    FEW_SPACES,
    LEVELS,
    MINIMUM_SPACES,
    OverSpaces,
    over_spaces,
    share_best,
    space_means,
    without_intervals,
)
from results.statistics.paired import common_differences, holm
from results.storage.study import Study
from results.summaries.pair_words import UNDECIDED, beats_words
from results.words import counted

POOL = "-pool"
"""The end of the name of a pool, which has some architectures of the space that it is named after."""

SUBSPACES = {
    "nasbench101-4v": "nasbench101",
    "nasbench101-5v": "nasbench101",
    "nasbench1shot1-1": "nasbench101",
    "nasbench1shot1-2": "nasbench101",
    "nasbench1shot1-3": "nasbench101",
}
"""Spaces that are parts of another one, in which they count."""


@dataclass(frozen=True)
class SpaceOfBenchmarks:
    """A search space with trials: its data sets, and the benchmarks on them."""

    space: str
    data_sets: list[str]
    benchmarks: list[str]


UNTIL_DECIDED = "the folder was run until decided, so the number of its trials depends on their results"
"""Why such a folder gets differences without intervals and tests."""


@dataclass(frozen=True)
class PairAcross:
    """Two algorithms over search spaces, by the area of their common trials.

    Attributes
    ----------
    a, b : str
        Labels, in the order of the experiment.
    by_benchmark, by_space : dict
        Mean of area(a) - area(b) over the common trials of each benchmark, and its average by space [dex]; negative if
        a is better.
    difference, low, high : float or None
        Mean over spaces with its 95 % interval.
    predicted_low, predicted_high : float or None
        95 % interval of the difference on a space that was not raced.
    least, greatest : float or None
        The range of the mean if any one space is left out.
    p_holm : float or None
        t-test over spaces, Holm-adjusted over the pairs that are not refused.
    winner, loser : str or None
        Labels, if ``p_holm < 0.05``.
    predicted_winner : str or None
        The winner, if the interval for a space that was not raced excludes 0.
    refusal : str or None
        Why there are no intervals. None if there are.
    verdict : str
    """

    a: str
    b: str
    by_benchmark: dict[str, float]
    by_space: dict[str, float]
    difference: float | None
    low: float | None
    high: float | None
    predicted_low: float | None
    predicted_high: float | None
    least: float | None
    greatest: float | None
    p_holm: float | None
    winner: str | None
    loser: str | None
    predicted_winner: str | None
    refusal: str | None
    verdict: str


@dataclass(frozen=True)
class AlgorithmAcross:
    """Where an algorithm has the lowest mean area.

    Attributes
    ----------
    label : str
    best_data_sets, best_spaces : float or None
        Share of the data sets and of the spaces, in [0, 1]. Algorithms with equal areas share them.
    data_sets_range, spaces_range : tuple of float or None
        The range of the share if any one space is left out. None with fewer than two spaces.
    """

    label: str
    best_data_sets: float | None
    data_sets_range: tuple[float, float] | None
    best_spaces: float | None
    spaces_range: tuple[float, float] | None


@dataclass(frozen=True)
class Across:
    """The comparison of a study over search spaces. ``dataclasses.asdict`` gives plain JSON.

    Attributes
    ----------
    name : str
    spaces : list of SpaceOfBenchmarks
        Those with trials.
    algorithms : list of AlgorithmAcross
        In the order of the experiment.
    pairs : list of PairAcross
    refusal : str or None
        Why no pair can have intervals. None if a pair may.
    wide : str or None
        ``wide: k spaces`` with fewer than six spaces.
    incomplete : list of str
        Benchmarks that the shares leave out, because the algorithms have no common trial there.
    missing : int
        The number of trials without a result.
    left_out : dict
        By benchmark that was left out: the reason.
    """

    name: str
    spaces: list[SpaceOfBenchmarks]
    algorithms: list[AlgorithmAcross]
    pairs: list[PairAcross]
    refusal: str | None
    wide: str | None
    incomplete: list[str]
    missing: int
    left_out: dict[str, str]

    @property
    def empty(self) -> bool:
        """Whether no trial has completed yet."""
        return not self.spaces

    @property
    def benchmarks(self) -> list[str]:
        """The benchmarks with trials."""
        return [name for space in self.spaces for name in space.benchmarks]


def summarize_across(
    study: Study, target: str | None = None, axis: Axis | None = None, horizon: float | None = None
) -> Across:
    """Compare the algorithms of a study over search spaces.

    The paired differences of the area are averaged over the benchmarks of a data set, the data sets of a space, and
    the spaces. See `results.statistics.over_spaces.over_spaces` for the intervals.

    Parameters
    ----------
    study : Study
        Complete or not. A pair is compared on the benchmarks on which both have a common trial. Recorded entries,
        which have no common trials, are left out.
    target, axis, horizon
        As for `results.anytime.comparisons.comparisons`.

    Raises
    ------
    ResultsError
        As `results.anytime.comparisons.comparisons`.
    """
    study = study.simulated
    areas = areas_by_trial(study, target, axis, horizon)
    labels = list(dict.fromkeys(cell.label for cell in study.cells))
    index = pd.MultiIndex.from_tuples(areas, names=LEVELS) if areas else _nothing()
    common = [frame.reindex(columns=labels).dropna(how="any") for frame in areas.values()]
    means = pd.DataFrame([frame.mean() for frame in common], index=index, columns=labels, dtype=np.float64)
    k = len(index.unique("space"))
    chosen = UNTIL_DECIDED if study.stopping else ""
    return Across(
        name=study.name,
        spaces=[
            SpaceOfBenchmarks(str(space), _distinct(part, "data_set"), _distinct(part, "benchmark"))
            for space, part in means.groupby(level="space", sort=False)
        ],
        algorithms=[_algorithm(str(label), row) for label, row in share_best(means).iterrows()],
        pairs=_pairs(labels, areas, chosen),
        refusal=chosen or over_spaces(np.zeros(k)).refused or None,
        wide=f"wide: {counted(k, 'space')}" if MINIMUM_SPACES <= k < FEW_SPACES else None,
        incomplete=[str(name[2]) for name in means.index[means.isna().any(axis="columns")]],
        missing=sum(len(cell.missing) for cell in study.cells),
        left_out=left_out(study, target, axis),
    )


def areas_by_trial(
    study: Study, target: str | None = None, axis: Axis | None = None, horizon: float | None = None
) -> dict[tuple[str, str, str], pd.DataFrame]:
    """Return the areas of every benchmark with trials, by space, data set and benchmark.

    Returns
    -------
    dict
        Values: (n_trials, n_algorithms) [dex], indexed by trial, NaN where a trial is missing.
    """
    found = {}
    for comparison in comparisons(study, target, axis, horizon):
        if comparison.present:
            facts = study.benchmarks[comparison.benchmark]
            key = (independent_space(facts), facts.get("dataset") or comparison.benchmark, comparison.benchmark)
            found[key] = _areas(study, comparison)
    return found


def independent_space(facts: Mapping[str, Any]) -> str:
    """Return the space in which a benchmark counts: its own, or the one that its own is a part of."""
    name = str(facts["space"]).removesuffix(POOL)
    return SUBSPACES.get(name, name)


def _areas(study: Study, comparison: Comparison) -> pd.DataFrame:
    asked = (comparison.target, comparison.axis, comparison.horizon)
    return pd.DataFrame({cell.label: area_under_log_regret(cell, study, *asked) for cell in comparison.present})


def _nothing() -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([[], [], []], names=LEVELS)


def _distinct(rows: pd.DataFrame, level: str) -> list[str]:
    return [str(name) for name in rows.index.unique(level)]


def _pairs(
    labels: list[str], areas: Mapping[tuple[str, str, str], pd.DataFrame], refusal: str = ""
) -> list[PairAcross]:
    """Compare every pair. With a refusal, the differences stand alone."""
    differences = {(a, b): _differences(a, b, areas) for a, b in combinations(labels, 2)}
    spaces = {pair: space_means(values) for pair, values in differences.items()}
    found = {pair: over_spaces(values) for pair, values in spaces.items()}
    if refusal:
        found = {pair: without_intervals(one, refusal) for pair, one in found.items()}
    tested = [pair for pair, one in found.items() if not one.refused]
    adjusted = dict(zip(tested, holm([found[pair].p_value for pair in tested]).tolist(), strict=True))
    return [
        _pair(pair, found[pair], adjusted.get(pair), values.droplevel(["space", "data_set"]), spaces[pair])
        for pair, values in differences.items()
    ]


def _differences(a: str, b: str, areas: Mapping[tuple[str, str, str], pd.DataFrame]) -> pd.Series[float]:
    """Return the mean paired difference on each benchmark on which both have a common trial."""
    found = {}
    for key, frame in areas.items():
        if {a, b} <= set(frame.columns):
            difference = common_differences(frame[a].dropna(), frame[b].dropna())
            if len(difference):
                found[key] = float(difference.mean())
    index = pd.MultiIndex.from_tuples(found, names=LEVELS) if found else _nothing()
    return pd.Series(list(found.values()), index=index, dtype=np.float64)


def _pair(
    pair: tuple[str, str],
    found: OverSpaces,
    p_holm: float | None,
    by_benchmark: pd.Series[float],
    by_space: pd.Series[float],
) -> PairAcross:
    winner = loser = predicted = None
    if p_holm is not None and p_holm < ALPHA:
        winner, loser = pair if found.mean < 0 else pair[::-1]
        predicted = winner if found.predicted_low > 0 or found.predicted_high < 0 else None
    return PairAcross(
        *pair,
        by_benchmark={str(name): float(value) for name, value in by_benchmark.items()},
        by_space={str(name): float(value) for name, value in by_space.items()},
        difference=_number(found.mean),
        low=_number(found.low),
        high=_number(found.high),
        predicted_low=_number(found.predicted_low),
        predicted_high=_number(found.predicted_high),
        least=_number(found.least),
        greatest=_number(found.greatest),
        p_holm=p_holm,
        winner=winner,
        loser=loser,
        predicted_winner=predicted,
        refusal=found.refused or None,
        verdict=_verdict(winner, loser, predicted, found.refused),
    )


def _verdict(winner: str | None, loser: str | None, predicted: str | None, refused: str) -> str:
    if refused:
        return f"refused: {refused}"
    if winner is None:
        return UNDECIDED
    where = "also on a space not raced" if predicted else "on average over spaces"
    return f"{beats_words(winner, str(loser))}, {where}"


def _algorithm(label: str, row: pd.Series[float]) -> AlgorithmAcross:
    ranges = [
        None
        if row[[f"{name}_low", f"{name}_high"]].isna().any()
        else (float(row[f"{name}_low"]), float(row[f"{name}_high"]))
        for name in ("data_sets", "spaces")
    ]
    return AlgorithmAcross(label, _number(row["data_sets"]), ranges[0], _number(row["spaces"]), ranges[1])


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)

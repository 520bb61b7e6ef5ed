"""Which benchmarks still tell algorithms apart: results at the noise floor, trials needed, and equal orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from results.anytime.comparisons import Comparison, comparisons
from results.anytime.regret import area_under_log_regret, end_regret, regret_floor
from results.statistics.paired import common_differences
from results.statistics.separation import separation
from results.storage.records import ResultsError
from results.storage.study import Study
from results.summaries.across import independent_space
from results.words import counted

FEWEST_RANKED = 3
"""Orders of fewer algorithms are not correlated."""

FEW = 10
"""Correlations of fewer algorithms are called coarse."""

SATURATED = 0.5
"""A benchmark is called saturated if at least this share of the leader's trials ends at the floor."""


def saturation(studies: Sequence[Study]) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Find out which benchmarks still tell algorithms apart.

    Parameters
    ----------
    studies : sequence of Study
        Complete or not. Algorithms are the same if their labels are. Recorded entries are left out.

    Returns
    -------
    tables : dict
        ``saturation`` has one row per benchmark with trials:

        ``study, space, data_set, benchmark, target, algorithms``
            ``algorithms`` is the number of algorithms with trials.
        ``at_floor, leader_at_floor``
            Share of all trials, and of the leader's trials, whose end regret is at most the noise floor.
        ``leader, runner_up``
            The two algorithms with the lowest mean area under log regret.
        ``trials, difference, low, high``
            Their common trials, and the mean of the paired differences, runner-up minus leader, with its 95 % interval
            [dex].
        ``trials_needed, fewest_needed, most_needed``
            Trials that separate them, `results.statistics.separation.separation`. Infinite if the difference, or its
            interval, includes 0.
        ``split_half``
            Spearman's rank correlation of the algorithms' mean areas between the even and the odd common trials.

        ``correlations`` has one row per pair of benchmarks: ``study_a, space_a, benchmark_a, study_b, space_b,
        benchmark_b, same_space, algorithms`` (common ones), ``correlation`` (Spearman's, of mean areas; NaN below three
        algorithms).
    sentences : list of str

    Raises
    ------
    ResultsError
        As `results.anytime.comparisons.comparisons`, and if no trial has completed.
    """
    names = _study_names(studies)
    rows: list[dict[str, Any]] = []
    means: list[pd.Series[float]] = []
    for name, study in zip(names, (study.simulated for study in studies), strict=True):
        for comparison in comparisons(study):
            if comparison.present:
                areas = _areas(study, comparison)
                rows.append({"study": name} | _row(study, comparison, areas))
                means.append(areas.mean())
    if not rows:
        raise ResultsError(
            f"{', '.join(names)}: no trial has completed yet, other than recorded searches, which do not count here;"
            " run the experiment first"
        )
    table = pd.DataFrame(rows)
    correlations = _correlations(rows, means)
    missing = sum(len(cell.missing) for study in studies for cell in study.cells)
    incomplete = [f"Incomplete: {counted(missing, 'trial')} missing."] if missing else []
    return {"saturation": table, "correlations": correlations}, [*_sentences(table, correlations), *incomplete]


def _study_names(studies: Sequence[Study]) -> list[str]:
    """Return the studies' names, or their folders where several have one name."""
    counts = Counter(study.name for study in studies)
    return [study.name if counts[study.name] == 1 else str(study.directory) for study in studies]


def _areas(study: Study, comparison: Comparison) -> pd.DataFrame:
    """Return the areas of the algorithms with trials: (n_trials, n_algorithms), NaN where a trial is missing."""
    asked = (comparison.target, comparison.axis, comparison.horizon)
    return pd.DataFrame({cell.label: area_under_log_regret(cell, study, *asked) for cell in comparison.present})


def _row(study: Study, comparison: Comparison, areas: pd.DataFrame) -> dict[str, Any]:
    facts = study.benchmarks[comparison.benchmark]
    floor, _ = regret_floor(comparison.facts)
    ends = {cell.label: end_regret(cell, study, comparison.target) <= floor for cell in comparison.present}
    leader, *others = areas.mean().sort_values(kind="stable").index
    runner_up = others[0] if others else None
    differences = np.empty(0)
    if runner_up is not None:
        differences = common_differences(areas[runner_up].dropna(), areas[leader].dropna())
    found = separation(differences)
    return {
        "space": independent_space(facts),
        "data_set": facts.get("dataset", comparison.benchmark),
        "benchmark": comparison.benchmark,
        "target": comparison.target,
        "algorithms": areas.shape[1],
        "at_floor": float(pd.concat(ends).mean()),
        "leader_at_floor": float(ends[leader].mean()),
        "leader": leader,
        "runner_up": runner_up,
        "trials": len(differences),
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
        "trials_needed": found.trials,
        "fewest_needed": found.fewest,
        "most_needed": found.most,
        "split_half": _split_half(areas.dropna()),
    }


def _split_half(areas: pd.DataFrame) -> float:
    """Correlate the order of the algorithms in the even common trials with that in the odd ones."""
    even = areas.index.to_numpy() % 2 == 0
    return _rank_correlation(areas[even].mean(), areas[~even].mean())


def _rank_correlation(a: pd.Series[float], b: pd.Series[float]) -> float:
    """Return Spearman's correlation; NaN below three algorithms or if one order is all ties."""
    if len(a) < FEWEST_RANKED or a.isna().any() or b.isna().any() or a.nunique() == 1 or b.nunique() == 1:
        return float("nan")
    return float(stats.spearmanr(a.to_numpy(), b.to_numpy()).statistic)


def _correlations(rows: Sequence[dict[str, Any]], means: Sequence[pd.Series[float]]) -> pd.DataFrame:
    found = []
    raced = {(row["study"], row["benchmark"]) for row in rows}
    for (first, a), (second, b) in combinations(zip(rows, means, strict=True), 2):
        if first["study"] != second["study"] and _repeated(first, second, raced):
            continue
        common = a.index.intersection(b.index)
        names = {
            f"{name}_{side}": row[name]
            for side, row in (("a", first), ("b", second))
            for name in ("study", "space", "benchmark")
        }
        correlation = _rank_correlation(a[common], b[common])
        same = first["space"] == second["space"]
        found.append(names | {"same_space": same, "algorithms": len(common), "correlation": correlation})
    columns = [f"{name}_{side}" for side in "ab" for name in ("study", "space", "benchmark")]
    return pd.DataFrame(found, columns=[*columns, "same_space", "algorithms", "correlation"])


def _repeated(first: dict[str, Any], second: dict[str, Any], raced: set[tuple[str, str]]) -> bool:
    """Whether one of two studies raced both benchmarks, so that the pair is known without comparing studies."""
    return (first["study"], second["benchmark"]) in raced or (second["study"], first["benchmark"]) in raced


def _sentences(table: pd.DataFrame, correlations: pd.DataFrame) -> list[str]:
    n = len(table)
    several = table["study"].nunique() > 1
    names = table["study"] + ": " + table["benchmark"] if several else table["benchmark"]
    saturated = names[table["leader_at_floor"] >= SATURATED]
    separated = (table["most_needed"] <= table["trials"]).sum()
    undecided = np.isinf(table["most_needed"]).sum()
    of = f"of {counted(n, 'benchmark')}"
    named = f": {', '.join(saturated)}" if len(saturated) else ""
    return [
        f"On {len(saturated)} {of}, at least half of the leader's trials end at the noise floor, where differences do"
        f" not count{named}.",
        f"On {separated} {of}, these trials are enough to separate the two leaders, by the upper end of the interval of"
        f" the trials needed. On {undecided}, the interval of their difference includes 0, so that no number of trials"
        " may be enough.",
        *_correlation_sentences(table, correlations),
        "The two leaders are chosen by the same results, so the trials needed are too few rather than too many. The"
        " findings hold for these algorithms and this budget: a larger budget, or better algorithms, saturate more.",
    ]


def _correlation_sentences(table: pd.DataFrame, correlations: pd.DataFrame) -> list[str]:
    known = correlations.dropna(subset="correlation")
    same = known["same_space"].astype(bool)
    parts = [
        f"{values.mean() + 0.0:.2f} between benchmarks of {where} ({counted(len(values), 'pair')})"
        for where, values in (
            ("one space", known.loc[same, "correlation"]),
            ("different spaces", known.loc[~same, "correlation"]),
        )
        if len(values)
    ]
    if not parts:
        return [f"Orders are not correlated: that needs two benchmarks with {FEWEST_RANKED} common algorithms."]
    text = f"The rank correlation of the algorithms' areas is, in the mean, {' and '.join(parts)}."
    half, most = table["split_half"].mean(), int(table["algorithms"].max())
    if not np.isnan(half):
        text += f" Between the even and the odd trials of one benchmark, it is {half:.2f}."
    return [f"{text} Correlations of {counted(most, 'algorithm')} are coarse." if most < FEW else text]

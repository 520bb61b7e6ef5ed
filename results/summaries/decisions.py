"""The decisions of a run until decided: what it found about every pair of algorithms, and after how many trials."""

from __future__ import annotations

from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd

from results.anytime.comparisons import Comparison
from results.anytime.regret import area_under_log_regret, largest_difference
from results.statistics.bootstrap import ALPHA, Floats
from results.statistics.sequential import SequentialDecision, SequentialTest, decide, forecast_trials
from results.storage.study import Stopping, Study
from results.summaries.decision_words import MORE_TRIALS, OPEN, equivalent_words
from results.summaries.pair_words import beats_words
from results.summaries.types import PairDecision, PairSummary, StoppingSummary

MOST_FORECASTS = 50
"""The largest number of open pairs of a benchmark for which the number of trials is forecast."""


def stopping_summary(stopping: Stopping) -> StoppingSummary:
    """Return how a run until decided chose the numbers of its trials."""
    rule = stopping.rule
    return StoppingSummary(rule.rule, rule.margin, rule.block, rule.max_trials, ALPHA)


def sequential_test(stopping: Stopping, comparison: Comparison) -> SequentialTest:
    """Return the test of a pair. Its level is that of all tests, divided by the number of pairs of the benchmark."""
    bound = largest_difference(comparison.facts) if stopping.rule.rule == "bounded" else None
    alpha = ALPHA / max(stopping.n_pairs[comparison.benchmark], 1)
    return SequentialTest(alpha, stopping.rule.margin, bound)


def stopping_areas(study: Study, comparison: Comparison) -> dict[str, pd.Series[float]]:
    """Return the areas by which a run until decided compares: by label, indexed by trial [dex].

    By the bounded rule, regret is capped at that of the median architecture.
    """
    capped = study.stopping is not None and study.stopping.rule.rule == "bounded"
    asked = (comparison.target, comparison.axis, comparison.horizon)
    return {cell.label: area_under_log_regret(cell, study, *asked, capped=capped) for cell in comparison.cells}


def paired_prefix(a: pd.Series[float], b: pd.Series[float], first: int) -> Floats:
    """Return ``a - b`` over the trials from the first one up to the first that either of them lacks."""
    common = np.sort(a.index.intersection(b.index).to_numpy())
    common = common[common == first + np.arange(len(common))]
    difference: Floats = a.loc[common].to_numpy(np.float64) - b.loc[common].to_numpy(np.float64)
    return difference


def decide_pairs(study: Study, comparison: Comparison) -> list[PairSummary]:
    """Decide every pair of algorithms on a benchmark, in the order of the labels.

    Parameters
    ----------
    study : Study
        From a run until decided. Any target and axis may be compared, because the tests hold at any number of trials.
    comparison : Comparison
    """
    stopping = study.stopping
    if stopping is None:
        raise ValueError("expected the results of a run until decided, got a fixed number of trials")
    areas, test, block = stopping_areas(study, comparison), sequential_test(stopping, comparison), stopping.rule.block
    wanted = {cell.label: len(cell.wanted) for cell in comparison.cells}
    pairs: list[PairSummary] = []
    for a, b in combinations(areas, 2):
        differences = paired_prefix(areas[a], areas[b], stopping.first)
        found = decide(differences, test, block)
        forecast, reason = None, None
        if found.outcome == "open":
            gap = stopping.first + len(differences)
            lacking = [label for label in (a, b) if gap not in areas[label].index]
            complete = len(differences) >= min(wanted[a], wanted[b])
            reason = MORE_TRIALS if complete else f"trial {gap} of {' and '.join(lacking)} has no result"
            if len(differences) and sum(pair.verdict == OPEN for pair in pairs) < MOST_FORECASTS:
                forecast = forecast_trials(differences, test, block)
        pairs.append(_pair(a, b, found, stopping.rule.margin, forecast, reason))
    return pairs


def _pair(
    a: str, b: str, found: SequentialDecision, margin: float, forecast: int | None, reason: str | None
) -> PairSummary:
    winner, loser, verdict = None, None, OPEN
    outcome: Literal["decided", "equivalent", "open"] = "open"
    if found.outcome == "equivalent":
        outcome, verdict = "equivalent", equivalent_words(margin)
    elif found.outcome != "open":
        outcome = "decided"
        winner, loser = (a, b) if found.outcome == "below" else (b, a)
        verdict = beats_words(winner, loser)
    mean = found.mean if found.trials else None
    low, high = (found.low, found.high) if np.isfinite([found.low, found.high]).all() else (None, None)
    decision = PairDecision(outcome, found.trials, mean, low, high, forecast, reason)
    untested: dict[str, Any] = dict.fromkeys(
        ("median_difference", "low", "high", "p_holm", "a_no_worse", "b_no_worse", "refusal", "resolution")
    )
    return PairSummary(
        a=a, b=b, trials=found.trials, winner=winner, loser=loser, verdict=verdict, decision=decision, **untested
    )

"""Pairwise tests on one benchmark: all pairs of algorithms, tested and adjusted together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from results.statistics.bootstrap import ALPHA
from results.statistics.paired import PairedTest, common_differences, holm, paired_wilcoxon
from results.statistics.unpaired import rank_sum
from results.summaries.pair_words import pair_verdict
from results.summaries.resolution import pair_resolution
from results.summaries.significance import no_worse
from results.summaries.types import PairSummary

NOTHING_COMPLETED = "no evaluation of either was completed within the budget"


def compare_pairs(
    areas: Mapping[str, pd.Series[float]], recorded: Collection[str] = (), idle: Collection[str] = ()
) -> list[PairSummary]:
    """Test every pair of algorithms by one value per trial, such as the area under log regret.

    A difference is claimed if the two-sided paired Wilcoxon test, Holm-adjusted over all pairs that can be tested, has
    p < 0.05. A missing difference is not evidence of equality. That an algorithm is *no worse* than another, or that
    two are *equivalent*, is a separate claim, tested by `results.summaries.significance.no_worse`.

    Parameters
    ----------
    areas : mapping
        By label: a Series indexed by trial [dex], lower is better.
    recorded : collection of str
        Labels of entries that were recorded outside. Their runs have nothing in common with the trials of others, so
        their pairs get an unpaired test, `results.statistics.unpaired.rank_sum`.
    idle : collection of str
        Labels of algorithms of which no trial completed an evaluation. Two of them have equal areas that say nothing.

    Returns
    -------
    list of PairSummary
        In the order of the labels. A pair with too few common trials is not tested, and states the reason.
    """
    compared = {
        (a, b): (areas[a].iloc[:0], areas[b].iloc[:0]) if {a, b} <= set(idle) else (areas[a], areas[b])
        for a, b in combinations(areas, 2)
    }
    tests = {
        pair: (rank_sum if set(pair) & set(recorded) else paired_wilcoxon)(*values) for pair, values in compared.items()
    }
    tests |= {pair: replace(test, refused=NOTHING_COMPLETED) for pair, test in tests.items() if set(pair) <= set(idle)}
    tested = [pair for pair, test in tests.items() if not test.refused]
    adjusted = dict(zip(tested, holm([tests[pair].p_value for pair in tested]).tolist(), strict=True))
    return [
        _pair(*compared[a, b], a, b, test, adjusted, paired=not {a, b} & set(recorded))
        for (a, b), test in tests.items()
    ]


def _pair(
    area_a: pd.Series[float],
    area_b: pd.Series[float],
    a: str,
    b: str,
    test: PairedTest,
    adjusted: Mapping[tuple[str, str], float],
    *,
    paired: bool,
) -> PairSummary:
    winner, loser, refusal, p_holm = None, None, test.refused or None, adjusted.get((a, b))
    if p_holm is not None and p_holm < ALPHA and test.direction:
        winner, loser = (a, b) if test.direction < 0 else (b, a)
    median, low, high = (None if np.isnan(x) else x for x in (test.median_difference, test.low, test.high))
    forth, back = (no_worse(x, y, paired=paired).holds for x, y in ((area_a, area_b), (area_b, area_a)))
    verdict = pair_verdict(winner, loser, refusal)
    resolution = None
    if paired and not test.refused:
        resolution = pair_resolution(common_differences(area_a, area_b), len(adjusted))
    return PairSummary(
        a, b, test.n, median, low, high, p_holm, winner, loser, forth, back, refusal, verdict, resolution, None, paired
    )

"""The self-test of the statistics: an algorithm raced against itself, where every claim of a difference is false."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from results.statistics.bootstrap import ALPHA, LEVEL, Floats
from results.statistics.paired import paired_wilcoxon
from results.statistics.power import POWER, smallest_difference
from results.summaries.significance import MARGIN, no_worse

SUSPICION = 0.001
"""A rate of false claims is called too high if chance makes it so high with at most this probability."""


@dataclass(frozen=True)
class Claims:
    """How often a claim was made in the races of an algorithm against itself.

    Attributes
    ----------
    claim : str
    times, races : int
    share, low, high : float
        ``times / races``, and its exact 95 % interval (Clopper and Pearson 1934).
    promised : float
        The share that the statistics promise.
    false : bool
        Whether the claim is false, so that the promise is an upper limit. A true claim is promised about as often.
    holds : bool
        Whether the promise holds: a false claim is too frequent if a binomial test says so at level 0.001. Always true
        for a true claim.
    """

    claim: str
    times: int
    races: int
    share: float
    low: float
    high: float
    promised: float
    false: bool
    holds: bool


def races_of(areas: pd.Series[float], n_trials: int) -> Floats:
    """Cut the trials of one algorithm into races: trial i of one side meets trial i + n of the other.

    Parameters
    ----------
    areas : Series
        One value per trial, in the order of the trials. Trials after the last complete race are left out.
    n_trials : int
        The number of trials per side.

    Returns
    -------
    (n_races, 2, n_trials) array
    """
    n_races = len(areas) // (2 * n_trials)
    return np.reshape(areas.to_numpy(np.float64)[: n_races * 2 * n_trials], (n_races, 2, n_trials))


def same_against_same(races: Floats) -> list[Claims]:
    """Count the claims of the pairwise statistics in races whose two sides have the same distribution.

    Three claims are false: that one side wins, that the median difference is not 0, and, after the margin of
    non-inferiority was added to one side, that it is no worse. One is true: that the other side wins, after the
    resolution of such races was added to one side; it is left out if all trials have the same area.

    Parameters
    ----------
    races : (n_races, 2, n_trials) array
        From `races_of` [dex], with at least one race of at least 8 trials.
    """
    pairs = [(pd.Series(one), pd.Series(other)) for one, other in races]
    tests = [paired_wilcoxon(one, other) for one, other in pairs]
    found = [
        _claims("a winner", sum(test.p_value < ALPHA for test in tests), len(tests)),
        _claims(
            "an interval of the median without 0", sum(test.low > 0 or test.high < 0 for test in tests), len(tests)
        ),
        _claims(
            f"no worse, after {MARGIN:g} dex were added",
            sum(bool(no_worse(one + MARGIN, other).holds) for one, other in pairs),
            len(tests),
        ),
    ]
    spread = float((races[:, 0] - races[:, 1]).std(ddof=1))
    if spread > 0:
        resolution = smallest_difference(spread, races.shape[2], ALPHA)
        planted = [paired_wilcoxon(one, other + resolution) for one, other in pairs]
        shown = sum(test.p_value < ALPHA and test.direction < 0 for test in planted)
        found.append(_claims(f"a winner, after {resolution:#.2g} dex were added", shown, len(tests), POWER))
    return found


def _claims(claim: str, times: int, races: int, promised: float | None = None) -> Claims:
    interval = stats.binomtest(times, races).proportion_ci(LEVEL, method="exact")
    false = promised is None
    holds = not false or float(stats.binomtest(times, races, ALPHA, alternative="greater").pvalue) > SUSPICION
    share = times / races
    return Claims(claim, times, races, share, interval.low, interval.high, promised or ALPHA, false, holds)

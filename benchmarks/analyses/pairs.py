"""Pairs of operations that are more frequent among the best architectures."""

from __future__ import annotations

from itertools import product
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from benchmarks.analyses.architectures import Floats
from benchmarks.analyses.estimates import NORMAL, Contrast, contrast, holm
from benchmarks.analyses.population import Population

Counts = NDArray[np.int64]

TOP = 0.01
"""The share of the architectures that is called the top."""


def pairs(population: Population, counts: Counts) -> pd.DataFrame:
    """Return how often pairs of operations occur in the top 1 %, compared with all architectures.

    Parameters
    ----------
    population : Population
    counts : array, ``(n, n_operations)``
        Occurrences of the operations.

    Returns
    -------
    DataFrame
        One row per pair that some architecture has; a pair of equal operations is an operation that occurs twice.

        ``first, second, architectures, share, share_top``
            Both operations, the number and share of the architectures with the pair, and the share in the top.
        ``lift, low, high``
            ``share_top / share``, with its interval if the architectures are a sample.
        ``chance``
            Probability that a pair is so frequent in the top by chance, corrected by Holm's method. The pair is
            compared with the architectures that have either operation, and the larger probability counts. So it is low
            if each operation helps where the other one is.
        ``interaction, interaction_low, interaction_high, interaction_chance``
            What the two operations at two positions add to the mean score beyond the sum of both alone, in the mean
            over all pairs of positions; its interval if the architectures are a sample; and the probability of a value
            so far from 0 by chance, corrected by Holm's method. Above 0, the pair is worth more than its operations
            apart. NaN if the positions do not have one pool of operations. Where the space does not have all
            combinations of operations, other differences between the architectures contribute.
    """
    top = population.scores >= np.sort(population.scores)[-max(1, round(TOP * len(counts)))]
    one, other = np.triu_indices(counts.shape[1])
    everywhere, best = _Counted.of(counts, one, other), _Counted.of(counts[top], one, other)
    share, share_top = everywhere.both / everywhere.n, best.both / best.n
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = share_top / share
        spread = np.sqrt(np.maximum(1 / best.both - 1 / best.n + 1 / everywhere.both - 1 / everywhere.n, 0.0))
    spread = np.where((best.both > 0) & population.sampled, spread, np.nan)
    names = np.array(population.operations.names, dtype=object)
    interactions = [Contrast(*[np.nan] * 4)] * len(one)
    if population.operations.has_one_pool:
        interactions = [_interaction(population, *codes) for codes in zip(one.tolist(), other.tolist(), strict=True)]
    table = pd.DataFrame(
        {
            "first": names[one],
            "second": names[other],
            "architectures": everywhere.both,
            "share": share,
            "share_top": share_top,
            "lift": lift,
            "low": lift * np.exp(-NORMAL * spread),
            "high": lift * np.exp(NORMAL * spread),
            "chance": np.maximum(_chance(everywhere, best, "one"), _chance(everywhere, best, "other")),
            "interaction": [found.value for found in interactions],
            "interaction_low": [found.low if population.sampled else np.nan for found in interactions],
            "interaction_high": [found.high if population.sampled else np.nan for found in interactions],
            "interaction_chance": [found.chance for found in interactions],
        }
    )
    table = table[everywhere.both > 0].reset_index(drop=True)
    corrected = {name: holm(table[name].to_numpy(np.float64)) for name in ("chance", "interaction_chance")}
    return table.assign(**corrected)


class _Counted(NamedTuple):
    """Numbers of architectures in a group, of all and by pair.

    For an operation that occurs twice, all architectures count as having the operation, and ``both`` counts those that
    have it twice.
    """

    n: int
    one: Counts
    other: Counts
    both: Counts

    @classmethod
    def of(cls, counts: Counts, one: Counts, other: Counts) -> _Counted:
        """Count the pairs ``one, other`` of operations, each ``(n_pairs,)``."""
        have = (counts > 0).astype(np.float64)
        together = (have.T @ have).astype(np.int64)
        np.fill_diagonal(together, (counts > 1).sum(axis=0))
        single = (counts > 0).sum(axis=0)
        same = one == other
        n = len(counts)
        return cls(n, np.where(same, n, single[one]), np.where(same, n, single[other]), together[one, other])


def _chance(everywhere: _Counted, best: _Counted, holder: Literal["one", "other"]) -> Floats:
    """Return the probability of that many pairs or more in a top drawn at random among holders of one operation."""
    holders, in_top = getattr(everywhere, holder), getattr(best, holder)
    return np.asarray(stats.hypergeom.sf(best.both - 1, holders, everywhere.both, in_top))


def _interaction(population: Population, one: int, other: int) -> Contrast:
    """Return what two operations at two positions are worth beyond the sum of both, in the mean over the positions."""
    codes, scores = population.operations.codes, population.scores
    weights, n = np.zeros(len(scores), dtype=np.float64), 0
    places = [np.flatnonzero((codes == code).any(axis=0)) for code in (one, other)]
    for first, second in product(*places):
        used = (codes[:, first] >= 0) & (codes[:, second] >= 0)
        has, has_other = codes[:, first] == one, codes[:, second] == other
        both = has & has_other
        if first == second or not both.any() or (both.sum() == (has & used).sum()):
            continue
        weights += both / both.sum() + used / used.sum()
        weights -= (has & used) / (has & used).sum() + (has_other & used) / (has_other & used).sum()
        n += 1
    return contrast(scores, weights / n) if n else Contrast(*[np.nan] * 4)

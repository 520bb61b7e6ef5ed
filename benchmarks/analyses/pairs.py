"""Pairs of operations that are more frequent among the best architectures."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from benchmarks.analyses.estimates import NORMAL, holm
from benchmarks.analyses.population import Array, Population

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
        ``interaction, interaction_low, interaction_high``
            Interaction of the two operations in the log odds of being in the top, with its interval. Above 0, the pair
            is worth more than its operations apart. NaN for an operation that occurs twice.
    """
    top = population.scores >= np.sort(population.scores)[-max(1, round(TOP * len(counts)))]
    one, other = np.triu_indices(counts.shape[1])
    everywhere, best = _Counted.of(counts, one, other), _Counted.of(counts[top], one, other)
    share, share_top = everywhere.both / everywhere.n, best.both / best.n
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = share_top / share
        spread = np.sqrt(np.maximum(1 / best.both - 1 / best.n + 1 / everywhere.both - 1 / everywhere.n, 0.0))
    factor = np.exp(NORMAL * np.where(best.both > 0, spread, np.nan)) if population.sampled else np.nan
    names = np.array(population.operations.names, dtype=object)
    interaction, half = _interaction(everywhere, best)
    table = pd.DataFrame(
        {
            "first": names[one],
            "second": names[other],
            "architectures": everywhere.both,
            "share": share,
            "share_top": share_top,
            "lift": lift,
            "low": lift / factor,
            "high": lift * factor,
            "chance": np.maximum(_chance(everywhere, best, "one"), _chance(everywhere, best, "other")),
            "interaction": interaction,
            "interaction_low": interaction - half,
            "interaction_high": interaction + half,
        }
    )
    table = table[everywhere.both > 0].reset_index(drop=True)
    return table.assign(chance=holm(table["chance"].to_numpy(np.float64)))


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


def _chance(everywhere: _Counted, best: _Counted, holder: Literal["one", "other"]) -> Array:
    """Return the probability of so many pairs in the top if it were drawn at random among holders of one operation."""
    holders, in_top = getattr(everywhere, holder), getattr(best, holder)
    chances: Array = stats.hypergeom.sf(best.both - 1, holders, everywhere.both, in_top)
    return chances


def _interaction(everywhere: _Counted, best: _Counted) -> tuple[Array, Array]:
    """Return the logarithms of the ratios of two odds ratios, and half the widths of Woolf's intervals.

    Half an architecture is added to each count, after Haldane, because some counts are zero. NaN if some combination of
    having one and having the other does not exist, as for an operation that occurs twice.
    """
    parts = [
        np.stack([c.both, c.one - c.both, c.other - c.both, c.n - c.one - c.other + c.both]) for c in (everywhere, best)
    ]
    known = (parts[0] > 0).all(axis=0)
    top, others = np.maximum(parts[1], 0) + 0.5, np.maximum(parts[0] - parts[1], 0) + 0.5
    odds = np.log(top) - np.log(others)
    value = np.where(known, odds[0] - odds[1] - odds[2] + odds[3], np.nan)
    return value, NORMAL * np.sqrt((1 / top + 1 / others).sum(axis=0))

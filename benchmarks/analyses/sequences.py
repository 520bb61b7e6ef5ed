"""Sequences of operations (n-grams) with the highest mean scores, by the rule of Lopes et al. (2023)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.analyses.estimates import group_means
from benchmarks.analyses.population import Population

LONGEST = 6
"""The longest sequences, as in the authors' program."""
KEPT = 10
"""Number of sequences that are reported, as in the paper."""
FEWEST = 30
SHARE = 0.01
"""Sequences that are called frequent have at least this share, and this number, of the architectures behind them."""
NGRAMS_COLUMNS = ("rule", "rank", "length", "sequence", "architectures", "occurrences", "mean", "low", "high")
ALL, FREQUENT = "all", "frequent"


def sequences(population: Population) -> pd.DataFrame:
    """Return the sequences of operations with the highest mean scores.

    A sequence is a run of successive positions of one cell, in the order in which the literature writes them. As in the
    authors' program, all lengths from 1 to 6 compete, and an architecture counts once for each occurrence.

    Parameters
    ----------
    population : Population
        Its positions choose from one pool.

    Returns
    -------
    DataFrame
        Ten rows each by ``rule``: ``all`` sequences, and only ``frequent`` ones, which at least 1 % of the
        architectures have, and at least 30. Columns ``rule, rank, length, sequence, architectures, occurrences, mean,
        low, high``. The interval is NaN if the mean is exact, or has one occurrence.
    """
    codes, cells = population.operations.codes.astype(np.int64), population.operations.cells
    tables = [_of_length(population, codes, cells, length) for length in range(1, min(LONGEST, max(cells)) + 1)]
    table = pd.concat(tables, ignore_index=True)
    fewest = max(FEWEST, SHARE * len(codes))
    found = []
    for rule, kept in ((ALL, table), (FREQUENT, table[table["architectures"] >= fewest])):
        best = kept.sort_values(["mean", "length"], ascending=[False, True], kind="stable").head(KEPT)
        written = [_written(population, key, n) for key, n in zip(best["key"], best["length"], strict=True)]
        found.append(best.assign(rule=rule, rank=np.arange(1, len(best) + 1), sequence=written))
    return pd.concat(found, ignore_index=True)[list(NGRAMS_COLUMNS)]


def _of_length(population: Population, codes: NDArray[np.int64], cells: tuple[int, ...], length: int) -> pd.DataFrame:
    """Return all sequences of a length, each as the number whose digits are its operations."""
    starts = [
        first + place
        for first, size in zip(np.cumsum([0, *cells[:-1]]).tolist(), cells, strict=True)
        for place in range(size - length + 1)
    ]
    weights = len(population.operations.names) ** np.arange(length - 1, -1, -1)
    windows = [codes[:, start : start + length] for start in starts]
    keys = np.stack([np.where((part >= 0).all(axis=1), part @ weights, -1) for part in windows], axis=1)
    first = np.stack([(keys[:, :place] != keys[:, [place]]).all(axis=1) for place in range(len(starts))], axis=1)
    known, groups = np.unique(keys, return_inverse=True)
    groups = groups.reshape(keys.shape) - (known[0] == -1)
    known = known[known >= 0]
    means = group_means(np.repeat(population.scores, len(starts)), groups.ravel(), len(known))
    architectures = np.bincount(groups[first & (groups >= 0)], minlength=len(known))
    return pd.DataFrame(
        {
            "length": length,
            "key": known,
            "architectures": architectures,
            "occurrences": means.counts,
            "mean": means.means,
            "low": means.lows if population.sampled else np.nan,
            "high": means.highs if population.sampled else np.nan,
        }
    )


def _written(population: Population, key: int, length: int) -> str:
    """Write the sequence of a number."""
    names = population.operations.names
    return " | ".join(names[key // len(names) ** place % len(names)] for place in range(length - 1, -1, -1))

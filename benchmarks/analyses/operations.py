"""The study ``operations``: how scores are distributed, and which operations they depend on.

Lopes, Degardin and Alexandre, "Are Neural Architecture Search Benchmarks Well Designed? A Deeper Look Into Operation
Importance", 2023, arXiv 2303.16938.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.analyses.estimates import Contrast, contrast, group_means, holm, share_interval, skewness
from benchmarks.analyses.operations_text import operations_sentences
from benchmarks.analyses.pairs import pairs
from benchmarks.analyses.population import POINTS, WAY, Population, population
from benchmarks.analyses.sequences import NGRAMS_COLUMNS, sequences
from benchmarks.analyses.subspaces import SETS_COLUMNS, best_without, smallest_sets
from benchmarks.benchmark import Benchmark

FLOOR = "floor"
GRID = {
    POINTS: (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0),
    WAY: (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0),
    FLOOR: (1.0, 2.0, 5.0, 10.0, 20.0),
}
"""Distances to the best within which architectures are counted, by unit."""

TABLES = ("distribution", "within", "operations", "occurrences", "positions", "smallest_sets", "pairs", "ngrams")
POOLED = {"smallest_sets": SETS_COLUMNS, "ngrams": NGRAMS_COLUMNS}
"""The tables that need operations that several positions share, and their columns."""

Counts = NDArray[np.int64]
T = TypeVar("T")
NAN = float("nan")


def operations(benchmarks: Sequence[Benchmark]) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Find out how the scores of benchmarks are distributed, and which operations they depend on.

    Scores are accuracies [%] (``points``), or, for other metrics, shares of the way from the median architecture (0) to
    the best one (1), called ``way``. They are mean validation scores over the recorded repeats at the highest fidelity.
    If a benchmark records only test errors, they are test scores.

    Parameters
    ----------
    benchmarks : sequence of Benchmark

    Returns
    -------
    tables : dict
        The first column of each table is ``benchmark``. Intervals are ``low`` and ``high``, at 95 %; they are NaN where
        all architectures of the space were looked at, because the value is then exact. Columns ``chance`` are
        probabilities that a random assignment of the scores to the architectures gives a value as large, corrected by
        Holm's method over the rows of a benchmark.

        ``distribution``
            ``space, data_set, target, unit, architectures, sampled, best, median, mean, floor, clipped``, and
            ``skewness`` with its interval. ``floor`` is the regret below which differences are noise. ``clipped`` is
            the share of scores that were raised to -10 in ``way``.
        ``within``
            ``share`` of the architectures within a ``distance`` of the best, with its interval; ``unit`` of the
            distance: ``points``, ``way``, or ``floor`` for multiples of the floor.
        ``operations``
            Per operation: the ``architectures`` that have it at least once and their ``mean`` with its interval; the
            mean of the others, ``mean_without``; ``effect``: the mean change of the score where one position has this
            operation instead of another one, with ``effect_low``, ``effect_high`` and ``chance``; ``best_without``,
            its ``gap_without`` to the best, ``better_without``: the largest share of the sub-space that may be better,
            and ``how`` it was found.
        ``occurrences``
            ``mean`` of the architectures that have an operation a number of times, with its interval.
        ``positions``
            ``mean`` of the architectures with an operation at a position, with its interval, the ``difference`` to the
            others, and ``chance``.
        ``smallest_sets``
            See `benchmarks.analyses.subspaces.smallest_sets`.
        ``pairs``
            See `benchmarks.analyses.pairs.pairs`.
        ``ngrams``
            See `benchmarks.analyses.sequences.sequences`.
    sentences : list of str

    Raises
    ------
    BenchmarkError
        As `benchmarks.analyses.population.population`.
    """
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    for benchmark in benchmarks:
        for name, table in _tables(population(benchmark)).items():
            table.insert(0, "benchmark", benchmark.facts.name)
            found[name].append(table)
    empty = {name: pd.DataFrame(columns=["benchmark", *columns]) for name, columns in POOLED.items()}
    tables = {name: pd.concat(parts, ignore_index=True) if parts else empty[name] for name, parts in found.items()}
    return tables, operations_sentences(tables)


def _tables(members: Population) -> dict[str, pd.DataFrame]:
    counts = members.operations.counts()
    tables = {
        "distribution": _distribution(members),
        "within": _within(members),
        "operations": _operations(members, counts),
        "occurrences": _occurrences(members, counts),
        "positions": _positions(members),
        "pairs": pairs(members, counts),
    }
    if members.operations.has_one_pool:
        tables |= {"smallest_sets": smallest_sets(members, counts), "ngrams": sequences(members)}
    return tables


def _ends(members: Population, low: T, high: T, name: str = "") -> dict[str, T | float]:
    """Return the columns of an interval, with NaN if the value is exact."""
    return {f"{name}low": low, f"{name}high": high} if members.sampled else {f"{name}low": NAN, f"{name}high": NAN}


def _distribution(members: Population) -> pd.DataFrame:
    facts, scores = members.benchmark.facts, members.scores
    value, low, high = skewness(scores)
    row = {
        "space": facts.space,
        "data_set": facts.dataset,
        "target": members.target,
        "unit": members.unit,
        "architectures": len(scores),
        "sampled": members.sampled,
        "best": members.best,
        "median": float(np.median(scores)),
        "mean": float(scores.mean()),
        "floor": members.floor,
        "clipped": members.clipped,
        "skewness": value,
        **_ends(members, low, high),
    }
    return pd.DataFrame([row])


def _within(members: Population) -> pd.DataFrame:
    lengths = {POINTS: 1.0, WAY: members.length, FLOOR: members.floor}
    if members.unit == WAY:
        del lengths[POINTS]
    if np.isnan(members.floor):
        del lengths[FLOOR]
    rows = []
    for unit, length in lengths.items():
        for distance in GRID[unit]:
            hits = int((members.regrets <= distance * length + 1e-9).sum())
            ends = _ends(members, *share_interval(hits, len(members.scores)))
            rows.append({"unit": unit, "distance": distance, "share": hits / len(members.scores)} | ends)
    return pd.DataFrame(rows)


def _operations(members: Population, counts: Counts) -> pd.DataFrame:
    best, better, how = best_without(members, counts)
    rows = []
    for code, name in enumerate(members.operations.names):
        means = group_means(members.scores, (counts[:, code] > 0).astype(np.int64), 2)
        effect = _effect(members, code)
        rows.append(
            {
                "operation": name,
                "architectures": means.counts[1],
                "mean": means.means[1],
                **_ends(members, means.lows[1], means.highs[1]),
                "mean_without": means.means[0],
                "effect": effect.value,
                **_ends(members, effect.low, effect.high, "effect_"),
                "chance": effect.chance,
                "best_without": best[code],
                "gap_without": members.best - best[code],
                "better_without": better[code],
                "how": how[code],
            }
        )
    table = pd.DataFrame(rows)
    return table.assign(chance=holm(table["chance"].to_numpy(np.float64)))


def _effect(members: Population, code: int) -> Contrast:
    """Return the mean, over the positions, of the difference between this operation and the others there."""
    codes, weights, n = members.operations.codes, np.zeros(len(members.scores)), 0
    for position in range(codes.shape[1]):
        at, other = codes[:, position] == code, (codes[:, position] >= 0) & (codes[:, position] != code)
        if at.any() and other.any():
            weights += at / at.sum() - other / other.sum()
            n += 1
    return contrast(members.scores, weights / n) if n else Contrast(np.nan, np.nan, np.nan, np.nan)


def _occurrences(members: Population, counts: Counts) -> pd.DataFrame:
    tables = []
    for code, name in enumerate(members.operations.names):
        means = group_means(members.scores, counts[:, code], int(counts.max()) + 1)
        ends = _ends(members, means.lows, means.highs)
        table = pd.DataFrame({"occurrences": np.arange(len(means.counts)), "architectures": means.counts})
        table.insert(0, "operation", name)
        tables.append(table.assign(mean=means.means, **ends)[means.counts > 0])
    return pd.concat(tables, ignore_index=True)


def _positions(members: Population) -> pd.DataFrame:
    rows = []
    for place, position in enumerate(members.operations.positions):
        codes = members.operations.codes[:, place]
        means = group_means(members.scores, codes.astype(np.int64), len(members.operations.names))
        for code in np.flatnonzero(means.counts):
            at, other = codes == code, (codes >= 0) & (codes != code)
            weights = at / at.sum() - other / max(other.sum(), 1)
            compared = contrast(members.scores, weights) if other.any() else Contrast(*[np.nan] * 4)
            rows.append(
                {
                    "operation": members.operations.names[code],
                    "position": position,
                    "architectures": means.counts[code],
                    "mean": means.means[code],
                    **_ends(members, means.lows[code], means.highs[code]),
                    "difference": compared.value,
                    "chance": compared.chance,
                }
            )
    table = pd.DataFrame(rows)
    return table.assign(chance=holm(table["chance"].to_numpy(np.float64)))

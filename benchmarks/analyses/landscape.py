"""The landscape that local search sees: local optima, their basins, and how errors change along the edits."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from benchmarks.analyses.enumerated_landscape import enumerated
from benchmarks.analyses.neighbourhoods import Edges, find_edges
from benchmarks.analyses.sampled_landscape import sampled
from benchmarks.analyses.transfer import by_space
from benchmarks.analyses.words import percent, percent_range
from benchmarks.benchmark import Benchmark
from benchmarks.spaces.pool import PoolSpace

ENUMERATED = 100_000
"""Landscapes of spaces with more architectures are sampled."""
ENUMERATED_POOL = 10_000
"""Landscapes of pools with more members are sampled: the time to find all neighbours grows with their square."""


def landscape(benchmarks: Sequence[Benchmark]) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Find out how hard a benchmark is for local search, and how much of that is noise.

    Neighbours are those of the space, one edit away. The error is the mean validation error over the recorded repeats
    at the highest fidelity. A *climb* begins at a uniformly drawn architecture, and moves to better neighbours until
    there are none. With *best* improvement, it moves to the best neighbour; with *first* improvement, to the first
    better one in random order.

    Parameters
    ----------
    benchmarks : sequence of Benchmark

    Returns
    -------
    tables : dict
        ``landscape`` has one row per benchmark. Small spaces are enumerated; then all numbers are exact. Otherwise they
        are from a sample of climbs and random walks.

        ``benchmark, space, provenance, architectures, exact, neighbours``
            ``architectures`` is the size of the space, and ``neighbours`` the mean number of neighbours.
        ``local_optima, local_optima_one_run``
            Share of the architectures without a better neighbour, with mean errors and with those of the first recorded
            run. NaN without repeats.
        ``distinct_optima``
            Number of different local optima, or of those that the climbs with best improvement found.
        ``reach_best, reach_first, near_best, near_first``
            Share of the climbs that end at the optimum, and within the noise floor of it, by improvement.
        ``moves_best, moves_first``
            Mean number of moves of a climb.
        ``rank_autocorrelation, error_autocorrelation, correlation_length``
            Correlation of the ranks of the errors, and of the errors, of the first and the second architecture of a
            random walk. The length is -1 / log of the former (Weinberger 1990, doi 10.1007/BF00202749).
        ``rank_fitness_distance, error_fitness_distance``
            Correlation of the rank of the error, and of the error, with the distance to the optimum in edits (Jones and
            Forrest 1995, the fitness-distance correlation). In a sample, the distance is the number of features that
            differ from the best architecture found.
        ``noise, spread, noise_to_spread``
            Standard deviation of one run, and of the mean errors, among the best 1 % of the recorded architectures.
            Above a ratio of 1, one run says little about the order of the best.

        Numbers from samples have the 95 % intervals ``NAME_low`` and ``NAME_high``: Clopper and Pearson's for shares,
        bootstrap else.

        ``walks`` has the autocorrelations by the number of steps: ``benchmark, steps, rank_autocorrelation,
        error_autocorrelation``, with intervals. ``basins`` has one row per local optimum (those found, in a sample):
        ``benchmark, architecture, error, regret``, and ``basin_best, basin_first``, the shares of starts whose climbs
        end there.
    sentences : list of str
    """
    parts: dict[str, list[pd.DataFrame]] = {"landscape": [], "walks": [], "basins": []}
    for group in by_space(benchmarks):
        edges: list[Edges] = []
        for benchmark in group:
            found = enumerated(benchmark, _edges(benchmark, edges)) if is_enumerated(benchmark) else sampled(benchmark)
            for name, rows in found.items():
                parts[name].append(rows)
    tables = {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
    unknown = [one.facts.name for one in benchmarks if one.facts.reference is not None and not is_enumerated(one)]
    return tables, _sentences(tables["landscape"], unknown)


def is_enumerated(benchmark: Benchmark) -> bool:
    """Return whether the space is small enough to look at all neighbourhoods."""
    space = benchmark.space
    most = ENUMERATED_POOL if isinstance(space, PoolSpace) else ENUMERATED
    return space.size is not None and space.size <= most


def _edges(benchmark: Benchmark, known: list[Edges]) -> Edges:
    """Return the neighbourhoods of a space, which are found once for all benchmarks on it; each pool has its own."""
    if isinstance(benchmark.space, PoolSpace):
        return find_edges(benchmark.space)
    if not known:
        known.append(find_edges(benchmark.space))
    return known[0]


def _sentences(table: pd.DataFrame, unknown: Sequence[str]) -> list[str]:
    found = [_sentence(str(space), rows) for (space, _), rows in table.groupby(["space", "provenance"], sort=False)]
    limits = [
        "The numbers are properties of the table and its neighbourhoods. A local optimum of mean errors may be due to"
        " noise that the mean did not remove.",
    ]
    if unknown:
        limits.append(
            f"The optimum of {', '.join(unknown)} is not known. The reference value stands for it, or the best"
            " architecture found if that is better. It may not be the true optimum, so the share of climbs that reach"
            " it may be too high."
        )
    return [*found, *limits]


def _sentence(space: str, rows: pd.DataFrame) -> str:
    how = "exact" if rows["exact"].all() else "sampled" if not rows["exact"].any() else "partly sampled"
    text = (
        f"{space} ({rows['provenance'].iloc[0]}, {how}, {len(rows)} {'benchmark' if len(rows) == 1 else 'benchmarks'}):"
        f" {_shares(rows, 'local_optima')} of the architectures are local optima"
    )
    if rows["local_optima_one_run"].notna().any():
        text += f", and {percent_range(rows['local_optima_one_run'])} with one run instead of the mean"
    return (
        f"{text}. A climb with best improvement reaches the optimum in {_shares(rows, 'reach_best')} of the starts, and"
        f" ends within its noise floor in {_shares(rows, 'near_best')}; with first improvement, in"
        f" {_shares(rows, 'reach_first')} and {_shares(rows, 'near_first')}."
    )


def _shares(rows: pd.DataFrame, name: str) -> str:
    """Write the range of the shares of several benchmarks, or the share of a sampled one with its interval."""
    low = rows.get(f"{name}_low", pd.Series(dtype=float)).dropna()
    if len(rows) > 1 or low.empty:
        return percent_range(rows[name])
    row = rows.iloc[0]
    return f"{percent(row[name])} ({percent(row[f'{name}_low'])[:-2]} to {percent(row[f'{name}_high'])})"

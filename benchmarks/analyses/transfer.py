"""Transfer: search on one benchmark, judge on another benchmark of the same space."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial, reduce
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.analyses.architectures import Architectures, Floats, Ints, Measures, architectures_of, final_target
from benchmarks.analyses.choices import TOPS, chosen_error, listed_error, rank_correlations, top
from benchmarks.analyses.words import percent, range_words
from benchmarks.benchmark import Benchmark
from benchmarks.errors import BenchmarkError, few
from benchmarks.spaces.base import Genotypes, SearchSpace
from benchmarks.spaces.pool import PoolSpace
from benchmarks.table import TableBenchmark

MEASURES = (
    *(f"{name}{suffix}" for suffix in TOPS for name in ("spearman", "kendall")),
    "shared_top_10",
    "shared_top_1",
    "regret",
    "relative_regret",
    "list_regret",
    "relative_list_regret",
    "better",
)


def transfer(benchmarks: Sequence[Benchmark]) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Find out what the order of architectures on one benchmark says about their order on another one.

    Every benchmark is compared with every other one of its space, over the architectures that all benchmarks of the
    space have. The error is the mean validation error over the recorded repeats at the highest fidelity.

    Parameters
    ----------
    benchmarks : sequence of Benchmark
        At least two on one space. Benchmarks that are alone on their space are left out.

    Returns
    -------
    tables : dict
        ``transfer`` has one row per ordered pair:

        ``space, searched, judged, unit, architectures, exact``
            ``unit`` is that of the judged benchmark's errors. ``exact`` says whether the architectures are all that are
            recorded, rather than a random sample.
        ``spearman, kendall`` and both with the suffixes ``_top_10, _top_1``
            Rank correlations of the two errors, overall and within the best 10 and 1 % of the searched benchmark. If a
            benchmark is both searched and judged, they are those of one run with the mean of the architecture's other
            runs; see Notes.
        ``shared_top_10, shared_top_1``
            Share of the best 10 and 1 % of the searched benchmark that are also among those of the judged one. By
            chance, it is 0.1 and 0.01.
        ``regret, relative_regret``
            Regret on the judged benchmark of the best architecture of the searched one, in the unit, and as a share of
            the way from the optimum to the median.
        ``list_regret, relative_list_regret``
            The same for the best, on the judged benchmark, of the ten best architectures of the searched one.
        ``better``
            Share of the architectures that are better on the judged benchmark than the best one of the searched.

        All have the 95 % intervals ``NAME_low`` and ``NAME_high``, which are NaN where the numbers are exact.
    sentences : list of str

    Raises
    ------
    BenchmarkError
        If no two benchmarks are on one space, or those of one space have fewer than two common architectures.

    Notes
    -----
    A benchmark does not even agree with itself: a repeated run gives another order. The rows of a benchmark with itself
    show this. They compare the first recorded run of each architecture with the mean of its other runs, while all other
    rows compare means. So they are a cautious upper limit of what transfer can be expected to reach.
    """
    groups = [group for group in by_space(benchmarks) if len(group) > 1]
    if not groups:
        names = few([one.facts.name for one in benchmarks])
        raise BenchmarkError(
            f"expected at least two benchmarks on one space, got {names}; name the other data sets or tasks of a space"
            " as well, also as a pattern such as 'nasbench201-*'"
        )
    rows = [row for group in groups for row in _rows(group)]
    table = pd.DataFrame(rows)
    return {"transfer": table}, _sentences(table, benchmarks)


def underlying(space: SearchSpace) -> SearchSpace:
    """Return the space that a pool's members belong to, or the space itself."""
    return space.of if isinstance(space, PoolSpace) else space


def by_space(benchmarks: Sequence[Benchmark]) -> list[list[Benchmark]]:
    """Group benchmarks by the space of their architectures, in the order of the first of each space."""
    groups: dict[tuple[str, tuple[int, ...]], list[Benchmark]] = {}
    for benchmark in benchmarks:
        space = underlying(benchmark.space)
        groups.setdefault((space.name, space.cardinalities), []).append(benchmark)
    return list(groups.values())


def common_architectures(group: Sequence[Benchmark]) -> Architectures:
    """Return the architectures that all benchmarks of a space have, in the notation of that space.

    If some are pools, these are the members of all pools. Otherwise, they are those of the smallest table, or a sample
    if all benchmarks are surrogates.

    Raises
    ------
    BenchmarkError
        If there are fewer than two.
    """
    pools = [one.space.members for one in group if isinstance(one.space, PoolSpace)]
    tables = [one.recorded() for one in group if isinstance(one, TableBenchmark)]
    if pools:
        rows = reduce(_both, pools)
        if len(rows) < 2:
            names = few([one.facts.name for one in group])
            raise BenchmarkError(f"expected at least two common architectures of {names}, got {len(rows)}")
        return Architectures(rows, complete=True)
    if tables:
        return Architectures(min(tables, key=len), complete=True)
    return architectures_of(group[0])


def _both(a: Genotypes, b: Genotypes) -> Genotypes:
    """Return the rows of `a` that are rows of `b`."""
    wanted = set(map(tuple, b.tolist()))
    return a[[tuple(row) in wanted for row in a.tolist()]]


def _genotypes(benchmark: Benchmark, architectures: Genotypes) -> Genotypes:
    """Return architectures of the underlying space as genotypes of the benchmark's space."""
    space = benchmark.space
    if not isinstance(space, PoolSpace):
        return architectures
    places = {tuple(member): row for row, member in enumerate(space.members.tolist())}
    return np.array([[places[tuple(row)]] for row in architectures.tolist()], dtype=np.int16)


def _rows(group: Sequence[Benchmark]) -> Iterator[dict[str, Any]]:
    common = common_architectures(group)
    found = [_genotypes(one, common.genotypes) for one in group]
    errors = [one.true_errors(own, final_target(one)) for one, own in zip(group, found, strict=True)]
    for a, searched in enumerate(group):
        for b, judged in enumerate(group):
            chosen, compute = common, partial(_measures, errors[a], errors[b])
            if a == b:
                repeats = searched.errors(found[a], searched.facts.fidelities[-1])
                several = np.isfinite(repeats).sum(axis=1) >= 2
                chosen = Architectures(common.genotypes[several], common.complete)
                compute = partial(_with_itself, repeats[several])
            yield {
                "space": underlying(searched.space).name,
                "searched": searched.facts.name,
                "judged": judged.facts.name,
                "unit": judged.facts.unit,
                "architectures": len(chosen),
                "exact": common.complete,
                **chosen.measure(compute),
            }


def _measures(signal: Floats, truth: Floats, rows: Ints) -> Measures:
    signal, truth = signal[rows], truth[rows]
    optimum, way = truth.min(), np.median(truth) - truth.min()
    chosen, listed = chosen_error(signal, truth), listed_error(signal, truth)
    return {
        **rank_correlations(signal, truth),
        "shared_top_10": _shared(signal, truth, 0.1),
        "shared_top_1": _shared(signal, truth, 0.01),
        "regret": chosen - optimum,
        "relative_regret": (chosen - optimum) / way if way > 0 else np.nan,
        "list_regret": listed - optimum,
        "relative_list_regret": (listed - optimum) / way if way > 0 else np.nan,
        "better": float(np.mean(truth < chosen)),
    }


def _with_itself(repeats: Floats, rows: Ints) -> Measures:
    """Compare the first run with the mean of the others, ``(n, repeats)``."""
    if len(repeats) == 0:
        return dict.fromkeys(MEASURES, np.nan)
    one, others = repeats[rows, 0], np.nanmean(repeats[rows, 1:], axis=1)
    shared = {
        name: _shared(one, others, TOPS[name.removeprefix("shared")]) for name in ("shared_top_10", "shared_top_1")
    }
    return dict.fromkeys(MEASURES, np.nan) | rank_correlations(one, others) | shared


def _shared(signal: Floats, truth: Floats, share: float) -> float:
    best = top(signal, share)
    return len(np.intersect1d(best, top(truth, share))) / len(best) if len(best) else np.nan


def _sentences(table: pd.DataFrame, benchmarks: Sequence[Benchmark]) -> list[str]:
    found = [_sentence(str(space), pairs) for space, pairs in table.groupby("space", sort=False)]
    shown = set(table["searched"])
    alone = [one.facts.name for one in benchmarks if one.facts.name not in shown]
    if alone:
        found.append(f"Left out, because they are alone on their space: {', '.join(alone)}.")
    basis = "all architectures that were recorded" if table["exact"].all() else "samples where no table exists"
    return [
        *found,
        f"The numbers are over {basis}, with the mean error over the recorded repeats. They say how well an order"
        " transfers, not how an algorithm fares that searches on one data set: it sees only a part of the space, and"
        " single runs.",
    ]


def _sentence(space: str, pairs: pd.DataFrame) -> str:
    same = pairs["searched"] == pairs["judged"]
    levels = ("kendall", "kendall_top_10", "kendall_top_1")
    others, itself = ([range_words(part[level]) for level in levels] for part in (pairs[~same], pairs[same]))
    text = (
        f"{space}: {(~same).sum()} ordered pairs over {pairs['architectures'].max():,} architectures. Kendall's tau is"
        f" {others[0]} overall, {others[1]} within the best 10 % of the searched benchmark and {others[2]} within the"
        f" best 1 %."
    )
    if pairs.loc[same, "kendall"].notna().any():
        text += f" Between one run and the other runs of one benchmark, it is {itself[0]}, {itself[1]} and {itself[2]}."
    else:
        text += " Nothing was trained twice, so it is not known how well a benchmark agrees with itself."
    known = pairs[~same].dropna(subset="relative_regret")
    if known.empty:
        return text
    worst = known.iloc[int(known["relative_regret"].argmax())]
    return (
        f"{text} The best architecture of {worst['searched']} loses most: on {worst['judged']}, its regret is"
        f" {percent(worst['relative_regret'])} of the way from the optimum to the median."
    )

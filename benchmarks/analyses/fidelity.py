"""How well cheap training predicts the final error, and how much it can save."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.analyses.architectures import SEED, Architectures, Floats, Ints, Measures, architectures_of
from benchmarks.analyses.choices import (
    chosen_error,
    expected_error,
    listed_error,
    rank_correlations,
)
from benchmarks.analyses.words import error_words, percent
from benchmarks.benchmark import Benchmark, Facts
from benchmarks.errors import BenchmarkError, few

MOST_FIDELITIES = 8
"""Of more fidelities than this, some are taken, evenly on a logarithmic scale, with the first and the last one."""
DRAWN = 100
"""Number of random architectures that a choice is made among."""
SETS = 1_000
"""Number of such sets that are drawn to find out what a perfect method could save."""
WITHIN_SAMPLE = [f"{name}{suffix}" for name in ("regret", "list_regret") for suffix in ("", "_low", "_high")]
"""Measures of a choice among all architectures, which a sample does not tell."""
MEAN, RUN = "mean", "one run"
"""The signals that are chosen by."""
AT_EQUAL_COST = [f"regret_at_equal_cost{suffix}" for suffix in ("", "_low", "_high")]
"""Measures of a choice among more architectures than a sample has."""
ALL = "all"
"""In the table of savings: at every fidelity."""


@dataclass(frozen=True)
class Curves:
    """The errors and costs of a benchmark's architectures by fidelity.

    Attributes
    ----------
    fidelities : tuple of float
        The fidelities that are taken, ascending, with the highest one.
    errors, costs : array, ``(n, n_fidelities)``
        Mean errors, and cumulative training times from scratch [s], or epochs if no times are known.
    runs : dict
        By fidelity, the errors of one run, ``(n,)``; only fidelities of which several runs were recorded.
    others : array, ``(n,)``
        Mean error of the other runs at the highest fidelity; NaN where there are none.
    continuable : bool
    """

    fidelities: tuple[float, ...]
    errors: Floats
    costs: Floats
    runs: dict[float, Floats]
    others: Floats
    continuable: bool


def fidelity(benchmarks: Sequence[Benchmark]) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Find out how well the error at a low fidelity orders architectures by their final error, and what that saves.

    The final error is the mean validation error over the recorded repeats at the highest fidelity.

    Parameters
    ----------
    benchmarks : sequence of Benchmark
        Those with a single fidelity are left out.

    Returns
    -------
    tables : dict
        ``fidelity`` has one row per benchmark, fidelity, and signal that is chosen by. The signal is ``mean``, the mean
        error over the repeats, or ``one run``, the first recorded run, which is then compared with the mean of the
        *other* runs at the highest fidelity. The row of one run at the highest fidelity shows how well even complete
        training orders architectures.

        ``benchmark, fidelity, signal, unit, architectures, exact, cost``
            ``cost`` is the mean share of the cost of complete training.
        ``spearman, kendall`` and both with the suffixes ``_top_10, _top_1``
            Rank correlations of the signal with the final error, overall and within the architectures that are best by
            the signal.
        ``regret, list_regret``
            Final regret of the architecture that is best by the signal, and of the best of the ten best. NaN for a
            sample.
        ``regret_of_100``
            Expected final regret of the best by the signal of 100 random architectures.
        ``architectures_at_equal_cost, regret_at_equal_cost``
            How many random architectures can be trained to this fidelity, and the best one completely, for the cost of
            100 complete trainings; and the expected final regret of that one. At the highest fidelity, these are 100
            and ``regret_of_100``. NaN if a sample has fewer architectures.

        ``savings`` has one row per benchmark and rule:

        ``benchmark, fidelity, saving, saving_low, saving_high, most``
            Mean factor by which a *perfect* method makes it cheaper to find the best of 100 random architectures. It
            knows the best one in advance, and drops every other one that looks worse at this fidelity; only the rest is
            trained completely. ``all``: it drops at every fidelity. ``most`` is the factor if all others were dropped.
            The interval is for 1,000 random sets. Training is resumed if the benchmark allows that.

        The measures of ``fidelity`` have the 95 % intervals ``NAME_low`` and ``NAME_high``, which are NaN where the
        numbers are exact.
    sentences : list of str

    Raises
    ------
    BenchmarkError
        If all benchmarks have a single fidelity.
    """
    several = [one for one in benchmarks if len(one.facts.fidelities) > 1]
    if not several:
        names = few([one.facts.name for one in benchmarks])
        raise BenchmarkError(
            f"expected a benchmark with several fidelities, got {names}; see `regretta list benchmarks`"
        )
    rows: list[dict[str, Any]] = []
    savings: list[dict[str, Any]] = []
    for benchmark in several:
        chosen = architectures_of(benchmark)
        curves = read_curves(benchmark, chosen)
        name = benchmark.facts.name
        rows += [{"benchmark": name, **row} for row in _rows(curves, chosen, benchmark.facts)]
        savings += [{"benchmark": name, **row} for row in _savings(curves)]
    tables = {"fidelity": pd.DataFrame(rows), "savings": pd.DataFrame(savings)}
    left_out = [one.facts.name for one in benchmarks if len(one.facts.fidelities) == 1]
    return tables, _sentences(tables["fidelity"], tables["savings"], left_out)


def taken(fidelities: Sequence[float]) -> tuple[float, ...]:
    """Return the fidelities that are taken: all, or `MOST_FIDELITIES` that are about evenly spaced in logarithms."""
    if len(fidelities) <= MOST_FIDELITIES:
        return tuple(fidelities)
    wanted = np.geomspace(fidelities[0], fidelities[-1], MOST_FIDELITIES)
    near = np.abs(np.log(np.asarray(fidelities)[:, np.newaxis] / wanted)).argmin(axis=0)
    return tuple(fidelities[place] for place in np.unique(near).tolist())


def read_curves(benchmark: Benchmark, chosen: Architectures) -> Curves:
    """Look up the errors and costs of architectures at the fidelities that are taken."""
    facts, genotypes = benchmark.facts, chosen.genotypes
    fidelities = taken(facts.fidelities)
    repeats = {at: benchmark.errors(genotypes, at) for at in fidelities}
    final = repeats[fidelities[-1]]
    counts = np.isfinite(final).sum(axis=1)
    others = np.divide(np.nansum(final[:, 1:], axis=1), counts - 1, out=np.full(len(final), np.nan), where=counts > 1)
    costs = [
        benchmark.seconds(genotypes, at) if facts.has_seconds else np.full(len(genotypes), at) for at in fidelities
    ]
    return Curves(
        fidelities,
        np.stack([benchmark.true_errors(genotypes, facts.target(at)) for at in fidelities], axis=1),
        np.stack(costs, axis=1),
        {at: errors[:, 0] for at, errors in repeats.items() if errors.shape[1] > 1 and (counts > 1).any()},
        others,
        facts.continuable,
    )


def _rows(curves: Curves, chosen: Architectures, facts: Facts) -> Iterator[dict[str, Any]]:
    final, full = curves.errors[:, -1], curves.costs[:, -1].mean()
    optimum = facts.targets[facts.target(curves.fidelities[-1])].optimum
    several = np.flatnonzero(np.isfinite(curves.others))
    for place, at in enumerate(curves.fidelities):
        cost = float(curves.costs[:, place].mean() / full)
        signals = {MEAN: (curves.errors[:, place], final, chosen)}
        if at in curves.runs:
            part = Architectures(chosen.genotypes[several], chosen.complete)
            signals[RUN] = (curves.runs[at][several], curves.others[several], part)
        for name, (signal, truth, part) in signals.items():
            measured = part.measure(partial(_measures, signal, truth, optimum, cost))
            if not part.complete:
                measured |= dict.fromkeys(WITHIN_SAMPLE, np.nan)
                if _affordable(cost) > len(part):
                    measured |= dict.fromkeys(AT_EQUAL_COST, np.nan)
            yield {
                "fidelity": at,
                "signal": name,
                "unit": facts.unit,
                "architectures": len(part),
                "exact": part.complete,
                "cost": cost,
                "architectures_at_equal_cost": _affordable(cost),
                **measured,
            }


def _affordable(cost: float) -> int:
    """Return how many architectures can be trained at a share of the cost, and one completely, for `DRAWN` trainings.

    At the full cost, no architecture is trained twice.
    """
    return DRAWN if cost >= 1 else max(int((DRAWN - 1) / cost), 1)


def _measures(signal: Floats, truth: Floats, optimum: float, cost: float, rows: Ints) -> Measures:
    signal, truth = signal[rows], truth[rows]
    return {
        **rank_correlations(signal, truth),
        "regret": chosen_error(signal, truth) - optimum,
        "list_regret": listed_error(signal, truth) - optimum,
        "regret_of_100": expected_error(signal, truth, DRAWN) - optimum,
        "regret_at_equal_cost": expected_error(signal, truth, _affordable(cost)) - optimum,
    }


def _savings(curves: Curves) -> Iterator[dict[str, Any]]:
    """Yield what a perfect method could save: at each single fidelity, and if it drops at every one."""
    n, lower = len(curves.errors), range(len(curves.fidelities) - 1)
    rng = np.random.default_rng([SEED, 2])
    drawn = np.array([rng.choice(n, min(DRAWN, n), replace=False) for _ in range(SETS)])
    rules = {f"{curves.fidelities[place]:g}": [place] for place in lower} | (
        {ALL: list(lower)} if len(lower) > 1 else {}
    )
    for name, places in rules.items():
        full, needed, least = _costs(curves, drawn, places)
        factors = full / needed
        half = 1.96 * factors.std(ddof=1) / np.sqrt(SETS)
        yield {
            "fidelity": name,
            "saving": float(factors.mean()),
            "saving_low": float(factors.mean() - half),
            "saving_high": float(factors.mean() + half),
            "most": float((full / least).mean()),
        }


def _costs(curves: Curves, drawn: Ints, places: Sequence[int]) -> tuple[Floats, Floats, Floats]:
    """Return three costs of each set: of complete training, of a perfect method, and if all others were dropped.

    Parameters
    ----------
    curves : Curves
    drawn : array of int, ``(n_sets, n_drawn)``
    places : sequence of int
        The fidelities at which architectures are dropped.
    """
    sets = np.arange(len(drawn))
    best = curves.errors[drawn, -1].argmin(axis=1)
    alive = np.ones(drawn.shape, dtype=bool)
    before = np.zeros(drawn.shape)
    needed = np.zeros(len(drawn))
    full = curves.costs[drawn, -1]
    least = np.zeros(len(drawn))
    for place in places:
        cost = curves.costs[drawn, place]
        needed += np.where(alive, cost - before, 0.0).sum(axis=1)
        if place == places[0]:
            least += cost.sum(axis=1)
            least -= cost[sets, best] if curves.continuable else 0.0
        signal = curves.errors[drawn, place]
        alive &= signal <= signal[sets, best][:, np.newaxis]
        before = cost if curves.continuable else before
    needed += np.where(alive, full - before, 0.0).sum(axis=1)
    return full.sum(axis=1), needed, least + full[sets, best]


def _sentences(table: pd.DataFrame, savings: pd.DataFrame, left_out: Sequence[str]) -> list[str]:
    found = [
        _sentence(str(name), rows, savings[savings["benchmark"] == name])
        for name, rows in table.groupby("benchmark", sort=False)
    ]
    if left_out:
        found.append(f"Left out, because they have a single fidelity: {', '.join(left_out)}.")
    return [
        *found,
        "The perfect method knows the best architecture in advance. No real method does, so the factor is a limit and"
        " not a promise. Costs are means, so that slow architectures count more.",
    ]


def _sentence(name: str, rows: pd.DataFrame, savings: pd.DataFrame) -> str:
    means = rows[rows["signal"] == MEAN]
    first, best = means.iloc[0], means.iloc[int(means["regret_at_equal_cost"].argmin())]
    perfect = savings.iloc[int(savings["saving"].argmax())]
    where = "every fidelity" if perfect["fidelity"] == ALL else f"fidelity {perfect['fidelity']}"
    text = (
        f"{name}: at fidelity {first['fidelity']:g}, which costs {percent(first['cost'])} of complete training,"
        f" Spearman's correlation with the final error is {first['spearman']:.2f} overall and"
        f" {first['spearman_top_10']:.2f} within the best 10 % by it."
    )
    complete = rows[rows["signal"] == RUN].tail(1)
    for overall, top in zip(complete["spearman"], complete["spearman_top_10"], strict=True):
        text += f" For one complete run and the mean of the other runs, it is {overall:.2f} and {top:.2f}."
    return (
        f"{text} For the cost of {DRAWN} complete trainings, choosing by fidelity {best['fidelity']:g} leaves the"
        f" lowest expected regret, {error_words(best['regret_at_equal_cost'], best['unit'])}; complete training leaves"
        f" {error_words(means['regret_at_equal_cost'].iloc[-1], best['unit'])}. A perfect method would be"
        f" {perfect['saving']:.1f} times as cheap, dropping at {where}."
    )

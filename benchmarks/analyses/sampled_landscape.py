"""The landscape of a space that is too large to look at every neighbourhood, from climbs and random walks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.analyses.architectures import (
    RESAMPLES,
    SAMPLE,
    SEED,
    Architectures,
    Floats,
    Ints,
    Measures,
    final_target,
    sample,
    with_intervals,
)
from benchmarks.analyses.enumerated_landscape import STEPS, correlation_length, fitness_distance
from benchmarks.analyses.noise import noise_and_spread
from benchmarks.benchmark import Benchmark
from benchmarks.spaces.base import Architecture

CLIMBS = 50
"""Number of climbs with each kind of improvement."""
WALKS = 200
"""Number of random walks."""


@dataclass(frozen=True)
class Climb:
    """The end of a climb.

    Attributes
    ----------
    end : Architecture
    error : float
    moves, neighbours : int
        Number of moves, and of neighbours of the start.
    """

    end: Architecture
    error: float
    moves: int
    neighbours: int


def sampled(benchmark: Benchmark) -> dict[str, pd.DataFrame]:
    """Return the tables of `benchmarks.analyses.landscape.landscape` for one benchmark, from a sample."""
    facts, space, target = benchmark.facts, benchmark.space, final_target(benchmark)
    rng = np.random.default_rng([SEED, 3])
    starts = [space.sample(rng) for _ in range(CLIMBS)]
    climbs = {
        name: [climb(benchmark, start, rng, full=full) for start in starts]
        for name, full in (("best", True), ("first", False))
    }
    best = min((one for found in climbs.values() for one in found), key=lambda one: one.error)
    optimum, floor = min(best.error, facts.targets[target].optimum), facts.targets[target].floor
    walk = autocorrelations(benchmark, rng)
    row = {
        "benchmark": facts.name,
        "space": facts.space,
        "provenance": facts.provenance,
        "architectures": np.nan if space.size is None else space.size,
        "exact": False,
        "neighbours": float(np.mean([one.neighbours for one in climbs["best"]])),
        **share("local_optima", [one.moves == 0 for one in climbs["best"]]),
        "local_optima_one_run": np.nan,
        "distinct_optima": len({one.end for one in climbs["best"]}),
        **_shares("reach", climbs, optimum),
        **_shares("near", climbs, optimum + floor),
        **_moves(climbs),
        **{name: walk[name].iloc[0] for name in walk.columns if name != "steps"},
        **{
            name.replace("rank_autocorrelation", "correlation_length"): correlation_length(walk[name].iloc[0])
            for name in walk.columns
            if name.startswith("rank_autocorrelation")
        },
        **_fitness_distance(benchmark, best.end, rng),
        **noise_and_spread(benchmark),
    }
    walk.insert(0, "benchmark", facts.name)
    return {"landscape": pd.DataFrame([row]), "walks": walk, "basins": _basins(benchmark, climbs, optimum)}


def climb(benchmark: Benchmark, start: Architecture, rng: np.random.Generator, *, full: bool) -> Climb:
    """Move to better neighbours until there are none.

    Parameters
    ----------
    benchmark : Benchmark
    start : Architecture
    rng : Generator
        Draws the order of the neighbours.
    full : bool
        Whether to move to the best neighbour, or to the first better one.
    """
    target = final_target(benchmark)
    here, error, moves, first = start, benchmark.true_errors([start], target).item(), 0, -1
    while True:
        near = benchmark.space.neighbours(here)
        first = len(near) if first < 0 else first
        errors = benchmark.true_errors(near, target)
        order = rng.permutation(len(near))
        better = order[errors[order] < error]
        if len(better) == 0:
            return Climb(here, error, moves, first)
        chosen = int(better[errors[better].argmin()] if full else better[0])
        here, error, moves = near[chosen], errors[chosen].item(), moves + 1


def share(name: str, hits: list[bool]) -> Measures:
    """Return a share, with the interval of Clopper and Pearson."""
    interval = stats.binomtest(sum(hits), len(hits)).proportion_ci(0.95, "exact")
    return {name: float(np.mean(hits)), f"{name}_low": float(interval.low), f"{name}_high": float(interval.high)}


def _shares(prefix: str, climbs: dict[str, list[Climb]], most: float) -> Measures:
    """Return the share of the climbs that end at an error of at most `most`, by improvement."""
    found: Measures = {}
    for name, ended in climbs.items():
        found |= share(f"{prefix}_{name}", [one.error <= most for one in ended])
    return found


def _moves(climbs: dict[str, list[Climb]]) -> Measures:
    found: Measures = {}
    for name, ended in climbs.items():
        moves = np.array([one.moves for one in ended])
        drawn = np.random.default_rng([SEED, 4]).integers(len(moves), size=(RESAMPLES, len(moves)))
        found |= with_intervals(
            {f"moves_{name}": float(moves.mean())}, {f"moves_{name}": moves[drawn].mean(axis=1).tolist()}
        )
    return found


def _basins(benchmark: Benchmark, climbs: dict[str, list[Climb]], optimum: float) -> pd.DataFrame:
    errors = {one.end: one.error for found in climbs.values() for one in found}
    ends = {name: Counter(one.end for one in found) for name, found in climbs.items()}
    return pd.DataFrame(
        [
            {
                "benchmark": benchmark.facts.name,
                "architecture": benchmark.space.to_string(end),
                "error": errors[end],
                "regret": errors[end] - optimum,
                **{f"basin_{name}": counts[end] / CLIMBS for name, counts in ends.items()},
            }
            for end in sorted(errors, key=lambda end: (errors[end], end))
        ]
    )


def autocorrelations(benchmark: Benchmark, rng: np.random.Generator) -> pd.DataFrame:
    """Estimate the correlations along random walks, see `benchmarks.analyses.enumerated_landscape.autocorrelations`."""
    space = benchmark.space
    walks = [[space.sample(rng)] for _ in range(WALKS)]
    for walk in walks:
        for _ in range(STEPS):
            near = space.neighbours(walk[-1])
            walk.append(near[int(rng.random() * len(near))] if near else walk[-1])
    genotypes = np.array(walks, dtype=np.int16)
    errors = benchmark.true_errors(genotypes.reshape(WALKS * (STEPS + 1), -1), final_target(benchmark))
    values = {"error": errors.reshape(WALKS, STEPS + 1), "rank": stats.rankdata(errors).reshape(WALKS, STEPS + 1)}
    part = Architectures(genotypes[:, 0], complete=False)
    rows = [{"steps": steps, **part.measure(partial(_after, values, steps))} for steps in range(1, STEPS + 1)]
    return pd.DataFrame(rows)


def _after(values: dict[str, Floats], steps: int, rows: Ints) -> Measures:
    """Return the correlations of the first value of some walks with that after some steps."""
    return {f"{name}_autocorrelation": _correlation(of[rows, 0], of[rows, steps]) for name, of in values.items()}


def _correlation(a: Floats, b: Floats) -> float:
    return float(np.corrcoef(a, b)[0, 1]) if np.ptp(a) > 0 and np.ptp(b) > 0 else np.nan


def _fitness_distance(benchmark: Benchmark, best: Architecture, rng: np.random.Generator) -> Measures:
    space = benchmark.space
    genotypes = sample(space, SAMPLE, rng)
    errors = benchmark.true_errors(genotypes, final_target(benchmark))
    features = space.encode(genotypes, space.distance)
    distance = (features != space.encode([best], space.distance)).sum(axis=1).astype(np.float64)
    return Architectures(genotypes, complete=False).measure(lambda rows: fitness_distance(errors[rows], distance[rows]))

"""The landscape of a space that is small enough to look at every neighbourhood: all numbers are exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse, stats

from benchmarks.analyses.architectures import Floats, Measures, final_target
from benchmarks.analyses.neighbourhoods import Edges, Landscape, make_landscape, move_matrix
from benchmarks.analyses.noise import noise_and_spread
from benchmarks.benchmark import Benchmark

STEPS = 10
"""Number of steps of a random walk."""


@dataclass(frozen=True)
class Climbs:
    """The climbs from all architectures.

    Attributes
    ----------
    end : array, ``(n_architectures,)``
        Probability that a climb from a uniformly drawn architecture ends at each architecture.
    moves : float
        Expected number of moves.
    """

    end: Floats
    moves: float


def enumerated(benchmark: Benchmark, edges: Edges) -> dict[str, pd.DataFrame]:
    """Return the tables of `benchmarks.analyses.landscape.landscape` for one benchmark, computed exactly.

    Parameters
    ----------
    benchmark : Benchmark
    edges : Edges
        The neighbourhoods of its space.
    """
    facts, space, target = benchmark.facts, benchmark.space, final_target(benchmark)
    genotypes = space.enumerate()
    errors = benchmark.true_errors(genotypes, target)
    world = make_landscape(edges, errors)
    climbs = {"best": climb(world, full=True), "first": climb(world, full=False)}
    peaks = np.flatnonzero(world.better == 0)
    best, near = errors == errors.min(), errors <= errors.min() + facts.targets[target].floor
    walk = autocorrelations(edges, errors)
    row = {
        "benchmark": facts.name,
        "space": facts.space,
        "provenance": facts.provenance,
        "architectures": len(errors),
        "exact": True,
        "neighbours": float(edges.degree.mean()),
        "local_optima": len(peaks) / len(errors),
        "local_optima_one_run": _peaks_of_one_run(benchmark, edges),
        "distinct_optima": len(peaks),
        **{f"reach_{name}": float(found.end[best].sum()) for name, found in climbs.items()},
        **{f"near_{name}": float(found.end[near].sum()) for name, found in climbs.items()},
        **{f"moves_{name}": found.moves for name, found in climbs.items()},
        "rank_autocorrelation": walk["rank_autocorrelation"].iloc[0],
        "error_autocorrelation": walk["error_autocorrelation"].iloc[0],
        "correlation_length": correlation_length(walk["rank_autocorrelation"].iloc[0]),
        **fitness_distance(errors, distances(edges, best)),
        **noise_and_spread(benchmark),
    }
    basins = pd.DataFrame(
        {
            "benchmark": facts.name,
            "architecture": [space.to_string(tuple(genotype)) for genotype in genotypes[peaks].tolist()],
            "error": errors[peaks],
            "regret": errors[peaks] - errors.min(),
            **{f"basin_{name}": found.end[peaks] for name, found in climbs.items()},
        }
    )
    walk.insert(0, "benchmark", facts.name)
    basins = basins.sort_values("error", kind="stable", ignore_index=True)
    return {"landscape": pd.DataFrame([row]), "walks": walk, "basins": basins}


def climb(world: Landscape, *, full: bool) -> Climbs:
    """Follow the climbs from all architectures at once.

    With s the uniform distribution and W the moves, the expected visits are ``s + s W + s W^2 + ...``. Moves lower the
    error, so the sum has as many terms as the longest climb. A climb ends at a local optimum as often as it visits it.

    Parameters
    ----------
    world : Landscape
    full : bool
        Whether to move to the best neighbour, or to the first better one.
    """
    n, onward = len(world.observed), move_matrix(world, full=full).T.tocsr()
    visits, arrived = np.zeros(n), np.full(n, 1 / n)
    while arrived.any():
        visits += arrived
        arrived = onward @ arrived
    peak = world.better == 0
    return Climbs(np.where(peak, visits, 0.0), float(visits[~peak].sum()))


def _peaks_of_one_run(benchmark: Benchmark, edges: Edges) -> float:
    """Return the share of local optima with the errors of the first recorded runs; NaN without repeats."""
    repeats = benchmark.errors(benchmark.space.enumerate(), benchmark.facts.fidelities[-1])
    if repeats.shape[1] < 2 or benchmark.facts.repeats[1] < 2:
        return np.nan
    return float(np.mean(make_landscape(edges, repeats[:, 0]).better == 0))


def autocorrelations(edges: Edges, errors: Floats) -> pd.DataFrame:
    """Return the correlation of the first architecture of a random walk with each of the next ones.

    The walk begins at a uniformly drawn architecture and goes to a uniformly drawn neighbour in every step.

    Returns
    -------
    DataFrame
        ``steps, rank_autocorrelation, error_autocorrelation``, ``(STEPS, 3)``.
    """
    n = len(errors)
    alone = np.flatnonzero(edges.degree == 0)
    weights = np.concatenate([1 / edges.degree[edges.source], np.ones(len(alone))])
    places = np.concatenate([edges.source, alone]), np.concatenate([edges.target, alone])
    step = sparse.csr_array((weights, places), shape=(n, n))
    columns = {"rank_autocorrelation": stats.rankdata(errors), "error_autocorrelation": errors}
    found = {name: _autocorrelation(step, values) for name, values in columns.items()}
    return pd.DataFrame({"steps": np.arange(1, STEPS + 1), **found})


def _autocorrelation(step: sparse.csr_array, values: Floats) -> Floats:
    first = (values - values.mean()) / (values.std() or np.nan)
    mean, square = first, np.square(first)
    found = np.empty(STEPS)
    for number in range(STEPS):
        mean, square = step @ mean, step @ square
        spread = np.sqrt(square.mean() - mean.mean() ** 2)
        found[number] = np.mean(first * mean) / spread if spread > 0 else np.nan
    return found


def correlation_length(autocorrelation: float) -> float:
    """Return -1 / log of the autocorrelation after one step; 0 if it is not positive."""
    if np.isnan(autocorrelation):
        return np.nan
    return -1 / np.log(autocorrelation) if autocorrelation > 0 else 0.0


def distances(edges: Edges, wanted: np.ndarray) -> Floats:
    """Return the number of edits from each architecture to the nearest wanted one, ``(n,)``; NaN if none leads there.

    Parameters
    ----------
    edges : Edges
    wanted : array of bool, ``(n,)``
    """
    n = len(wanted)
    leads = sparse.csr_array((np.ones(len(edges.source)), (edges.source, edges.target)), shape=(n, n))
    found, frontier, length = np.where(wanted, 0.0, np.nan), wanted, 0
    while frontier.any():
        length += 1
        frontier = (leads @ frontier.astype(np.float64) > 0) & np.isnan(found)
        found[frontier] = length
    return found


def fitness_distance(errors: Floats, distance: Floats) -> Measures:
    """Return the correlations of the error, and of its rank, with the distance to the optimum."""
    known = np.isfinite(distance)
    errors, distance = errors[known], distance[known]
    if len(errors) < 2 or np.ptp(errors) == 0 or np.ptp(distance) == 0:
        return {"rank_fitness_distance": np.nan, "error_fitness_distance": np.nan}
    return {
        "rank_fitness_distance": float(stats.spearmanr(errors, distance).statistic),
        "error_fitness_distance": float(np.corrcoef(errors, distance)[0, 1]),
    }

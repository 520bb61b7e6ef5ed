"""Local search: the first climb, and without memory the whole search."""

from __future__ import annotations

from algorithms.local_search import LocalSearch
from benchmarks.analyses.neighbourhoods import Landscape, find_edges, make_landscape
from benchmarks.benchmark import Benchmark
from harness.exact.climbs import FirstClimb, first_climb
from harness.exact.errors import NotExactError
from harness.exact.laws import Law
from harness.exact.networks import Floats, Ints, find_networks
from harness.exact.restarts import local_search_law as law_with_restarts
from harness.simulation.protocols import Protocol

MOST_NUMBERS = 250_000_000
"""The largest number of evaluations times architectures, which are all in memory [8 bytes each, three times]."""


def find_landscape(benchmark: Benchmark, protocol: Protocol) -> Landscape:
    """Return the neighbourhoods and errors that local search sees.

    Raises
    ------
    NotExactError
        If an architecture may show different errors, so that its next move does not depend on the architecture alone.
    """
    fidelity = protocol.fidelities[-1]
    networks = find_networks(benchmark, [fidelity], protocol.signal)
    n = benchmark.space.size
    if len(networks.architecture) != n:
        raise NotExactError(
            [
                f"local_search on {benchmark.facts.name}: expected signal = 'mean', got 'repeat'; an architecture with"
                " several repeats shows different errors, and the climb depends on which one was drawn; use --signal"
                " mean"
            ]
        )
    return make_landscape(find_edges(benchmark.space), networks.observed[fidelity])


def find_first_climbs(algorithm: LocalSearch, landscape: Landscape) -> dict[str, FirstClimb]:
    """Return the first climb from a uniform start, and from the best of the algorithm's initial design.

    Both hold with and without memory, except for the numbers of evaluations.
    """
    full = algorithm.query_full_neighbourhood
    return {
        "uniform": first_climb(landscape, 1, full=full),
        "design": first_climb(landscape, algorithm.initial, full=full),
    }


def local_search_law(
    algorithm: LocalSearch, benchmark: Benchmark, protocol: Protocol, regret: Floats, points: Ints
) -> Law:
    """Return the distribution of the incumbent of local search without memory.

    Raises
    ------
    NotExactError
        If the search has a memory, if an architecture may show different errors, if known architectures cost nothing,
        or if the numbers do not fit into memory.
    """
    name = benchmark.facts.name
    if algorithm.memory:
        raise NotExactError(
            [
                f"local_search on {name}: expected memory = false, got true; with memory, a move depends on everything"
                " that was asked for before, so the search is not a Markov chain on architectures"
            ]
        )
    if protocol.duplicates == "cached":
        raise NotExactError(
            [f"local_search on {name}: expected duplicates = 'recharge' or 'count', got 'cached': they cost nothing"]
        )
    landscape = find_landscape(benchmark, protocol)
    numbers = int(points[-1]) * len(regret)
    if numbers > MOST_NUMBERS:
        raise NotExactError(
            [
                f"local_search on {name}: expected at most {MOST_NUMBERS // len(regret):,} evaluations of"
                f" {len(regret):,} architectures, got {int(points[-1]):,}; the numbers would not fit into memory"
            ]
        )
    return law_with_restarts(landscape, regret, algorithm.initial, points, full=algorithm.query_full_neighbourhood)

"""Random search: the lowest of n draws."""

from __future__ import annotations

import numpy as np

from algorithms.random_search import RandomSearch
from benchmarks.benchmark import Benchmark
from harness.exact.errors import NotExactError
from harness.exact.laws import Law
from harness.exact.networks import Floats, Ints, find_networks
from harness.exact.order_statistics import spread, with_replacement, without_replacement
from harness.simulation.protocols import Protocol


def random_search_law(
    algorithm: RandomSearch, benchmark: Benchmark, protocol: Protocol, regret: Floats, points: Ints
) -> Law:
    """Return the distribution of the incumbent of random search.

    With replacement, every evaluation draws an architecture, and with the signal ``repeat`` one of its repeats. The
    draws are independent, because an architecture that is drawn again is trained again.

    Raises
    ------
    NotExactError
        If the draws depend on each other: without replacement with the signal ``repeat``, or if duplicates with that
        signal are not trained again.
    """
    name = benchmark.facts.name
    if protocol.signal == "repeat" and not algorithm.replacement:
        raise NotExactError(
            [f"random_search on {name}: without replacement, expected signal = 'mean', got 'repeat'; use --signal mean"]
        )
    if protocol.signal == "repeat" and protocol.duplicates != "recharge":
        raise NotExactError(
            [
                f"random_search on {name}: with signal = 'repeat', expected duplicates = 'recharge', got"
                f" {protocol.duplicates!r}: a repeated value depends on the earlier one"
            ]
        )
    networks = find_networks(benchmark, protocol.fidelities[-1:], protocol.signal)
    _, which = np.unique(networks.observed[protocol.fidelities[-1]], return_inverse=True)
    if algorithm.replacement:
        lowest = with_replacement(np.bincount(which, networks.probability), points)
    else:
        lowest = without_replacement(np.bincount(which), points)
    return Law(points, spread(lowest, which, networks.probability), regret[networks.architecture])

"""Successive halving whose later rungs keep one network.

Such a bracket trains n networks briefly, and only the best of them longer. So its result is the lowest of n draws by
the observed error at the lowest fidelity. Brackets are independent, and the incumbent after several of them is the one
with the lowest observed error at the highest fidelity.
"""

from __future__ import annotations

import numpy as np

from algorithms.rungs import Rung
from algorithms.successive_halving import SuccessiveHalving
from benchmarks.benchmark import Benchmark
from harness.exact.errors import NotExactError
from harness.exact.laws import Law
from harness.exact.networks import Floats, Ints, Networks, find_networks
from harness.exact.order_statistics import spread, with_replacement
from harness.simulation.protocols import Protocol


def find_bracket(algorithm: SuccessiveHalving, benchmark: Benchmark, protocol: Protocol) -> list[Rung]:
    """Return the rungs of a bracket.

    Raises
    ------
    NotExactError
        If a later rung keeps more than one network: which of them survive then depends on several ranks at once.
    """
    unused = np.random.default_rng(0)
    algorithm.setup(benchmark.space, protocol.fidelities, unused, unused)
    (bracket,) = algorithm.brackets()
    if any(size > 1 for size, _ in bracket[1:]):
        sizes = ", ".join(f"{size} at {fidelity:g}" for size, fidelity in bracket)
        raise NotExactError(
            [
                f"successive_halving on {benchmark.facts.name}: expected a bracket whose later rungs keep one network,"
                f" got {sizes} epochs; use two fidelities or a larger eta"
            ]
        )
    return bracket


def successive_halving_law(
    algorithm: SuccessiveHalving, benchmark: Benchmark, protocol: Protocol, regret: Floats, points: Ints
) -> Law:
    """Return the distribution of the incumbent of successive halving, within brackets and after them.

    Within the first rung of the first bracket, the incumbent is the best so far at the lowest fidelity. Afterwards it
    is a promoted network.

    Raises
    ------
    NotExactError
        If a later rung keeps more than one network, or if the protocol does not train duplicates again or chooses the
        incumbent at any fidelity.
    """
    bracket = find_bracket(algorithm, benchmark, protocol)
    for rule, expected in (("duplicates", "recharge"), ("incumbent", "highest")):
        if (got := getattr(protocol, rule)) != expected:
            raise NotExactError(
                [f"successive_halving on {benchmark.facts.name}: expected {rule} = {expected!r}, got {got!r}"]
            )
    width, low, high = bracket[0][0], bracket[0][1], bracket[-1][1]
    networks = find_networks(benchmark, sorted({low, high}), protocol.signal)
    length = width + len(bracket) - 1
    promoted = _best(networks, low, networks.probability, np.array([width]))[0]
    begun = _best(networks, low, networks.probability, np.minimum(points, width))
    finished = _best(networks, high, promoted, np.maximum(points // length, 1))
    first = (points < length)[:, np.newaxis]
    return Law(points, np.where(first, begun, finished), regret[networks.architecture])


def _best(networks: Networks, fidelity: float, probability: Floats, draws: Ints) -> Floats:
    """Return the probability that each network is the lowest of n draws at a fidelity, ``(n_points, n_networks)``."""
    _, which = np.unique(networks.observed[fidelity], return_inverse=True)
    return spread(with_replacement(np.bincount(which, probability), draws), which, probability)

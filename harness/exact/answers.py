"""The exact answers by algorithm: the distribution of the incumbent's regret, and the refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from algorithms.base import Algorithm
from algorithms.registry import algorithm_class
from benchmarks.benchmark import Benchmark
from benchmarks.registry import resolve
from harness.exact.errors import NotExactError
from harness.exact.laws import Law
from harness.exact.networks import Floats, Ints, find_regrets
from harness.simulation.protocols import Protocol
from results.anytime.regret import log_grid

LAWS = {
    "random_search": "harness.exact.random_search:random_search_law",
    "local_search": "harness.exact.local_search:local_search_law",
    "successive_halving": "harness.exact.halving:successive_halving_law",
}
"""By algorithm, ``module:function`` of the function ``law(algorithm, benchmark, protocol, regret, points) -> Law``."""


def find_law(
    use: str, parameters: Mapping[str, Any], benchmark: Benchmark, protocol: Protocol, target: str, points: Ints
) -> Law:
    """Return the distribution of the incumbent after given numbers of evaluations.

    Parameters
    ----------
    use : str
        Registered name of the algorithm.
    parameters : mapping
        Its hyperparameters.
    benchmark : Benchmark
    protocol : Protocol
    target : str
        The true error that counts.
    points : array of int, ``(n_points,)``
        Numbers of evaluations, ascending, from 1.

    Raises
    ------
    NotExactError
        If the answer is not known without simulation.
    """
    check_protocol(use, benchmark, protocol)
    algorithm = algorithm_class(use)(**parameters)
    algorithm.check_fits(benchmark.space, protocol.fidelities, benchmark.facts.valid_range)
    law: Callable[[Algorithm, Benchmark, Protocol, Floats, Ints], Law] = resolve(LAWS[use])
    return law(algorithm, benchmark, protocol, find_regrets(benchmark, target), points)


def check_protocol(use: str, benchmark: Benchmark, protocol: Protocol) -> None:
    """Check that an algorithm has exact answers, and that the protocol counts evaluations one after another.

    Raises
    ------
    NotExactError
        If not.
    """
    at = f"{use} on {benchmark.facts.name}"
    if use not in LAWS:
        raise NotExactError([f"{at}: there is no exact answer; the algorithms that have one are {', '.join(LAWS)}"])
    problems = []
    if protocol.budget.evaluations is None:
        problems.append(
            f"{at}: expected a budget in evaluations, got {protocol.budget}; how many evaluations fit into a time"
            " depends on the architectures that are drawn, so the expectation is not known in closed form"
        )
    if protocol.workers != 1:
        problems.append(f"{at}: expected 1 worker, got {protocol.workers}; the order of completions is random else")
    if problems:
        raise NotExactError(problems)


def area_points(evaluations: int) -> Ints:
    """Return the numbers of completed evaluations at the points of the area under log regret, 0 included."""
    return np.floor(log_grid(evaluations)).astype(np.int64)


def expected_area(evaluations: Ints, logs: Floats, budget: int, start: float) -> float:
    """Return the expected area under log regret, which is that of `results.anytime.regret` [dex].

    Parameters
    ----------
    evaluations : array of int, ``(n_points,)``
        All `area_points` of the budget from 1, and others.
    logs : array, ``(n_points,)``
        Expected ``log10(max(regret, floor))`` after these evaluations [dex].
    budget : int
        In evaluations.
    start : float
        Regret before the first evaluation: that of the median architecture, or the floor if that is larger.
    """
    known = np.append(logs, np.log10(start))
    points = area_points(budget)
    where = np.where(points == 0, len(logs), np.searchsorted(evaluations, points))
    return float(known[where].mean())

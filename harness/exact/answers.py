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


def expected_area(law: Law, evaluations: int, floor: float, median_regret: float) -> float:
    """Return the expected area under log regret, which is that of `results.anytime.regret` [dex].

    Parameters
    ----------
    law : Law
        With all `area_points` from 1.
    evaluations : int
        The budget.
    floor, median_regret : float
        Facts of the target. Before the first evaluation, the regret is that of the median architecture.
    """
    logs = np.append(law.mean_log(floor), np.log10(max(median_regret, floor)))
    points = area_points(evaluations)
    where = np.where(points == 0, len(law.evaluations), np.searchsorted(law.evaluations, points))
    return float(logs[where].mean())

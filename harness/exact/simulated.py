"""Simulated trials beside exact curves, and one simultaneous band for a whole curve.

A curve of many points lies somewhere beyond three standard errors even if the simulator is right. The band therefore
bounds the largest standardised deviation of all points at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from algorithms.registry import algorithm_class
from benchmarks.benchmark import Benchmark
from harness.exact.networks import Floats, Ints, find_regrets
from harness.simulation.protocols import Protocol
from harness.simulation.trial import run_trial

SEED = 20190
"""The seed of the simulated trials, and of the resampling of the band."""

LEVEL = 0.95
RESAMPLES = 2000
NEGLIGIBLE = 1e-9
"""A standard deviation below this share of the largest one is rounding."""


def simulate_regret(
    use: str,
    parameters: Mapping[str, Any],
    benchmark: Benchmark,
    protocol: Protocol,
    target: str,
    points: Ints,
    trials: int,
) -> Floats:
    """Run trials in this process, and return the regret of the incumbent after given numbers of evaluations.

    Parameters
    ----------
    use, parameters, benchmark, protocol, target, points
        As for `harness.exact.answers.find_law`.
    trials : int

    Returns
    -------
    array, ``(trials, n_points)``
        A trial that ends early keeps its last incumbent.
    """
    regret, space = find_regrets(benchmark, target), benchmark.space
    found = np.empty((trials, len(points)))
    for trial in range(trials):
        columns = run_trial(
            algorithm_class(use)(**parameters), use, benchmark, protocol, SEED, trial
        ).columns
        held = columns["architecture"][columns["incumbent"]]
        found[trial] = regret[space.indices(held)][np.minimum(points, len(held)) - 1]
    return found


@dataclass(frozen=True)
class Agreement:
    """The comparison of a simulated mean curve with an exact one.

    Attributes
    ----------
    trials : int
    deviation : float
        The largest deviation of the simulated mean at any point, in standard errors.
    at : int
        The number of evaluations where it is.
    bound : float
        The deviation that a correct simulator exceeds in 5 % of all seeds.
    """

    trials: int
    deviation: float
    at: int
    bound: float

    @property
    def agrees(self) -> bool:
        """Whether the whole exact curve lies in the simultaneous band."""
        return self.deviation <= self.bound


def compare_curves(simulated: Floats, mean: ArrayLike, sd: ArrayLike, points: Ints) -> Agreement:
    """Compare simulated trials with an exact mean and standard deviation, at all points simultaneously.

    The bound is the quantile of the largest absolute mean of the standardised trials, with random normal weights
    (multiplier bootstrap; Chernozhukov, Chetverikov and Kato 2013, arXiv 1212.6906). The seed is fixed.

    Parameters
    ----------
    simulated : array, ``(trials, n_points)``
    mean, sd : array_like, ``(n_points,)``
        Exact. Where the standard deviation is negligible, every trial must have the mean.
    points : array of int, ``(n_points,)``
        Numbers of evaluations.
    """
    trials = len(simulated)
    mean, sd = np.asarray(mean, dtype=np.float64), np.asarray(sd, dtype=np.float64)
    scale = np.maximum(sd, NEGLIGIBLE * max(float(sd.max()), 1e-300))
    standard = (simulated - mean) / scale
    deviations = np.abs(standard.mean(axis=0)) * trials**0.5
    weights = np.random.default_rng(SEED).standard_normal((RESAMPLES, trials))
    largest = np.abs(weights @ (standard - standard.mean(axis=0))).max(axis=1) / trials**0.5
    worst = int(np.argmax(deviations))
    return Agreement(trials, float(deviations[worst]), int(points[worst]), float(np.quantile(largest, LEVEL)))

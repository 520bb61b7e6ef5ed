"""Simulated trials beside exact curves, and one simultaneous band for a whole curve.

A curve of many points lies somewhere beyond three standard errors even if the simulator is right. The band therefore
bounds the largest standardised deviation of all points at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from algorithms.registry import algorithm_class
from benchmarks.benchmark import Benchmark
from harness.exact.laws import NEGLIGIBLE, Law
from harness.exact.networks import Floats, Ints, find_regrets
from harness.simulation.protocols import Protocol
from harness.simulation.trial import run_trial

SEED = 20190
"""The seed of the simulated trials, and of the resampling of the band."""

LEVEL = 0.95
RESAMPLES = 2000
MOST_SKEWED = 0.5
"""The largest skewness of the mean of all trials at a point that is compared."""


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
        columns = run_trial(algorithm_class(use)(**parameters), use, benchmark, protocol, SEED, trial).columns
        held = columns["architecture"][columns["incumbent"]]
        found[trial] = regret[space.indices(held)][np.minimum(points, len(held)) - 1]
    return found


@dataclass(frozen=True)
class Agreement:
    """The comparison of a simulated mean curve with an exact one.

    Attributes
    ----------
    trials : int
    points : int
        Number of points that are compared. 0 if nothing varies, or if the trials are too few.
    deviation : float
        The largest deviation of the simulated mean at any of them, in standard errors, without the effect of skewness.
    at : int
        The number of evaluations where it is.
    bound : float
        The deviation that a correct simulator exceeds in 5 % of all seeds.
    """

    trials: int
    points: int
    deviation: float
    at: int
    bound: float

    @property
    def agrees(self) -> bool:
        """Whether the whole exact curve lies in the simultaneous band."""
        return self.deviation <= self.bound


def compare_curves(simulated: Floats, law: Law) -> Agreement:
    """Compare simulated trials with an exact curve, at all points simultaneously.

    A deviation z is the simulated mean minus the exact one, in exact standard errors. Regret is skewed, so z is first
    transformed to a normal variable: with the skewness of the mean ``g``, which is exact too, to ``z - g (z^2 - 1) / 6
    + g^2 z^3 / 108`` (Hall 1992, "On the removal of skewness by transformation"). Only the correlation of the points is
    estimated: the bound is the quantile of the largest absolute mean of the centred trials, scaled to unit variance,
    with random normal weights (multiplier bootstrap; Chernozhukov, Chetverikov and Kato 2013, arXiv 1212.6906). The
    seed is fixed. Points at which the mean of that number of trials is still too skewed are left out: there, a few
    rare trials decide.

    Parameters
    ----------
    simulated : array, ``(trials, n_points)``
    law : Law
        At the same points.
    """
    trials = len(simulated)
    mean, sd, skewness = law.mean(), law.sd(), law.skewness() / trials**0.5
    used = np.flatnonzero((sd > NEGLIGIBLE * sd.max()) & (np.abs(skewness) < MOST_SKEWED))
    if not len(used):
        return Agreement(trials, 0, 0.0, 0, 0.0)
    deviation = (simulated[:, used].mean(axis=0) - mean[used]) / sd[used] * trials**0.5
    g = skewness[used]
    normal = np.abs(deviation - g * (deviation**2 - 1) / 6 + g**2 * deviation**3 / 108)
    centred = simulated[:, used] - simulated[:, used].mean(axis=0)
    scale = centred.std(axis=0)
    unit = np.divide(centred, scale, out=np.zeros_like(centred), where=scale > 0)
    weights = np.random.default_rng(SEED).standard_normal((RESAMPLES, trials))
    largest = np.abs(weights @ unit).max(axis=1) / trials**0.5
    worst = int(np.argmax(normal))
    bound = float(np.quantile(largest, LEVEL))
    return Agreement(trials, len(used), float(normal[worst]), int(law.evaluations[used[worst]]), bound)

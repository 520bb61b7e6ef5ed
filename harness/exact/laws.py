"""The distribution of the incumbent's regret over trials, after each of several numbers of evaluations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.exact.networks import Floats, Ints

NEGLIGIBLE = 1e-9
"""A standard deviation up to this share of the largest one is rounding."""


@dataclass(frozen=True)
class Law:
    """The distribution of the incumbent after each of several numbers of evaluations.

    Attributes
    ----------
    evaluations : array of int, ``(n_points,)``
        Numbers of completed evaluations, ascending.
    probability : array, ``(n_points, n_outcomes)``
        Probability that the incumbent is an outcome: an architecture, or a network of one.
    regret : array, ``(n_outcomes,)``
        Regret of each outcome, in the benchmark's unit.
    """

    evaluations: Ints
    probability: Floats
    regret: Floats

    def mean(self) -> Floats:
        """Return the expected regret, ``(n_points,)``."""
        return self.probability @ self.regret

    def sd(self) -> Floats:
        """Return the standard deviation of the regret over trials, ``(n_points,)``."""
        mean = self.mean()
        centred = (self.regret - mean[:, np.newaxis]) ** 2
        deviations: Floats = np.sqrt(np.einsum("pi,pi->p", self.probability, centred))
        return deviations

    def skewness(self) -> Floats:
        """Return the skewness of the regret over trials, ``(n_points,)``; 0 where it does not vary."""
        mean, sd = self.mean(), self.sd()
        cubes = np.einsum("pi,pi->p", self.probability, (self.regret - mean[:, np.newaxis]) ** 3)
        varies = sd > NEGLIGIBLE * sd.max(initial=0.0)
        skewness: Floats = np.divide(cubes, sd**3, out=np.zeros(len(sd)), where=varies)
        return skewness

    def median(self) -> Floats:
        """Return the median regret, ``(n_points,)``: the smallest regret that at least half of the trials have."""
        order = np.argsort(self.regret, kind="stable")
        reached = np.cumsum(self.probability[:, order], axis=1)
        half = 0.5 * (1 - 1e-12)  # the sums are rounded
        medians: Floats = self.regret[order][np.argmax(reached >= half, axis=1)]
        return medians

    def mean_log(self, floor: float) -> Floats:
        """Return the expected ``log10(max(regret, floor))``, ``(n_points,)`` [dex]."""
        return self.probability @ np.log10(np.maximum(self.regret, floor))

    def at_optimum(self) -> Floats:
        """Return the probability that the incumbent has no regret, ``(n_points,)``."""
        chance: Floats = self.probability[:, self.regret == 0].sum(axis=1)
        return chance

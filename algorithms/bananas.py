"""BANANAS: Bayesian optimization with an ensemble of neural predictors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge

from algorithms.candidates import mutants
from algorithms.models.predictors import Prediction, Values
from algorithms.rounds import Rounds
from benchmarks.spaces.base import Architecture, SearchSpace


def expected_improvement(predicted: Prediction, best: float, rng: np.random.Generator) -> Values:
    """Minus the expected improvement on the best target so far, the standard deviation divided by 5 as in naszilla."""
    from scipy.special import ndtr

    sd = np.maximum(predicted.sd / 5.0, 1e-12)
    gamma = (best - predicted.mean) / sd
    density = np.exp(-0.5 * gamma**2) / np.sqrt(2.0 * np.pi)
    improvement: Values = sd * (gamma * ndtr(gamma) + density)
    return -improvement


ACQUISITIONS: dict[str, Callable[[Prediction, float, np.random.Generator], Values]] = {
    "its": lambda predicted, best, rng: rng.normal(predicted.mean, predicted.sd),
    "ei": expected_improvement,
    "ucb": lambda predicted, best, rng: predicted.mean - 0.5 * predicted.sd,
    "mean": lambda predicted, best, rng: predicted.mean,
}
"""By name, ``f(prediction, best target so far, rng)``: ``(n,)``, the least is chosen. naszilla's constants."""


@dataclass
class Bananas(Rounds):
    """Bayesian optimization with neural architectures (White et al. 2021, arXiv 1910.11858, algorithm 1).

    After an initial random design, round by round: a predictor is fitted to all that was told, candidates are made by
    mutating the best architectures so far, and those of the best acquisition are asked. No architecture is ever asked
    twice; the search ends when all were asked.

    Independent Thompson sampling (``its``) draws a value for every candidate, each on its own, from a normal
    distribution with the ensemble's mean and standard deviation, as naszilla does.

    Differences from the paper's code, naszilla: a mutation is exactly one edit of the space's genotype, where theirs
    changes each of the six operations of NAS-Bench-201 with probability 1/4, so sometimes none; mutation goes on to
    worse parents until there are enough candidates, where theirs ends after five; targets are standardised, where
    theirs are the error in percent. With several workers the first round waits for the whole initial design, and later
    ones for nobody: they are chosen from what has been told.

    A round costs time in proportion to the number of observations (their cube for ``gaussian_process``).

    Parameters
    ----------
    initial : int
        Size of the random initial design.
    picks : int
        Architectures chosen a round, the paper's k.
    predictor : {"mlp_ensemble", "random_forest", "gradient_boosting", "gaussian_process", "ridge", "binary_relation"}
    encoding : str or None
        One that the space offers; by default ``path`` where there is one, else ``one_hot``.
    target : {"none", "log_error", "logit", "rank"}
        What the predictor learns of the observed errors.
    candidates : int
        Mutants to choose from.
    parents : int
        Each of the best architectures is mutated ``candidates / parents`` times, in turn, until there are enough.
    acquisition : {"its", "ei", "ucb", "mean"}
        Independent Thompson sampling; expected improvement; lower confidence bound of half a standard deviation; mean.
    """

    version: ClassVar[int] = 1
    reference: ClassVar[str] = "White et al. 2021, arXiv 1910.11858"
    preferred_encoding: ClassVar[str] = "path"
    presets: ClassVar[dict[str, dict[str, Any]]] = {"white2021": {}}

    candidates: Annotated[int, Ge(1)] = 100
    parents: Annotated[int, Ge(1)] = 1
    acquisition: Literal["its", "ei", "ucb", "mean"] = "its"

    def check_fits(self, space: SearchSpace, fidelities: Sequence[float], error_range: tuple[float, float]) -> None:
        super().check_fits(space, fidelities, error_range)
        if (self.predictor, self.acquisition) == ("binary_relation", "ei"):
            raise ValueError("acquisition = 'ei' needs predicted errors; predictor = 'binary_relation' gives an order")

    def choose(self) -> list[Architecture]:
        """Fit, mutate, predict, and take the candidates of the least acquisition value."""
        predictor, targets = self.fitted()
        candidates = mutants(self.space, self._told, self._asked, self.candidates, self.parents, self.rng)
        predicted = predictor.predict(self.space.encode(candidates, self._encoding))
        values = ACQUISITIONS[self.acquisition](predicted, float(targets.min()), self.rng)
        return [candidates[i] for i in np.argsort(values, kind="stable")[: self.picks].tolist()]

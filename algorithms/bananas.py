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
    """Return minus the expected improvement on the best target. As in naszilla, the deviation is divided by 5."""
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
"""Acquisition functions by name: ``f(prediction, best target so far, rng)`` returns ``(n,)``; lower is better.

The constants are naszilla's.
"""


@dataclass
class Bananas(Rounds):
    """Bayesian optimization with neural architectures (White et al. 2021, arXiv 1910.11858, algorithm 1).

    The search begins with an initial random design. In every round after it, a predictor is fitted to all results, the
    best architectures so far are mutated to make candidates, and the candidates with the best acquisition values are
    asked for. No architecture is asked for twice; the search ends when all have been asked for.

    Independent Thompson sampling (``its``) draws a value for every candidate independently, from a normal distribution
    with the ensemble's mean and standard deviation, as naszilla does.

    ``white2021`` is the method of the paper, and ``naszilla`` is its published code, whose mutation changes each
    operation of NAS-Bench-201 with probability 1/4 and may return the parent. Neither is tuned.

    Differences of ``naszilla`` from the code: mutation continues with worse parents until there are enough candidates,
    whereas the code stops after five parents; the candidates are cut to ``candidates``, whereas the code keeps all
    mutants of the last parent; targets are standardised, whereas the code's are errors in percent. ``white2021`` shares
    these, and mutates by exactly one edit of the genotype.

    With several workers, the first round waits for the whole initial design. Later rounds do not wait: they are chosen
    from the results so far.

    The time of a round grows linearly with the number of observations (with their cube for ``gaussian_process``).

    Parameters
    ----------
    initial : int
        Size of the random initial design.
    picks : int
        Architectures per round, the paper's k.
    predictor : {"mlp_ensemble", "random_forest", "gradient_boosting", "gaussian_process", "ridge", "binary_relation"}
    encoding : str or None
        An encoding of the space. Default: ``path`` if the space has it, else ``one_hot``.
    target : {"none", "log_error", "logit", "rank"}
        Transform of the observed errors that the predictor is fitted to.
    candidates : int
        Number of mutants to choose from.
    parents : int
        The best architectures are mutated ``candidates / parents`` times each, until there are enough mutants.
    mutation : str
        A mutation operator of the space, see :class:`~algorithms.regularized_evolution.RegularizedEvolution`.
    acquisition : {"its", "ei", "ucb", "mean"}
        Independent Thompson sampling; expected improvement; lower confidence bound of half a standard deviation; mean.
    """

    version: ClassVar[int] = 1
    reference: ClassVar[str] = "White et al. 2021, arXiv 1910.11858"
    preferred_encoding: ClassVar[str] = "path"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "white2021": {},
        "naszilla": {"mutation": "each_position"},
    }

    candidates: Annotated[int, Ge(1)] = 100
    parents: Annotated[int, Ge(1)] = 1
    mutation: str = "one_edit"
    acquisition: Literal["its", "ei", "ucb", "mean"] = "its"

    def check_fits(self, space: SearchSpace, fidelities: Sequence[float], error_range: tuple[float, float]) -> None:
        super().check_fits(space, fidelities, error_range)
        space.mutation(self.mutation)
        if (self.predictor, self.acquisition) == ("binary_relation", "ei"):
            raise ValueError(
                "acquisition = 'ei': expected a predictor of errors, got predictor = 'binary_relation', which predicts"
                " an order"
            )

    def choose(self) -> list[Architecture]:
        """Fit the predictor, make candidates, and return those with the lowest acquisition values."""
        predictor, targets = self.fitted()
        candidates = mutants(
            self.space, self._told, self._asked, self.candidates, self.parents, self.rng, self.mutation
        )
        predicted = predictor.predict(self.space.encode(candidates, self._encoding))
        values = ACQUISITIONS[self.acquisition](predicted, float(targets.min()), self.rng)
        return [candidates[i] for i in np.argsort(values, kind="stable")[: self.picks].tolist()]

"""Optuna's samplers: the tree-structured Parzen estimator, and random search."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from annotated_types import Ge

from algorithms.adapters.base import Adapter


class OptunaStudy(Adapter):
    """An in-memory study, driven by its ``ask`` and ``tell``. Subclasses choose the sampler."""

    library: ClassVar[str] = "optuna"

    @abstractmethod
    def sampler(self) -> Any:
        """Make the sampler."""

    def start(self) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)  # otherwise, it logs every study
        self._study = optuna.create_study(sampler=self.sampler())
        self._distributions = {
            name: optuna.distributions.CategoricalDistribution(tuple(range(count)))
            for name, count in self.choices.counts.items()
        }

    def propose(self) -> Any:
        return self._study.ask(self._distributions)

    def values(self, token: Any) -> Mapping[str, Any]:
        params: Mapping[str, Any] = token.params
        return params

    def learn(self, token: Any, observed_error: float) -> None:
        self._study.tell(token, observed_error)

    def reject(self, token: Any) -> None:
        self._study.tell(token, float("inf"))  # a failed trial would teach it nothing and be proposed again


@dataclass
class OptunaTPE(OptunaStudy):
    """Optuna's tree-structured Parzen estimator (Akiba et al. 2019, arXiv 1907.10902).

    The unchanged sampler, on unordered categories. With several simulated workers, it knows the running trials and,
    with ``constant_liar``, counts them among the bad ones.

    Differences from the library: a combination that is not an architecture gets an infinite error. Hyperparameters that
    Optuna has deprecated keep their defaults.

    Parameters
    ----------
    initial : int
        Number of random trials before the model is used; Optuna's ``n_startup_trials``.
    candidates : int
        Candidates per proposal; Optuna's ``n_ei_candidates``.
    multivariate : bool
        Whether there is one density over all positions, the default since Optuna 5, or one per position.
    constant_liar : bool
        Whether running trials count as bad ones, so that proposals avoid them; the default since Optuna 5.
    """

    version: ClassVar[int] = 1
    reference: ClassVar[str] = "Akiba et al. 2019, arXiv 1907.10902"

    initial: Annotated[int, Ge(0)] = 10
    candidates: Annotated[int, Ge(1)] = 24
    multivariate: bool = True
    constant_liar: bool = True

    def sampler(self) -> Any:
        from optuna.samplers import TPESampler

        return TPESampler(
            n_startup_trials=self.initial,
            n_ei_candidates=self.candidates,
            multivariate=self.multivariate,
            constant_liar=self.constant_liar,
            seed=self.draw_seed(),
        )


@dataclass
class OptunaRandom(OptunaStudy):
    """Optuna's random search (Akiba et al. 2019, arXiv 1907.10902), with replacement.

    It differs from :class:`~algorithms.random_search.RandomSearch` only in its random draws, so it measures the
    overhead of the library.
    """

    version: ClassVar[int] = 1
    reference: ClassVar[str] = "Akiba et al. 2019, arXiv 1907.10902"

    def sampler(self) -> Any:
        from optuna.samplers import RandomSampler

        return RandomSampler(seed=self.draw_seed())

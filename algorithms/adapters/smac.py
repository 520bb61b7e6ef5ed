"""SMAC3."""

from __future__ import annotations

import logging
import math
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_types import Ge

from algorithms.adapters.base import Adapter

UNLIMITED = 10**9
"""The number of trials that SMAC is told, which it must be told."""

LEAVES = 10_000
"""Most leaves of a tree, which never has more than results; SMAC's 2 ** 20 lets scikit-learn reserve 100 MB a tree."""


@dataclass
class SMAC(Adapter):
    """SMAC3's hyperparameter optimization facade (Lindauer et al. 2022, arXiv 2109.09831).

    A Sobol design, then a random forest with log expected improvement, maximized by local search among random
    challengers; the forest is fitted anew after every eight configurations. With several simulated workers it is asked
    for the next configurations on its list before it was told of the last; running ones are not asked again, and the
    forest does not know them.

    Differences from the library: it takes the number of trials for unlimited, as no algorithm here sees the budget, so
    the initial design is not cut to a quarter of it: set ``initial``. The forest runs in one thread, and local search
    starts from its points in the order of their values: SMAC's own depends on ``PYTHONHASHSEED``. A combination that is
    no architecture is told, with the next result, as the worst error so far: SMAC cannot scale an infinite one. The
    search ends when SMAC finds nothing new to ask.

    Parameters
    ----------
    initial : int or None
        Size of the initial design; None is ten for each position, SMAC's ``n_configs_per_hyperparameter``.
    challengers : int
        Random configurations that the acquisition function sorts.
    deterministic : bool
        Whether one evaluation of a configuration is enough; by default, as in SMAC, incumbents and what challenges them
        are evaluated up to ``repeats`` times.
    repeats : int
        SMAC's ``max_config_calls``.
    """

    version: ClassVar[int] = 1
    reference: ClassVar[str] = "Lindauer et al. 2022, arXiv 2109.09831"
    library: ClassVar[str] = "smac"

    initial: Annotated[int, Ge(1)] | None = None
    challengers: Annotated[int, Ge(1)] = 10_000
    deterministic: bool = False
    repeats: Annotated[int, Ge(1)] = 3

    def start(self) -> None:
        from ConfigSpace import CategoricalHyperparameter, ConfigurationSpace
        from smac import HyperparameterOptimizationFacade as Facade
        from smac import Scenario

        self._rejected: list[Any] = []
        self._worst = -math.inf
        self._unseen = math.prod(self.choices.counts.values())
        logging.getLogger("smac").setLevel(logging.CRITICAL)
        space = ConfigurationSpace()
        space.add([CategoricalHyperparameter(name, range(count)) for name, count in self.choices.counts.items()])
        with tempfile.TemporaryDirectory() as folder:  # it writes its settings when it is made, whatever it is told
            scenario = Scenario(
                space,
                deterministic=self.deterministic,
                n_trials=UNLIMITED,
                seed=self.draw_seed(),
                output_directory=Path(folder),
            )
            maximizer = Facade.get_acquisition_maximizer(scenario, challengers=self.challengers)
            _order_start_points(maximizer._local_search)
            self._facade = Facade(
                scenario,
                model=_forest(space, scenario.seed),
                acquisition_maximizer=maximizer,
                initial_design=Facade.get_initial_design(scenario, n_configs=self.initial),
                intensifier=Facade.get_intensifier(scenario, max_config_calls=self.repeats),
                logging_level=False,
                overwrite=True,
            )

    def propose(self) -> Any:
        from smac.main.exceptions import ConfigurationSpaceExhaustedException

        if self._worst == -math.inf and not self._unseen:
            return None  # before the first result, SMAC would look for another configuration for ever
        self._unseen -= 1
        try:
            return self._facade.ask()
        except (ConfigurationSpaceExhaustedException, StopIteration):
            return None

    def values(self, token: Any) -> Mapping[str, Any]:
        values: Mapping[str, Any] = token.config
        return values

    def learn(self, token: Any, observed_error: float) -> None:
        from smac.runhistory import TrialValue

        self._worst = max(self._worst, observed_error)
        self._facade.tell(token, TrialValue(observed_error), save=False)
        for rejected in self._rejected:
            self._facade.tell(rejected, TrialValue(self._worst), save=False)
        self._rejected.clear()

    def reject(self, token: Any) -> None:
        self._rejected.append(token)


def _forest(space: Any, seed: int) -> Any:
    """The forest that the facade would make, in one thread and without memory that it never needs."""
    from smac.model.random_forest import RandomForest

    return RandomForest(
        space,
        log_y=True,
        n_trees=10,
        ratio_features=1.0,
        min_samples_split=2,
        min_samples_leaf=1,
        bootstrapping=True,
        max_leaf_nodes=LEAVES,
        n_jobs=1,
        seed=seed,
    )


def _order_start_points(local_search: Any) -> None:
    """Start in the order of the configurations; SMAC's own is that of a set of objects hashed by their text."""
    unordered = local_search._get_init_points_from_previous_configs

    def ordered(*arguments: Any) -> list[Any]:
        return sorted(unordered(*arguments), key=lambda configuration: tuple(configuration.get_array()))

    local_search._get_init_points_from_previous_configs = ordered

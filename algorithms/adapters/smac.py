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
"""Number of trials that SMAC is given, because it requires one."""

LEAVES = 10_000
"""Largest number of leaves of a tree, which never has more than results.

With SMAC's 2 ** 20, scikit-learn reserves 100 MB per tree.
"""


@dataclass
class SMAC(Adapter):
    """SMAC3's hyperparameter optimization facade (Lindauer et al. 2022, arXiv 2109.09831).

    After a Sobol design, a random forest is fitted after every eight configurations. Its log expected improvement is
    maximized by local search among random challengers. With several simulated workers, SMAC is asked for the next
    configurations on its list before it is told earlier results; running configurations are not proposed again, and the
    forest does not know them.

    Differences from the library: the number of trials is unlimited, as algorithms here do not see the budget, so the
    initial design is not cut to a quarter of it: set ``initial``. The forest runs in one thread. Local search uses its
    starting points in the order of their values, whereas SMAC's order depends on ``PYTHONHASHSEED``. A combination that
    is not an architecture gets the worst error so far, with the next result, because SMAC cannot scale an infinite
    error. The search ends when SMAC has nothing new to propose.

    Parameters
    ----------
    initial : int or None
        Size of the initial design; None for ten per position, SMAC's ``n_configs_per_hyperparameter``.
    challengers : int
        Number of random configurations that are sorted by the acquisition function.
    deterministic : bool
        Whether a configuration is evaluated only once. By default, as in SMAC, incumbents and their challengers are
        evaluated up to ``repeats`` times.
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
        with tempfile.TemporaryDirectory() as folder:  # SMAC always writes its settings
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
            return None  # without a result, SMAC would search for a new configuration forever
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
    """Return the forest that the facade would make, but in one thread and without unneeded memory."""
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
    """Sort the starting points of local search by value. SMAC takes them from a set, in the order of text hashes."""
    unordered = local_search._get_init_points_from_previous_configs

    def ordered(*arguments: Any) -> list[Any]:
        return sorted(unordered(*arguments), key=lambda configuration: tuple(configuration.get_array()))

    local_search._get_init_points_from_previous_configs = ordered

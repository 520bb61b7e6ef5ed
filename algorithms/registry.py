"""The registered algorithms. A new algorithm is a file in this package and a line here."""

from __future__ import annotations

from importlib.util import find_spec

from algorithms.base import Algorithm
from algorithms.resolving import resolve
from benchmarks.errors import UnknownNameError, unknown_name

ALGORITHMS = {
    "random_search": "algorithms.random_search:RandomSearch",
    "local_search": "algorithms.local_search:LocalSearch",
    "regularized_evolution": "algorithms.regularized_evolution:RegularizedEvolution",
    "successive_halving": "algorithms.successive_halving:SuccessiveHalving",
    "hyperband": "algorithms.hyperband:Hyperband",
    "asha": "algorithms.asha:ASHA",
    "tpe": "algorithms.tpe:TPE",
    "bohb": "algorithms.bohb:BOHB",
    "bananas": "algorithms.bananas:Bananas",
    "predictor_sampler": "algorithms.predictor_sampler:PredictorSampler",
    "reinforce": "algorithms.reinforce:Reinforce",
    "optuna_tpe": "algorithms.adapters.optuna:OptunaTPE",
    "optuna_random": "algorithms.adapters.optuna:OptunaRandom",
    "smac": "algorithms.adapters.smac:SMAC",
    "hpbandster_bohb": "algorithms.adapters.hpbandster:HpBandSterBOHB",
    "nevergrad": "algorithms.adapters.nevergrad:Nevergrad",
}
"""The algorithms by name, as ``module:class``."""


def algorithm_class(name: str) -> type[Algorithm]:
    """Import a registered algorithm.

    Raises
    ------
    UnknownNameError
        If no algorithm has that name.
    """
    if name not in ALGORITHMS:
        raise UnknownNameError(unknown_name("algorithm", name, ALGORITHMS))
    cls: type[Algorithm] = resolve(ALGORITHMS[name])
    return cls


def missing_library(cls: type[Algorithm]) -> str | None:
    """Return how to install the library that an algorithm needs, or None if nothing is missing."""
    if cls.library is None or find_spec(cls.library) is not None:
        return None
    return f"{cls.library} is not installed: pip install 'regretta[{cls.library}]'"

"""Measure how the cost of an ask grows with the number of observations, for every registered algorithm and preset.

The cost is the real time of asks and tells. An algorithm that begins with a random design of any size and then proceeds
in rounds is timed in its first round after a design of n. The others are timed around the n-th evaluation of long
trials. The fastest of several trials counts. The script prints the exponent of n, fitted to the logarithms of the
costs. It is below 1 if a part of the cost does not grow. It may exceed 1 if the algorithm's docstring says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from algorithms import ALGORITHMS, Algorithm, algorithm_class, missing_library
from algorithms.bananas import Bananas
from algorithms.models.predictors import PREDICTORS
from algorithms.rounds import Rounds
from benchmarks import load_benchmark
from harness.simulation.protocols import Budget, Protocol
from harness.simulation.trial import run_trial

SIZES = (100, 200, 400, 800)
AROUND = 50
TRIALS = 2
LIMIT = 1.15

benchmark = load_benchmark("nasbench201-cifar10-curves")


def costs(name: str, algorithm: Algorithm, evaluations: int, trial: int) -> np.ndarray:
    """Return the real time of the ask and the tell of every evaluation [s], ``(evaluations,)``."""
    facts = benchmark.facts
    protocol = Protocol(budget=Budget(evaluations=evaluations), fidelities=facts.fidelities, report=("validation@200",))
    columns = run_trial(algorithm, name, benchmark, protocol, 1, trial).columns
    return columns["ask_seconds"] + columns["tell_seconds"]


def growth(name: str, cls: type[Algorithm], parameters: dict[str, Any], trial: int) -> list[float]:
    """Return the cost of an ask [s] with 100, 200, 400 and 800 observations."""
    if issubclass(cls, Rounds):
        made = [cls(**(parameters | {"initial": n})) for n in SIZES]
        return [costs(name, one, n + one.picks, trial)[n:].mean() for n, one in zip(SIZES, made, strict=True)]
    spent = costs(name, cls(**parameters), SIZES[-1] + AROUND, trial)
    return [spent[n - AROUND : n + AROUND].mean() for n in SIZES]


def settings() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every algorithm with its defaults and presets, and BANANAS with every predictor.

    Algorithms whose library is not installed are left out, and a line says so.
    """
    for name in ALGORITHMS:
        cls, seen = algorithm_class(name), []
        if missing := missing_library(cls):
            print(f"{name:55}left out: {missing}")
            continue
        for preset, parameters in ({"defaults": {}} | cls.presets).items():
            if cls(**parameters) not in seen:
                seen.append(cls(**parameters))
                yield name, preset, parameters
    for predictor in PREDICTORS:
        if predictor != Bananas.predictor:
            yield "bananas", predictor, {"predictor": predictor}


if __name__ == "__main__":
    print(f"{'cost of an ask [ms] with observations':55}" + "".join(f"{n:>9}" for n in SIZES) + "   exponent")
    with threadpool_limits(1):
        for name, setting, parameters in settings():
            found = np.min([growth(name, algorithm_class(name), parameters, n) for n in range(TRIALS)], axis=0)
            exponent = np.polyfit(np.log(SIZES), np.log(found), 1)[0]
            says = "" if exponent <= LIMIT else "  more than linear: see its docstring"
            print(f"{name + ' ' + setting:55}" + "".join(f"{1e3 * c:9.3f}" for c in found) + f"{exponent:11.2f}{says}")

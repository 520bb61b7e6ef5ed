"""Traces of the algorithms that learn, with the predictors of their papers; as a script, to compare processes."""

from __future__ import annotations

import json
import sys

from threadpoolctl import threadpool_limits

from algorithms import algorithm_class
from benchmarks import load_benchmark
from harness.simulation.protocols import Budget, Protocol
from harness.simulation.trial import run_trial

CASES = {
    "bananas": {},
    "bananas ei forest": {"predictor": "random_forest", "acquisition": "ei", "encoding": "one_hot"},
    "bananas ucb boosting": {"predictor": "gradient_boosting", "acquisition": "ucb"},
    "bananas mean process": {"predictor": "gaussian_process", "acquisition": "mean"},
    "predictor_sampler brp": {"initial": 15, "selection": "halves", "predictor": "binary_relation"},
    "reinforce": {},
}


def traces(benchmark: str) -> dict[str, list[str]]:
    """The hashes of a short trial of every case, with two simulated workers."""
    table, found = load_benchmark(benchmark), {}
    protocol = Protocol(budget=Budget(evaluations=28), fidelities=(200.0,), workers=2, report=("validation@200",))
    with threadpool_limits(1):
        for name, parameters in CASES.items():
            use = name.partition(" ")[0]
            trial = run_trial(algorithm_class(use)(**parameters), use, table, protocol, 5, 3)
            found[name] = [trial.decisions, trial.outcomes]
    return found


if __name__ == "__main__":
    print(json.dumps(traces(sys.argv[1])))

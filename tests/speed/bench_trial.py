"""A trial of regularized evolution in the harness against a bare loop that does the same and keeps no books.

Both select, mutate and look up in the same table. The harness also keeps simulated time, records, real times and the
two hashes; no file is written. Both run the same trials in turn. The time of a trial is the shortest of all rounds, so
that other work on the machine counts little; printed are the means over the trials, and their ratio.
"""

from __future__ import annotations

from collections import deque
from time import perf_counter

import numpy as np

from algorithms.regularized_evolution import RegularizedEvolution
from benchmarks import load_benchmark
from harness.simulation.protocols import Budget, Protocol
from harness.simulation.trial import run_trial

LIMIT = 1.55
TRIALS, ROUNDS, EVALUATIONS = 10, 200, 300

benchmark = load_benchmark("nasbench201-cifar10")
protocol = Protocol(budget=Budget(evaluations=EVALUATIONS), fidelities=(200.0,), report=("validation@200",))


def bare(trial: int) -> list[tuple[tuple[int, ...], float, float]]:
    rng = np.random.default_rng(trial)
    space = benchmark.space
    alive: deque[tuple[float, tuple[int, ...]]] = deque(maxlen=10)
    history = []
    for evaluation in range(EVALUATIONS):
        if evaluation < 10:
            architecture = space.sample(rng)
        else:
            tournament = [alive[int(u * len(alive))] for u in rng.random(3).tolist()]
            architecture = space.mutate(min(tournament, key=lambda member: member[0])[1], rng)
        error, seconds, _ = benchmark.observe(architecture, 200.0, int(rng.integers(6)))
        alive.append((error, architecture))
        history.append((architecture, error, seconds))
    return history


def harness(trial: int) -> tuple[str, str]:
    record = run_trial(RegularizedEvolution(10, 3), "regularized_evolution", benchmark, protocol, 1, trial)
    return record.hashes


def seconds(function, trial: int) -> float:
    began = perf_counter()
    function(trial)
    return perf_counter() - began


if __name__ == "__main__":
    rounds = [[(seconds(bare, trial), seconds(harness, trial)) for trial in range(TRIALS)] for _ in range(ROUNDS)]
    loop, ours = np.min(rounds, axis=0).mean(axis=0)
    print(f"bare loop {loop * 1e3:.2f} ms, in the harness {ours * 1e3:.2f} ms per trial of {EVALUATIONS} evaluations")
    print(f"ratio {ours / loop:.2f}; limit: at most {LIMIT}")

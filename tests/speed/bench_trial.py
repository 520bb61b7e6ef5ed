"""A trial of regularized evolution in the harness against a bare loop that does the same and keeps no books.

Both select, mutate and look up in the same table. The harness also keeps simulated time, records, real times and the
two hashes; no file is written. Printed is the ratio of the best of several rounds, the two in turn.
"""

from __future__ import annotations

from collections import deque
from time import perf_counter

import numpy as np

from algorithms.regularized_evolution import RegularizedEvolution
from benchmarks import load_benchmark
from harness.simulation.protocols import Budget, Protocol
from harness.simulation.trial import run_trial

LIMIT = 2.0
TRIALS, ROUNDS, EVALUATIONS = 30, 9, 300

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


def seconds(function) -> float:
    began = perf_counter()
    for trial in range(TRIALS):
        function(trial)
    return (perf_counter() - began) / TRIALS


if __name__ == "__main__":
    times = np.array([(seconds(bare), seconds(harness)) for _ in range(ROUNDS)])
    ratio = float(np.median(times[:, 1] / times[:, 0]))
    print(f"bare loop {times[:, 0].min() * 1e3:.2f} ms, in the harness {times[:, 1].min() * 1e3:.2f} ms a trial of 300")
    print(f"ratio {ratio:.2f} in the median of {ROUNDS} rounds; limit: at most {LIMIT}")

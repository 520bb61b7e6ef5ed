"""Measure one ask of BOHB with 300 observations in its model, which is fitted again before each ask.

The model is that of the highest fidelity, so the trial goes on until 300 results are there. Printed is the median real
time of the asks for new networks around then; a third of them are random by the algorithm's definition, and quicker.
"""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from algorithms.bohb import BOHB
from benchmarks import load_benchmark
from harness.simulation.protocols import Budget, Protocol
from harness.simulation.trial import run_trial

LIMIT = 1e-3
OBSERVATIONS, AROUND, EVALUATIONS = 300, 25, 2_500

benchmark = load_benchmark("nasbench201-cifar10-curves")
protocol = Protocol(budget=Budget(evaluations=EVALUATIONS), fidelities=(12.0, 200.0), report=("validation@200",))

if __name__ == "__main__":
    for preset, parameters in BOHB.presets.items():
        with threadpool_limits(1):
            columns = run_trial(BOHB(**parameters), "bohb", benchmark, protocol, 1, 0).columns
        modelled = np.cumsum(columns["fidelity_to"] == protocol.fidelities[-1])
        begun = columns["fidelity_from"] == 0
        there = begun & (np.abs(modelled - OBSERVATIONS) <= AROUND)
        median = float(np.median(columns["ask_seconds"][there]))
        print(f"{preset}: {1e3 * median:.2f} ms in the median of {there.sum()} asks; limit: at most {1e3 * LIMIT:g} ms")

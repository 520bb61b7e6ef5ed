"""The cost of an evaluation of a program: two messages there, one back, through pipes."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from benchmarks import load_benchmark
from harness.entries.programs import program_class
from harness.simulation.protocols import Budget, Protocol
from harness.simulation.trial import run_trial

LIMIT = 200.0
"""Microseconds of an evaluation, ask and tell together, in the median."""

ECHO = (
    "import json, sys\n"
    "line = sys.stdin.readline()\n"
    "n = len(json.loads(line)['space']['cardinalities'])\n"
    "print(json.dumps({'type': 'ready', 'protocol': 1}), flush=True)\n"
    "for line in sys.stdin:\n"
    "    if json.loads(line)['type'] == 'ask':\n"
    "        print(json.dumps({'type': 'query', 'architecture': [0] * n}), flush=True)\n"
)


def main() -> None:
    """Print the median."""
    benchmark = load_benchmark("nasbench201-cifar10")
    protocol = Protocol(budget=Budget(evaluations=2000), fidelities=(200.0,), report=("validation@200",))
    algorithm = program_class(f'program:{sys.executable} -c "{ECHO}"', Path())()
    columns = run_trial(algorithm, "echo", benchmark, protocol, 1, 0).columns
    cost = float(np.median(columns["ask_seconds"] + columns["tell_seconds"])) * 1e6
    print(f"program guest: {cost:.0f} microseconds an evaluation in the median; limit: {LIMIT:.0f}")


if __name__ == "__main__":
    main()

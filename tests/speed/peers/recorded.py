"""The recorded table as the scripts of the peers read it, and their command line. Needs numpy alone."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from time import perf_counter, process_time

import numpy as np

OPERATIONS, EDGES = 5, 6
FULL = 200.0


class Table:
    """The errors and training times of NAS-Bench-201 on CIFAR-10.

    Attributes
    ----------
    fidelities : list of float
        In epochs, ascending.
    errors : list of list of float
        Validation errors of the recorded repeats after 200 epochs, by index of the architecture.
    curves : dict
        By fidelity, the error of each architecture; that of shorter schedules is modelled.
    seconds : dict
        By fidelity, the training time of each architecture [s].
    """

    def __init__(self, path: str) -> None:
        arrays = np.load(path)
        self.errors = [[e for e in row if e == e] for row in arrays["errors"].tolist()]
        self.fidelities = arrays["fidelities"].tolist()
        self.curves = dict(zip(self.fidelities, arrays["curves"].T.tolist(), strict=True))
        self.seconds = dict(zip(self.fidelities, arrays["seconds"].T.tolist(), strict=True))

    def index(self, operations: list[int]) -> int:
        """Return the index of an architecture, which is given by the operation on each edge."""
        found = 0
        for operation in operations:
            found = OPERATIONS * found + operation
        return found

    def query(self, operations: list[int], rng: np.random.Generator) -> float:
        """Return the error of a random recorded repeat."""
        errors = self.errors[self.index(operations)]
        return errors[int(rng.integers(len(errors)))]


Search = Callable[[Table, str, int, int], list[float]]
"""``f(table, algorithm, evaluations, seed)`` returns the observed errors in order."""


def main(search: Search) -> None:
    """Run ``SCRIPT TABLE ALGORITHM TRIALS EVALUATIONS`` and print what the race needs as one line of JSON."""
    path, algorithm, trials, evaluations = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    table = Table(path)
    began, busy = perf_counter(), process_time()
    histories = [search(table, algorithm, evaluations, trial) for trial in range(trials)]
    print(json.dumps({
        "seconds": perf_counter() - began,
        "processor": process_time() - busy,
        "evaluations": sum(map(len, histories)),
        "best": float(np.mean([min(history) for history in histories])),
        "digest": hashlib.sha256(json.dumps(histories).encode()).hexdigest(),
    }))  # fmt: skip

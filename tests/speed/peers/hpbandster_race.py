"""HpBandSter's BOHB with its name server and one worker in a thread, as its examples run it on one machine."""

from __future__ import annotations

import logging

import ConfigSpace as CS
import hpbandster.core.nameserver as hpns
import numpy as np
from hpbandster.core.worker import Worker
from hpbandster.optimizers import BOHB
from recorded import EDGES, Table, main

ETA = 3.0


class Lookup(Worker):
    """Answers from the table, at the smallest fidelity that is at least the budget."""

    def __init__(self, table: Table, **given) -> None:
        super().__init__(**given)
        self.table, self.errors = table, []

    def compute(self, config, budget, **given):
        index = self.table.index([int(config[f"edge{i}"]) for i in range(EDGES)])
        fidelity = min(f for f in self.table.fidelities if f >= budget - 1e-6)
        self.errors.append(self.table.curves[fidelity][index])
        return {"loss": self.errors[-1], "info": None}


def search(table: Table, algorithm: str, evaluations: int, seed: int) -> list[float]:
    np.random.seed(seed)  # noqa: NPY002 - the library draws from the global state
    space = CS.ConfigurationSpace(seed=seed)
    space.add_hyperparameters([CS.CategoricalHyperparameter(f"edge{i}", list("01234")) for i in range(EDGES)])
    run = f"race-{seed}"
    server = hpns.NameServer(run_id=run, host="127.0.0.1", port=0)
    host, port = server.start()
    worker = Lookup(table, nameserver=host, nameserver_port=port, run_id=run)
    worker.run(background=True)
    low, high = table.fidelities[0], table.fidelities[-1]
    bohb = BOHB(
        configspace=space,
        run_id=run,
        nameserver=host,
        nameserver_port=port,
        eta=ETA,
        min_budget=low,
        max_budget=high,
        ping_interval=1,
    )
    brackets, total, rungs = 0, 0, bohb.max_SH_iter
    while total < evaluations:  # a bracket of the library is never cut
        last = rungs - 1 - brackets % rungs
        first = int(rungs / (last + 1)) * ETA**last
        total += sum(max(int(first * ETA**-i), 1) for i in range(last + 1))
        brackets += 1
    bohb.run(n_iterations=brackets)
    bohb.shutdown(shutdown_workers=True)
    server.shutdown()
    return worker.errors


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    main(search)

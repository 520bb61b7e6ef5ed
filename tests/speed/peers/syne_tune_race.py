"""Syne Tune's simulator backend: random search and regularized evolution on its simulated clock, one worker."""

from __future__ import annotations

import logging
import os
import tempfile
from itertools import product

import numpy as np
import pandas as pd
from recorded import EDGES, FULL, OPERATIONS, Table, main
from syne_tune import StoppingCriterion, Tuner
from syne_tune.backend.simulator_backend.simulator_callback import SimulatorCallback
from syne_tune.blackbox_repository.blackbox_tabular import BlackboxTabular
from syne_tune.blackbox_repository.simulated_tabular_backend import UserBlackboxBackend
from syne_tune.config_space import choice, randint
from syne_tune.optimizer.baselines import REA, RandomSearch

NAMES = [f"edge{i}" for i in range(EDGES)]
SPACE = {name: choice(list(range(OPERATIONS))) for name in NAMES}


def blackbox_of(table: Table) -> BlackboxTabular:
    """Return the table in Syne Tune's form. A missing repeat counts as the one before it."""
    genotypes = pd.DataFrame(list(product(range(OPERATIONS), repeat=EDGES)), columns=NAMES)
    errors = np.array([(found * 3)[:3] for found in table.errors])
    seconds = np.repeat(np.array(table.seconds[FULL])[:, None], 3, axis=1)
    return BlackboxTabular(
        genotypes, SPACE, {"epoch": randint(1, 1)}, np.stack([errors, seconds], axis=-1)[:, :, None],
        fidelity_values=np.array([1]), objectives_names=["error", "elapsed"],
    )  # fmt: skip


blackboxes: list[BlackboxTabular] = []


def search(table: Table, algorithm: str, evaluations: int, seed: int) -> list[float]:
    blackboxes[:] = blackboxes or [blackbox_of(table)]
    if algorithm == "random":
        scheduler = RandomSearch(SPACE, metrics=["error"], random_seed=seed)
    else:
        scheduler = REA(SPACE, metric="error", random_seed=seed, population_size=10, sample_size=3)
    np.random.seed(seed)  # noqa: NPY002 - the blackbox draws the repeat from the global state
    callback = SimulatorCallback()
    tuner = Tuner(
        UserBlackboxBackend(blackboxes[0], "elapsed"), scheduler,
        StoppingCriterion(max_num_trials_completed=evaluations), n_workers=1, sleep_time=0, callbacks=[callback],
        save_tuner=False, suffix_tuner_name=False, tuner_name=f"race-{algorithm}-{seed}",
    )  # fmt: skip
    tuner.run()
    return [result["error"] for result in callback.results]


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SYNETUNE_FOLDER"] = folder
        main(search)

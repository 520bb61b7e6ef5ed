"""Optuna: random search and TPE, a study in memory per trial."""

from __future__ import annotations

import numpy as np
import optuna
from recorded import EDGES, OPERATIONS, Table, main

SAMPLERS = {"random": optuna.samplers.RandomSampler, "TPE": optuna.samplers.TPESampler}


def search(table: Table, algorithm: str, evaluations: int, seed: int) -> list[float]:
    rng = np.random.default_rng(seed)
    study = optuna.create_study(sampler=SAMPLERS[algorithm](seed=seed))

    def objective(trial: optuna.Trial) -> float:
        operations = [trial.suggest_categorical(f"edge{i}", range(OPERATIONS)) for i in range(EDGES)]
        return table.query(operations, rng)

    study.optimize(objective, n_trials=evaluations)
    return [trial.value for trial in study.trials]


if __name__ == "__main__":
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    main(search)

"""Two tests of surrogates on a table where the truth is known, after Zela et al. 2022 (arXiv 2008.09777)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from algorithms.registry import algorithm_class
from benchmarks.benchmark import Target
from benchmarks.errors import BenchmarkError
from benchmarks.table import TableBenchmark
from harness.simulation.protocols import Budget, resolve_protocol
from harness.simulation.trial import run_trial
from harness.surrogates.fitting import Recipe, Regression, encoded, fit_surrogate
from results.storage.records import INCUMBENT

Floats = NDArray[np.float64]

ENTRANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "random search": ("random_search", {}),
    "local search": ("local_search", {}),
    "evolution 30/10": ("regularized_evolution", {"population": 30, "sample": 10}),
    "TPE": ("tpe", {}),
    "REINFORCE": ("reinforce", {}),
    "predictor sampler": (
        "predictor_sampler",
        {"initial": 10, "picks": 10, "predictor": "ridge", "pool": "mutate_best", "pool_size": 100},
    ),
}
"""By label, the algorithm and its parameters of the first test."""

FOLDS = 5


def trajectories(table: TableBenchmark, recipe: Recipe, trials: int, evaluations: int, seed: int) -> pd.DataFrame:
    """Race the same algorithms on a table, and on a surrogate that was fitted to a part of it.

    Both are called the same, so that a trial has the same random streams on both.

    Returns
    -------
    DataFrame
        ``benchmark`` ("table" or "surrogate"), ``algorithm``, ``trial``, ``evaluation`` from 1, and ``error``, the
        incumbent's true error on the benchmark that was searched.
    """
    surrogate = fit_surrogate(table, recipe)
    modelled = surrogate.tabulate(table.facts.name, table.space, table.recorded(), table.index)
    protocol = resolve_protocol("standard", {}, Budget(evaluations=evaluations), table.facts)
    protocol = protocol.model_copy(update={"fidelities": table.facts.fidelities[-1:]})
    column = INCUMBENT + str(Target("validation", table.facts.fidelities[-1]))
    frames = []
    for which, benchmark in (("table", table), ("surrogate", modelled)):
        for label, (use, parameters) in ENTRANTS.items():
            for trial in range(trials):
                record = run_trial(algorithm_class(use)(**parameters), use, benchmark, protocol, seed, trial)
                found = record.columns[column]
                errors = np.pad(found, (0, evaluations - len(found)), mode="edge")  # one that is done keeps its last
                frames.append(
                    pd.DataFrame(
                        {
                            "benchmark": which,
                            "algorithm": label,
                            "trial": trial,
                            "evaluation": np.arange(1, len(errors) + 1),
                            "error": errors,
                        }
                    )
                )
    return pd.concat(frames, ignore_index=True)


def compare_trajectories(curves: pd.DataFrame) -> dict[str, Any]:
    """Compare the mean curves on the surrogate with those on the table.

    Returns
    -------
    dict
        ``algorithms``: by label, the ``distance`` of the two mean curves, the mean over all evaluations of its absolute
        value, the mean ``end`` errors on both, and the ``standard_error`` of that on the table. ``order`` on both, from
        the lowest mean end error, and ``kendall`` between them. All errors in the benchmark's unit.
    """
    means = curves.groupby(["benchmark", "algorithm", "evaluation"])["error"].mean().unstack("evaluation")
    table, surrogate = means.loc["table"], means.loc["surrogate"]
    last = curves["evaluation"] == curves["evaluation"].max()
    ends = curves[last & (curves["benchmark"] == "table")].groupby("algorithm")["error"]
    report = {
        str(label): {
            "distance": float((surrogate.loc[label] - table.loc[label]).abs().mean()),
            "end_table": float(table.loc[label].iloc[-1]),
            "end_surrogate": float(surrogate.loc[label].iloc[-1]),
            "standard_error": float(ends.get_group(label).sem()),
        }
        for label in table.index
    }
    finals = [
        pd.Series({label: found[key] for label, found in report.items()}) for key in ("end_table", "end_surrogate")
    ]
    return {
        "algorithms": report,
        "order": {
            which: [str(label) for label in final.sort_values(kind="stable").index]
            for which, final in zip(("table", "surrogate"), finals, strict=True)
        },
        "kendall": float(stats.kendalltau(*(final.to_numpy() for final in finals)).statistic),
    }


def single_runs(table: TableBenchmark, recipe: Recipe) -> dict[str, Any]:
    """Compare single runs, and a surrogate fitted to them, with the mean of the other runs of an architecture.

    Of every architecture that was trained more than once one run is drawn; the mean of the others stands for the truth.
    The surrogate is fitted to the drawn runs: to all of them (``fitted``, which may smooth what it has seen), and in
    five folds (``held_out``, which predicts what it has not). Runs and folds are the same for all models.

    Returns
    -------
    dict
        ``architectures``, and the mean absolute differences ``single_run``, ``fitted``, ``held_out`` from
        the mean of the others, in the benchmark's unit; the same over the ``better_half`` of the architectures, by the
        mean of all their runs.

    Raises
    ------
    BenchmarkError
        If no architecture has two runs.
    """
    fidelity = table.facts.fidelities[-1]
    genotypes = table.recorded()
    repeats = table.errors(genotypes, fidelity)
    counts = np.isfinite(repeats).sum(axis=1)
    several = counts >= 2
    if not several.any():
        raise BenchmarkError(f"{table.facts.name} has no architecture with several runs; choose another table")
    runs, counts = repeats[several], counts[several]
    drawn = recipe.split("single runs", table.facts.name).integers(counts)  # the recorded repeats come first
    single = runs[np.arange(len(runs)), drawn]
    others = (np.nansum(runs, axis=1) - single) / (counts - 1)
    features = np.concatenate(list(encoded(table.space, genotypes[several], recipe)))
    fitted = _predict(recipe, ("single", "all"), features, single, features)
    held_out = np.empty(len(runs))
    fold = recipe.split("folds", table.facts.name).permutation(len(runs)) % FOLDS
    for number in range(FOLDS):
        out = fold == number
        held_out[out] = _predict(recipe, ("single", number), features[~out], single[~out], features[out])
    differences = {"single_run": single, "fitted": fitted, "held_out": held_out}
    distances = {name: np.abs(values - others) for name, values in differences.items()}
    means = np.nanmean(runs, axis=1)
    better = means <= np.median(means)
    return {
        "architectures": len(runs),
        **{name: float(values.mean()) for name, values in distances.items()},
        "better_half": {name: float(values[better].mean()) for name, values in distances.items()},
    }


def _predict(
    recipe: Recipe,
    purpose: Sequence[str | int],
    features: NDArray[np.float32],
    values: Floats,
    wanted: NDArray[np.float32],
) -> Floats:
    return Regression(recipe, purpose, features, values).predict(wanted).mean

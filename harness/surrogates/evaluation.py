"""Tests (a) and (b) of surrogates on a recorded table, after Zela et al. 2022 (arXiv 2008.09777).

The table holds the truth that the surrogate is compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from algorithms.registry import algorithm_class
from benchmarks.table import TableBenchmark
from harness.simulation.protocols import Budget, resolve_protocol
from harness.simulation.trial import run_trial
from harness.surrogates.fitting import Recipe, Regression, encoded, fit_surrogate
from harness.surrogates.types import CurveComparison, Distances, Orders, SingleRunComparison, TrajectoryComparison
from results.storage.records import INCUMBENT

Floats = NDArray[np.float64]

ENTRIES: dict[str, tuple[str, dict[str, Any]]] = {
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
"""The algorithms of the first test, with their hyperparameters, by label."""

FOLDS = 5
"""Number of folds of the second test."""


def trajectories(table: TableBenchmark, recipe: Recipe, trials: int, evaluations: int, seed: int) -> pd.DataFrame:
    """Race the same algorithms on a table and on a surrogate that is fitted to a part of it.

    Both benchmarks have the same name, so that a trial has the same random streams on both.

    Returns
    -------
    DataFrame
        One row per evaluation, with the columns ``benchmark`` ("table" or "surrogate"), ``algorithm``, ``trial``,
        ``evaluation`` (from 1), ``error``: the incumbent's true error on the benchmark that is searched, and ``row``:
        the row of the table that has the evaluated architecture. A trial that is done keeps its last values.
    """
    surrogate = fit_surrogate(table, recipe)
    modelled = surrogate.tabulate(table.facts.name, table.space, table.recorded(), table.index)
    protocol = resolve_protocol("standard", {}, Budget(evaluations=evaluations), table.facts)
    protocol = protocol.model_copy(update={"fidelities": table.facts.fidelities[-1:]})
    column = INCUMBENT + table.facts.target(table.facts.fidelities[-1])
    rows, frames = table.index or table.space, []
    for which, benchmark in (("table", table), ("surrogate", modelled)):
        for label, (use, parameters) in ENTRIES.items():
            for trial in range(trials):
                record = run_trial(algorithm_class(use)(**parameters), use, benchmark, protocol, seed, trial)
                missing = (0, evaluations - len(record.columns[column]))
                errors = np.pad(record.columns[column], missing, mode="edge")
                searched = np.pad(rows.indices(record.columns["architecture"]), missing, mode="edge")
                frames.append(
                    pd.DataFrame(
                        {
                            "benchmark": which,
                            "algorithm": label,
                            "trial": trial,
                            "evaluation": np.arange(1, len(errors) + 1),
                            "error": errors,
                            "row": searched,
                        }
                    )
                )
    return pd.concat(frames, ignore_index=True)


def compare_trajectories(curves: pd.DataFrame) -> TrajectoryComparison:
    """Compare the mean curves on the surrogate with those on the table.

    Parameters
    ----------
    curves : DataFrame
        As :func:`trajectories` returns it.
    """
    means = curves.groupby(["benchmark", "algorithm", "evaluation"])["error"].mean().unstack("evaluation")
    table, surrogate = means.loc["table"], means.loc["surrogate"]
    last = curves["evaluation"] == curves["evaluation"].max()
    ends = curves[last & (curves["benchmark"] == "table")].groupby("algorithm")["error"]
    report = {
        str(label): CurveComparison(
            distance=float((surrogate.loc[label] - table.loc[label]).abs().mean()),
            end_table=float(table.loc[label].iloc[-1]),
            end_surrogate=float(surrogate.loc[label].iloc[-1]),
            standard_error=float(ends.get_group(label).sem()),
        )
        for label in table.index
    }
    on_table = {label: found.end_table for label, found in report.items()}
    on_surrogate = {label: found.end_surrogate for label, found in report.items()}
    order = Orders(sorted(on_table, key=on_table.__getitem__), sorted(on_surrogate, key=on_surrogate.__getitem__))
    tau = float(stats.kendalltau([*on_table.values()], [*on_surrogate.values()]).statistic)
    return TrajectoryComparison(report, order, tau)


def single_runs(table: TableBenchmark, recipe: Recipe) -> SingleRunComparison | None:
    """Compare single runs, and surrogates fitted to them, with the mean of the other runs of an architecture.

    One run is drawn from each architecture that was trained more than once. The mean of its other runs is taken as the
    truth. A surrogate is fitted to all drawn runs (``fitted``); it smooths values that it has seen. Others are fitted
    in five folds (``held_out``); they predict values that they have not seen. Runs and folds are the same for all
    models.

    Returns
    -------
    SingleRunComparison or None
        None if no architecture has two runs.
    """
    fidelity = table.facts.fidelities[-1]
    genotypes = table.recorded()
    repeats = table.errors(genotypes, fidelity)
    counts = np.isfinite(repeats).sum(axis=1)
    several = counts >= 2
    if not several.any():
        return None
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
    return SingleRunComparison(
        architectures=len(runs),
        **{name: float(values.mean()) for name, values in distances.items()},
        better_half=Distances(**{name: float(values[better].mean()) for name, values in distances.items()}),
    )


def _predict(
    recipe: Recipe,
    purpose: Sequence[str | int],
    features: NDArray[np.float32],
    values: Floats,
    wanted: NDArray[np.float32],
) -> Floats:
    return Regression(recipe, purpose, features, values).predict(wanted).mean

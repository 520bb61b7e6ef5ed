"""Test (c) of surrogates: predict what one algorithm searches from what the others searched.

Zela et al. 2022 (arXiv 2008.09777) call it leave-one-optimizer-out. A surrogate is fitted to architectures that some
algorithms chose, and is then searched by another one, which may go where nobody was before.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from benchmarks.table import TableBenchmark
from harness.surrogates.fitting import Recipe, Regression, encoded
from harness.surrogates.metrics import Floats, agreement
from harness.surrogates.report import precision
from harness.surrogates.types import LeftOut

Rows = NDArray[np.int64]

FEWEST = 20
"""An algorithm with fewer architectures to test on is not judged."""
RESAMPLES = 200


def leave_one_optimizer_out(table: TableBenchmark, recipe: Recipe, curves: pd.DataFrame) -> dict[str, LeftOut]:
    """Leave out each algorithm in turn.

    A model is fitted to architectures that the other algorithms searched on the table, at most as many as the recipe
    says, drawn at random. It is tested on those of the left-out algorithm that it was not fitted to. Another model is
    fitted to as many random architectures of the table and tested on the same ones. All values are mean errors.

    Parameters
    ----------
    table : TableBenchmark
    recipe : Recipe
    curves : DataFrame
        As `harness.surrogates.evaluation.trajectories` returns it.

    Returns
    -------
    dict
        By label of the left-out algorithm. Algorithms with fewer than 20 architectures to test on are left out.
    """
    on_table = curves[curves["benchmark"] == "table"]
    searched = {str(label): np.unique(rows) for label, rows in on_table.groupby("algorithm", sort=False)["row"]}
    genotypes = table.recorded()
    target = table.facts.target(table.facts.fidelities[-1])
    values = table.true_errors(genotypes, target)
    features = np.concatenate(list(encoded(table.space, genotypes, recipe)))
    step = precision(table.facts.targets[target], table.facts)
    found = {}
    for label, own in searched.items():
        others = np.unique(np.concatenate([rows for other, rows in searched.items() if other != label]))
        fitted, tested = _parts(recipe, (table.facts.name, label), own, others)
        rest = np.setdiff1d(np.arange(len(values)), tested)
        if len(tested) < FEWEST or len(rest) < len(fitted):
            continue
        random = np.sort(_drawn(recipe, ("random", table.facts.name, label), rest, len(fitted)))
        predicted = {
            kind: Regression(recipe, (table.facts.name, label, kind), features[rows], values[rows])
            .predict(features[tested])
            .mean
            for kind, rows in (("trajectories", fitted), ("random", random))
        }
        recorded = values[tested]
        difference, low, high = _difference(recipe, label, recorded, predicted["trajectories"], predicted["random"])
        found[label] = LeftOut(
            fitted=len(fitted),
            tested=len(tested),
            shared=float(np.isin(own, others).mean()),
            trajectories=agreement(recorded, predicted["trajectories"], step),
            random=agreement(recorded, predicted["random"], step),
            difference=difference,
            difference_low=low,
            difference_high=high,
        )
    return found


def _parts(recipe: Recipe, purpose: tuple[str, str], own: Rows, others: Rows) -> tuple[Rows, Rows]:
    """Return the rows of the other algorithms that a model is fitted to, and the rows that it is tested on."""
    most = len(others) if recipe.train is None else min(recipe.train, len(others))
    fitted = np.sort(_drawn(recipe, ("others", *purpose), others, most))
    return fitted, np.setdiff1d(own, fitted)


def _drawn(recipe: Recipe, purpose: tuple[str, ...], rows: Rows, number: int) -> Rows:
    return recipe.split(*purpose).permutation(rows)[:number]


def _difference(
    recipe: Recipe, label: str, recorded: Floats, first: Floats, second: Floats
) -> tuple[float | None, float | None, float | None]:
    """Return the difference of two models' Kendall's tau, with its interval; None if one is undefined."""
    if min(np.ptp(recorded), np.ptp(first), np.ptp(second)) == 0:
        return None, None, None
    rng = recipe.split("left out", label)
    n = len(recorded)

    def difference(rows: Rows) -> float:
        taus = [stats.kendalltau(recorded[rows], predicted[rows]).statistic for predicted in (first, second)]
        return float(taus[0] - taus[1])

    resampled = [difference(rng.integers(n, size=n)) for _ in range(RESAMPLES)]
    low, high = np.nanquantile(resampled, [0.025, 0.975])
    return difference(np.arange(n)), float(low), float(high)

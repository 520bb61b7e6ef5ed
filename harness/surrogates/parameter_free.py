"""Test (d) of surrogates: the error of the predictions by the number of operations without weights.

Zela et al. 2022 (arXiv 2008.09777) look at cells with many skip connections and poolings, which train badly and which
algorithms for black boxes seldom search.
"""

from __future__ import annotations

import numpy as np

from benchmarks.table import TableBenchmark
from harness.surrogates.fitting import Recipe, Regression, encoded, training_rows
from harness.surrogates.metrics import agreement
from harness.surrogates.report import precision
from harness.surrogates.types import ParameterFreeLevel


def errors_by_parameter_free(table: TableBenchmark, recipe: Recipe) -> list[ParameterFreeLevel] | None:
    """Fit the surrogate of test (a), and judge it by the number of parameter-free operations.

    Returns
    -------
    list of ParameterFreeLevel or None
        Ascending; levels to which all architectures are fitted are left out. None if the space names no such operation.
    """
    genotypes = table.recorded()
    counts = table.space.operations(genotypes).parameter_free()
    if counts is None:
        return None
    target = table.facts.target(table.facts.fidelities[-1])
    values = table.true_errors(genotypes, target)
    features = np.concatenate(list(encoded(table.space, genotypes, recipe)))
    fitted = np.isin(np.arange(len(values)), training_rows(table, recipe))
    predicted = Regression(recipe, (table.facts.name, target), features[fitted], values[fitted]).predict(features).mean
    step = precision(table.facts.targets[target], table.facts)
    levels = []
    for count in np.unique(counts).tolist():
        rows = (counts == count) & ~fitted
        if rows.any():
            found = agreement(values[rows], predicted[rows], step)
            levels.append(
                ParameterFreeLevel(
                    operations=count,
                    architectures=int(rows.sum()),
                    fitted=int((fitted & (counts == count)).sum()),
                    error=float(values[rows].mean()),
                    predicted=float(predicted[rows].mean()),
                    mean_absolute_error=found.mean_absolute_error,
                    kendall=found.kendall,
                )
            )
    return levels

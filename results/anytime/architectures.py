"""The architectures that the trials of a study ended with."""

from __future__ import annotations

import numpy as np
import pandas as pd

from results.anytime.comparisons import Comparison, comparisons
from results.storage.completed import completed_order
from results.storage.loading import load
from results.storage.study import INCUMBENT, Cell, Study

_ARCHITECTURE = "architecture"


def winners(study: Study, target: str | None = None) -> pd.DataFrame:
    """Return the architecture that each trial ended with.

    Parameters
    ----------
    study : Study
    target : str, optional
        The true error that is shown. Default: the first reported target of each benchmark.

    Returns
    -------
    DataFrame
        One row per trial that completed an evaluation: ``benchmark, label, trial, architecture`` (a tuple of int) and
        ``error`` (the true error, in the benchmark's unit). ``load_benchmark(name).space.to_string(architecture)``
        writes an architecture as the literature does.

    Raises
    ------
    ResultsError
        As `results.anytime.comparisons.comparisons`, and if a file of the results folder is damaged.
    """
    frames = [final_architectures(study, one).assign(benchmark=one.benchmark) for one in comparisons(study, target)]
    columns = ["benchmark", "label", "trial", _ARCHITECTURE, "error"]
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def final_architectures(study: Study, comparison: Comparison) -> pd.DataFrame:
    """Return the final incumbent of each trial of a benchmark.

    The architectures are read from the results folder, because a study does not hold them. Evaluations that ended after
    the budget and were kept count, as in `results.anytime.regret.end_regret`.

    Parameters
    ----------
    study : Study
    comparison : Comparison
        The benchmark, and the true error that is reported.

    Returns
    -------
    DataFrame
        One row per trial that completed an evaluation: ``label, trial, architecture`` (the genotype, a tuple of int),
        ``error`` (true error of the comparison's target, in the benchmark's unit).

    Raises
    ------
    ResultsError
        If a file of the results folder is damaged.
    """
    column = INCUMBENT + comparison.target
    columns = ["label", "trial", _ARCHITECTURE, "error"]
    present = list(comparison.present)
    absent = {cell.id for cell in present if _ARCHITECTURE not in cell.evaluations}
    if absent:
        needed = [_ARCHITECTURE, "end", "status", "incumbent", column]
        read = {cell.id: cell for cell in load(study.directory, needed, absent).cells}
        present = [read.get(cell.id, cell) for cell in present]
    frames = [_finals(cell, column).assign(label=cell.label) for cell in present]
    found = [frame[columns] for frame in frames if len(frame)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


def _finals(cell: Cell, column: str) -> pd.DataFrame:
    rows = cell.evaluations
    completed = rows.iloc[completed_order(rows)]
    last = completed.groupby("trial", sort=True).tail(1).set_index(["trial", "incumbent"])
    held = rows.set_index(["trial", "number"])[_ARCHITECTURE].reindex(last.index)
    genotypes = [tuple(int(value) for value in genotype) for genotype in held]
    errors = last[column].to_numpy(np.float64)
    return pd.DataFrame({"trial": last.index.get_level_values(0), _ARCHITECTURE: genotypes, "error": errors})

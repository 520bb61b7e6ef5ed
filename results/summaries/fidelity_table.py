"""The budget spent at each fidelity, as a table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from results.anytime.comparisons import comparisons
from results.storage.study import Cell, Study

_COLUMNS = ["benchmark", "label", "fidelity", "evaluations", "seconds", "share", "n_trials"]


def fidelity_data(study: Study) -> pd.DataFrame:
    """Return the budget spent at each fidelity.

    Returns
    -------
    DataFrame
        One row per fidelity that was used: ``benchmark, label, fidelity`` (epochs), ``evaluations, seconds`` (per
        trial: mean number of evaluations begun, and mean simulated time charged within the budget [s], NaN without
        recorded times), ``share`` (of all that the algorithm was charged: of time, or of evaluations without recorded
        times), ``n_trials``.
    """
    frames = [
        _spent(cell, timed=bool(study.benchmarks[comparison.benchmark]["has_seconds"]))
        for comparison in comparisons(study)
        for cell in comparison.present
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_COLUMNS)


def _spent(cell: Cell, timed: bool) -> pd.DataFrame:
    rows, n_trials = cell.evaluations, len(cell.trials)
    budget = cell.protocol["budget"].get("seconds", np.inf)
    charged = (rows["end"].clip(upper=budget) - rows["start"]).clip(upper=rows["charged_seconds"])
    groups = charged.groupby(rows["fidelity_to"])
    evaluations, total = groups.size() / n_trials, groups.sum() / n_trials
    share = total if timed else evaluations
    spent = pd.DataFrame(
        {"evaluations": evaluations, "seconds": total if timed else np.nan, "share": share / share.sum()}
    )
    spent = spent.assign(benchmark=cell.benchmark, label=cell.label, n_trials=n_trials)
    table: pd.DataFrame = spent.rename_axis("fidelity").reset_index()[_COLUMNS]
    return table

"""Ranks of algorithms within trials: at the end, and over time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd


def average_ranks(values: pd.DataFrame) -> tuple[pd.Series[float], int]:
    """Rank the algorithms within each trial that all of them have, and average over the trials.

    Rank 1 is the best. Ties share their mean rank.

    Parameters
    ----------
    values : (n_trials, n_algorithms) DataFrame
        Indexed by trial, one column per algorithm; lower is better. NaN where a trial is missing.

    Returns
    -------
    ranks : Series
        Indexed by algorithm. NaN for an algorithm without trials, which is left out, and for all algorithms if they
        have no trial in common.
    n_trials : int
        The number of common trials.
    """
    taking_part = values.dropna(axis="columns", how="all")
    common = taking_part.dropna(axis="index", how="any")
    ranks = common.rank(axis="columns", method="average").mean(axis="index")
    return ranks.reindex(values.columns), len(common)


def rank_curves(curves: Mapping[str, pd.DataFrame], floor: float) -> dict[str, pd.DataFrame]:
    """Rank the algorithms at every point, within each trial that all of them have.

    ``rank_a(i, x) = 1 + #{b : r_b(i, x) < r_a(i, x)} + #{b != a : r_b(i, x) = r_a(i, x)} / 2``, where r is the regret,
    or the floor where the regret is lower: differences below the noise are ties. The mean over trials tells which
    algorithm is usually ahead, but not by how much, and it depends on the set of algorithms.

    Parameters
    ----------
    curves : mapping
        By algorithm: regret (n_trials, n_points) on one grid, indexed by trial. An algorithm without trials is left
        out.
    floor : float
        The noise floor, in the unit of the regret.

    Returns
    -------
    dict
        By algorithm that was not left out: ranks (n_common_trials, n_points), 1 is the best. NaN at the points at
        which any algorithm's regret is undefined in the trial.
    """
    taking_part = {label: frame for label, frame in curves.items() if len(frame)}
    if not taking_part:
        return {}
    first, *others = taking_part.values()
    common = first.index
    for frame in others:
        common = common.intersection(frame.index)
    stacked = np.stack([np.maximum(frame.loc[common].to_numpy(), floor) for frame in taking_part.values()])
    undefined = np.isnan(stacked).any(axis=0)
    found = {}
    for label, own in zip(taking_part, stacked, strict=True):
        ranks = 0.5 + (stacked < own).sum(axis=0) + (stacked == own).sum(axis=0) / 2
        found[label] = pd.DataFrame(np.where(undefined, np.nan, ranks), index=common, columns=first.columns)
    return found

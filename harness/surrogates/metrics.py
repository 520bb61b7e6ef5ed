"""How far to trust a surrogate: the figures of merit of its predictions, on architectures it was not fitted to."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

LEVELS = (0.5, 0.8, 0.95)
"""Nominal shares of the records that central intervals of the prediction should hold."""


def agreement(recorded: Floats, predicted: Floats, precision: float) -> dict[str, float | None]:
    """Compare predictions with records, each ``(n,)``.

    Parameters
    ----------
    recorded, predicted : array
        In the benchmark's unit.
    precision : float
        The step to which predictions are rounded for the sparse Kendall tau, in the same unit.

    Returns
    -------
    dict
        ``r2``, the coefficient of determination; ``kendall`` and ``spearman``; ``sparse_kendall``, Kendall's tau-b
        with the predictions rounded, so that the order of what is predicted alike does not count (Yu et al. 2020,
        arXiv 1902.08142; as in Zela et al. 2022); ``mean_absolute_error``. None where it is not defined, as for a
        constant.
    """
    residual, total = np.square(recorded - predicted).sum(), np.square(recorded - recorded.mean()).sum()
    constant = np.ptp(predicted) == 0 or total == 0
    rounded = np.round(predicted / precision)
    return {
        "r2": None if total == 0 else float(1.0 - residual / total),
        "kendall": None if constant else _finite(stats.kendalltau(recorded, predicted).statistic),
        "sparse_kendall": None if np.ptp(rounded) == 0 else _finite(stats.kendalltau(recorded, rounded).statistic),
        "spearman": None if constant else _finite(stats.spearmanr(recorded, predicted).statistic),
        "mean_absolute_error": float(np.abs(recorded - predicted).mean()),
    }


def calibration(recorded: Floats, predicted: Floats, sd: Floats) -> dict[str, float | None]:
    """Say how well a predicted standard deviation describes the errors of the predictions, all ``(n,)``.

    Returns
    -------
    dict
        ``coverage_50``, ``coverage_80`` and ``coverage_95``: the share of records within the central normal interval
        of that level, which a calibrated spread makes the level itself; ``spread_error_spearman``: whether larger
        spreads go with larger errors.
    """
    distance = np.abs(recorded - predicted)
    coverage = {
        f"coverage_{100 * level:.0f}": float(np.mean(distance <= stats.norm.ppf(0.5 + level / 2) * sd))
        for level in LEVELS
    }
    varies = np.ptp(sd) > 0 and np.ptp(distance) > 0
    rank = _finite(stats.spearmanr(sd, distance).statistic) if varies else None
    return {**coverage, "spread_error_spearman": rank}


def _finite(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None

"""Figures of merit for predictions of architectures that a surrogate was not fitted to."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from harness.surrogates.types import Agreement, Calibration

Floats = NDArray[np.float64]


def agreement(recorded: Floats, predicted: Floats, precision: float) -> Agreement:
    """Compare predictions with records.

    Parameters
    ----------
    recorded, predicted : array, ``(n,)``
        In the benchmark's unit.
    precision : float
        Step to which predictions are rounded for the sparse Kendall tau, in the same unit.
    """
    residual, total = np.square(recorded - predicted).sum(), np.square(recorded - recorded.mean()).sum()
    same = np.ptp(recorded) == 0  # the sum of squares of equal records is not exactly 0
    constant = np.ptp(predicted) == 0 or same
    rounded = np.round(predicted / precision)
    return Agreement(
        r2=None if same else float(1.0 - residual / total),
        kendall=None if constant else _finite(stats.kendalltau(recorded, predicted).statistic),
        sparse_kendall=None if np.ptp(rounded) == 0 else _finite(stats.kendalltau(recorded, rounded).statistic),
        spearman=None if constant else _finite(stats.spearmanr(recorded, predicted).statistic),
        mean_absolute_error=float(np.abs(recorded - predicted).mean()),
    )


def calibration(recorded: Floats, predicted: Floats, sd: Floats) -> Calibration:
    """Compare predicted standard deviations with the errors of the predictions.

    Parameters
    ----------
    recorded, predicted, sd : array, ``(n,)``
        In the benchmark's unit.
    """
    distance = np.abs(recorded - predicted)

    def coverage(level: float) -> float:
        return float(np.mean(distance <= stats.norm.ppf(0.5 + level / 2) * sd))

    varies = np.ptp(sd) > 0 and np.ptp(distance) > 0
    rank = _finite(stats.spearmanr(sd, distance).statistic) if varies else None
    return Calibration(coverage(0.5), coverage(0.8), coverage(0.95), rank)


def _finite(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None

"""The figures of merit, compared with values worked out by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import stats

from harness.surrogates.metrics import agreement, calibration


def test_perfect_predictions():
    recorded = np.array([0.1, 0.3, 0.2, 0.4])
    found = agreement(recorded, recorded, 0.001)
    assert dataclasses.asdict(found) == pytest.approx(
        {"r2": 1.0, "kendall": 1.0, "sparse_kendall": 1.0, "spearman": 1.0, "mean_absolute_error": 0.0}
    )


def test_four_predictions_by_hand():
    found = agreement(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 3.0, 2.0, 4.0]), 0.1)
    assert found.r2 == pytest.approx(1 - 2 / 5)
    assert found.kendall == pytest.approx(4 / 6)  # five of six pairs in order, one not
    assert found.spearman == pytest.approx(1 - 6 * 2 / (4 * 15))
    assert found.mean_absolute_error == 0.5


def test_sparse_kendall_ignores_differences_below_the_precision():
    recorded, predicted = np.array([0.10, 0.20, 0.30]), np.array([0.1004, 0.1001, 0.3])
    assert agreement(recorded, predicted, 0.001).kendall == pytest.approx(1 / 3)
    assert agreement(recorded, predicted, 0.001).sparse_kendall == pytest.approx(2 / np.sqrt(2 * 3))  # tau-b, one tie


@pytest.mark.parametrize(("recorded", "predicted"), [([1.0, 1.0], [1.0, 2.0]), ([1.0, 2.0], [1.5, 1.5])])
def test_undefined_figures_are_none(recorded, predicted):
    found = agreement(np.array(recorded), np.array(predicted), 0.1)
    assert found.kendall is None
    assert found.spearman is None


def test_the_right_standard_deviation_is_calibrated_and_half_of_it_is_not():
    rng = np.random.default_rng(5)
    sd = rng.uniform(0.5, 2.0, 20_000)
    recorded = sd * rng.standard_normal(20_000)
    right = calibration(recorded, np.zeros(20_000), sd)
    for level in (0.5, 0.8, 0.95):
        assert getattr(right, f"coverage_{100 * level:.0f}") == pytest.approx(level, abs=0.015)
    assert right.spread_error_spearman > 0.2
    half = calibration(recorded, np.zeros(20_000), sd / 2)
    assert half.coverage_95 == pytest.approx(2 * stats.norm.cdf(0.98) - 1, abs=0.015)

"""Trials needed to separate two algorithms: published values, simulated power, and the degenerate cases."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from results.statistics.separation import separation


def sample(mean: float, sd: float, n: int = 50) -> np.ndarray:
    """Values with exactly this mean and standard deviation."""
    values = np.arange(n, dtype=float)
    return mean + sd * (values - values.mean()) / values.std(ddof=1)


@pytest.mark.parametrize(("effect", "needed"), [(0.2, 199), (0.5, 34), (0.8, 15)])
def test_the_number_is_that_of_the_tables_of_the_paired_t_test(effect: float, needed: int) -> None:
    assert separation(sample(effect * 3, 3)).trials == needed  # as G*Power gives for power .8, two-sided .05


def test_the_interval_takes_the_ends_of_that_of_the_difference() -> None:
    found = separation(sample(0.5, 1))
    half = stats.t.ppf(0.975, 49) / 50**0.5
    assert_allclose([found.low, found.high], [0.5 - half, 0.5 + half])
    assert found.fewest == np.ceil(2.8015852**2 / (0.5 + half) ** 2 + 1.9207294)
    assert found.most == np.ceil(2.8015852**2 / (0.5 - half) ** 2 + 1.9207294)
    mirrored = separation(sample(-0.5, 1))
    assert (mirrored.fewest, mirrored.trials, mirrored.most) == (found.fewest, found.trials, found.most)


def test_degenerate_differences() -> None:
    assert np.isnan(separation([])).all()
    one = separation([0.3])
    assert (one.difference, np.isnan(one.trials)) == (0.3, True)
    equal = separation([0.0] * 9)
    assert (equal.difference, equal.trials, equal.fewest, equal.most) == (0, np.inf, np.inf, np.inf)
    constant = separation([0.3] * 9)
    assert (constant.trials, constant.most) == (8, 8)  # below 8, no test is made
    unsure = separation(sample(0.01, 1))
    assert np.isfinite([unsure.trials, unsure.fewest]).all()
    assert unsure.most == np.inf


@pytest.mark.slow
@pytest.mark.parametrize("effect", [0.3, 0.6, 0.9])
def test_that_many_trials_find_the_difference_four_times_in_five(effect: float) -> None:
    needed = int(separation(sample(effect, 1)).trials)
    draws = np.random.default_rng(1).normal(effect, 1, (20_000, needed))
    power = (stats.ttest_1samp(draws, 0, axis=1).pvalue < 0.05).mean()
    assert 0.79 < power < 0.83

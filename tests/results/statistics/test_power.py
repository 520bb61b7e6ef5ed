from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from results.statistics.power import (
    EFFICIENCY,
    MOST_TRIALS,
    fewest_pairs,
    smallest_difference,
    spread_interval,
    trials_needed,
)


def test_the_smallest_difference_is_that_of_a_noncentral_t() -> None:
    for n, level, power in ((8, 0.05, 0.8), (20, 0.05 / 3, 0.8), (100, 0.05 / 36, 0.95)):
        pairs = EFFICIENCY * n
        shift = smallest_difference(2.0, n, level, power) * math.sqrt(pairs) / 2.0
        critical = stats.t.ppf(1 - level / 2, pairs - 1)
        assert_allclose(stats.nct.sf(critical, pairs - 1, shift), power, rtol=1e-6)


def test_the_smallest_difference_by_hand() -> None:
    # For many pairs: (1.959964 + 0.841621) / sqrt(3 n / pi).
    assert_allclose(smallest_difference(1.0, 100_000, 0.05), 2.801585 / math.sqrt(300_000 / math.pi), rtol=1e-4)


@pytest.mark.parametrize(("n", "tests"), [(10, 1), (20, 3), (60, 3), (30, 36)])
def test_the_signed_rank_test_shows_it_four_times_in_five(n: int, tests: int) -> None:
    level, races = 0.05 / tests, 1000
    x = np.random.default_rng(n).normal(smallest_difference(1.0, n, level), 1.0, (races, n))
    shown = (stats.wilcoxon(x, axis=1).pvalue < level).mean()
    assert 0.76 < shown < 0.85


def test_too_few_pairs_show_nothing() -> None:
    assert [fewest_pairs(0.05 / tests) for tests in (1, 3, 36, 820)] == [8, 8, 11, 16]
    for tests in (6, 36, 820):
        n = fewest_pairs(0.05 / tests)
        assert 2 / 2**n < 0.05 / tests <= 2 / 2 ** (n - 1)
        assert math.isinf(smallest_difference(1.0, n - 1, 0.05 / tests))
        assert math.isfinite(smallest_difference(1.0, n, 0.05 / tests))


@settings(max_examples=30)
@given(st.floats(0.01, 3), st.floats(0.01, 3), st.integers(1, 50), st.floats(0.5, 0.99))
def test_trials_needed_is_the_inverse(spread: float, difference: float, tests: int, power: float) -> None:
    level = 0.05 / tests
    n = trials_needed(spread, difference, level, power)
    if n is None:  # only the widest spreads and the smallest differences need so many
        assert smallest_difference(spread, MOST_TRIALS, level, power) > difference
        return
    assert smallest_difference(spread, n, level, power) <= difference
    assert n == fewest_pairs(level) or smallest_difference(spread, n - 1, level, power) > difference


def test_trials_needed_has_limits() -> None:
    assert trials_needed(1.0, 1e-9, 0.05) is None
    assert trials_needed(1.0, smallest_difference(1.0, MOST_TRIALS, 0.05) * (1 + 1e-9), 0.05) == MOST_TRIALS
    assert trials_needed(1.0, 1e9, 0.05) == 8
    for wrong in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="expected a positive difference"):
            trials_needed(1.0, wrong, 0.05)


def test_the_interval_of_a_spread_by_hand() -> None:
    # Ten values, trimmed by floor(10 / (2 sqrt 6)) = 2 at each end: around 4.5, like the mean; sum of squares 82.5.
    low, high = spread_interval(range(10))
    c = 10 / (10 - 1.959964)
    kurtosis = 10 * sum((i - 4.5) ** 4 for i in range(10)) / 82.5**2
    error = c * math.sqrt((kurtosis - 0.7) / 9)
    centre = math.log(c * 82.5 / 9)
    expected = [math.exp((centre - 1.959964 * error) / 2), math.exp((centre + 1.959964 * error) / 2)]
    assert_allclose([low, high], expected, rtol=1e-6)
    assert np.isnan(spread_interval([1.0] * 9)).all()
    assert np.isnan(spread_interval([1.0, 2.0])).all()


@pytest.mark.parametrize("name", ["norm", "laplace"])
def test_the_interval_of_a_spread_covers_it(name: str) -> None:
    distribution = getattr(stats, name)()
    samples = distribution.rvs((200, 30), random_state=np.random.default_rng(1))
    inside = [low <= distribution.std() <= high for low, high in map(spread_interval, samples)]
    assert 0.88 < np.mean(inside) < 0.99


def test_the_interval_of_a_spread_is_that_of_scipys_functions_in_every_bit() -> None:
    for n in (5, 20, 101):
        x = np.random.default_rng(n).standard_t(3, n)
        z, middle = stats.norm.ppf(0.975), stats.trim_mean(x, 1 / (2 * math.sqrt(n - 4)))
        kurtosis = n * ((x - middle) ** 4).sum() / (((x - x.mean()) ** 2).sum()) ** 2
        error = z * n / (n - z) * math.sqrt((kurtosis - (n - 3) / n) / (n - 1))
        centre = math.log(n / (n - z) * x.var(ddof=1))
        assert_allclose(spread_interval(x), np.exp([(centre - error) / 2, (centre + error) / 2]), rtol=1e-15)

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from results.statistics.paired import holm, median_interval, paired_wilcoxon


def series(values: list[float], first: int = 0) -> pd.Series[float]:
    return pd.Series(values, index=range(first, first + len(values)), dtype=float)


def test_holm_by_hand() -> None:
    # Sorted .005 .01 .03 .04 times 4 3 2 1: .02 .03 .06 .04; no value below its forerunner: .02 .03 .06 .06.
    assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    assert_allclose(holm([0.6, 0.4]), [0.8, 0.8])
    assert_allclose(holm([0.9, 0.8, 0.7]), [1, 1, 1])
    assert holm([]).shape == (0,)
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        holm([0.5, np.nan])


def test_wilcoxon_by_hand() -> None:
    # Eight negative differences of distinct size: p = 2 / 2**8 exactly.
    test = paired_wilcoxon(series([0.0] * 8), series([1.0, 2, 3, 4, 5, 6, 7, 8]))
    assert_allclose(test.p_value, 2 / 256)
    assert (test.n, test.median_difference, test.direction, test.refused) == (8, -4.5, -1, "")


def test_wilcoxon_pairs_by_trial() -> None:
    a, b = series([1.0, 5, 2, 8, 3, 9, 4, 7, 6, 0]), series([9.0, 4, 7, 6, 0, 2, 3, 1], first=3)
    common = range(3, 10)
    test = paired_wilcoxon(a, b)
    assert test.n == len(common)
    assert test.refused == "7 common trials, 8 are needed"
    assert np.isnan(test.p_value)
    assert paired_wilcoxon(a, series([1.0], first=50)).refused == "no common trials"


def test_wilcoxon_splits_zeros_and_calls_equals_equal() -> None:
    equal = paired_wilcoxon(series([0.3] * 9), series([0.3] * 9))
    assert (equal.p_value, equal.direction, equal.median_difference) == (1.0, 0, 0.0)
    rng = np.random.default_rng(1)
    difference = np.concatenate([np.zeros(5), rng.normal(0.4, 1, 40)])
    test = paired_wilcoxon(series(difference.tolist()), series([0.0] * 45))
    assert_allclose(test.p_value, stats.wilcoxon(difference, zero_method="zsplit").pvalue)
    mirrored = paired_wilcoxon(series([0.0] * 45), series(difference.tolist()))
    assert mirrored.direction == -test.direction
    assert_allclose(mirrored.p_value, test.p_value)


def test_the_interval_of_a_median_by_hand() -> None:
    # Of 12 fair coins 2 or fewer show heads with probability 79 / 4096 = 0.019, 3 or fewer with 0.073: so k is 3.
    assert median_interval(np.arange(12, 0, -1)) == (3, 10)
    assert median_interval(np.arange(1, 9)) == (1, 8)  # at most 1 of 8: 0.035 is too much
    assert np.isnan(median_interval([1.0] * 5)).all()
    assert np.isnan(median_interval([])).all()


def test_the_interval_of_a_median_is_scipys() -> None:
    rng = np.random.default_rng(0)
    for n in (*range(6, 60), 500, 1001):
        values = rng.normal(size=n)
        assert median_interval(values) == tuple(stats.quantile_test(values, p=0.5).confidence_interval(0.95))


def test_wilcoxon_refuses_what_is_no_pair() -> None:
    with pytest.raises(ValueError, match="expected each trial once"):
        paired_wilcoxon(pd.Series([1.0, 2.0], index=[0, 0]), series([1.0]))
    with pytest.raises(ValueError, match="expected finite values"):
        paired_wilcoxon(series([np.inf]), series([1.0]))

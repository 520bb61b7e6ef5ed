from __future__ import annotations

from itertools import product
from time import process_time

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from results.statistics.paired import paired_wilcoxon
from results.statistics.signed_ranks import (
    MOST_TIED,
    mid_ranks,
    signed_rank_p_value,
    signed_rank_test,
    sum_distribution,
)


def series(values: list[float]) -> pd.Series[float]:
    return pd.Series(values, dtype=float)


def tied(n: int, zeros: bool) -> list[float]:
    """Return n differences with ties, and zeros if wanted."""
    values = np.random.default_rng(n).integers(-2, 5, n).astype(float)
    values[:2] = 0.0 if zeros else 1.0
    return [value or (0.0 if zeros else -1.0) for value in values.tolist()]


def test_the_distribution_of_sums_by_hand() -> None:
    # 1, 1, 2: sums 0 1 2 3 4 arise in 1, 2, 2, 2, 1 of 8 ways.
    assert (sum_distribution([1, 1, 2]) * 8).tolist() == [1, 2, 2, 2, 1]
    assert sum_distribution([]).tolist() == [1]


def test_p_values_by_hand() -> None:
    # Ranks 1.5 1.5 3, all positive: the most extreme of 8 outcomes on one side, p = 2 / 8.
    assert signed_rank_p_value([1.0, 1.0, 2.0]) == 0.25
    # A zero has rank 1 on no side: the others have ranks 2.5 2.5 and 4 with 8 outcomes.
    assert signed_rank_p_value([0.0, 1.0, 1.0, 2.0]) == 0.25
    assert signed_rank_p_value([0.0, -1.0, 1.0]) == 1


@pytest.mark.parametrize("zeros", [False, True])
def test_p_values_are_those_of_all_choices_of_signs(zeros: bool) -> None:
    for n in (8, 10, MOST_TIED):
        x = np.array(tied(n, zeros))
        ranks = stats.rankdata(np.abs(x))
        sums = np.array(list(product((0, 1), repeat=n))) @ (ranks * (x != 0))
        observed = ranks[x > 0].sum()
        expected = min(1.0, 2 * min((sums <= observed + 1e-9).mean(), (sums >= observed - 1e-9).mean()))
        assert signed_rank_p_value(x) == expected
        assert paired_wilcoxon(series(x.tolist()), series([0.0] * n)).p_value == expected


@pytest.mark.parametrize("method", ["exact", "asymptotic"])
def test_p_values_agree_with_scipy_for_more_pairs(method: str) -> None:
    for n in (20, 45, 60):
        x = np.random.default_rng(n).normal(0.3, 1, n)
        if method == "exact":
            assert_allclose(signed_rank_p_value(x), stats.wilcoxon(x, method="exact").pvalue, rtol=1e-9)
        else:
            x = np.round(x, 1)
            p_value = stats.wilcoxon(x, zero_method="zsplit", method="asymptotic", correction=True).pvalue
            assert_allclose(signed_rank_p_value(x), p_value, rtol=0.15)


@pytest.mark.parametrize("n", [8, 13, 14, 30, 50, 51, 100, 1000])
def test_p_values_and_ranks_are_scipys_in_every_bit(n: int) -> None:
    rng = np.random.default_rng(n)
    for x in (rng.normal(0.2, 1, n), rng.standard_t(2, n), np.round(rng.normal(0.2, 1, n), 1), rng.integers(-3, 4, n)):
        assert mid_ranks(np.abs(x))[0].tolist() == stats.rankdata(np.abs(x)).tolist()
        tied = not x.all() or len(np.unique(np.abs(x))) < n
        if n > MOST_TIED or not tied:  # for fewer with ties, scipy forms every sum in a loop
            assert signed_rank_test(x) == stats.wilcoxon(x, zero_method="zsplit").pvalue


@pytest.mark.parametrize("zeros", [False, True])
def test_no_number_of_tied_trials_takes_long(zeros: bool) -> None:
    began = process_time()
    p_values = [paired_wilcoxon(series(tied(n, zeros)), series([0.0] * n)).p_value for n in range(8, 61)]
    assert process_time() - began < 2.0  # one permutation test in Python took half a second
    assert all(0 < p <= 1 for p in p_values)

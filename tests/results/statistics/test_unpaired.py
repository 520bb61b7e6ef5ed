"""Unpaired tests: against brute force, in simulated worlds with known truth, and where they are refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from results.statistics.unpaired import rank_sum
from results.summaries.pairs import compare_pairs
from results.summaries.significance import no_worse


def series(values: list[float], start: int = 0) -> pd.Series:
    return pd.Series(values, index=range(start, start + len(values)), dtype=float)


def test_the_test_is_that_of_scipy_and_the_estimate_the_median_of_all_differences() -> None:
    rng = np.random.default_rng(1)
    a, b = series(rng.normal(0, 1, 11).tolist()), series(rng.normal(1, 1, 9).tolist(), start=5)
    found = rank_sum(a, b)
    differences = sorted(x - y for x in a for y in b)
    assert found.n == 9
    assert found.median_difference == pytest.approx(np.median(differences))
    assert found.p_value == stats.mannwhitneyu(a, b).pvalue
    assert found.low in differences
    assert found.high in differences
    assert found.direction == -1


def test_common_numbers_of_trials_do_not_pair() -> None:
    a, b = series([1.0, 2, 3, 4, 5, 6, 7, 8]), series([8.5, 7.5, 6.5, 5.5, 4.5, 3.5, 2.5, 1.5])
    assert rank_sum(a, b).p_value == rank_sum(a, b.sort_values().reset_index(drop=True)).p_value


@pytest.mark.slow
def test_the_interval_covers_a_known_shift() -> None:
    rng = np.random.default_rng(2)
    covered = []
    for _ in range(400):
        found = rank_sum(series(rng.normal(0.7, 1, 10).tolist()), series(rng.normal(0, 1, 14).tolist()))
        covered.append(found.low <= 0.7 <= found.high)
    assert 0.92 < np.mean(covered) < 0.985


def test_equal_values_and_few_runs() -> None:
    same = series([1.0] * 8)
    assert (rank_sum(same, same).p_value, rank_sum(same, same).direction) == (1.0, 0)
    assert rank_sum(same, series([1.0] * 7)).refused == "7 runs, 8 are needed"
    assert rank_sum(same, series([1.0])).refused == "1 run, 8 are needed"
    assert rank_sum(same, series([])).refused == "no runs"
    with pytest.raises(ValueError, match="finite"):
        rank_sum(same, series([np.nan] * 8))


def test_no_worse_without_pairs_is_the_bound_of_welch() -> None:
    rng = np.random.default_rng(3)
    a, b = series(rng.normal(0, 0.02, 10).tolist()), series(rng.normal(0, 0.05, 8).tolist())
    found = no_worse(a, b, paired=False)
    degrees = stats.ttest_ind(b, a, equal_var=False).df
    error = np.sqrt(a.var(ddof=1) / 10 + b.var(ddof=1) / 8)
    assert found.bound == pytest.approx((b.mean() - a.mean()) - stats.t.ppf(0.95, degrees) * error)
    assert found.holds
    assert no_worse(a, b[:7], paired=False).holds is None


def test_only_pairs_with_a_recorded_entry_are_unpaired() -> None:
    rng = np.random.default_rng(4)
    base = rng.normal(0, 1, 10)
    later = (base + rng.uniform(0.01, 0.02, 10)).tolist()
    areas = {"p": series(base.tolist()), "q": series(later), "r": series(later)}
    found = {(pair.a, pair.b): pair for pair in compare_pairs(areas, {"r"})}
    assert {names: pair.paired for names, pair in found.items()} == {
        ("p", "q"): True, ("p", "r"): False, ("q", "r"): False,
    }  # fmt: skip
    assert found["p", "q"].winner == "p"
    assert found["p", "r"].winner is None

from __future__ import annotations

from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from results.summaries.pairs import compare_pairs
from results.summaries.significance import areas_by_benchmark, compare_over_blocks, critical_difference, no_worse


def series(values: list[float]) -> pd.Series[float]:
    return pd.Series(values, dtype=float)


def blocks(rows: list[list[float]], spaces: list[str] | None = None) -> pd.DataFrame:
    names = spaces or [f"space {i}" for i in range(len(rows))]
    index = pd.MultiIndex.from_arrays([names, range(len(rows))], names=["space", "benchmark"])
    return pd.DataFrame(rows, index=index, columns=list("abcd")[: len(rows[0])])


def test_no_worse_by_hand() -> None:
    # d = b - a = 0, .02, ..., .14: mean .07, sd .04899, t(.95, 7) = 1.8946, so the bound is .07 - .03282.
    result = no_worse(series([0.0] * 8), series([0.02 * i for i in range(8)]))
    assert_allclose([result.mean_difference, result.bound], [0.07, 0.07 - 1.894579 * 0.04898979 / 8**0.5], atol=1e-6)
    assert result.holds
    back = no_worse(series([0.02 * i for i in range(8)]), series([0.0] * 8))
    assert_allclose(back.bound, -0.07 - 0.032815, atol=1e-5)
    assert not back.holds
    assert no_worse(series([0.02 * i for i in range(8)]), series([0.0] * 8), margin=0.11).holds


def test_the_bound_is_that_of_scipys_t_test_in_every_bit() -> None:
    rng = np.random.default_rng(3)
    for n in (8, 20, 100, 500):
        a, b = (pd.Series(rng.normal(size=n)) for _ in range(2))
        test = stats.ttest_1samp((b - a).to_numpy(), 0.0, alternative="greater")
        assert no_worse(a, b).bound == test.confidence_interval(0.95).low


def test_no_worse_of_equals_and_of_constant_differences() -> None:
    assert no_worse(series([0.3] * 9), series([0.3] * 9)).bound == 0
    assert no_worse(series([0.5] * 9), series([0.3] * 9)).holds is False


def test_no_worse_is_refused_where_it_can_say_nothing() -> None:
    result = no_worse(series([1.0] * 7), series([1.0] * 7))
    assert result.holds is None
    assert result.refused == "7 common trials, 8 are needed"
    assert np.isnan(result.bound)


@pytest.mark.slow
def test_no_worse_is_wrongly_claimed_at_its_level() -> None:
    rng = np.random.default_rng(3)
    claimed = [no_worse(series(rng.normal(0.1, 0.2, 20)), series(rng.normal(0, 0.2, 20))).holds for _ in range(2000)]
    assert stats.binomtest(sum(map(bool, claimed)), 2000, 0.05).pvalue > 0.01  # exactly at the margin: 5 %


def test_pairs_say_what_is_backed() -> None:
    rng = np.random.default_rng(0)
    a = series(rng.normal(-2, 0.05, 40))
    areas = {"a": a, "like a": a + rng.normal(0, 0.05, 40), "b": a + 0.5, "few": a.iloc[:5]}
    pairs = {(pair.a, pair.b): pair for pair in compare_pairs(areas)}
    like = pairs["a", "like a"]
    assert (like.winner, like.a_no_worse, like.b_no_worse) == (None, True, True)
    worse = pairs["a", "b"]
    assert (worse.winner, worse.a_no_worse, worse.b_no_worse) == ("a", True, False)
    refused = pairs["a", "few"]
    assert (refused.p_holm, refused.a_no_worse, refused.b_no_worse) == (None, None, None)
    assert_allclose([worse.median_difference, worse.low, worse.high], -0.5)
    assert (refused.low, refused.high) == (None, None)
    assert like.low < like.median_difference < like.high


def test_nemenyis_quantiles_are_the_published_ones() -> None:
    # Demsar 2006, table 5 (a): q at 0.05 for 2 to 10 classifiers; and the example of 4 on 14 data sets.
    q = [critical_difference(k, 1) / np.sqrt(k * (k + 1) / 6) for k in range(2, 11)]
    assert_allclose(q, [1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164], atol=0.0015)
    assert_allclose(critical_difference(4, 14), 1.25, atol=0.005)


def test_blocks_by_hand() -> None:
    # a is always best; b and c take turns, so Friedman's chi square is 12/(10*3*4) (10^2 + 25^2 + 25^2) - 3*10*4 = 15.
    result = compare_over_blocks(blocks([[0, 1, 2], [0, 2, 1]] * 5))
    assert result.average.tolist() == [1, 2.5, 2.5]
    assert_allclose(result.p_value, stats.chi2.sf(15, 2))
    assert_allclose(result.critical_difference, 2.3437 * np.sqrt(12 / 60), atol=1e-3)
    assert result.groups == (("a",), ("b", "c"))
    assert result.refused == ""


def test_groups_overlap_where_differences_are_small() -> None:
    rows = [[0, 1, 2, 3]] * 6 + [[1, 0, 3, 2]] * 4 + [[0, 2, 1, 3]] * 2
    result = compare_over_blocks(blocks(rows))
    assert result.p_value < 0.05
    assert len(result.groups) > 1
    for group in result.groups:
        assert np.ptp(result.average[list(group)]) <= result.critical_difference


def test_nothing_is_claimed_where_friedman_finds_nothing() -> None:
    result = compare_over_blocks(blocks([[0, 1, 2], [1, 2, 0], [2, 0, 1]] * 4))
    assert result.p_value == 1
    assert result.groups == (("a", "b", "c"),)


def test_data_sets_of_one_space_are_one_block() -> None:
    result = compare_over_blocks(blocks([[0, 1, 2], [1, 0, 2], [0, 2, 1]], ["one", "one", "two"]))
    assert result.ranks.loc["one"].tolist() == [1.5, 1.5, 3]
    assert result.average.tolist() == [1.25, 2.25, 2.5]
    assert result.refused == "2 independent blocks (search spaces), 10 are needed"
    assert result.groups == ()
    many = compare_over_blocks(blocks([[0, 1, 2]] * 30, ["one"] * 30))
    assert many.refused == "1 independent block (search spaces), 10 are needed"


def test_two_algorithms_need_no_test_over_blocks() -> None:
    assert compare_over_blocks(blocks([[0, 1]] * 12)).refused == "2 algorithms, 3 are needed"


def test_a_benchmark_that_someone_did_not_run_takes_no_part() -> None:
    result = compare_over_blocks(blocks([[0, 1, 2]] * 10 + [[5, 4, np.nan]]))
    assert len(result.ranks) == 10
    assert result.average.tolist() == [1, 2, 3]


def test_areas_by_benchmark(studies: ModuleType) -> None:
    study = studies.realistic(labels=("a", "b"), benchmarks=("one", "two"), trials=4, evaluations=30)
    study.benchmarks["two"]["space"] = "one"
    areas = areas_by_benchmark(study)
    assert areas.index.tolist() == [("one", "one"), ("one", "two")]
    assert list(areas.columns) == ["a", "b"]
    assert areas.notna().all(axis=None)
    with pytest.raises(ValueError, match="the reported targets are"):
        areas_by_benchmark(study, target="nonsense")

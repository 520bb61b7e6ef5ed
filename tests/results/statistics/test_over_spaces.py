"""Statistics over search spaces: by hand, on simulated worlds with a known truth, and where they are refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from results.statistics.over_spaces import LEVELS, over_spaces, share_best, space_means

MEANS = st.lists(st.floats(-5, 5).map(lambda value: round(value, 3)), min_size=3, max_size=9)


def values(rows: list[tuple[str, str, str, float]]) -> pd.Series[float]:
    index = pd.MultiIndex.from_tuples([row[:3] for row in rows], names=LEVELS)
    return pd.Series([row[3] for row in rows], index=index)


def test_three_spaces_by_hand() -> None:
    # M = -.2, s = .1, t(.975, 2) = 4.302653; t s / sqrt(3) = .248414, t s sqrt(4 / 3) = .496828
    found = over_spaces([-0.1, -0.2, -0.3])
    assert (found.n, found.refused) == (3, "")
    assert_allclose([found.mean, found.low, found.high], [-0.2, -0.448414, 0.048414], atol=1e-6)
    assert_allclose([found.predicted_low, found.predicted_high], [-0.696828, 0.296828], atol=1e-6)
    assert_allclose([found.least, found.greatest], [-0.25, -0.15])
    assert_allclose(found.p_value, stats.ttest_1samp([-0.1, -0.2, -0.3], 0).pvalue)


def test_below_three_spaces_there_are_no_intervals() -> None:
    found = over_spaces([0.2, 0.4])
    assert found.refused == "2 search spaces, 3 are needed"
    assert_allclose([found.mean, found.least, found.greatest], [0.3, 0.2, 0.4])
    assert np.isnan([found.low, found.predicted_low, found.p_value]).all()
    one, none = over_spaces([0.2]), over_spaces([])
    assert (one.mean, one.refused, np.isnan(one.least)) == (0.2, "1 search space, 3 are needed", True)
    assert (np.isnan(none.mean), none.refused) == (True, "0 search spaces, 3 are needed")


def test_equal_results_and_equal_differences() -> None:
    same = over_spaces([0.0] * 4)
    assert (same.low, same.high, same.predicted_low, same.predicted_high, same.p_value) == (0, 0, 0, 0, 1)
    constant = over_spaces([0.1] * 4)
    assert (constant.low, constant.predicted_high, constant.p_value) == (constant.mean, constant.mean, 0)


@settings(max_examples=30)
@given(MEANS, st.floats(-3, 3), st.floats(0.1, 10))
def test_intervals_move_and_grow_with_the_values_and_depend_on_no_order(
    means: list[float], shift: float, scale: float
) -> None:
    found, moved = over_spaces(means), over_spaces(shift + scale * np.array(means[::-1]))
    for name in ("mean", "low", "high", "predicted_low", "predicted_high", "least", "greatest"):
        assert_allclose(getattr(moved, name), shift + scale * getattr(found, name), atol=1e-9)
    mirrored = over_spaces(-np.array(means))
    assert_allclose([mirrored.low, mirrored.predicted_low], [-found.high, -found.predicted_high], atol=1e-12)
    assert found.predicted_low <= found.low <= found.mean <= found.high <= found.predicted_high
    assert_allclose(mirrored.p_value, found.p_value)


@pytest.mark.parametrize("k", [3, 4, 6])
def test_in_simulated_worlds_both_intervals_hold_at_95_percent_and_normal_ones_do_not(k: int) -> None:
    rng, n = np.random.default_rng(k), 1000
    worlds = 0.07 + 0.1 * rng.standard_normal((n, k + 1))
    raced, fresh = worlds[:, :k], worlds[:, k]
    found = [over_spaces(row) for row in raced]
    low, high, predicted_low, predicted_high, p = np.array(
        [(one.low, one.high, one.predicted_low, one.predicted_high, one.p_value) for one in found]
    ).T
    assert stats.binomtest(int(((low <= 0.07) & (high >= 0.07)).sum()), n, 0.95).pvalue > 0.01
    assert stats.binomtest(int(((predicted_low <= fresh) & (predicted_high >= fresh)).sum()), n, 0.95).pvalue > 0.01
    assert_allclose(p < 0.05, (low > 0) | (high < 0))
    half = 1.96 * raced.std(axis=1, ddof=1) * (1 + 1 / k) ** 0.5
    assert (abs(raced.mean(axis=1) - fresh) <= half).mean() < 0.92  # the test can tell


@pytest.mark.slow
@pytest.mark.parametrize("k", [3, 4, 6])
def test_worlds_of_spaces_data_sets_and_trials(k: int) -> None:
    """Spaces have 1 to 8 data sets and noisy trials, and the new space, too."""
    rng, n = np.random.default_rng(10 + k), 1500
    covered = 0
    for _ in range(n):
        rows = []
        for space, effect in enumerate(rng.normal(0.05, 0.1, k + 1)):
            for data_set in range(rng.choice([1, 3, 4, 8])):
                truth = effect + rng.normal(0, 0.05)
                for benchmark in range(rng.choice([1, 2])):
                    measured = truth + rng.normal(0, 0.2 / 20**0.5)
                    rows.append((f"s{space}", f"d{data_set}", f"b{space}-{data_set}-{benchmark}", measured))
        means = space_means(values(rows)).to_numpy()
        found = over_spaces(means[:k])
        covered += found.predicted_low <= means[k] <= found.predicted_high
    assert stats.binomtest(covered, n, 0.95).pvalue > 0.01


def test_benchmarks_are_averaged_within_data_sets_then_within_spaces() -> None:
    found = space_means(
        values([("a", "x", "x", 1.0), ("a", "x", "x-curves", 3.0), ("b", "z", "z", 5.0), ("a", "y", "y", 8.0)])
    )
    assert found.to_dict() == {"a": 5.0, "b": 5.0}
    assert list(found.index) == ["a", "b"]


def areas(rows: dict[tuple[str, str, str], list[float]]) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(rows, names=LEVELS)
    return pd.DataFrame(list(rows.values()), index=index, columns=["p", "q"])


def test_shares_of_data_sets_and_spaces_by_hand() -> None:
    # p is best on x (whose two tables disagree), q on y and z; w is a tie. Space a goes to q, b to q, c is shared.
    found = share_best(
        areas(
            {
                ("a", "x", "x"): [0.0, 1.0],
                ("a", "x", "x-curves"): [0.5, 0.0],
                ("a", "y", "y"): [3.0, 0.0],
                ("b", "z", "z"): [1.0, 0.0],
                ("c", "w", "w"): [1.0, 1.0],
            }
        )
    )
    assert found.loc["p"].to_dict() == {
        "data_sets": 1.5 / 4, "data_sets_low": 0.25, "data_sets_high": 0.5,
        "spaces": 0.5 / 3, "spaces_low": 0.0, "spaces_high": 0.25,
    }  # fmt: skip
    assert_allclose(found["data_sets"].sum(), 1)
    assert_allclose(found["spaces"].sum(), 1)


def test_shares_leave_incomplete_benchmarks_out_and_one_space_has_no_range() -> None:
    found = share_best(areas({("a", "x", "x"): [0.0, 1.0], ("b", "y", "y"): [float("nan"), 1.0]}))
    assert found.loc["p", ["data_sets", "spaces"]].tolist() == [1, 1]
    assert found[["spaces_low", "data_sets_high"]].isna().all(axis=None)
    empty = share_best(areas({("a", "x", "x"): [0.0, float("nan")]}))
    assert empty.isna().all(axis=None)

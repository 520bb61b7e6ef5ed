from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from results.statistics import (
    Statistic,
    average_ranks,
    bootstrap_band,
    holm,
    median_interval,
    paired_wilcoxon,
    rank_curves,
    resampling_counts,
)

STATISTICS: list[Statistic] = ["mean", "median", "iqm"]


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


def test_wilcoxon_refuses_what_is_no_pair() -> None:
    with pytest.raises(ValueError, match="twice"):
        paired_wilcoxon(pd.Series([1.0, 2.0], index=[0, 0]), series([1.0]))
    with pytest.raises(ValueError, match="finite"):
        paired_wilcoxon(series([np.inf]), series([1.0]))


def test_ranks_share_ties_and_use_the_common_trials() -> None:
    values = pd.DataFrame({"a": [1.0, 2.0, 5.0], "b": [1.0, 3.0, np.nan], "c": [2.0, 1.0, 0.0], "empty": [np.nan] * 3})
    ranks, n_trials = average_ranks(values)
    assert n_trials == 2
    assert_array_equal(ranks.to_numpy(), [(1.5 + 2) / 2, (1.5 + 3) / 2, (3 + 1) / 2, np.nan])
    ranks, n_trials = average_ranks(pd.DataFrame({"a": [1.0, np.nan], "b": [np.nan, 1.0]}))
    assert n_trials == 0
    assert ranks.isna().all()


def test_rank_curves_by_hand() -> None:
    a = pd.DataFrame([[np.nan, 0.30, 0.0002], [0.5, 0.20, 0.1]], index=[0, 3])
    b = pd.DataFrame([[0.2, 0.20, 0.0004], [0.5, 0.30, 0.2]], index=[0, 3])
    c = pd.DataFrame([[0.1, 0.25, 0.0100], [0.1, 0.25, 0.0], [0.1, 0.1, 0.1]], index=[0, 3, 5])
    ranks = rank_curves({"a": a, "b": b, "c": c, "none": a.iloc[:0]}, floor=0.001)
    assert list(ranks) == ["a", "b", "c"]
    assert_array_equal(ranks["a"].to_numpy(), [[np.nan, 3, 1.5], [2.5, 1, 2]])
    assert_array_equal(ranks["b"].to_numpy(), [[np.nan, 1, 1.5], [2.5, 3, 3]])
    assert_array_equal(ranks["c"].to_numpy(), [[np.nan, 2, 3], [1, 2, 1]])
    assert rank_curves({"none": a.iloc[:0]}, floor=0.001) == {}


@pytest.mark.parametrize("statistic", STATISTICS)
def test_bands_resample_whole_trials(statistic: Statistic) -> None:
    # The second point is the first one, shifted: only with one draw of trials for both is its band shifted too.
    column = np.random.default_rng(0).normal(size=30)
    band = bootstrap_band(np.stack([column, column + 5], axis=1), statistic, np.random.default_rng(1), 200)
    assert_allclose(band.low[1] - band.low[0], 5)
    assert_allclose(band.high[1] - band.high[0], 5)
    assert band.low[0] < band.centre[0] < band.high[0]


@pytest.mark.parametrize("statistic", STATISTICS)
def test_bands_depend_on_the_generator_alone(statistic: Statistic) -> None:
    values = np.random.default_rng(0).normal(size=(20, 3))
    state = np.random.get_state()[1].tolist()  # noqa: NPY002
    first = bootstrap_band(values, statistic, np.random.default_rng(7))
    assert_array_equal(first, bootstrap_band(values, statistic, np.random.default_rng(7)))
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002


def test_bands_by_hand() -> None:
    values = np.array([[1.0], [2], [3], [4], [5], [6], [7], [100]])
    centres = [bootstrap_band(values, s, np.random.default_rng(0)).centre.item() for s in STATISTICS]
    assert centres == [16, 4.5, 4.5]


REFERENCES = {"mean": np.mean, "median": np.median, "iqm": lambda x, axis: stats.trim_mean(x, 0.25, axis=axis)}


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("n_trials", [2, 3, 8, 9, 300])
def test_every_resample_has_the_statistic_of_its_trials(statistic: Statistic, n_trials: int) -> None:
    rng = np.random.default_rng(5)
    values = rng.integers(0, 6, size=(n_trials, 3)) + rng.normal(size=(n_trials, 3)) * [0, 1, 1e-3]
    counts = resampling_counts(n_trials, np.random.default_rng(2), 40)
    resampled = [values[np.repeat(np.arange(n_trials), row.astype(int))] for row in counts]
    expected = np.quantile([REFERENCES[statistic](x, axis=0) for x in resampled], [0.025, 0.975], axis=0)
    band = bootstrap_band(values, statistic, np.random.default_rng(2), 40)
    assert_allclose([band.low, band.high], expected, atol=1e-12)
    assert_allclose(band.centre, REFERENCES[statistic](values, axis=0))


@pytest.mark.parametrize("statistic", STATISTICS)
def test_bands_are_scipys(statistic: Statistic) -> None:
    values = np.random.default_rng(0).gamma(2, size=(25, 1))
    ours = bootstrap_band(values, statistic, np.random.default_rng(0), 5000)
    reference = stats.bootstrap(
        (values[:, 0],), REFERENCES[statistic], axis=-1, method="percentile", n_resamples=5000,
        rng=np.random.default_rng(3),
    ).confidence_interval  # fmt: skip
    assert_allclose([ours.low.item(), ours.high.item()], reference, rtol=0.04)


def test_undefined_points_stay_undefined() -> None:
    band = bootstrap_band(np.array([[np.nan, 1.0], [2.0, 3.0]]), "mean", np.random.default_rng(0))
    assert_array_equal(np.isnan(band), [[True, False]] * 3)
    one = bootstrap_band([[1.0]], "median", np.random.default_rng(0))
    assert one.centre.item() == 1
    assert np.isnan([one.low, one.high]).all()
    assert np.isnan(bootstrap_band(np.empty((0, 4)), "iqm", np.random.default_rng(0))).all()
    with pytest.raises(ValueError, match="n_points"):
        bootstrap_band([1.0], "mean", np.random.default_rng(0))
    with pytest.raises(ValueError, match="must be one of"):
        bootstrap_band([[1.0]], "mode", np.random.default_rng(0))  # type: ignore[arg-type]

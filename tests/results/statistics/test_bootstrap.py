from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from results.statistics.bootstrap import (
    BOOTSTRAP_SEED,
    RESAMPLES,
    Statistic,
    bootstrap_band,
    mean_interval,
    resampling_counts,
    seeded_counts,
)

STATISTICS: list[Statistic] = ["mean", "median", "iqm"]
TRIMMED: list[Statistic] = ["median", "iqm"]


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


@pytest.mark.parametrize("statistic", TRIMMED)
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


@pytest.mark.parametrize("statistic", TRIMMED)
def test_bands_are_scipys(statistic: Statistic) -> None:
    values = np.random.default_rng(0).gamma(2, size=(25, 1))
    ours = bootstrap_band(values, statistic, np.random.default_rng(0), 5000)
    reference = stats.bootstrap(
        (values[:, 0],), REFERENCES[statistic], axis=-1, method="percentile", n_resamples=5000,
        rng=np.random.default_rng(3),
    ).confidence_interval  # fmt: skip
    assert_allclose([ours.low.item(), ours.high.item()], reference, rtol=0.04)


@pytest.mark.parametrize("n_trials", [8, 25, 200])
def test_intervals_of_means_are_scipys_bca_at_the_expanded_level(n_trials: int) -> None:
    values = np.random.default_rng(n_trials).gamma(0.7, size=(n_trials, 1))
    ours = bootstrap_band(values, "mean", np.random.default_rng(0), 20_000)
    z = np.sqrt(n_trials / (n_trials - 1)) * stats.t.ppf(0.975, n_trials - 1)
    reference = stats.bootstrap(
        (values[:, 0],), np.mean, confidence_level=2 * stats.norm.cdf(z) - 1, n_resamples=20_000,
        rng=np.random.default_rng(3),
    ).confidence_interval  # fmt: skip
    assert_allclose([ours.low.item(), ours.high.item()], reference, rtol=0.04)


def test_the_interval_of_a_mean_by_hand() -> None:
    # Symmetric values and resamples: b = 0 and a = 0, so the levels are Phi(-z), Phi(z); z = sqrt(4 / 3) t(0.975; 3).
    values = np.array([[-1.0], [-1], [1], [1]])
    counts = np.array([[4.0, 0, 0, 0], [2, 1, 1, 0], [1, 1, 1, 1], [0, 1, 2, 1], [0, 0, 0, 4]])  # -1, -.5, 0, .5, 1
    level = stats.norm.cdf(-np.sqrt(4 / 3) * stats.t.ppf(0.975, 3))
    place = 4 * level
    assert place < 1
    assert_allclose(mean_interval(values, counts)[:, 0], [-1 + place / 2, 1 - place / 2])


def test_intervals_of_means_stay_within_the_values() -> None:
    values = np.zeros((8, 4))
    values[:, 1], values[0, 2], values[1:, 3] = 0.3, 1.0, 1.0
    band = bootstrap_band(values, "mean", np.random.default_rng(0))
    assert_array_equal(band.low[:3], [0, 0.3, 0])
    assert_array_equal(band.high[:2], [0, 0.3])
    assert 0.5 < band.high[2] < 1
    assert_allclose([band.low[3], band.high[3]], [1 - band.high[2], 1 - band.low[2]])
    for n_trials in range(2, 8):  # one value far from all others, where the corrections are largest
        values = np.r_[1.0, np.zeros(n_trials - 1)][:, None]
        low, high = bootstrap_band(values, "mean", np.random.default_rng(0))[1:]
        assert 0 <= low.item() < 1 / n_trials < high.item() <= 1


def test_intervals_of_means_cover_skewed_values() -> None:
    # 2,000 samples of 10 trials of a gamma distribution with skewness 2: a percentile interval covers the mean in 86 %.
    values = np.random.default_rng(4).gamma(1.0, size=(10, 2000))
    low, high = bootstrap_band(values, "mean", np.random.default_rng(0), RESAMPLES)[1:]
    assert 0.915 < ((low <= 1) & (high >= 1)).mean() < 0.96


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


def test_resamples_that_are_drawn_in_parts_or_kept_are_those_of_one_draw():
    n = 37
    once = np.random.default_rng(BOOTSTRAP_SEED).multinomial(n, np.full(n, 1 / n), size=1000)
    assert np.array_equal(resampling_counts(n, np.random.default_rng(BOOTSTRAP_SEED)), once)
    assert np.array_equal(seeded_counts(n), once)
    values = np.random.default_rng(1).normal(size=(n, 2))
    for statistic in ("mean", "median"):
        drawn = bootstrap_band(values, statistic, np.random.default_rng(BOOTSTRAP_SEED))
        assert all(map(np.array_equal, drawn, bootstrap_band(values, statistic, seeded_counts)))

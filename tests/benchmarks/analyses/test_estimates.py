"""Means, contrasts and intervals are those of their definitions, and intervals contain the truth as often as stated."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmarks.analyses.estimates import contrast, group_means, holm, most_better, share_interval, skewness


def test_group_means_are_those_of_scipy():
    rng = np.random.default_rng(1)
    scores, groups = rng.gamma(2.0, size=200), rng.integers(-1, 3, 200)
    found = group_means(scores, groups, 4)
    for group in range(3):
        one = scores[groups == group]
        interval = stats.ttest_1samp(one, 0).confidence_interval()
        assert (found.counts[group], found.means[group]) == (len(one), pytest.approx(one.mean()))
        assert (found.lows[group], found.highs[group]) == (pytest.approx(interval.low), pytest.approx(interval.high))
    assert found.counts[3] == 0
    assert np.isnan(found.means[3])


def test_a_group_of_one_has_no_interval():
    found = group_means(np.array([1.0, 2.0, 4.0]), np.array([0, 1, 1]), 2)
    assert np.isnan(found.lows[0])
    assert not np.isnan(found.lows[1])


def test_the_chance_of_a_contrast_is_that_of_permutations():
    rng = np.random.default_rng(2)
    scores, has = rng.exponential(size=120), np.arange(120) < 40
    scores[has] += 0.25
    weights = has / has.sum() - ~has / (~has).sum()
    found = contrast(scores, weights)
    assert found.value == pytest.approx(scores[has].mean() - scores[~has].mean())
    shuffled = np.array([weights @ rng.permutation(scores) for _ in range(20_000)])
    assert found.chance == pytest.approx(np.mean(np.abs(shuffled) >= abs(found.value)), abs=0.02)
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * shuffled.std(), rel=0.03)


def test_equal_scores_have_no_chance_and_no_skewness():
    found = contrast(np.ones(9), np.repeat([1 / 3, -1 / 6], [3, 6]))
    assert found.value == pytest.approx(0.0)
    assert np.isnan(found.chance)
    assert np.isnan(skewness(np.ones(9))).all()


def test_holm_is_that_of_the_definition():
    assert holm(np.array([0.04, np.nan, 0.01, 0.03])).tolist() == pytest.approx([0.06, np.nan, 0.03, 0.06], nan_ok=True)
    assert holm(np.array([0.9, 0.8])).tolist() == [1.0, 1.0]
    assert np.isnan(holm(np.array([np.nan]))).all()


def test_the_share_that_may_be_better():
    assert most_better(1) == pytest.approx(0.95)
    assert (1 - most_better(300)) ** 300 == pytest.approx(0.05)


def test_intervals_contain_the_values_of_the_whole():
    """With 400 samples, fewer than 91 % or more than 98 % have a probability below 0.001."""
    rng = np.random.default_rng(3)
    whole = -rng.gamma(4.0, size=20_000)
    truth = {"mean": whole.mean(), "skewness": stats.skew(whole), "share": np.mean(whole > -2)}
    hits = dict.fromkeys(truth, 0)
    for _ in range(400):
        sample = rng.choice(whole, 500, replace=False)
        means = group_means(sample, np.zeros(500, dtype=int), 1)
        ends = {
            "mean": (means.lows[0], means.highs[0]),
            "skewness": skewness(sample)[1:],
            "share": share_interval(int((sample > -2).sum()), 500),
        }
        for name, (low, high) in ends.items():
            hits[name] += low <= truth[name] <= high
    assert all(0.91 * 400 < found < 0.98 * 400 for name, found in hits.items() if name != "skewness"), hits
    assert 0.88 * 400 < hits["skewness"] < 0.98 * 400, hits  # the delta method is a little too narrow for long tails

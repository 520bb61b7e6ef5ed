"""Correlations and choices by hand and by enumeration; intervals of samples."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from benchmarks.analyses.architectures import Architectures
from benchmarks.analyses.choices import (
    FEWEST,
    chosen_error,
    expected_error,
    listed_error,
    rank_correlations,
    top,
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=7), st.integers(1, 9))
def test_the_expected_error_of_a_choice_is_the_mean_over_all_sets(pairs, drawn):
    signal, truth = np.array(pairs, dtype=float).T
    sets = [list(rows) for rows in combinations(range(len(signal)), min(drawn, len(signal)))]
    mean = np.mean([chosen_error(signal[rows], truth[rows]) for rows in sets])
    assert expected_error(signal, truth, drawn) == pytest.approx(mean)


def test_the_expected_error_of_many_is_finite_and_that_of_all_is_the_choice():
    rng = np.random.default_rng(0)
    signal, truth = rng.random(400_000), rng.random(400_000)
    assert expected_error(signal, truth, 400_000) == pytest.approx(chosen_error(signal, truth))
    assert expected_error(signal, truth, 1) == pytest.approx(truth.mean())
    assert expected_error(truth, truth, 99) == pytest.approx(0.01, rel=0.02)


def test_correlations_are_those_of_scipy_overall_and_in_the_top():
    rng = np.random.default_rng(1)
    signal = rng.random(1000)
    truth = signal + rng.normal(0, 0.1, 1000)
    found = rank_correlations(signal, truth)
    assert found["spearman"] == pytest.approx(stats.spearmanr(signal, truth).statistic)
    best = np.sort(signal)[99]
    assert found["kendall_top_10"] == pytest.approx(
        stats.kendalltau(signal[signal <= best], truth[signal <= best]).statistic
    )
    assert len(top(signal, 0.01)) == FEWEST
    assert np.isfinite(found["spearman_top_1"])
    assert np.isnan(rank_correlations(signal[:900], truth[:900])["spearman_top_1"])
    assert np.isnan(rank_correlations(np.ones(100), truth[:100])["kendall"])


def test_choices_by_hand():
    signal, truth = np.array([3.0, 1.0, 1.0, 2.0]), np.array([0.0, 4.0, 2.0, 9.0])
    assert chosen_error(signal, truth) == 3.0
    assert listed_error(signal, truth) == 0.0


def test_intervals_of_samples_cover_and_complete_ones_have_none():
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(60):
        a = rng.normal(size=200)
        b = a + rng.normal(size=200)
        one = Architectures(np.zeros((200, 1), dtype=np.int16), complete=False)
        found = one.measure(lambda rows, a=a, b=b: {"r": float(np.corrcoef(a[rows], b[rows])[0, 1])})
        covered += found["r_low"] <= np.sqrt(0.5) <= found["r_high"]
    assert 51 <= covered <= 60
    complete = Architectures(np.zeros((9, 1), dtype=np.int16), complete=True)
    found = complete.measure(lambda rows: {"n": float(len(rows))})
    assert found["n"] == 9
    assert np.isnan([found["n_low"], found["n_high"]]).all()

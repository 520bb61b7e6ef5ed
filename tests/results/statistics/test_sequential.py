"""The sequential tests: formulas by hand, exact supermartingales, and error rates in worlds with a known truth."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from scipy import integrate, stats
from stopping_races import decisions

from results.statistics.sequential import (
    LONGEST_FORECAST,
    MIXTURE_SCALE,
    SequentialTest,
    betting_evidence,
    decide,
    decisive_look,
    forecast_trials,
    symmetric_evidence,
)

SYMMETRIC = SequentialTest(0.05, 0.1)
BOUNDED = SequentialTest(0.05, 0.1, bound=1.0)
RULES = pytest.mark.parametrize("test", [SYMMETRIC, BOUNDED], ids=["symmetric", "bounded"])
SIGNS = np.array(list(product([-1.0, 1.0], repeat=8)))
differences = arrays(np.float64, st.integers(0, 60), elements=st.floats(-1, 1, width=32))


def test_the_mixture_by_hand():
    # S = .2, V = .02, 1 + 9 V = 1.18: E = 2 / sqrt(1.18) exp(.36 / 2.36) Phi(.6 / sqrt(1.18)).
    expected = 2 / 1.18**0.5 * np.exp(0.36 / 2.36) * stats.norm.cdf(0.6 / 1.18**0.5)
    assert MIXTURE_SCALE == 3
    assert_allclose(np.exp(symmetric_evidence(np.array([0.1, 0.1]), 0.0)[-1]), expected)
    assert_allclose(expected, 1.52187, atol=1e-5)


def test_the_mixture_is_the_average_over_a_half_normal():
    values, centre = np.array([0.3, -0.1, 0.2, 0.45]), 0.05
    total, squares = (values - centre).sum(), ((values - centre) ** 2).sum()

    def weighted(scale):
        return np.exp(scale * total - scale**2 * squares / 2) * stats.halfnorm.pdf(scale, scale=MIXTURE_SCALE)

    assert_allclose(np.exp(symmetric_evidence(values, centre)[-1]), integrate.quad(weighted, 0, np.inf)[0])


@pytest.mark.parametrize("shift", [0.0, -0.03, -0.4, -3.0])
def test_the_symmetric_evidence_is_not_expected_to_grow_about_any_centre_that_is_not_above(shift):
    sizes = np.array([0.02, 0.5, 0.1, 1.0, 0.3, 0.3, 2.0, 0.01])
    evidence = np.exp(symmetric_evidence(SIGNS * sizes + shift, 0.0)).mean(axis=0)
    assert (np.diff([1.0, *evidence]) <= 1e-12).all()


def test_the_capital_of_the_gambler_by_hand():
    # Differences .5, -.2 with the bound 1 are .75, .4; the centre 0 is .5. Before each: variance 1/4, then
    # (1/4 + (.75 - 1.25/2)^2) / 2 = .1328125; bets sqrt(2 log 40 / (v t log(1 + t))), at most .9 / .5 = 1.8.
    bets = [min((2 * np.log(40) / (v * t * np.log(1 + t))) ** 0.5, 1.8) for t, v in ((1, 0.25), (2, 0.1328125))]
    capital = (1 + bets[0] * 0.25) * (1 - bets[1] * 0.1)
    assert_allclose(np.exp(betting_evidence(np.array([0.5, -0.2]), 0.0, 1.0, 0.05)[-1]), capital)
    small = 60 * [0.01, -0.01]  # the variance gets small, and the bets grow up to the limit again
    assert np.isfinite(betting_evidence(np.array(small), 0.0, 1.0, 0.05)).all()


@pytest.mark.parametrize("centre", [0.0, 0.5, -0.25])
def test_the_capital_is_a_martingale_whatever_the_shape(centre):
    high = (1 + centre) / 2  # differences of 1 with this probability, else -1: the mean is the centre
    weights = np.where(SIGNS > 0, high, 1 - high).prod(axis=1)
    assert_allclose(weights @ np.exp(betting_evidence(SIGNS, centre, 1.0, 0.05)), 1.0)


def test_a_bound_that_is_exceeded_is_an_error():
    with pytest.raises(ValueError, match=r"up to the bound of 1, got 1.5"):
        BOUNDED.outcomes([0.1, 1.5])


@RULES
@settings(max_examples=30, deadline=None)
@given(first=differences, later=differences)
def test_later_trials_change_no_decision(test, first, later):
    outcome, trials = decisive_look(first, test, 10)
    assert trials % 10 == 0
    assert trials <= len(first)
    again = decisive_look(np.concatenate([first, later]), test, 10)
    if outcome != "open":
        assert again == (outcome, trials)
    else:
        assert again[1] >= trials


@RULES
@settings(max_examples=30, deadline=None)
@given(values=differences)
def test_the_interval_says_what_is_decided(test, values):
    found = decide(values, test, 10)
    back = decide(-values, test, 10)
    assert {"below": "above", "above": "below"}.get(found.outcome, found.outcome) == back.outcome
    assert_allclose([back.low, back.high], [-found.high, -found.low], atol=1e-9)
    if found.trials:
        assert found.low - 1e-9 <= found.mean <= found.high + 1e-9
    assert (found.low > -1e-9) == (found.outcome == "above") or found.outcome == "equivalent"
    if found.outcome == "equivalent":
        assert -0.1 - 1e-9 <= found.low <= found.high <= 0.1 + 1e-9
    if found.outcome == "open":
        assert found.low < 1e-9
        assert found.high > -1e-9
        assert found.high - found.low >= 0.1 - 1e-9


@RULES
def test_what_is_decided_of_clear_cases(test):
    noise = np.random.default_rng(1).normal(0, 0.2, 300)
    assert decide(noise - 0.3, test, 10).outcome == "below"
    assert decide(noise + 0.3, test, 10).outcome == "above"
    assert decide(noise - noise.mean(), test, 10).outcome == "equivalent"
    assert decide(noise[:10], test, 10).outcome == "open"
    assert decide(np.zeros(100), test, 10).outcome == "equivalent"
    nothing = decide([], test, 10)
    assert (nothing.outcome, nothing.trials, nothing.low, nothing.high) == ("open", 0, -np.inf, np.inf)


def test_a_benchmark_on_which_nothing_can_differ_by_the_margin_needs_one_block():
    assert decide(np.zeros(10), SequentialTest(0.05, 0.1, bound=0.05), 10).outcome == "equivalent"
    assert decide(np.zeros(10), SequentialTest(0.05, 0.1, bound=0.0), 10).outcome == "equivalent"


def test_forecasts():
    noise = np.random.default_rng(2).normal(0, 0.2, 400)
    start = noise[:20] - noise[:20].mean()
    some = forecast_trials(start + 0.06, SYMMETRIC, 10)
    assert 50 < some < 400
    assert some == forecast_trials(start + 0.06, SYMMETRIC, 10)
    assert forecast_trials(start + 0.06, BOUNDED, 10) > some
    assert forecast_trials(start / 5, SYMMETRIC, 10) < some
    assert forecast_trials(20 * start, SequentialTest(0.05, 0.01), 10) is None
    assert LONGEST_FORECAST % 10 == 0


@pytest.mark.slow
@pytest.mark.parametrize("test", [SYMMETRIC, SequentialTest(0.05, 0.1, 4.0)], ids=["symmetric", "bounded"])
def test_false_claims_stay_below_the_level_at_every_true_difference(test):
    rng = np.random.default_rng(3)
    noise = np.clip(rng.normal(0, 0.25, (1000, 300)), -1, 1)
    for truth in (0.0, 0.05, 0.1, 0.3):
        found = decisions(noise + truth, test)
        wrong = (found.direction < 0) | ((found.direction > 0) & (truth == 0)) | (found.equivalent & (truth >= 0.1))
        assert wrong.mean() <= stats.binom.ppf(0.999, 1000, 0.05) / 1000
        assert (found.direction > 0).mean() > 0.99 or truth < 0.3

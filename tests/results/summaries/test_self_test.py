from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.testing import assert_array_equal

from results.summaries.self_test import SUSPICION, races_of, same_against_same


def test_trial_i_meets_trial_i_plus_n() -> None:
    races = races_of(pd.Series(range(50), dtype=float), 8)
    assert races.shape == (3, 2, 8)
    assert_array_equal(races[1, 0], range(16, 24))
    assert_array_equal(races[1, 1], range(24, 32))


def test_honest_statistics_pass() -> None:
    races = np.random.default_rng(2).gamma(2.0, 0.1, (60, 2, 20))
    winner, interval, no_worse, shown = same_against_same(races)
    for claims in (winner, interval, no_worse):
        assert claims.false
        assert claims.holds
        assert claims.low <= claims.share <= claims.high
        assert claims.share < 0.12
    assert not shown.false
    assert 0.7 < shown.share < 0.92
    assert (winner.races, winner.promised, shown.promised) == (60, 0.05, 0.8)


def test_sides_that_differ_are_found_out() -> None:
    races = np.random.default_rng(2).normal(0, 0.1, (30, 2, 20))
    races[:, 1] += 0.08
    winner, *_ = same_against_same(races)
    assert winner.times > 8
    assert not winner.holds
    assert winner.low > winner.promised
    assert SUSPICION < 0.05


def test_equal_trials_make_no_claim() -> None:
    found = same_against_same(np.full((5, 2, 9), -2.0))
    assert [claims.times for claims in found] == [0, 0, 0]
    assert all(claims.holds for claims in found)

"""Configurations, ranks and importance, on cases worked out by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.tuning.configurations import Configuration, configurations
from harness.tuning.importance import importance
from harness.tuning.racing import best, mean_ranks
from harness.tuning.settings import Range


def test_a_small_grid_is_taken_whole():
    found = configurations({"a": (1, 2), "b": ("x", "y")}, 4, 0, "it", lambda values: None)
    assert found.complete
    assert [str(one) for one in found.valid] == ["a=1, b=x", "a=1, b=y", "a=2, b=x", "a=2, b=y"]


@given(low=st.integers(1, 50), width=st.integers(1, 500), log=st.booleans(), seed=st.integers(0, 99))
def test_draws_lie_in_their_range(low, width, log, seed):
    ranges = {
        "whole": Range(low=low, high=low + width, log=log),
        "real": Range(low=float(low), high=low + 0.5, log=log),
    }
    found = configurations(ranges, 20, seed, "it", lambda values: None)
    assert not found.complete
    for one in found.valid:
        assert isinstance(one.values["whole"], int)
        assert low <= one.values["whole"] <= low + width
        assert low <= one.values["real"] <= low + 0.5
    again = configurations(ranges, 20, seed, "it", lambda values: None)
    assert again.valid == found.valid


def test_log_draws_are_log_uniform():
    found = configurations({"x": Range(low=1.0, high=1e4, log=True)}, 2000, 1, "it", lambda values: None)
    logs = np.log10([one.values["x"] for one in found.valid])
    assert np.histogram(logs, 4, (0, 4))[0] == pytest.approx(len(logs) / 4, rel=0.15)


def test_the_score_is_the_mean_rank_over_benchmarks():
    areas = {
        "one": pd.DataFrame({0: [-1.0, -3.0], 1: [-2.0, -2.0], 2: [0.0, 0.0]}),
        "two": pd.DataFrame({0: [5.0, 5.0], 1: [4.0, 4.0], 2: [3.0, 3.0]}),
    }
    assert mean_ranks(areas, [0, 1, 2]).tolist() == [2.25, 1.75, 2.0]
    alive = [Configuration(number, {"x": number}) for number in range(3)]
    assert [one.number for one in best(alive, areas, 2)] == [1, 2]


def grid(effect):
    running = [
        Configuration(number, {"a": a, "b": b}) for number, (a, b) in enumerate(itertools.product((0, 1, 2), (0, 1)))
    ]
    areas = pd.DataFrame({one.number: [effect(**one.values)] * 2 for one in running}, dtype=float)
    return running, {"one": areas}


@pytest.mark.parametrize(
    ("effect", "shares"),
    [
        (lambda a, b: a, {"a": 1.0, "b": 0.0, "a x b": 0.0}),
        (lambda a, b: a + b, {"a": (2 / 3) / (2 / 3 + 1 / 4), "b": (1 / 4) / (2 / 3 + 1 / 4), "a x b": 0.0}),
        (lambda a, b: (a - 1) * (2 * b - 1), {"a": 0.0, "b": 0.0, "a x b": 1.0}),
    ],
)
def test_importance_on_a_grid_is_exact(effect, shares):
    found = importance(*grid(effect), complete=True)
    assert dict(zip(found["effect"], found["share"], strict=True)) == pytest.approx(shares)


def test_a_forest_finds_what_matters():
    rng = np.random.default_rng(0)
    running = [Configuration(i, {"a": int(rng.integers(100)), "b": float(rng.random())}) for i in range(120)]
    areas = {"one": pd.DataFrame({one.number: [one.values["a"] / 50] * 2 for one in running})}
    found = importance(running, areas, complete=False).set_index("effect")
    assert found["method"].unique().tolist() == ["forest"]
    assert found["share"]["a"] > 0.9
    assert found["share"]["b"] < 0.05

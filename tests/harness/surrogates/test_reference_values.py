"""The search for reference values finds a known optimum."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import load_benchmark
from harness.surrogates import reference_values


@pytest.fixture(autouse=True)
def short(monkeypatch):
    for name, value in {"STARTS": 30, "FURTHER_STARTS": 10, "SAMPLE": 2_000}.items():
        monkeypatch.setattr(reference_values, name, value)


def test_it_finds_every_optimum_and_median_of_a_small_table():
    benchmark = load_benchmark("synthetic")
    found, targets = reference_values.search(benchmark), benchmark.facts.targets.values()
    assert found["optimum"] == [known.optimum for known in targets]
    assert found["median"] == pytest.approx([known.median for known in targets], rel=0.05)
    best = benchmark.space.from_string(found["architecture"])
    assert benchmark.true_errors([best], "validation@27")[0] == found["optimum"][-1]
    assert found == reference_values.search(benchmark)


def test_a_descent_ends_where_no_neighbour_is_better():
    benchmark = load_benchmark("synthetic")
    error, end = reference_values.descend(benchmark, "validation@27", benchmark.space.sample(np.random.default_rng(4)))
    assert error == benchmark.true_errors([end], "validation@27")[0]
    assert benchmark.true_errors(benchmark.space.neighbours(end), "validation@27").min() >= error

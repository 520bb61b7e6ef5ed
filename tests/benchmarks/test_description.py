"""Benchmarks and spaces in a notebook."""

from __future__ import annotations

import pytest

from benchmarks import ChoiceSpace, load_benchmark


@pytest.mark.parametrize("name", ["nasbench201-cifar10", "synthetic"])
def test_a_benchmark_shows_its_facts(name):
    benchmark = load_benchmark(name)
    page = benchmark._repr_html_()
    assert benchmark.facts.title in page
    assert benchmark.facts.data_hash in page
    assert all(f"optimum {known.optimum:.6g}" in page for known in benchmark.facts.targets.values())


def test_a_space_shows_its_choices_and_an_example_and_escapes_both():
    space = ChoiceSpace("mine", {"a": ["<b>", "x"], "c": [1, 2]})
    page = space._repr_html_()
    assert "mine: 4 architectures" in page
    assert "<b>" not in page
    assert "<svg" in page
    assert page == space._repr_html_()

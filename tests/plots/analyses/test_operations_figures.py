"""The figures of the study ``operations``: everything lies within them, and each says what it leaves out."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from framed import assert_within

from benchmarks import load_benchmark
from benchmarks.analyses.operations import operations
from benchmarks.spaces.pool import PoolSpace
from benchmarks.table import build_table
from plots.analyses.operations import MOST_PANELS, operations_figures


@pytest.fixture(scope="module")
def pooled():
    """The tables of a pool with intervals, by several names."""
    whole = load_benchmark("nasbench201-cifar10")
    members = whole.space.enumerate()[::40]
    facts = replace(whole.facts, name="a pool of architectures-with quite a long name", space="pool")
    errors = {200.0: whole.errors(members, 200.0)}
    pool = build_table(facts, PoolSpace("pool", whole.space, members), errors, {200.0: errors[200.0] + 1})
    return operations([pool])[0]


def many(tables, n):
    names = [f"number {place}" for place in range(n)]
    return {
        key: pd.concat([table.assign(benchmark=name) for name in names], ignore_index=True)
        for key, table in tables.items()
    }


def test_everything_lies_within_the_figures(pooled):
    figures = operations_figures(pooled)
    assert set(figures) == {"within", "operations", "occurrences", "positions"}
    for name, figure in figures.items():
        assert_within(figure)
        assert ("95 % intervals of a sample" in figure.get_label()) == (name != "positions")


def test_choices_without_a_common_pool_have_two_figures():
    tables, _ = operations([load_benchmark("synthetic")])
    figures = operations_figures(tables)
    assert set(figures) == {"within", "operations"}
    for figure in figures.values():
        assert_within(figure)
        assert "95 %" not in figure.get_label()


@pytest.mark.slow
def test_a_figure_says_how_many_benchmarks_it_leaves_out(pooled):
    figures = operations_figures(many(pooled, MOST_PANELS + 2))
    panels = [axes for axes in figures["positions"].axes if axes.axison]
    assert len(panels) == MOST_PANELS
    assert "Without 2 of the benchmarks" in figures["positions"].get_label()

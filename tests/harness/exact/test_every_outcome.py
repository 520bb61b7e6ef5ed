"""The formulas agree with going through every outcome, also with equal errors and another target."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from worlds import every_outcome, make_world

from benchmarks.analyses.neighbourhoods import find_edges
from harness.exact.answers import find_law
from harness.simulation.protocols import Budget, resolve_protocol

FEW = st.lists(st.integers(1, 3), min_size=6, max_size=6)  # of six errors, some are equal


@pytest.mark.parametrize("full", [False, True])
@settings(max_examples=10, deadline=None, derandomize=True)
@given(errors=FEW, test=st.permutations(range(6)), initial=st.integers(1, 7))
def test_local_search_without_memory(full, errors, test, initial):
    repeats = np.array(errors)[:, np.newaxis] / 10 + [-0.01, 0.01]  # noise is the scale where all are equal
    table = make_world(repeats, shape=(2, 3), test=np.array(test) / 10, repeats=2)
    rules = resolve_protocol("standard", {"signal": "mean"}, Budget(evaluations=8), table.facts)
    parameters = {"memory": False, "initial": initial, "query_full_neighbourhood": full}
    found = find_law("local_search", parameters, table, rules, "test@2", np.arange(1, 9))
    edges = find_edges(table.space)
    near = [edges.target[edges.source == a].tolist() for a in range(6)]
    regret = np.array(test) / 10
    exact = [[law @ regret, law @ regret**2] for law in every_outcome(near, errors, initial, full=full, evaluations=8)]
    assert_allclose(np.stack([found.mean(), found.probability @ found.regret**2], axis=1), exact, atol=1e-12)


def test_a_single_architecture_without_neighbours():
    table = make_world([[0.1, 0.3], [0.2, 0.2]], shape=(2, 1), repeats=2)
    rules = resolve_protocol("standard", {"signal": "mean"}, Budget(evaluations=5), table.facts)
    law = find_law("local_search", {"memory": False}, table, rules, "validation@2", np.arange(1, 6))
    assert_allclose(law.mean(), 0, atol=1e-15)
    assert_allclose(law.median(), 0, atol=1e-15)

"""The DARTS space: its notation, its edits and its encodings."""

from __future__ import annotations

import numpy as np
import pytest
from darts_genotypes import DARTS_V2, PC_DARTS
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmarks import BenchmarkError
from benchmarks.nasbench301.space import EDGES, NODES, OPERATIONS, DARTSSpace

SPACE = DARTSSpace()
SURE = 1e-4  # the seeds are fixed, so a smaller p-value shows a bias

architectures = st.tuples(*(st.integers(0, c - 1) for c in SPACE.cardinalities))


def moved(before, after):
    """Return which of the sixteen edges an edit changed, and whether it changed the operation or the input."""
    found = []
    for node in range(0, 2 * EDGES, 2):
        old, new = (set(SPACE.edges(a)[node : node + 2]) for a in (before, after))
        if old != new:
            (was,), (became,) = old - new, new - old
            assert (was[0] == became[0]) != (was[1] == became[1])
            found.append((node + SPACE.edges(before)[node : node + 2].index(was), was[0] == became[0]))
    return found


def test_the_size_agrees_with_the_papers():
    assert SPACE.size == (1 * 3 * 6 * 10 * 7**8) ** 2  # about 10 ** 18
    assert 1e18 < SPACE.size < 2**63


def test_darts_v2_is_read_and_written():
    architecture = SPACE.from_string(DARTS_V2)
    assert SPACE.edges(architecture)[:EDGES] == ((0, 3), (1, 3), (0, 3), (1, 3), (0, 2), (1, 3), (0, 2), (2, 5))
    assert SPACE.from_string(SPACE.to_string(architecture)) == architecture
    assert SPACE.from_string(str([list(SPACE.edges(architecture)[i : i + EDGES]) for i in (0, EDGES)])) == architecture


@given(architectures, st.lists(st.booleans(), min_size=EDGES, max_size=EDGES))
def test_the_order_of_a_nodes_edges_does_not_matter(architecture, swaps):
    edges = list(SPACE.edges(architecture))
    for place, swap in enumerate(swaps):
        pair = edges[2 * place : 2 * place + 2]
        edges[2 * place : 2 * place + 2] = pair[::-1] if swap else pair
    assert SPACE.from_edges(edges) == architecture
    assert SPACE.from_string(str([edges[:EDGES], edges[EDGES:]])) == SPACE.canonical(architecture) == architecture


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (DARTS_V2.replace("sep_conv_3x3", "sep_conv_7x7"), "did you mean 'sep_conv_5x5'|did you mean 'sep_conv_3x3'"),
        (
            DARTS_V2.replace("('dil_conv_3x3', 2)", "('dil_conv_3x3', 5)"),
            "node 5: expected two different inputs below 5, got 0 and 5",
        ),
        (
            DARTS_V2.replace("('dil_conv_3x3', 2)", "('dil_conv_3x3', 0)"),
            "node 5: expected two different inputs below 5, got 0 and 0",
        ),
        (PC_DARTS.replace("('skip_connect', 0), ", ""), "expected 8 pairs per cell"),
        (PC_DARTS.replace("range(2, 6)", "range(3, 6)"), "unknown notation"),
        ("[[(0, 7), (1, 1), (0, 1), (1, 1), (0, 1), (1, 1), (0, 1), (1, 1)], [(0, 1)]]", "expected 8 pairs per cell"),
    ],
)
def test_the_message_on_a_wrong_genotype_gives_the_reason(wrong, says):
    with pytest.raises(BenchmarkError, match=says):
        SPACE.from_string(wrong)


def test_neighbours_are_every_edit_of_one_edge():
    architecture = SPACE.from_string(PC_DARTS)
    edits = [moved(architecture, near) for near in SPACE.neighbours(architecture)]
    assert len(edits) == 120
    assert all(len(edit) == 1 for edit in edits)
    of_edge = [[is_operation for ((edge, is_operation),) in edits if edge == at] for at in range(2 * EDGES)]
    other_inputs = [node - 2 for node in NODES for _ in range(2)] * 2
    assert [(kinds.count(True), kinds.count(False)) for kinds in of_edge] == [(6, n) for n in other_inputs]


@pytest.mark.parametrize("parent", [DARTS_V2, PC_DARTS])
def test_mutations_change_all_sixteen_edges_equally_often(parent):
    rng, architecture = np.random.default_rng(16), SPACE.from_string(parent)
    edits = [moved(architecture, SPACE.mutate(architecture, rng)) for _ in range(4_000)]
    assert all(len(edit) == 1 for edit in edits)
    edges = np.array([edit[0][0] for edit in edits])
    operations = np.array([edit[0][1] for edit in edits])
    assert stats.chisquare(np.bincount(edges, minlength=2 * EDGES)).pvalue > SURE
    at_node_2 = edges % EDGES < 2
    assert operations[at_node_2].all()
    assert stats.binomtest(int(operations[~at_node_2].sum()), int((~at_node_2).sum())).pvalue > SURE


def test_adjacency_has_sixteen_ones_where_the_edges_are():
    features = SPACE.encode([SPACE.from_string(DARTS_V2)], "adjacency").reshape(2, 14, len(OPERATIONS))
    assert features.sum() == 2 * EDGES
    assert features[0, 0, OPERATIONS.index("sep_conv_3x3")] == 1  # input 0 of node 2
    assert features[0, 11, OPERATIONS.index("dil_conv_3x3")] == 1  # input 2 of node 5: after 2 + 3 + 4 + 2 other edges


def test_paths_agree_with_a_calculation_by_hand():
    normal, reduction = SPACE.encode([SPACE.from_string(DARTS_V2)], "path_full").reshape(2, 2, 2800)
    sep, skip, dil = (OPERATIONS.index(name) for name in ("sep_conv_3x3", "skip_connect", "dil_conv_3x3"))
    longer = 7 + sep + 7 * dil  # through node 2, an input of node 5
    assert np.flatnonzero(normal[0]).tolist() == sorted([sep, skip, longer])
    assert np.flatnonzero(normal[1]).tolist() == sorted([sep, longer])
    pool = OPERATIONS.index("max_pool_3x3")
    assert np.flatnonzero(reduction[0]).tolist() == sorted([pool, 7 + pool + 7 * skip])
    assert np.array_equal(reduction[1], reduction[0])


@given(st.lists(architectures, min_size=1, max_size=3))
def test_the_truncated_paths_are_the_first_of_all(rows):
    every = SPACE.encode(rows, "path_full").reshape(len(rows), 4, 2800)
    assert np.array_equal(SPACE.encode(rows, "path").reshape(len(rows), 4, 25), every[:, :, :25])

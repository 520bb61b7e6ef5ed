"""The space of NAS-Bench-201: comparison with published facts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from benchmarks import BenchmarkError, UnknownNameError
from benchmarks.nasbench201.space import EDGES, OPERATIONS, NASBench201Space

RESNET = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|"


@pytest.fixture(scope="module")
def space() -> NASBench201Space:
    return NASBench201Space()


@pytest.fixture(scope="module")
def everything(space):
    return space.enumerate()


class TestSpace:
    def test_there_are_15625_cells_with_24_neighbours_each(self, space, everything):
        assert space.size == len(everything) == 15_625
        assert {len(space.neighbours(tuple(a))) for a in everything.tolist()} == {24}

    def test_the_literature_notation(self, space):
        assert space.from_string(RESNET) == (3, 3, 3, 1, 3, 3) == space.from_string("333133")
        assert space.to_string((3, 3, 3, 1, 3, 3)) == RESNET
        assert space.to_string((0, 1, 2, 3, 4, 0)) == (
            "|none~0|+|skip_connect~0|nor_conv_1x1~1|+|nor_conv_3x3~0|avg_pool_3x3~1|none~2|"
        )

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "33313",
            "333135",
            "3331333",
            "٣٣٣١٣٣",
            RESNET[:-1],
            RESNET + "|",
            RESNET.replace("~2", "~1"),
            RESNET.replace("nor_conv_3x3~2", "sep_conv_3x3~2"),
            RESNET.replace("+", ""),
            f" {RESNET}",
        ],
    )
    def test_anything_else_is_rejected_and_the_message_shows_the_notation(self, space, text):
        with pytest.raises(BenchmarkError, match=r"is not an architecture.*\|op~0\|.*nor_conv_3x3.*six digits"):
            space.from_string(text)

    @pytest.mark.parametrize(("rule", "classes"), [("keep_zeros", 6_466), ("drop_zeros", 5_390)])
    def test_canonical_classes(self, space, everything, rule, classes):
        cells = list(map(tuple, everything.tolist()))
        representatives = [space.canonical(a, rule) for a in cells]
        assert len(set(representatives)) == classes
        assert len({space.class_string(a, rule) for a in cells}) == classes
        assert all(space.canonical(r, rule) == r for r in set(representatives))
        for row, representative in enumerate(representatives):
            assert space.index(representative) <= row

    def test_the_default_rule_is_the_literature_s(self, space):
        assert space.canonical((0, 0, 4, 1, 2, 3)) == space.canonical((0, 0, 4, 1, 2, 3), "keep_zeros")
        assert space.canonical((3, 0, 1, 0, 0, 1)) == space.canonical((0, 3, 0, 0, 0, 1))  # a node that copies another

    @pytest.mark.parametrize("rule", ["keep_zeros", "drop_zeros"])
    def test_cells_of_a_class_compute_the_same(self, space, everything, rule):
        # Feed a number through each cell, with different functions of f(0) = 0 in place of the trained operations.
        operations = [lambda x: 0.0, lambda x: x, lambda x: math.sin(1.7 * x), lambda x: math.atan(2.3 * x) ** 3]
        operations.append(lambda x: math.expm1(0.4 * x))
        assert len(operations) == len(OPERATIONS)
        computed: dict[str, set[float]] = {}
        for cell in everything.tolist():
            nodes = [0.83, 0.0, 0.0, 0.0]
            for value, (source, target) in zip(cell, EDGES, strict=True):
                nodes[target] += operations[value](nodes[source])
            computed.setdefault(space.class_string(tuple(cell), rule), set()).add(round(nodes[3], 9))
        assert all(len(values) == 1 for values in computed.values())
        # Different classes can compute the same: the strings keep the nesting of a sum behind a skip connection.
        assert len(set().union(*computed.values())) == 4_930


class TestPathEncoding:
    space = NASBench201Space()

    def columns(self, architecture, encoding):
        return np.flatnonzero(self.space.encode([architecture], encoding)[0]).tolist()

    def test_shapes_and_names(self):
        assert {"path", "path_full"} < set(self.space.encodings)
        genotypes = self.space.enumerate()
        assert self.space.encode(genotypes, "path").shape == (15_625, 30)
        full = self.space.encode(genotypes, "path_full")
        assert full.shape == (15_625, 155)
        assert full.dtype == np.float32
        assert set(np.unique(full)) == {0.0, 1.0}
        assert self.space.encode([], "path").shape == (0, 30)

    def test_the_truncated_one_is_the_beginning_of_the_full_one(self):
        genotypes = self.space.enumerate()
        np.testing.assert_array_equal(
            self.space.encode(genotypes, "path"), self.space.encode(genotypes, "path_full")[:, :30]
        )

    def test_paths_agree_with_a_calculation_by_hand(self):
        # 0->1 skip (1), 0->2 conv1x1 (2), 1->2 conv3x3 (3), 0->3 pool (4), 1->3 none (0), 2->3 conv1x1 (2)
        # length 1: 4; length 2: 5 + (1 + 5 * 0) = 6, 5 + (2 + 5 * 2) = 17; length 3: 30 + (1 + 5 * 3 + 25 * 2) = 96
        assert self.columns((1, 2, 3, 4, 0, 2), "path_full") == [4, 6, 17, 96]
        assert self.columns((1, 2, 3, 4, 0, 2), "path") == [4, 6, 17]

    def test_equal_paths_share_a_column_and_the_corners_are_the_ends(self):
        assert self.columns((0,) * 6, "path_full") == [0, 5, 30]
        assert self.columns((4,) * 6, "path_full") == [4, 29, 154]
        assert self.columns((3, 3, 0, 1, 2, 2), "path") == [1, 5 + 3 + 5 * 2]

    def test_paths_agree_with_walking_the_edges(self):
        def paths(node, architecture):
            """Walk the edges, and return all sequences of operations from this node to the output."""
            if node == 3:
                return [()]
            ends = [(value, end) for value, (start, end) in zip(architecture, EDGES, strict=True) if start == node]
            return [(value, *rest) for value, end in ends for rest in paths(end, architecture)]

        def sequence(column):
            length = 1 if column < 5 else 2 if column < 30 else 3
            rest = column - sum(5**i for i in range(1, length))
            return tuple(rest // 5**i % 5 for i in range(length))

        rng = np.random.default_rng(0)
        for _ in range(200):
            architecture = self.space.sample(rng)
            walked = set(paths(0, architecture))
            assert {sequence(c) for c in self.columns(architecture, "path_full")} == walked
            assert {sequence(c) for c in self.columns(architecture, "path")} == {p for p in walked if len(p) < 3}


class TestMutations:
    """The exact probabilities of every child under each operator, by a chi-square test over all children."""

    def changes(self, space, name, n=40_000, parent=(0, 1, 2, 3, 4, 0)):
        """Return which positions differ from the parent, and by how much modulo 5, each ``(n, 6)``."""
        rng = np.random.default_rng(17)
        operator = space.mutation(name)
        children = np.array([operator(parent, rng) for _ in range(n)])
        steps = (children - np.array(parent)) % len(OPERATIONS)
        return steps != 0, steps

    def test_one_edit_is_uniform_over_the_24_neighbours(self, space):
        changed, steps = self.changes(space, "one_edit")
        assert np.all(changed.sum(axis=1) == 1)
        counts = np.zeros((6, 5))
        np.add.at(counts, (changed.argmax(axis=1), steps.max(axis=1)), 1)
        assert np.all(counts[:, 0] == 0)
        assert stats.chisquare(counts[:, 1:].ravel()).pvalue > 1e-4

    def test_node_then_edge_draws_the_edge_from_0_to_1_three_times_as_often_as_one_to_node_3(self, space):
        changed, steps = self.changes(space, "node_then_edge")
        assert np.all(changed.sum(axis=1) == 1)
        incoming = [sum(target == node for _, target in EDGES) for node in range(4)]
        edge = np.array([1 / 3 / incoming[target] for _, target in EDGES])
        np.testing.assert_allclose(edge, [1 / 3, 1 / 6, 1 / 6, 1 / 9, 1 / 9, 1 / 9])
        counts = np.zeros((6, 5))
        np.add.at(counts, (changed.argmax(axis=1), steps.max(axis=1)), 1)
        assert np.all(counts[:, 0] == 0)
        expected = np.repeat(edge / 4, 4) * len(changed)
        assert stats.chisquare(counts[:, 1:].ravel(), expected).pvalue > 1e-4

    def test_each_position_changes_independently_with_probability_one_quarter(self, space):
        changed, steps = self.changes(space, "each_position")
        codes = changed @ 2 ** np.arange(6)
        k = np.array([bin(code).count("1") for code in range(64)])
        expected = 0.25**k * 0.75 ** (6 - k) * len(changed)
        observed = np.bincount(codes, minlength=64)
        assert stats.chisquare(observed, expected).pvalue > 1e-4
        assert observed[0] == pytest.approx(0.75**6 * len(changed), rel=0.05)  # the parent itself
        values = [np.bincount(column[column > 0], minlength=5)[1:] for column in steps.T]
        assert min(stats.chisquare(counts).pvalue for counts in values) > 1e-4

    def test_an_unknown_operator_gets_the_nearest(self, space):
        with pytest.raises(UnknownNameError, match="mutation of space 'nasbench201' 'each_positon'; did you mean"):
            space.mutation("each_positon")

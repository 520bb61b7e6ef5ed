"""The space of NAS-Bench-101: comparison with published facts."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from benchmarks import BenchmarkError
from benchmarks.nasbench101.cells import canonical_cell, cell_hash, count_edges, prune, valid_edge_sets
from benchmarks.nasbench101.space import EDGE_SETS, OPERATIONS, NASBench101Space, five_vertices, four_vertices
from benchmarks.nasbench101.surrogate import CELLS_FILE

SPACE = NASBench101Space()
RECORDED = "0110001100010000;input,conv1x1-bn-relu,conv3x3-bn-relu,output"
"""A cell of EC-NAS-Bench and its recorded hash."""
RECORDED_HASH = "5529e1779433733d1145e20de5d8604e"


def genotype(space, edges, operations=()):
    """Return the architecture with these edges, whose first operations are these."""
    places = list(combinations(range(space.vertices), 2))
    inner = (*operations, *[0] * (space.vertices - 2 - len(operations)))
    return (*(int(place in edges) for place in places), *inner)


def draw(space, seed):
    return space.sample(np.random.default_rng(seed))


class TestValidity:
    def test_the_counts_of_edge_sets(self):
        assert {v: len(valid_edge_sets(v)) for v in (3, 4, 5, 6)} == {v: EDGE_SETS[v] for v in (3, 4, 5, 6)}
        assert SPACE.size == EDGE_SETS[7] * 3**5 == 373_754_169

    @pytest.mark.slow
    def test_the_count_for_seven_vertices(self):
        assert len(valid_edge_sets(7)) == EDGE_SETS[7]

    def test_input_and_output_must_be_connected(self):
        assert SPACE.is_valid(genotype(SPACE, {(0, 6)}))
        assert not SPACE.is_valid(genotype(SPACE, set()))
        assert not SPACE.is_valid(genotype(SPACE, {(0, 1), (2, 6)}))
        assert SPACE.is_valid(genotype(SPACE, {(0, 1), (1, 6)}))

    def test_nine_edges_are_allowed_and_pruned_ones_do_not_count(self):
        nine = {(0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (1, 6), (2, 6), (3, 6), (4, 6)}
        assert SPACE.is_valid(genotype(SPACE, nine))
        assert not SPACE.is_valid(genotype(SPACE, nine | {(5, 6)}))
        dangling = {(0, 6)} | {(0, w) for w in range(1, 6)} | {(1, w) for w in range(2, 6)} | {(2, 3)}
        assert len(dangling) == 11
        assert SPACE.is_valid(genotype(SPACE, dangling))
        assert not SPACE.is_valid(genotype(SPACE, set(combinations(range(7), 2))))

    def test_the_scalar_and_the_batch_rule_agree(self):
        rng = np.random.default_rng(3)
        rows = rng.integers(0, SPACE.cardinalities, (2_000, len(SPACE.cardinalities)))
        expected = [SPACE.is_valid(tuple(row)) for row in rows.tolist()]
        assert SPACE.valid(rows).tolist() == expected
        assert 0.65 < np.mean(expected) < 0.8  # 73 % of all edge sets

    def test_too_many_to_list(self):
        with pytest.raises(BenchmarkError, match=r"'nasbench101' has 373,754,169 genotypes, too many to list"):
            SPACE.enumerate()


class TestPruning:
    def test_unused_vertices_are_removed(self):
        edges = {(0, 1), (1, 6), (1, 2), (3, 6), (4, 5)}
        assert SPACE.cell(genotype(SPACE, edges, (2, 1, 0, 1, 1))) == ((0b010, 0b100, 0), (-1, 2, -2))
        assert SPACE.cell(genotype(SPACE, {(0, 1), (1, 2)})) is None

    def test_pruning_a_pruned_cell_changes_nothing(self):
        for seed in range(200):
            cell = SPACE.cell(draw(SPACE, seed))
            assert prune(*cell) == cell
            assert count_edges(cell) <= 9


class TestHash:
    def test_a_recorded_cell_in_each_space(self):
        for space in (SPACE, four_vertices(), five_vertices()):
            assert space.hash(space.from_string(RECORDED)) == RECORDED_HASH

    def test_pruned_parts_do_not_change_the_hash(self):
        cell = SPACE.from_string(RECORDED)
        loose = list(cell)
        loose[SPACE._edges.index((3, 4))] = 1
        loose[-1] = 2
        assert SPACE.cell(tuple(loose)) == SPACE.cell(cell)
        assert SPACE.hash(tuple(loose)) == RECORDED_HASH
        assert SPACE.canonical(tuple(loose)) == SPACE.canonical(cell) != tuple(loose)

    def test_an_invalid_architecture_has_no_hash(self):
        for question in (SPACE.hash, SPACE.canonical):
            with pytest.raises(
                BenchmarkError, match="is not an architecture of space 'nasbench101': after pruning, input and output"
            ):
                question(genotype(SPACE, {(0, 1)}))

    @settings(derandomize=True, deadline=None, max_examples=150)
    @given(st.integers(0, 2**32), st.permutations(range(1, 6)))
    def test_isomorphic_cells_have_equal_hashes_and_canonical_forms(self, seed, order):
        architecture = draw(SPACE, seed)
        edges = {edge for edge, value in zip(SPACE._edges, architecture, strict=False) if value}
        place = {0: 0, 6: 6} | dict(zip(order, range(1, 6), strict=True))
        moved = {(place[v], place[w]) for v, w in edges}
        inner = tuple(architecture[len(SPACE._edges) + vertex - 1] for vertex in order)
        if any(v > w for v, w in moved):
            return
        other = genotype(SPACE, moved, inner)
        assert SPACE.hash(other) == SPACE.hash(architecture)
        assert SPACE.canonical(other) == SPACE.canonical(architecture)

    @pytest.mark.parametrize(("make", "cells"), [(four_vertices, 91), (five_vertices, 2_532)])
    def test_small_spaces_have_as_many_cells_as_published_and_hash_and_canonical_form_agree(self, make, cells):
        space = make()
        pairs = {(space.hash(a), space.canonical(a)) for a in map(tuple, space.enumerate().tolist())}
        assert len(pairs) == len({h for h, _ in pairs}) == len({c for _, c in pairs}) == cells

    def test_batches_equal_single_queries(self):
        drawn = [draw(SPACE, seed) for seed in range(50)]
        assert SPACE.indices(drawn).tolist() == [SPACE.index(a) for a in drawn]


def official_cells(folder, step):
    """Yield every ``step``-th cell of the official data and its hash."""
    with np.load(folder / CELLS_FILE) as records:
        counts, rows = records["n_vertices"][::step].tolist(), records["adjacency"][::step].tolist()
        operations, hashes = records["ops"][::step].tolist(), records["hash_hex"][::step]
    for n, packed, labels, official in zip(counts, rows, operations, hashes, strict=True):
        # Row v of the matrix begins at the diagonal, with the highest bit first.
        successors = tuple(sum(1 << w for w in range(v, n) if packed[v] >> (7 - w + v) & 1) for v in range(n))
        yield (successors, tuple(labels[:n])), official.tobytes().hex()


def check_official(cells):
    checked, forms = 0, set()
    for cell, official in cells:
        assert cell_hash(cell) == official
        assert prune(*cell) == cell
        forms.add(canonical_cell(cell))
        checked += 1
    assert len(forms) == checked
    return checked


@pytest.mark.data(CELLS_FILE)
def test_5000_official_hashes(data_folder):
    assert check_official(official_cells(data_folder, 85)) == 4_984


@pytest.mark.data(CELLS_FILE)
@pytest.mark.slow
def test_all_official_hashes(data_folder):
    assert check_official(official_cells(data_folder, 1)) == 423_624


class TestMutation:
    def test_as_published_flips_three_edges_and_replaces_one_operation_on_average(self):
        rng, parent = np.random.default_rng(0), genotype(SPACE, {(0, 6)})
        children = np.array([SPACE.mutate_as_published(parent, rng) for _ in range(2_000)])
        assert all(SPACE.is_valid(tuple(child)) for child in children.tolist())
        changed = children != np.array(parent)
        assert changed[:, 21:].sum(axis=1).mean() == pytest.approx(1.0, abs=0.08)
        loose = [edge not in ((0, 6),) for edge in SPACE._edges]
        assert changed[:, :21][:, loose].sum(axis=1).mean() == pytest.approx(20 / 7, abs=0.25)
        assert (SPACE.mutate_as_published(parent, rng, 1e-9)) == parent

    @pytest.mark.parametrize(("name", "edge"), [("each_position", 1 / 21), ("ying2019", 1 / 7)])
    def test_operators_change_each_edge_and_operation_with_the_probability_of_their_code(self, name, edge):
        # The direct edge stays if nothing else connects input and output. All else is free: at most 9 edges, all used.
        rng, parent = np.random.default_rng(3), genotype(SPACE, {(0, 6)})
        operator = SPACE.mutation(name)
        changed = np.array([operator(parent, rng) for _ in range(6_000)]) != np.array(parent)
        kept = changed[~changed[:, list(SPACE._edges).index((0, 6))]]
        operations = kept[:, 21:]
        counts = np.bincount(operations.sum(axis=1), minlength=6)
        expected = stats.binom.pmf(np.arange(6), 5, 1 / 5) * len(kept)
        pooled = [np.append(x[:4], x[4:].sum()) for x in (counts, expected)]
        assert stats.chisquare(*pooled).pvalue > 1e-4
        assert stats.chisquare(operations.sum(axis=0)).pvalue > 1e-4
        flips = kept[:, [i for i, ends in enumerate(SPACE._edges) if ends != (0, 6)]].mean(axis=0)
        assert flips.mean() == pytest.approx(edge, abs=0.005)

    def test_an_edit_that_would_break_the_cell_is_not_a_neighbour(self):
        only = genotype(SPACE, {(0, 6)})
        near = SPACE.neighbours(only)
        assert len(near) == 20 + 5 * 2
        assert genotype(SPACE, set()) not in near


class TestEncodings:
    def test_adjacency(self):
        space = four_vertices()
        features = space.encode([space.from_string(RECORDED)], "adjacency")[0].tolist()
        assert features == [1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 0]

    def test_paths_by_hand(self):
        # Input to output over conv3x3 (0), over conv1x1 (1), and over conv1x1 then conv3x3 (1, 0).
        space = four_vertices()
        features = space.encode([space.from_string(RECORDED)], "path_full")[0]
        assert features.shape == (1 + 3 + 9,)
        assert np.flatnonzero(features).tolist() == [1, 2, 4 + 1 + 3 * 0]
        chain = genotype(space, {(0, 1), (1, 2), (2, 3), (0, 3)}, (2, 1))  # maxpool, then conv1x1; and a direct path
        assert np.flatnonzero(space.encode([chain], "path_full")[0]).tolist() == [0, 4 + 2 + 3 * 1]

    def test_all_paths_by_walking(self):
        for seed in range(100):
            architecture = draw(SPACE, seed)
            edges = {edge for edge, value in zip(SPACE._edges, architecture, strict=False) if value}
            walks, expected = [(0,)], set()
            while walks:
                walk = walks.pop()
                if walk[-1] == 6:
                    operations = [architecture[21 + v - 1] for v in walk[1:-1]]
                    expected.add(sum(3**i * (operation + 1) for i, operation in enumerate(operations)))
                walks += [(*walk, w) for v, w in edges if v == walk[-1]]
            features = SPACE.encode([architecture], "path_full")[0]
            assert features.shape == (364,)
            assert set(np.flatnonzero(features).tolist()) == expected
            assert np.array_equal(SPACE.encode([architecture], "path")[0], features[:40])


class TestNotation:
    def test_a_smaller_cell_is_read_with_its_output_moved_to_the_end(self):
        architecture = five_vertices().from_string(RECORDED)
        assert five_vertices().to_string(architecture) == (
            "0110000101000010000000000;input,conv1x1-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,output"
        )

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("0110001100010000;input,conv1x1-bn-relu,output", "as many as there are operations"),
            ("0110001100010000;input,conv1x1-bn-relu,conv5x5-bn-relu,output", "the operations are wrong"),
            ("0110001100010000;output,conv1x1-bn-relu,conv3x3-bn-relu,input", "the operations are wrong"),
            ("0110001100010001;input,conv1x1-bn-relu,conv3x3-bn-relu,output", "every edge leads to a later vertex"),
            ("0110001101010000;input,conv1x1-bn-relu,conv3x3-bn-relu,output", "every edge leads to a later vertex"),
            ("0110000000000000;input,conv1x1-bn-relu,conv3x3-bn-relu,output", "must be connected by at most nine"),
            ("0120001100010000;input,conv1x1-bn-relu,conv3x3-bn-relu,output", "must have 2 to 7 vertices"),
            ("0;input", "must have 2 to 7 vertices"),
            ("0" * 64 + ";input," + ",".join(OPERATIONS * 2) + ",output", "must have 2 to 7 vertices"),
        ],
    )
    def test_anything_else_is_rejected_and_the_message_gives_the_reason(self, text, reason):
        with pytest.raises(BenchmarkError, match=f"is not an architecture of space 'nasbench101': .*{reason}.*; write"):
            SPACE.from_string(text)

    @settings(derandomize=True, deadline=None)
    @given(st.text("01;,inputo-", max_size=40))
    def test_arbitrary_text_raises_no_other_error(self, text):
        with pytest.raises(BenchmarkError):
            SPACE.from_string(text)

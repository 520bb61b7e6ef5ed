"""Pools: neighbours are the nearest members, and only members are drawn."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import BenchmarkError, ChoiceSpace, load_benchmark
from benchmarks.nasbench101.space import NASBench101Space
from benchmarks.spaces.pool import LARGEST, PoolSpace
from benchmarks.storage.tables import data_folder, open_table, write_table
from benchmarks.table import build_table

CHOICES = ChoiceSpace("choices", {"a": range(3), "b": range(3), "c": range(2)})
MEMBERS = np.array([[0, 0, 0], [0, 0, 1], [0, 1, 1], [2, 2, 1], [1, 1, 1]], dtype=np.int16)


def test_neighbours_are_sorted_by_distance_and_then_by_place():
    pool = PoolSpace("pool", CHOICES, MEMBERS, neighbours=3)
    assert pool.neighbours((0,)) == [(1,), (2,), (3,)]
    assert pool.neighbours((2,)) == [(1,), (4,), (0,)]
    assert pool.neighbours((3,)) == [(1,), (2,), (4,)]  # two edits from each
    assert PoolSpace("pool", CHOICES, MEMBERS).neighbours((4,)) == [(2,), (1,), (3,), (0,)]


def test_neighbours_of_cells_are_those_that_share_most_paths():
    space, rng = NASBench101Space(), np.random.default_rng(4)
    members = np.array([space.sample(rng) for _ in range(400)], dtype=np.int16)
    pool = PoolSpace("cells", space, members, neighbours=10)
    paths = space.encode(members, "path_full")
    for row in (0, 17, 399):
        distances = np.abs(paths - paths[row]).sum(axis=1)
        distances[row] = np.inf
        assert pool.neighbours((row,)) == [(i,) for i in np.argsort(distances, kind="stable")[:10].tolist()]


def test_notation_and_features_are_those_of_the_other_space():
    pool = PoolSpace("pool", CHOICES, MEMBERS)
    assert pool.to_string((3,)) == "a=2,b=2,c=1"
    assert pool.from_string("a=2,b=2,c=1") == (3,)
    assert np.array_equal(pool.encode([(3,), (0,)], "one_hot"), CHOICES.encode(MEMBERS[[3, 0]], "one_hot"))
    with pytest.raises(
        BenchmarkError, match=r"is not an architecture of space 'pool': it is not one of the 5 recorded"
    ):
        pool.from_string("a=0,b=2,c=1")


def test_an_isomorphic_cell_is_read_as_the_member():
    space = NASBench101Space()
    member = space.from_string("0110001100010000;input,conv1x1-bn-relu,conv3x3-bn-relu,output")
    loose = (*member[:-1], 2)
    pool = PoolSpace("cells", space, np.array([member], dtype=np.int16))
    assert pool.from_string(space.to_string(loose)) == (0,)


@pytest.mark.parametrize("n", [0, LARGEST + 1])
def test_too_many_members_or_none_are_rejected(n):
    with pytest.raises(
        BenchmarkError, match=r"expected 1 to 32,767 recorded architectures of space 'choices' for a pool, got"
    ):
        PoolSpace("pool", CHOICES, np.zeros((n, 3), dtype=np.int16))


def test_a_single_member_has_no_neighbour():
    pool = PoolSpace("pool", CHOICES, MEMBERS[:1])
    assert pool.neighbours((0,)) == []
    with pytest.raises(BenchmarkError, match="a single architecture"):
        pool.mutate((0,), np.random.default_rng(0))


def test_a_stored_pool_of_a_user_defined_space_is_restored(tmp_path, monkeypatch):
    monkeypatch.setenv("REGRETTA_DATA", str(tmp_path))
    facts = load_benchmark("synthetic").facts
    pool = PoolSpace("pool", CHOICES, MEMBERS, neighbours=2)
    facts = type(facts)(**(vars(facts) | {"name": "mine", "space": "pool", "fidelities": (1.0,)}))
    errors = np.linspace(0.1, 0.2, 5)[:, None] + [0.0, 0.001]
    write_table(build_table(facts, pool, {1.0: errors}, {1.0: np.ones((5, 1))}))
    opened = open_table("mine")
    assert (data_folder() / "mine").is_dir()
    assert isinstance(opened.space, PoolSpace)
    assert isinstance(opened.space.of, ChoiceSpace)
    assert opened.space.of.choices == CHOICES.choices
    assert [opened.space.neighbours((i,)) for i in range(5)] == [pool.neighbours((i,)) for i in range(5)]
    assert np.array_equal(opened.errors([(3,)], 1.0), errors[3:4])

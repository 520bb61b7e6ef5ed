"""The operations of architectures, against the notation of the literature."""

from __future__ import annotations

import re

import numpy as np
import pytest

from benchmarks import ChoiceSpace
from benchmarks.registry import load_space
from benchmarks.spaces.operations import operations_of_choices
from benchmarks.spaces.structured import StructuredChoiceSpace
from benchmarks.transnasbench101 import MODULE_KINDS
from benchmarks.transnasbench101 import OPERATIONS as TRANS_OPERATIONS


def drawn(space, n=200, seed=3):
    rng = np.random.default_rng(seed)
    return np.array([space.sample(rng) for _ in range(n)], dtype=np.int16)


def named(space, genotypes):
    """The names of the operations of each architecture, without positions that it does not use."""
    found = space.operations(genotypes)
    return [[found.names[code] for code in row if code >= 0] for row in found.codes.tolist()]


def written(space, genotypes):
    return [space.to_string(tuple(row)) for row in genotypes.tolist()]


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("nasbench201", lambda text: re.findall(r"\|([a-z0-9_]+)~", text)),
        ("darts", lambda text: re.findall(r"\('(\w+)', \d\)", text)),
        ("natsbench-size", lambda text: [f"{part} channels" for part in text.split(":")]),
        (
            "transnasbench101-micro",
            lambda text: [TRANS_OPERATIONS[int(digit)] for digit in text.removeprefix("64-41414-").replace("_", "")],
        ),
        ("transnasbench101-macro", lambda text: [MODULE_KINDS[int(digit) - 1] for digit in text.split("-")[1]]),
    ],
)
def test_operations_are_those_of_the_notation(name, read):
    space = load_space(name)
    genotypes = drawn(space)
    assert named(space, genotypes) == [read(text) for text in written(space, genotypes)]


@pytest.mark.parametrize("name", ["nasbench101", "nasbench101-5v"])
def test_vertices_that_pruning_removes_have_no_operation(name):
    space = load_space(name)
    genotypes = drawn(space)
    found = space.operations(genotypes)
    pruned = 0
    for row, codes in zip(genotypes.tolist(), found.codes.tolist(), strict=True):
        _, (_, *inner, _) = space.cell(tuple(row))
        assert [code for code in codes if code >= 0] == inner
        pruned += len(inner) < len(codes)
    assert pruned > 20


@pytest.mark.parametrize("number", [1, 2, 3])
def test_blocks_that_do_not_lead_to_the_output_have_no_operation(number):
    space = load_space(f"nasbench1shot1-{number}")
    genotypes = drawn(space)
    for row, codes in zip(genotypes.tolist(), space.operations(genotypes).codes.tolist(), strict=True):
        assert sorted(code for code in codes if code >= 0) == sorted(space.cell(tuple(row))[1][1:-1])


def test_choices_share_a_pool_if_their_values_are_equal_and_their_names_differ_in_numbers():
    edges = ChoiceSpace("edges", {"edge_1": ("conv", "skip"), "edge_2": ("conv", "skip")})
    assert named(edges, np.array([[0, 1]])) == [["conv", "skip"]]
    assert edges.operations([[0, 1]]).has_one_pool
    mixed = ChoiceSpace("mixed", {"act_1": ("relu", "tanh"), "act_2": ("relu", "tanh"), "bias": ("relu", "tanh")})
    found = mixed.operations([[0, 1, 1]])
    assert found.names == ("act=relu", "act=tanh", "bias=relu", "bias=tanh")
    assert (found.pools, found.has_one_pool) == ((0, 0, 1, 1), False)
    assert found.codes.tolist() == [[0, 1, 3]]
    assert not ChoiceSpace("single", {"edge": ("conv", "skip")}).operations([[0]]).has_one_pool


def test_a_choice_that_does_not_apply_has_no_operation():
    choices = {"op_1": ("conv", "pool"), "size": ("", "3", "5")}
    space = StructuredChoiceSpace("conditional", choices, conditions={"size": ("op_1", ("conv",))})
    found = space.operations(space.enumerate())
    assert found.names == ("op_1=conv", "op_1=pool", "size=3", "size=5")
    assert sorted(found.codes.tolist()) == [[0, 2], [0, 3], [1, -1]]
    assert operations_of_choices({"a": ("", "x")}, np.array([[0], [1]])).names == ("a=", "a=x")

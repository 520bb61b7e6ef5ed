"""Products of choices, on spaces small enough to check by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import BenchmarkError, ChoiceSpace, UnknownNameError, unknown_name
from benchmarks.registry import SPACES, load_space

SPACE = ChoiceSpace("pair", {"units": (16, 32, 64), "rate": (0.1, "none")})
NAMES = st.text("abcdefgh_", min_size=1, max_size=6)


@st.composite
def spaces(draw):
    names = draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))
    return ChoiceSpace("any", {name: range(draw(st.integers(1, 4))) for name in names})


def test_the_last_position_varies_fastest():
    expected = [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1]]
    assert SPACE.enumerate().tolist() == expected
    assert SPACE.indices(expected).tolist() == [SPACE.index(tuple(a)) for a in expected] == [0, 1, 2, 3, 4, 5]


def test_neighbours_by_position_then_value():
    assert SPACE.neighbours((1, 0)) == [(0, 0), (2, 0), (1, 1)]


def test_encodings():
    assert SPACE.encode([(1, 0), (2, 1)], "one_hot").tolist() == [[0, 1, 0, 1, 0], [0, 0, 1, 0, 1]]
    assert SPACE.encode([(1, 0), (2, 1)], "ordinal").tolist() == [[0.5, 0], [1, 1]]
    with pytest.raises(BenchmarkError, match="unknown encoding of space 'pair' 'onehot'; did you mean 'one_hot'"):
        SPACE.encode([(1, 0)], "onehot")


def test_notation():
    assert SPACE.to_string((2, 1)) == "units=64,rate=none"
    assert SPACE.from_string(" rate=none , units=64") == (2, 1)


@pytest.mark.parametrize(
    "text",
    ["", "units=64", "units=64,rate", "units=48,rate=none", "units=64,rate=none,depth=1", "units=64,rate=none,",
     "units=64,units=32,rate=none", "units=64 rate=none", "64,none"],
)  # fmt: skip
def test_anything_else_is_rejected_and_the_message_shows_what_is_allowed(text):
    with pytest.raises(BenchmarkError, match=r"units in \{16, 32, 64\}; rate in \{0\.1, none\} exactly once"):
        SPACE.from_string(text)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(spaces(), st.integers(0, 2**32 - 1))
def test_any_space_passes_the_contract_checks(space, seed):
    rng = np.random.default_rng(seed)
    everything = space.enumerate()
    assert len(everything) == space.size
    assert np.array_equal(space.indices(everything), np.arange(space.size))
    architecture = space.sample(rng)
    assert space.is_valid(architecture)
    assert space.from_string(space.to_string(architecture)) == architecture
    near = space.neighbours(architecture)
    assert len(near) == len(set(near)) == sum(space.cardinalities) - len(space.cardinalities)
    assert np.isfinite(space.encode(everything, "ordinal")).all()
    assert np.all(space.encode(everything, "one_hot").sum(axis=1) == len(space.cardinalities))
    if near:
        assert space.mutate(architecture, rng) in near
    else:
        with pytest.raises(BenchmarkError, match="a single architecture: there is nothing to mutate"):
            space.mutate(architecture, rng)


def test_only_tuples_of_the_right_integers_are_valid():
    for wrong in [(), (0,), (0, 0, 0), (3, 0), (0, 2), (-1, 0)]:
        assert not SPACE.is_valid(wrong)


def test_every_registered_space_has_its_name():
    for name in SPACES:
        assert load_space(name).name == name
    with pytest.raises(UnknownNameError, match="did you mean 'nasbench201'"):
        load_space("nasbench-201")


def test_an_unknown_name_gets_a_suggestion_only_if_one_is_near():
    assert "did you mean 'local_search'" in unknown_name("algorithm", "local_serch", ["local_search", "random_search"])
    assert unknown_name("thing", "xyz", ["abc"]) == "unknown thing 'xyz'. Known: abc"
    assert unknown_name("thing", "xyz", []) == "unknown thing 'xyz'. Known: none"

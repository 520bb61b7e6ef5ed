"""What every space promises, whatever its name."""

from __future__ import annotations

import pickle
from functools import partial

import numpy as np
import pytest
from scipy import stats

from benchmarks import BenchmarkError, ChoiceSpace
from benchmarks.constrained import LISTABLE
from benchmarks.pool import PoolSpace
from benchmarks.registry import SPACES, load_space

DRAWS = 20_000
SURE = 1e-4  # seeds are fixed: a p-value below it is a bias, not bad luck


def pool():
    """A pool of cells, all of different hashes."""
    of = load_space("nasbench101")
    rng = np.random.default_rng(9)
    cells = {of.hash(cell): cell for cell in (of.sample(rng) for _ in range(500))}
    return PoolSpace("some cells", of, np.array(list(cells.values()), dtype=np.int16))


def pool_of_choices():
    of = ChoiceSpace("choices", {"depth": (1, 2, 3), "width": (8, 16, 32), "skip": ("no", "yes")})
    return PoolSpace("some choices", of, of.enumerate()[::2], neighbours=4)


MAKERS = {name: partial(load_space, name) for name in SPACES} | {"pool": pool, "pool of choices": pool_of_choices}


@pytest.fixture(scope="module", params=MAKERS)
def space(request):
    return MAKERS[request.param]()


@pytest.fixture(scope="module")
def everything(space):
    """All genotypes; None where there are too many to list."""
    if space.size <= LISTABLE:
        return space.enumerate()
    with pytest.raises(BenchmarkError, match=r"too many to list; draw from it with sample\(\)"):
        space.enumerate()
    return None


@pytest.fixture(scope="module")
def some(space, everything):
    """40 different architectures, the first and the last among them where they are known; read-only."""
    rng = np.random.default_rng(1)
    drawn = list(dict.fromkeys(space.sample(rng) for _ in range(200)))
    if everything is not None:
        drawn = [tuple(everything[0].tolist()), tuple(everything[-1].tolist()), *drawn]
    genotypes = np.array(list(dict.fromkeys(drawn))[:40], dtype=np.int16)
    genotypes.flags.writeable = False
    return genotypes


def tuples(genotypes):
    return list(map(tuple, genotypes.tolist()))


def chi_square(counts):
    """p-value of counts that should be equal."""
    return stats.chisquare(np.asarray(counts)).pvalue


def test_enumerate_lists_every_architecture_once_in_the_order_of_index(space, everything, some):
    rows = space.indices(some)
    assert rows.dtype == np.int64
    assert [space.index(architecture) for architecture in tuples(some)] == rows.tolist()
    assert len(set(rows.tolist())) == len(some)
    assert 0 <= rows.min() <= rows.max() < space.size
    if everything is not None:
        assert everything.shape == (space.size, len(space.cardinalities))
        assert everything.dtype == np.int16
        assert np.array_equal(space.indices(everything), np.arange(space.size))
        codes = np.ravel_multi_index(everything.T.astype(np.int64), space.cardinalities)
        assert np.all(np.diff(codes) > 0)


def test_what_is_listed_is_all_that_is_valid(space, everything, some):
    assert all(map(space.is_valid, tuples(some)))
    product = np.prod(space.cardinalities, dtype=np.int64)
    if everything is not None and product < 100_000:
        grid = np.indices(space.cardinalities).reshape(len(space.cardinalities), -1).T
        assert [a for a in tuples(grid) if space.is_valid(a)] == tuples(everything)


def test_nothing_else_is_valid(space, some):
    for architecture in tuples(some):
        for position, cardinality in enumerate(space.cardinalities):
            for wrong in (-1, cardinality):
                assert not space.is_valid((*architecture[:position], wrong, *architecture[position + 1 :]))
        assert not space.is_valid(architecture[:-1])
        assert not space.is_valid((*architecture, 0))
    assert not space.is_valid(())


def test_sampling_is_uniform(space):
    rng = np.random.default_rng(2026)
    drawn = [space.sample(rng) for _ in range(DRAWS)]
    assert all(type(value) is int for value in drawn[0])
    assert all(map(space.is_valid, drawn))
    rows, bins = space.indices(drawn), min(space.size, 256)
    starts = -(-np.arange(bins + 1) * space.size // bins)
    residues = (space.size - np.arange(bins) + bins - 1) // bins
    for where, sizes in ((rows * bins // space.size, np.diff(starts)), (rows % bins, residues)):
        assert sizes.sum() == space.size
        counts = np.bincount(where, minlength=bins)
        assert stats.chisquare(counts, sizes / space.size * DRAWS).pvalue > SURE


def test_a_mutation_is_one_valid_edit_uniform_over_positions_and_values(space, some):
    rng, parent = np.random.default_rng(7), tuples(some)[2]
    children = [space.mutate(parent, rng) for _ in range(DRAWS // 2)]
    near = np.array(space.neighbours(parent))
    assert all(type(value) is int for value in children[0])
    assert set(children) == set(tuples(near))
    changed = np.array(children) != np.array(parent)
    assert np.all(changed.sum(axis=1) == 1)
    editable = (near != np.array(parent)).any(axis=0)
    assert editable.sum() == 1 or chi_square(changed.sum(axis=0)[editable]) > SURE
    for position in np.flatnonzero(editable):
        allowed = near[near[:, position] != parent[position], position]
        values = np.array(children)[changed[:, position], position]
        assert len(allowed) == 1 or chi_square((values[:, None] == allowed).sum(axis=0)) > SURE


def test_neighbours_are_valid_distinct_symmetric_and_in_a_fixed_order(space, some):
    for architecture in tuples(some[:10]):
        near = space.neighbours(architecture)
        assert near
        assert near == space.neighbours(architecture)
        assert len(set(near)) == len(near)
        assert architecture not in near
        assert all(map(space.is_valid, near))
        assert not space.symmetric or all(architecture in space.neighbours(other) for other in near)


def test_canonical_is_valid_and_idempotent(space, some):
    for architecture in tuples(some):
        representative = space.canonical(architecture)
        assert space.is_valid(representative)
        assert space.canonical(representative) == representative


def test_strings_round_trip(space, some):
    for architecture in tuples(some):
        text = space.to_string(architecture)
        assert space.from_string(text) == architecture
        assert space.to_string(space.from_string(text)) == text


@pytest.mark.parametrize("text", ["", "nonsense", "|", "0", ";", ",", "=", "-", ":", "é", "\x00", "1" * 500])
def test_other_strings_are_refused_with_the_name_of_the_space(space, text):
    with pytest.raises(BenchmarkError, match=f"is not an architecture of space {space.name!r}"):
        space.from_string(text)


def test_every_encoding_gives_one_distinct_finite_row_an_architecture(space, some):
    assert space.encodings
    for encoding in space.encodings:
        features = space.encode(some, encoding)
        assert features.dtype == np.float32
        assert features.ndim == 2
        assert np.isfinite(features).all()
        distinct = len({space.canonical(a) for a in tuples(some)})
        if encoding not in space.lossy_encodings:
            assert len(np.unique(features, axis=0)) >= distinct
        assert np.array_equal(space.encode(some[3:4], encoding), features[3:4])
        assert space.encode(some[:0], encoding).shape == (0, features.shape[1])
    with pytest.raises(BenchmarkError, match="unknown encoding"):
        space.encode(some, "no such encoding")


def test_a_pickled_space_is_the_same_space(space, some):
    copy = pickle.loads(pickle.dumps(space))
    assert copy.name == space.name
    assert copy.cardinalities == space.cardinalities
    assert [copy.neighbours(a) for a in tuples(some)] == [space.neighbours(a) for a in tuples(some)]

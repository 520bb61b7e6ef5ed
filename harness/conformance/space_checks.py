"""What every search space promises, as checks that raise PromiseBroken with the reason."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import numpy as np
from scipy import stats

from benchmarks import BenchmarkError, SearchSpace
from benchmarks.spaces.base import LISTABLE, Architecture, Genotypes
from harness.conformance.algorithm_checks import demand

DRAWS = 20_000
SURE = 1e-4
"""The seeds are fixed: a p-value below it is a bias, not bad luck."""

NONSENSE = ("", "nonsense", "|", "0", ";", ",", "=", "-", ":", "é", "\x00", "1" * 500)


def tuples(genotypes: Genotypes) -> list[Architecture]:
    """Genotypes ``(n, positions)`` as the tuples that an algorithm asks for."""
    return list(map(tuple, genotypes.tolist()))


def listed(space: SearchSpace) -> Genotypes | None:
    """All genotypes of a space, or None where there are too many to list."""
    return space.enumerate() if space.size is not None and space.size <= LISTABLE else None


def some(space: SearchSpace) -> list[Architecture]:
    """40 different architectures, the first and the last among them where they are known."""
    rng = np.random.default_rng(1)
    everything = listed(space)
    ends = [] if everything is None else tuples(everything[[0, -1]])
    return list(dict.fromkeys([*ends, *(space.sample(rng) for _ in range(200))]))[:40]


def check_listing(space: SearchSpace) -> None:
    """What is listed is every architecture once, in the order of its index; what is too large to list says so."""
    chosen, everything = some(space), listed(space)
    rows = space.indices(chosen)
    demand(rows.dtype == np.int64, f"indices() gives {rows.dtype}")
    demand([space.index(a) for a in chosen] == rows.tolist(), "index() and indices() differ")
    demand(len(set(rows.tolist())) == len(chosen), "two architectures have one index")
    demand(rows.min() >= 0 and (space.size is None or rows.max() < space.size), "an index is not below the size")
    if everything is None:
        try:
            space.enumerate()
        except BenchmarkError as error:
            demand("too many to list; draw from it with sample()" in str(error), f"enumerate() says {error}")
        else:
            demand(False, "enumerate() lists a space that is too large")
        return
    demand(everything.shape == (space.size, len(space.cardinalities)), f"enumerate() has the shape {everything.shape}")
    demand(everything.dtype == np.int16, f"enumerate() gives {everything.dtype}")
    in_order = np.array_equal(space.indices(everything), np.arange(len(everything)))
    demand(in_order, "indices() is not the order of enumerate()")
    codes = np.ravel_multi_index(tuple(everything.T.astype(np.int64)), space.cardinalities)
    demand(bool(np.all(np.diff(codes) > 0)), "enumerate() is not in ascending order, or lists one twice")
    demand(tuples(everything[rows]) == chosen, "indices() finds other architectures than were asked for")
    if np.prod(space.cardinalities, dtype=np.int64) < 100_000:
        grid = np.indices(space.cardinalities).reshape(len(space.cardinalities), -1).T.astype(np.int16)
        demand(
            [a for a in tuples(grid) if space.is_valid(a)] == tuples(everything), "enumerate() is not all that is valid"
        )


def check_validity(space: SearchSpace) -> None:
    """What it draws is valid; a value out of range, or a position too many or too few, is not."""
    for architecture in some(space):
        demand(space.is_valid(architecture), f"{architecture} is drawn and not valid")
        for position, cardinality in enumerate(space.cardinalities):
            for wrong in (-1, cardinality):
                changed = (*architecture[:position], wrong, *architecture[position + 1 :])
                demand(not space.is_valid(changed), f"{changed} is taken as valid")
        demand(not space.is_valid(architecture[:-1]), "an architecture without its last position is taken as valid")
        demand(not space.is_valid((*architecture, 0)), "an architecture with one position more is taken as valid")
    demand(not space.is_valid(()), "nothing is taken as valid")


def check_sampling(space: SearchSpace) -> None:
    """Sampling is uniform over all architectures (chi-square), of plain ints."""
    rng = np.random.default_rng(2026)
    drawn = [space.sample(rng) for _ in range(DRAWS)]
    demand(all(type(value) is int for value in drawn[0]), f"{drawn[0]} is not of plain ints")
    demand(all(map(space.is_valid, drawn)), "an invalid architecture was drawn")
    if space.size is None:
        return
    rows, bins = space.indices(drawn).astype(object), min(space.size, 256)  # products may exceed 64 bits
    starts = -(-np.arange(bins + 1, dtype=object) * space.size // bins)
    residues = (space.size - np.arange(bins, dtype=object) + bins - 1) // bins
    for where, sizes in ((rows * bins // space.size, np.diff(starts)), (rows % bins, residues)):
        counts = np.bincount(where.astype(np.int64), minlength=bins)
        p = stats.chisquare(counts, (sizes / space.size * DRAWS).astype(np.float64)).pvalue if bins > 1 else 1.0
        demand(p > SURE, f"sampling is not uniform (p = {p:.2g})")


def check_mutation(space: SearchSpace) -> None:
    """A mutation is one of the neighbours, of plain ints; every neighbour is one; if it says so, one uniform edit."""
    if space.size == 1:
        return
    parent = some(space)[:3][-1]
    near = np.array(space.neighbours(parent))
    rng = np.random.default_rng(7)
    drawn = [space.mutate(parent, rng) for _ in range(DRAWS // 2)]
    demand(all(type(value) is int for value in drawn[0]), f"{drawn[0]} is not of plain ints")
    if strange := set(drawn) - set(tuples(near)):
        demand(False, f"a mutation of {parent} gave {min(strange)}, which is no neighbour")
    demand(len(set(drawn)) == len(near) or len(near) > len(drawn) / 20, "some neighbour is never a mutation")
    if space.edits_one_position:
        _check_edits(np.array(parent), near, np.array(drawn))


def _check_edits(parent: Genotypes, near: Genotypes, children: Genotypes) -> None:
    """Each child differs in one position, all that can be edited equally often, and so their values."""
    changed = children != parent
    demand(bool(np.all(changed.sum(axis=1) == 1)), "a mutation changes more than one position")
    editable = (near != parent).any(axis=0)
    demand(_even(changed.sum(axis=0)[editable]), "some positions are mutated more often than others")
    for position in np.flatnonzero(editable):
        allowed = near[near[:, position] != parent[position], position]
        values = children[changed[:, position], position]
        even = _even((values[:, None] == allowed).sum(axis=0))
        demand(even, f"some values of position {position} are drawn more often than others")


def _even(counts: Genotypes) -> bool:
    return len(counts) == 1 or bool(stats.chisquare(counts).pvalue > SURE)


def check_neighbours(space: SearchSpace) -> None:
    """Neighbours are valid, different, in a fixed order, never the architecture itself; symmetric where it says so."""
    for architecture in some(space)[:10]:
        near = space.neighbours(architecture)
        demand(bool(near) or space.size == 1, f"{architecture} has no neighbour")
        demand(near == space.neighbours(architecture), f"the neighbours of {architecture} change")
        demand(len(set(near)) == len(near), f"{architecture} has a neighbour twice")
        demand(architecture not in near, f"{architecture} is its own neighbour")
        demand(all(map(space.is_valid, near)), f"{architecture} has an invalid neighbour")
        if space.symmetric:
            back = all(architecture in space.neighbours(other) for other in near)
            demand(back, f"a neighbour of {architecture} has it not as a neighbour")


def check_canonical(space: SearchSpace) -> None:
    """The canonical form is valid, and its own canonical form."""
    for architecture in some(space):
        representative = space.canonical(architecture)
        demand(space.is_valid(representative), f"the canonical form of {architecture} is not valid")
        demand(space.canonical(representative) == representative, f"canonical() of {architecture} is not idempotent")


def check_strings(space: SearchSpace) -> None:
    """Strings round-trip; what is no architecture is refused with the space's name."""
    for architecture in some(space):
        text = space.to_string(architecture)
        demand(space.from_string(text) == architecture, f"{text} is read as another architecture")
        demand(space.to_string(space.from_string(text)) == text, f"{text} is written in another way when read")
    for text in NONSENSE:
        try:
            read = space.from_string(text)
        except BenchmarkError as error:
            named = f"is not an architecture of space {space.name!r}" in str(error)
            demand(named, f"{text!r} is refused without the name of the space: {error}")
        else:
            demand(False, f"{text!r} is read as {read}")


def check_encodings(space: SearchSpace) -> None:
    """Every encoding gives one finite float32 row an architecture, another one to another architecture unless lossy."""
    demand(bool(space.encodings), "it has no encoding")
    chosen = np.array(some(space), dtype=np.int16)
    distinct = len({space.canonical(a) for a in tuples(chosen)})
    for encoding in space.encodings:
        features = space.encode(chosen, encoding)
        demand(
            features.dtype == np.float32 and features.ndim == 2, f"{encoding} gives {features.dtype}{features.shape}"
        )
        demand(bool(np.isfinite(features).all()), f"{encoding} gives a value that is not finite")
        if encoding not in space.lossy_encodings:
            different = len(np.unique(features, axis=0))
            demand(different >= distinct, f"{encoding} gives {different} rows for {distinct} different architectures")
        demand(np.array_equal(space.encode(chosen[3:4], encoding), features[3:4]), f"{encoding} differs in a batch")
        demand(space.encode(chosen[:0], encoding).shape == (0, features.shape[1]), f"{encoding} of nothing has rows")
    try:
        space.encode(chosen, "no such encoding")
    except BenchmarkError as error:
        demand("unknown encoding" in str(error), f"an unknown encoding is refused as {error}")
    else:
        demand(False, "an unknown encoding is taken")


def check_pickle(space: SearchSpace) -> None:
    """A pickled space is the same space."""
    copy = pickle.loads(pickle.dumps(space))
    demand((copy.name, copy.cardinalities) == (space.name, space.cardinalities), "its name or positions change")
    for architecture in some(space):
        same = copy.neighbours(architecture) == space.neighbours(architecture)
        demand(same, f"a pickled copy has other neighbours of {architecture}")


SPACE_CHECKS: tuple[Callable[[SearchSpace], None], ...] = (
    check_listing,
    check_validity,
    check_sampling,
    check_mutation,
    check_neighbours,
    check_canonical,
    check_strings,
    check_encodings,
    check_pickle,
)

"""The contract of a search space, as checks."""

from __future__ import annotations

import pickle

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc  # scipy.stats, which has the whole test, takes a second to import

from benchmarks import BenchmarkError, SearchSpace
from benchmarks.spaces.base import LISTABLE, Architecture, Genotypes
from harness.conformance.checks import Check, demand
from harness.conformance.samples import tuples

DRAWS = 20_000
"""Random draws of a test of uniformity."""
SURE = 1e-4
"""Smallest p-value of a chi-square test that is accepted. The seeds are fixed, so the tests do not fail by chance."""

NONSENSE = ("", "nonsense", "|", "0", ";", ",", "=", "-", ":", "é", "\x00", "1" * 500)
"""Texts that describe no architecture of any space."""


def listed(space: SearchSpace) -> Genotypes | None:
    """Return all genotypes of a space, or None if there are too many to list."""
    return space.enumerate() if space.size is not None and space.size <= LISTABLE else None


def some(space: SearchSpace) -> list[Architecture]:
    """Return up to 40 different architectures, with the first and the last one if the space can be listed."""
    rng = np.random.default_rng(1)
    everything = listed(space)
    ends = [] if everything is None else tuples(everything[[0, -1]])
    return list(dict.fromkeys([*ends, *(space.sample(rng) for _ in range(200))]))[:40]


def check_listing(space: SearchSpace) -> None:
    """Compare the list of architectures with their indices, and with all valid genotypes of a small space."""
    chosen, everything = some(space), listed(space)
    rows = space.indices(chosen)
    demand(rows.dtype == np.int64, f"indices() returns {rows.dtype}; expected int64")
    demand([space.index(a) for a in chosen] == rows.tolist(), "index() and indices() differ")
    demand(len(set(rows.tolist())) == len(chosen), "two architectures have the same index")
    demand(rows.min() >= 0 and (space.size is None or rows.max() < space.size), "an index is outside [0, size)")
    if everything is None:
        try:
            space.enumerate()
        except BenchmarkError as error:
            demand(
                "too many to list; draw from it with sample()" in str(error),
                f"enumerate() fails with {error}; expected a message that suggests sample()",
            )
        else:
            demand(False, "enumerate() lists a space that is too large to list")
        return
    demand(
        everything.shape == (space.size, len(space.cardinalities)),
        f"enumerate() returns the shape {everything.shape}; expected (size, positions)",
    )
    demand(everything.dtype == np.int16, f"enumerate() returns {everything.dtype}; expected int16")
    in_order = np.array_equal(space.indices(everything), np.arange(len(everything)))
    demand(in_order, "the order of enumerate() is not the order of indices()")
    codes = np.ravel_multi_index(tuple(everything.T.astype(np.int64)), space.cardinalities)
    demand(bool(np.all(np.diff(codes) > 0)), "enumerate() is not in ascending order, or lists an architecture twice")
    demand(tuples(everything[rows]) == chosen, "indices() gives the rows of other architectures")
    if np.prod(space.cardinalities, dtype=np.int64) < 100_000:
        grid = np.indices(space.cardinalities).reshape(len(space.cardinalities), -1).T.astype(np.int16)
        demand(
            [a for a in tuples(grid) if space.is_valid(a)] == tuples(everything),
            "enumerate() is not the list of all valid architectures",
        )


def check_validity(space: SearchSpace) -> None:
    """Call ``is_valid`` with sampled architectures and with changed ones that are out of range or of another length."""
    for architecture in some(space):
        demand(space.is_valid(architecture), f"{architecture} was sampled, but is_valid() rejects it")
        for position, cardinality in enumerate(space.cardinalities):
            for wrong in (-1, cardinality):
                changed = (*architecture[:position], wrong, *architecture[position + 1 :])
                demand(not space.is_valid(changed), f"is_valid() accepts {changed}")
        demand(not space.is_valid(architecture[:-1]), "is_valid() accepts an architecture without its last position")
        demand(not space.is_valid((*architecture, 0)), "is_valid() accepts an architecture with one position too many")
    demand(not space.is_valid(()), "is_valid() accepts the empty tuple")


def check_sampling(space: SearchSpace) -> None:
    """Test samples for uniformity, by blocks of indices and by residues of indices."""
    rng = np.random.default_rng(2026)
    drawn = [space.sample(rng) for _ in range(DRAWS)]
    demand(all(type(value) is int for value in drawn[0]), f"sample() returned {drawn[0]!r}; expected plain ints")
    demand(all(map(space.is_valid, drawn)), "sample() returned an invalid architecture")
    if space.size is None:
        return
    rows, bins = space.indices(drawn).astype(object), min(space.size, 256)  # products may exceed 64 bits
    starts = -(-np.arange(bins + 1, dtype=object) * space.size // bins)
    residues = (space.size - np.arange(bins, dtype=object) + bins - 1) // bins
    for where, sizes in ((rows * bins // space.size, np.diff(starts)), (rows % bins, residues)):
        counts = np.bincount(where.astype(np.int64), minlength=bins)
        p = chi_square(counts, (sizes / space.size * DRAWS).astype(np.float64))
        demand(p > SURE, f"sampling is not uniform (p = {p:.2g})")


def check_mutation(space: SearchSpace) -> None:
    """Compare mutations of an architecture with its neighbours."""
    if space.size == 1:
        return
    parent = some(space)[:3][-1]
    near = np.array(space.neighbours(parent))
    rng = np.random.default_rng(7)
    drawn = [space.mutate(parent, rng) for _ in range(DRAWS // 2)]
    demand(all(type(value) is int for value in drawn[0]), f"mutate() returned {drawn[0]!r}; expected plain ints")
    if strange := set(drawn) - set(tuples(near)):
        demand(False, f"a mutation of {parent} gave {min(strange)}, which is not a neighbour")
    demand(len(set(drawn)) == len(near) or len(near) > len(drawn) / 20, "a neighbour never occurs as a mutation")
    if space.edits_one_position:
        _check_edits(np.array(parent), near, np.array(drawn))


def check_operators(space: SearchSpace) -> None:
    """Mutate an architecture with every operator of the space, and ask for an operator that does not exist."""
    rng, parent = np.random.default_rng(8), some(space)[0]
    for name in space.mutations if space.size != 1 else ():
        children = [space.mutation(name)(parent, rng) for _ in range(DRAWS // 20)]
        plain = all(type(value) is int for child in children for value in child)
        demand(plain, f"the mutation {name!r} returned {children[0]!r}; expected plain ints")
        demand(all(map(space.is_valid, children)), f"the mutation {name!r} gave an invalid architecture")
        demand(len(set(children)) > 1 or len(space.neighbours(parent)) == 1, f"the mutation {name!r} is not random")
    demand("one_edit" in space.mutations, "the space has no mutation 'one_edit'")
    try:
        space.mutation("no such mutation")
    except BenchmarkError as error:
        demand("unknown mutation" in str(error), f"the error for an unknown mutation does not say so: {error}")
    else:
        demand(False, "mutation() accepts an unknown name")


def _check_edits(parent: Genotypes, near: Genotypes, children: Genotypes) -> None:
    """Test that children differ in one position, and that positions and their values are uniform."""
    changed = children != parent
    demand(bool(np.all(changed.sum(axis=1) == 1)), "a mutation changes more than one position")
    editable = (near != parent).any(axis=0)
    demand(chi_square(changed.sum(axis=0)[editable]) > SURE, "some positions are mutated more often than others")
    for position in np.flatnonzero(editable):
        allowed = near[near[:, position] != parent[position], position]
        values = children[changed[:, position], position]
        p = chi_square((values[:, None] == allowed).sum(axis=0))
        demand(p > SURE, f"some values of position {position} are drawn more often than others")


def chi_square(counts: ArrayLike, expected: NDArray[np.float64] | None = None) -> float:
    """Return the p-value of Pearson's test of counts against expected ones, which are equal by default."""
    observed = np.asarray(counts, dtype=np.float64)
    wanted = np.full_like(observed, observed.mean()) if expected is None else expected
    return float(chdtrc(len(observed) - 1, np.sum((observed - wanted) ** 2 / wanted))) if len(observed) > 1 else 1.0


def check_neighbours(space: SearchSpace) -> None:
    """Check the neighbours of some architectures."""
    for architecture in some(space)[:10]:
        near = space.neighbours(architecture)
        demand(bool(near) or space.size == 1, f"{architecture} has no neighbour")
        demand(near == space.neighbours(architecture), f"the neighbours of {architecture} change between calls")
        demand(len(set(near)) == len(near), f"the neighbours of {architecture} contain duplicates")
        demand(architecture not in near, f"{architecture} is its own neighbour")
        demand(all(map(space.is_valid, near)), f"{architecture} has an invalid neighbour")
        if space.symmetric:
            back = all(architecture in space.neighbours(other) for other in near)
            demand(back, f"{architecture} is not a neighbour of one of its neighbours")


def check_canonical(space: SearchSpace) -> None:
    """Take the canonical form of some architectures, and that of the result."""
    for architecture in some(space):
        representative = space.canonical(architecture)
        demand(space.is_valid(representative), f"the canonical form of {architecture} is not valid")
        demand(space.canonical(representative) == representative, f"canonical() is not idempotent for {architecture}")


def check_strings(space: SearchSpace) -> None:
    """Convert architectures to strings and back, and read texts that describe no architecture."""
    for architecture in some(space):
        text = space.to_string(architecture)
        demand(space.from_string(text) == architecture, f"from_string() reads {text} as another architecture")
        demand(
            space.to_string(space.from_string(text)) == text, f"to_string() writes {text} differently after it was read"
        )
    for text in NONSENSE:
        try:
            read = space.from_string(text)
        except BenchmarkError as error:
            named = f"is not an architecture of space {space.name!r}" in str(error)
            demand(named, f"the error for {text!r} does not name the space: {error}")
        else:
            demand(False, f"from_string() reads {text!r} as {read}; expected a BenchmarkError")


def check_encodings(space: SearchSpace) -> None:
    """Encode some architectures, in a batch and singly."""
    demand(bool(space.encodings), "the space has no encoding")
    chosen = np.array(some(space), dtype=np.int16)
    distinct = len({space.canonical(a) for a in tuples(chosen)})
    for encoding in space.encodings:
        features = space.encode(chosen, encoding)
        demand(
            features.dtype == np.float32 and features.ndim == 2,
            f"{encoding} gives {features.dtype}{features.shape}; expected two-dimensional float32",
        )
        demand(bool(np.isfinite(features).all()), f"{encoding} gives values that are not finite")
        if encoding not in space.lossy_encodings:
            different = len(np.unique(features, axis=0))
            demand(different >= distinct, f"{encoding} gives {different} rows for {distinct} different architectures")
        demand(
            np.array_equal(space.encode(chosen[3:4], encoding), features[3:4]),
            f"{encoding} encodes an architecture differently in a batch",
        )
        demand(
            space.encode(chosen[:0], encoding).shape == (0, features.shape[1]),
            f"{encoding} of an empty batch has the wrong shape",
        )
    try:
        space.encode(chosen, "no such encoding")
    except BenchmarkError as error:
        demand("unknown encoding" in str(error), f"the error for an unknown encoding does not say so: {error}")
    else:
        demand(False, "encode() accepts an unknown encoding")


def check_operations(space: SearchSpace) -> None:
    """Look up the operations of some architectures, in a batch and singly."""
    chosen = np.array(some(space), dtype=np.int16)
    found = space.operations(chosen)
    shape = (len(chosen), len(found.positions))
    demand(found.codes.shape == shape, f"operations() returns the shape {found.codes.shape}; expected {shape}")
    known = found.codes.min(initial=0) >= -1 and found.codes.max(initial=-1) < len(found.names)
    demand(bool(known), "operations() has codes that are not in [-1, number of operations)")
    demand(len(found.pools) == len(found.names), "operations() does not give one pool per operation")
    demand(sum(found.cells) == len(found.positions), "the cells of operations() do not cover all positions")
    alone, none = space.operations(chosen[3:4]), space.operations(chosen[:0])
    demand(np.array_equal(alone.codes, found.codes[3:4]), "operations() differ for an architecture in a batch")
    demand(none.codes.shape == (0, shape[1]), "operations() of an empty batch have the wrong shape")


def check_pickle(space: SearchSpace) -> None:
    """Compare a pickled copy of the space with the space."""
    copy = pickle.loads(pickle.dumps(space))
    demand(
        (copy.name, copy.cardinalities) == (space.name, space.cardinalities),
        "a pickled copy has another name or other cardinalities",
    )
    for architecture in some(space):
        same = copy.neighbours(architecture) == space.neighbours(architecture)
        demand(same, f"a pickled copy has other neighbours of {architecture}")


SPACE_CHECKS: tuple[Check[SearchSpace], ...] = (
    Check(
        "The list holds every architecture once, in the order of its index; a space too large to list says so.",
        "enumerate() must return all valid genotypes in ascending order, and indices() their rows",
        check_listing,
    ),
    Check(
        "Sampled architectures are valid; values out of range and genotypes of another length are not.",
        "is_valid() must test the length and every position, from 0 to its cardinality - 1",
        check_validity,
    ),
    Check(
        "Sampling is uniform over all architectures (chi-square test), and returns plain ints.",
        "sample() must give every valid architecture the same probability, as rejection sampling does; convert numpy"
        " integers with .tolist()",
        check_sampling,
    ),
    Check(
        "Mutations are the neighbours, as plain ints; if edits_one_position is set, each is one uniform edit.",
        "mutate() must draw from neighbours(); convert numpy integers with .tolist()",
        check_mutation,
    ),
    Check(
        "Every named mutation operator returns valid architectures, as plain ints; an unknown name is rejected.",
        "mutations must give the method of each operator by its name, among them one_edit",
        check_operators,
    ),
    Check(
        "Neighbours are valid, different, in a fixed order, never the architecture itself, and symmetric if stated.",
        "do not build neighbours() from a set; set symmetric = False if the relation is one-way",
        check_neighbours,
    ),
    Check(
        "The canonical form of an architecture is valid, and is its own canonical form.",
        "canonical() must return one fixed member of each class of equal architectures",
        check_canonical,
    ),
    Check(
        "Strings convert back to the same architecture; other texts are rejected with the name of the space.",
        "from_string() must invert to_string(), and raise BenchmarkError for any other text",
        check_strings,
    ),
    Check(
        "Every encoding gives one finite float32 row per architecture; rows differ unless the encoding is lossy.",
        "encode() must treat rows independently; list encodings that merge architectures in lossy_encodings",
        check_encodings,
    ),
    Check(
        "Every architecture has one known operation per position, or none where a position is not used.",
        "operations() must treat rows independently, with codes from -1 to the number of operations - 1",
        check_operations,
    ),
    Check(
        "A pickled copy of the space is the same space.",
        "keep in the space only values that pickle, and no state of the process",
        check_pickle,
    ),
)
"""The checks of a search space."""

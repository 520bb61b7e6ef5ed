"""Pools: the recorded architectures of a space that was recorded only in part."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.drawings.structures import Structure
from benchmarks.errors import BenchmarkError
from benchmarks.spaces.base import Architecture, Genotypes, SearchSpace
from benchmarks.spaces.operations import Operations

LARGEST = 32_767
"""Most members of a pool: a genotype is a 16-bit number."""
NEIGHBOURS = 24
"""Number of neighbours by default."""


class PoolSpace(SearchSpace):
    """A list of architectures of another space, from which optimizers choose.

    Most edits of a member were not recorded. So its *neighbours* are the nearest recorded architectures: those that
    differ in the fewest features of the other space's ``distance`` encoding. Ties go to the earlier member of the list.
    The relation need not be symmetric. A mutation draws one of the neighbours uniformly. Features and notation are
    those of the other space.

    A genotype is a single number, the place of the member in the list. It carries no information on the architecture,
    so methods that model the positions of a genotype (the densities of TPE and BOHB, the policy of REINFORCE) cannot
    learn on a pool.

    Parameters
    ----------
    name : str
    of : SearchSpace
        The other space.
    members : array of int16, ``(n, n_positions)``
        Different architectures of the other space.
    neighbours : int
        Number of neighbours of each member. In a smaller pool, all other members are neighbours.

    Raises
    ------
    BenchmarkError
        If there are more than 32,767 members, or none.
    """

    symmetric = False

    of: SearchSpace
    members: Genotypes
    n_neighbours: int

    def __init__(self, name: str, of: SearchSpace, members: Genotypes, neighbours: int = NEIGHBOURS) -> None:
        if not 0 < len(members) <= LARGEST:
            raise BenchmarkError(
                f"expected 1 to {LARGEST:,} recorded architectures of space {of.name!r} for a pool, got"
                f" {len(members):,}; import the whole space instead of a larger pool"
            )
        super().__init__(name, [len(members)])
        self._hold(
            of=of,
            members=members,
            n_neighbours=min(neighbours, len(members) - 1),
            encodings=of.encodings,
            lossy_encodings=of.lossy_encodings,
            distance=of.distance,
        )

    def member(self, architecture: Architecture) -> Architecture:
        """Return the architecture in the other space."""
        return tuple(self.members[architecture[0]].tolist())

    def mutate(self, architecture: Architecture, rng: np.random.Generator) -> Architecture:
        """Draw one of the neighbours uniformly.

        Raises
        ------
        BenchmarkError
            If the pool has a single member.
        """
        if self.n_neighbours == 0:
            raise BenchmarkError(f"space {self.name!r} has a single architecture: there is nothing to mutate")
        return _nearest(self, architecture[0])[int(rng.random() * self.n_neighbours)]

    def neighbours(self, architecture: Architecture) -> list[Architecture]:
        """Return the nearest members, the nearest first."""
        return list(_nearest(self, architecture[0]))

    def canonical(self, architecture: Architecture) -> Architecture:
        """Return the first member that has the same canonical form in the other space."""
        return (_by_canonical(self)[self.of.canonical(self.member(architecture))],)

    def encode(self, genotypes: ArrayLike, encoding: str) -> NDArray[np.float32]:
        """Encode the members as the other space does."""
        return self.of.encode(self.members[self.indices(genotypes)], encoding)

    def operations(self, genotypes: ArrayLike) -> Operations:
        """Return the operations of the members."""
        return self.of.operations(self.members[self.indices(genotypes)])

    def structure(self, architecture: Architecture) -> Structure:
        """Return what the member consists of in the other space."""
        return self.of.structure(self.member(architecture))

    def to_string(self, architecture: Architecture) -> str:
        """Write the member as the other space does."""
        return self.of.to_string(self.member(architecture))

    def from_string(self, text: str) -> Architecture:
        """Read a member, or an architecture with the same canonical form, in the notation of the other space."""
        try:
            wanted = self.of.from_string(text)
        except BenchmarkError as error:
            raise BenchmarkError(f"{text!r} is not an architecture of space {self.name!r}: {error}") from None
        row = _by_genotype(self).get(wanted, _by_canonical(self).get(self.of.canonical(wanted)))
        if row is None:
            raise BenchmarkError(
                f"{text!r} is not an architecture of space {self.name!r}: it is not one of the {self.size:,} recorded"
            )
        return (row,)


@lru_cache(maxsize=8)
def _features(space: PoolSpace) -> NDArray[np.uint64]:
    """Return the features of all members as bits, in words of 64 bits: ``(n, n_words)``."""
    bits = np.packbits(space.of.encode(space.members, space.distance) != 0, axis=1)
    return np.pad(bits, ((0, 0), (0, -bits.shape[1] % 8))).view(np.uint64)


@lru_cache(maxsize=1 << 16)
def _nearest(space: PoolSpace, row: int) -> tuple[Architecture, ...]:
    features = _features(space)
    distances = np.bitwise_count(features ^ features[row]).sum(axis=1, dtype=np.int64)
    distances[row] = np.iinfo(np.int32).max
    ranks = distances * len(distances) + np.arange(len(distances))
    k = space.n_neighbours
    nearest = np.sort(np.partition(ranks, k - 1)[:k]) % len(ranks) if k else ranks[:0]
    return tuple((near,) for near in nearest.tolist())


@lru_cache(maxsize=8)
def _by_genotype(space: PoolSpace) -> dict[Architecture, int]:
    return {tuple(member): row for row, member in enumerate(space.members.tolist())}


@lru_cache(maxsize=8)
def _by_canonical(space: PoolSpace) -> dict[Architecture, int]:
    """Return the first member of each canonical form."""
    rows = {space.of.canonical(tuple(m)): row for row, m in reversed(list(enumerate(space.members.tolist())))}
    return rows

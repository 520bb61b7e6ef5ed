"""Pools: the recorded architectures of a space of which not all were recorded."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.errors import BenchmarkError
from benchmarks.spaces.base import Architecture, Genotypes, SearchSpace

LARGEST = 32_767
"""Members of a pool: a genotype is a 16-bit number."""
NEIGHBOURS = 24


class PoolSpace(SearchSpace):
    """A list of architectures of another space, from which optimizers choose.

    Most of a member's edits were not recorded, so its *neighbours* here are the recorded architectures nearest to it:
    those that differ in the fewest features of the other space's ``distance`` encoding, the first in the list among
    equally near ones. They need not be symmetric. A mutation is a neighbour, drawn uniformly. Features and notation are
    those of the other space.

    A genotype is the one number of a member. It says nothing of the architecture, so what builds on the positions of a
    genotype (the densities of TPE and BOHB, the policy of REINFORCE) cannot learn here.

    Parameters
    ----------
    name : str
    of : SearchSpace
    members : array of int16, ``(n, n_positions)``
        Different architectures of ``of``.
    neighbours : int
        How many each has; all others, in a smaller pool.

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
                f"{len(members):,} recorded architectures of space {of.name!r}; a pool has from 1 to {LARGEST:,}, and"
                " more have to be the whole space"
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
        """The architecture of the other space."""
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
        """The nearest members, the nearest first."""
        return list(_nearest(self, architecture[0]))

    def canonical(self, architecture: Architecture) -> Architecture:
        """The first member whose canonical form in the other space is the same."""
        return (_by_canonical(self)[self.of.canonical(self.member(architecture))],)

    def encode(self, genotypes: ArrayLike, encoding: str) -> NDArray[np.float32]:
        """Features of the members in the other space."""
        return self.of.encode(self.members[self.indices(genotypes)], encoding)

    def to_string(self, architecture: Architecture) -> str:
        """Write the member as the other space does."""
        return self.of.to_string(self.member(architecture))

    def from_string(self, text: str) -> Architecture:
        """Read a member, or an architecture with the canonical form of one, as the other space does."""
        try:
            wanted = self.of.from_string(text)
        except BenchmarkError as error:
            raise BenchmarkError(f"{text!r} is not an architecture of space {self.name!r}: {error}") from None
        row = _by_genotype(self).get(wanted, _by_canonical(self).get(self.of.canonical(wanted)))
        if row is None:
            raise BenchmarkError(
                f"{text!r} is not an architecture of space {self.name!r}: it is not among the {self.size:,} recorded"
            )
        return (row,)


@lru_cache(maxsize=8)
def _features(space: PoolSpace) -> NDArray[np.uint64]:
    """The features of all members as bits, in words of 64: ``(n, n_words)``."""
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
    """The first member of each canonical form."""
    rows = {space.of.canonical(tuple(m)): row for row, m in reversed(list(enumerate(space.members.tolist())))}
    return rows

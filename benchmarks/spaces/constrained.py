"""Spaces in which not every combination of choices is an architecture."""

from __future__ import annotations

from abc import abstractmethod
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.errors import BenchmarkError
from benchmarks.spaces.base import LISTABLE, Architecture, Genotypes, SearchSpace


class ConstrainedSpace(SearchSpace):
    """The valid part of a product of choices. One edit changes one position and gives a valid architecture.

    A subclass sets ``size`` and defines validity, by :meth:`is_valid` for one architecture and by :meth:`valid` for
    many.
    """

    @abstractmethod
    def valid(self, genotypes: ArrayLike) -> NDArray[np.bool_]:
        """Return whether each row of ``(n, n_positions)``, with values within the cardinalities, is valid: ``(n,)``."""

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Draw a valid architecture uniformly, by rejection sampling."""
        architecture = super().sample(rng)
        while not self.is_valid(architecture):
            architecture = super().sample(rng)
        return architecture

    def mutate(self, architecture: Architecture, rng: np.random.Generator) -> Architecture:
        """Change one position, uniform among those that can change alone, to a uniformly drawn other valid value.

        Raises
        ------
        BenchmarkError
            If no single edit gives another valid architecture.
        """
        for position in rng.permutation(len(architecture)).tolist():
            children = self._edits(architecture, position)
            if children:
                return children[int(rng.random() * len(children))]
        raise BenchmarkError(f"{self.to_string(architecture)} has no neighbour in space {self.name!r}")

    def neighbours(self, architecture: Architecture) -> list[Architecture]:
        """Return all valid architectures that are one edit away, by position, then by value."""
        return [near for position in range(len(architecture)) for near in self._edits(architecture, position)]

    def _edits(self, architecture: Architecture, position: int) -> list[Architecture]:
        before, after = architecture[:position], architecture[position + 1 :]
        children = ((*before, value, *after) for value in range(self.cardinalities[position]))
        return [child for child in children if child != architecture and self.is_valid(child)]

    def index(self, architecture: Architecture) -> int:
        """Return the row of an architecture in :meth:`enumerate`. Rows are cached."""
        return _index(self, architecture)

    def indices(self, genotypes: ArrayLike) -> NDArray[np.int64]:
        """Return the rows ``(n,)`` of many valid architectures ``(n, n_positions)`` in :meth:`enumerate`."""
        rows: NDArray[np.int64] = np.searchsorted(_codes(self), super().indices(genotypes))
        return rows

    def enumerate(self) -> Genotypes:
        """Return all valid genotypes, ``(size, n_positions)``, the last position varying fastest.

        Raises
        ------
        BenchmarkError
            If there are too many to list.
        """
        return self._digits(_codes(self))

    def _digits(self, codes: NDArray[np.int64]) -> Genotypes:
        """Return the genotypes at these rows of the whole product."""
        digits = np.unravel_index(codes, self.cardinalities)
        return np.ascontiguousarray(np.stack(digits, axis=1), dtype=np.int16)


@lru_cache(maxsize=1 << 15)
def _index(space: ConstrainedSpace, architecture: Architecture) -> int:
    return int(space.indices([architecture])[0])


@lru_cache(maxsize=8)
def _codes(space: ConstrainedSpace) -> NDArray[np.int64]:
    """Return the rows of the valid architectures in the whole product, ascending.

    They are cached outside the space, which is immutable.
    """
    product = int(np.prod(space.cardinalities, dtype=np.int64))
    if product > LISTABLE:
        raise space.too_many_to_list(space.size or product)
    everything = np.stack(np.unravel_index(np.arange(product), space.cardinalities), axis=1)
    return np.flatnonzero(space.valid(everything))

"""Row index of tables over the cells of NAS-Bench-101."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.errors import BenchmarkError
from benchmarks.nasbench101.space import NASBench101Space
from benchmarks.spaces.base import Architecture, Genotypes, SearchSpace

MEMORY = 1 << 15
"""Number of architectures whose rows are cached."""


class CellIndex:
    """Row index that finds cells by their official hash, so that all genotypes of a cell share its row.

    Parameters
    ----------
    space : NASBench101Space
    hashes : array of uint64, ``(2, n_rows)``
        Upper and lower half of the hash of each row, ascending.
    cells : array of int64, ``(n_rows,)``
        One genotype of each cell, as its row in the product of all choices.

    Raises
    ------
    BenchmarkError
        If the space is not one of NAS-Bench-101.
    """

    def __init__(self, space: NASBench101Space, hashes: NDArray[np.uint64], cells: NDArray[np.int64]) -> None:
        if not isinstance(space, NASBench101Space):
            raise BenchmarkError(f"expected a space of NAS-Bench-101, got space {space.name!r}")
        self.space = space
        self._hashes = hashes
        self._upper, self._lower = hashes
        self._cells = cells
        self._order: NDArray[np.int64] | None = None

    @classmethod
    def of(cls, space: NASBench101Space, architectures: ArrayLike, hashes: list[str]) -> tuple[CellIndex, list[int]]:
        """Make the index of cells with these hashes. Also return the order in which the table needs their rows."""
        order = sorted(range(len(hashes)), key=hashes.__getitem__)
        halves = [[int(hashes[i][:16], 16), int(hashes[i][16:], 16)] for i in order]
        codes = SearchSpace.indices(space, architectures)[order]
        return cls(space, np.ascontiguousarray(np.array(halves, dtype=np.uint64).T), codes), order

    def __len__(self) -> int:
        """Count the cells."""
        return len(self._cells)

    def index(self, architecture: Architecture) -> int:
        """Return the row of an architecture. Rows are cached.

        Raises
        ------
        BenchmarkError
            If its cell was not recorded.
        """
        return _cell_row(self, architecture)

    def row_of_hash(self, name: str) -> int:
        """Return the row of the cell with this hash.

        Raises
        ------
        BenchmarkError
            If the cell was not recorded.
        """
        upper, lower = int(name[:16], 16), int(name[16:], 16)
        row = int(np.searchsorted(self._upper, np.uint64(upper)))
        while row < len(self._upper) and self._upper[row] == upper:
            if self._lower[row] == lower:
                return row
            row += 1
        raise BenchmarkError(f"the cell with hash {name} was not recorded")

    def indices(self, genotypes: ArrayLike) -> NDArray[np.int64]:
        """Return the rows ``(n,)`` of many architectures ``(n, n_positions)``."""
        genotypes = np.asarray(genotypes).reshape(-1, len(self.space.cardinalities))
        rows, known = self._known(genotypes)
        others = genotypes[~known].tolist()
        rows[~known] = [self.index(tuple(architecture)) for architecture in others]
        return rows

    def _known(self, genotypes: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Look up the genotypes that are recorded literally, because hashing takes a hundred times as long.

        Returns
        -------
        rows : array, ``(n,)``
            Valid only where ``known`` is True.
        known : array of bool, ``(n,)``
        """
        if self._order is None:
            self._order = np.argsort(self._cells)
        places = np.searchsorted(self._cells, SearchSpace.indices(self.space, genotypes), sorter=self._order)
        rows = self._order[np.minimum(places, len(self._order) - 1)]
        return rows, np.all(self._genotypes(rows) == genotypes, axis=1)

    def recorded(self) -> Genotypes:
        """Return one genotype of each cell, ``(n_rows, n_positions)``."""
        return self._genotypes(np.arange(len(self._cells)))

    def _genotypes(self, rows: NDArray[np.int64]) -> Genotypes:
        return np.stack(np.unravel_index(self._cells[rows], self.space.cardinalities), axis=1).astype(np.int16)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays to store."""
        return {"hashes": self._hashes, "cells": self._cells}


@lru_cache(maxsize=MEMORY)
def _cell_row(index: CellIndex, architecture: Architecture) -> int:
    return index.row_of_hash(index.space.hash(architecture))

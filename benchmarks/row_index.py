"""Rows of tables that have fewer rows than their space has architectures."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.spaces.base import Architecture, Genotypes, SearchSpace


class SharedRows:
    """Row index in which several architectures of a space share a row.

    Parameters
    ----------
    space : SearchSpace
    rows : array of int32, ``(space.size,)``
        Row of each architecture, in the order of ``space.enumerate()``.
    """

    def __init__(self, space: SearchSpace, rows: NDArray[np.int32]) -> None:
        self._space = space
        self._rows = rows

    def index(self, architecture: Architecture) -> int:
        """Return the row of an architecture."""
        return int(self._rows[self._space.index(architecture)])

    def indices(self, genotypes: ArrayLike) -> NDArray[np.int64]:
        """Return the rows ``(n,)`` of many architectures ``(n, n_positions)``."""
        return self._rows[self._space.indices(genotypes)].astype(np.int64)

    def recorded(self) -> Genotypes:
        """Return the first architecture of each row, ``(n_rows, n_positions)``."""
        return self._space.enumerate()[np.unique(self._rows, return_index=True)[1]]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the array to store."""
        return {"rows": self._rows}

"""Tables with fewer rows than their space has architectures: which row is whose."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.spaces.base import Architecture, Genotypes, SearchSpace


class SharedRows:
    """Rows that several architectures of a space share.

    Parameters
    ----------
    space : SearchSpace
    rows : array of int32, ``(space.size,)``
        The row of each architecture, in the order of ``space.enumerate()``.
    """

    def __init__(self, space: SearchSpace, rows: NDArray[np.int32]) -> None:
        self._space = space
        self._rows = rows

    def index(self, architecture: Architecture) -> int:
        """Row of an architecture."""
        return int(self._rows[self._space.index(architecture)])

    def indices(self, genotypes: ArrayLike) -> NDArray[np.int64]:
        """Rows of many architectures ``(n, n_positions)``: ``(n,)``."""
        return self._rows[self._space.indices(genotypes)].astype(np.int64)

    def recorded(self) -> Genotypes:
        """The first architecture of every row, ``(n_rows, n_positions)``."""
        return self._space.enumerate()[np.unique(self._rows, return_index=True)[1]]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The rows."""
        return {"rows": self._rows}

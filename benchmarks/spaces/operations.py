"""The operations of architectures: what each position of a genotype computes, without its connections."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

OperationCodes = NDArray[np.int16]
"""Operations of architectures, ``(n, n_positions)``."""
PARAMETER_FREE = frozenset({"none", "zeroize", "skip_connect", "skip", "max_pool_3x3", "maxpool3x3", "avg_pool_3x3"})
"""Names of the operations without weights, in all spaces: no operation, skip connections and poolings."""


@dataclass(frozen=True)
class Operations:
    """The operations of some architectures of a space.

    Attributes
    ----------
    names : tuple of str
        All operations from which the space chooses.
    positions : tuple of str
        The places that have an operation, such as the edges of a cell, in the order in which the literature writes
        them.
    codes : array of int16, ``(n, n_positions)``
        Place of each operation in ``names``; -1 where a position has none, because the network does not use it.
    pools : tuple of int
        Number of the pool of each operation. Operations that are alternatives of each other belong to one pool. In most
        spaces, there is one pool from which all positions choose.
    cells : tuple of int
        Numbers of positions of the successive cells, if the architecture has several.
    """

    names: tuple[str, ...]
    positions: tuple[str, ...]
    codes: OperationCodes
    pools: tuple[int, ...]
    cells: tuple[int, ...]

    @classmethod
    def one_pool(
        cls,
        names: Sequence[str],
        positions: Sequence[str],
        codes: NDArray[np.integer],
        cells: Sequence[int] | None = None,
    ) -> Operations:
        """Make the operations of a space in which all positions choose from the same ones."""
        sizes = tuple(cells or (len(positions),))
        return cls(tuple(names), tuple(positions), codes.astype(np.int16), (0,) * len(names), sizes)

    @property
    def has_one_pool(self) -> bool:
        """Whether several positions choose from one pool of operations."""
        return len(set(self.pools)) == 1 and len(self.positions) > 1

    def counts(self) -> NDArray[np.int64]:
        """Return how often each architecture has each operation, ``(n, n_operations)``."""
        return np.stack([(self.codes == code).sum(axis=1) for code in range(len(self.names))], axis=1)

    def parameter_free(self) -> NDArray[np.int64] | None:
        """Count the operations of `PARAMETER_FREE` of each architecture, ``(n,)``; None if the space names none."""
        free = [code for code, name in enumerate(self.names) if name in PARAMETER_FREE]
        if not free:
            return None
        counts: NDArray[np.int64] = np.isin(self.codes, free).sum(axis=1)
        return counts


def operations_of_choices(
    choices: Mapping[str, Sequence[str]], genotypes: NDArray[np.integer], absent: str | None = None
) -> Operations:
    """Return the values of named choices as operations.

    Choices with the same values, and with names that differ only in numbers (``edge_1``, ``edge_2``), have one pool.
    If there is a single pool, an operation is called as its value (``conv3x3``), else as ``choice=value``.

    Parameters
    ----------
    choices : mapping
        Values of each position, by its name.
    genotypes : array of int, ``(n, n_choices)``
    absent : str, optional
        The value of a choice that does not apply.
    """
    kinds = {name: (_without_numbers(name), tuple(values)) for name, values in choices.items()}
    pools = list(dict.fromkeys(kinds.values()))
    sharing = {pool: [name for name, kind in kinds.items() if kind == pool] for pool in pools}
    names: list[str] = []
    numbers: list[int] = []
    codes = np.full(genotypes.shape, -1, dtype=np.int16)
    for number, pool in enumerate(pools):
        stem = pool[0] if len(sharing[pool]) > 1 else sharing[pool][0]
        kept = [value for value in pool[1] if value != absent]
        places = {value: len(names) + place for place, value in enumerate(kept)}
        lookup = np.array([places.get(value, -1) for value in pool[1]])
        columns = [list(choices).index(name) for name in sharing[pool]]
        codes[:, columns] = lookup[genotypes[:, columns]]
        names += kept if len(pools) == 1 and len(choices) > 1 else [f"{stem}={value}" for value in kept]
        numbers += [number] * len(kept)
    return Operations(tuple(names), tuple(choices), codes, tuple(numbers), (len(choices),))


def _without_numbers(name: str) -> str:
    """Return a name without numbers, and without the separators before them."""
    return re.sub(r"[\W_]*\d+", "", name)

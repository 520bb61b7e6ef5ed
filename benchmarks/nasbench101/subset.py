"""A recorded subset of NAS-Bench-101 in a file of numpy arrays."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError
from benchmarks.nasbench101.cells import INPUT, OUTPUT, cell_hash, prune
from benchmarks.nasbench101.space import NASBench101Space
from benchmarks.spaces.base import Genotypes

Array = NDArray[np.float64]

FIDELITIES = (4.0, 12.0, 36.0, 108.0)


@dataclass(frozen=True)
class Subset:
    """Recorded cells, each with one run for each number of epochs.

    Attributes
    ----------
    genotypes : array, ``(n, 26)``
    validation : dict
        By epochs, accuracies ``(n,)`` in [0, 1].
    seconds : array, ``(n,)``
        Of 108 epochs of training [s].
    """

    genotypes: Genotypes
    validation: dict[float, Array]
    seconds: Array

    def seconds_to(self, fidelity: float) -> Array:
        """Seconds of fewer epochs of training, taken to be linear in them: ``(n,)``."""
        return self.seconds * (fidelity / FIDELITIES[-1])


def read_subset(file: Path) -> Subset:
    """Read ``key``, ``n_vertices``, ``adjacency``, ``ops``, ``val4`` .. ``val108`` and ``train_time108``.

    Raises
    ------
    BenchmarkError
        If it cannot be read, a cell is wrong or stands twice, or a number is not what it can be.
    """
    names = ["key", "n_vertices", "adjacency", "ops", "train_time108", *(f"val{f:g}" for f in FIDELITIES)]
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as records:
            columns = {name: records[name] for name in names}
        n = len(columns["key"])
        validation = {f: columns[f"val{f:g}"].astype(np.float64).reshape(n) for f in FIDELITIES}
        seconds = columns["train_time108"].astype(np.float64).reshape(n)
        genotypes = _genotypes(columns)
    except BenchmarkError as error:
        raise BenchmarkError(f"{file}: {error}") from None
    except (OSError, EOFError, ValueError, KeyError, TypeError, IndexError, zipfile.BadZipFile) as error:
        raise BenchmarkError(f"{file} is no file of recorded NAS-Bench-101 cells: {error}; get it again") from error
    for name, values, high in [
        *((f"val{f:g}", v, 1.0) for f, v in validation.items()),
        ("train_time108", seconds, np.inf),
    ]:
        wrong = np.flatnonzero(~((values >= 0.0) & (values <= high) & np.isfinite(values)))
        if len(wrong):
            raise BenchmarkError(f"{file}: {name} of cell {wrong[0]} is {values[wrong[0]]}; it lies in [0, {high:g}]")
    return Subset(genotypes, validation, seconds)


def _genotypes(columns: dict[str, NDArray[np.generic]]) -> Genotypes:
    """The cells, each checked against its official hash."""
    space, found, seen = NASBench101Space(), [], set()
    keys, counts = columns["key"].tolist(), columns["n_vertices"].tolist()
    for row, (key, n) in enumerate(zip(keys, counts, strict=True)):
        matrix = columns["adjacency"][row, :n, :n].tolist()
        successors = tuple(sum(1 << w for w in range(v + 1, n) if matrix[v][w]) for v in range(n))
        cell = (successors, (INPUT, *columns["ops"][row, 1 : n - 1].tolist(), OUTPUT))
        if prune(*cell) != cell or cell_hash(cell) != key:
            raise BenchmarkError(f"cell {row} is not the one with hash {key}; get the file again")
        if key in seen:
            raise BenchmarkError(f"cell {row}, with hash {key}, stands twice")
        seen.add(key)
        found.append(space.from_cell(cell))
    return np.array(found, dtype=np.int16)

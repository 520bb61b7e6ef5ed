"""Read a recorded subset of NAS-Bench-101 from a file of numpy arrays."""

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
    """Recorded cells with one run of each for each number of epochs.

    Attributes
    ----------
    genotypes : array, ``(n, 26)``
    validation : dict
        Accuracies ``(n,)`` in [0, 1] by epochs.
    seconds : array, ``(n,)``
        Time of 108 epochs of training [s].
    """

    genotypes: Genotypes
    validation: dict[float, Array]
    seconds: Array

    def seconds_to(self, fidelity: float) -> Array:
        """Return the time of fewer epochs of training, assumed to be linear in the epochs, ``(n,)`` [s]."""
        return self.seconds * (fidelity / FIDELITIES[-1])


def read_subset(file: Path) -> Subset:
    """Read ``key``, ``n_vertices``, ``adjacency``, ``ops``, ``val4`` .. ``val108`` and ``train_time108``.

    Raises
    ------
    BenchmarkError
        If the file cannot be read, a cell is wrong or occurs twice, or a number is out of range.
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
        raise BenchmarkError(f"{file} is not a file of recorded NAS-Bench-101 cells: {error}; get it again") from error
    for name, values, high in [
        *((f"val{f:g}", v, 1.0) for f, v in validation.items()),
        ("train_time108", seconds, np.inf),
    ]:
        wrong = np.flatnonzero(~((values >= 0.0) & (values <= high) & np.isfinite(values)))
        if len(wrong):
            first = wrong[0]
            raise BenchmarkError(f"{file}: {name} of cell {first}: expected 0 to {high:g}, got {values[first]}")
    return Subset(genotypes, validation, seconds)


def _genotypes(columns: dict[str, NDArray[np.generic]]) -> Genotypes:
    """Return the genotypes of the cells, and check each against its official hash."""
    space, found, seen = NASBench101Space(), [], set()
    keys, counts = columns["key"].tolist(), columns["n_vertices"].tolist()
    for row, (key, n) in enumerate(zip(keys, counts, strict=True)):
        matrix = columns["adjacency"][row, :n, :n].tolist()
        successors = tuple(sum(1 << w for w in range(v + 1, n) if matrix[v][w]) for v in range(n))
        cell = (successors, (INPUT, *columns["ops"][row, 1 : n - 1].tolist(), OUTPUT))
        if prune(*cell) != cell or cell_hash(cell) != key:
            raise BenchmarkError(f"cell {row} does not have the hash {key}; get the file again")
        if key in seen:
            raise BenchmarkError(f"cell {row} with hash {key} occurs twice; get the file again")
        seen.add(key)
        found.append(space.from_cell(cell))
    return np.array(found, dtype=np.int16)

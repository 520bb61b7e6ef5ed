"""Collect all training runs of a NAS-Bench-101 file as arrays."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError
from benchmarks.nasbench101.records import TrainedCell, read_trained_cells
from benchmarks.nasbench101.space import NASBench101Space
from benchmarks.spaces.base import Architecture

Array = NDArray[np.float64]

REPEATS = 3
"""Largest number of runs of one cell for one number of epochs."""


@dataclass(frozen=True)
class Runs:
    """Training runs by cell.

    Attributes
    ----------
    hashes : list of str, ``(n_cells,)``
    architectures : list of Architecture, ``(n_cells,)``
        One genotype of each cell.
    validation, test : dict
        Accuracies ``(n_cells, repeats)`` in [0, 1] by epochs, ascending; NaN where fewer runs were recorded.
    seconds : dict
        Training times ``(n_cells, repeats)`` by epochs [s].
    """

    hashes: list[str]
    architectures: list[Architecture]
    validation: dict[float, Array]
    test: dict[float, Array]
    seconds: dict[float, Array]


def collect_runs(file: Path, space: NASBench101Space) -> Runs:
    """Read all training runs of a file.

    Raises
    ------
    BenchmarkError
        If the file is damaged or empty, has a cell outside the space or with a wrong hash, or does not have one to
        three runs of every cell for every number of epochs.
    """
    rows: dict[str, int] = {}
    architectures: list[Architecture] = []
    numbers, values = array("i"), array("d")
    for record, run in enumerate(read_trained_cells(file)):
        row = rows.get(run.hash)
        if row is None:
            row = rows[run.hash] = len(rows)
            architectures.append(_architecture(run, space, file, record))
        numbers.extend((row, run.epochs))
        values.extend((run.validation_accuracy, run.test_accuracy, run.seconds))
    if not rows:
        raise BenchmarkError(f"{file} is empty; download it again")
    keys = np.frombuffer(numbers, dtype=np.int32).reshape(-1, 2)
    columns = np.frombuffer(values, dtype=np.float64).reshape(-1, 3)
    hashes = list(rows)
    tables: tuple[dict[float, Array], ...] = ({}, {}, {})
    for epochs in np.unique(keys[:, 1]).tolist():
        chosen = keys[:, 1] == epochs
        for kind, table in zip(tables, _by_cell(keys[chosen, 0], columns[chosen], hashes, epochs, file), strict=True):
            kind[float(epochs)] = table
    return Runs(hashes, architectures, *tables)


def _architecture(run: TrainedCell, space: NASBench101Space, file: Path, record: int) -> Architecture:
    """Return the genotype of a run's cell, and check that the cell has the hash of the record."""
    try:
        architecture = space.from_matrix(run.matrix, run.operations.split(","))
    except BenchmarkError as error:
        raise BenchmarkError(
            f"{file}, record {record}: cell {run.matrix};{run.operations} is not in space {space.name!r}: {error};"
            " check that it is the right file"
        ) from None
    if (found := space.hash(architecture)) != run.hash:
        raise BenchmarkError(
            f"{file}, record {record}: expected a cell with hash {run.hash}, got {found}; download the file again"
        )
    return architecture


def _by_cell(
    rows: NDArray[np.int32], columns: Array, hashes: list[str], epochs: int, file: Path
) -> tuple[Array, Array, Array]:
    """Arrange validation accuracies, test accuracies and seconds of runs for the same number of epochs by cell.

    Each array is ``(n_cells, repeats)``.
    """
    counts = np.bincount(rows, minlength=len(hashes))
    for wrong, what in ((counts == 0, "has no run"), (counts > REPEATS, f"has more than {REPEATS} runs")):
        if wrong.any():
            first = hashes[int(np.flatnonzero(wrong)[0])]
            raise BenchmarkError(
                f"{file}: cell {first} {what} of {epochs} epochs; the file is incomplete or has duplicates, so download"
                f" it again. Cells like it: {int(wrong.sum()):,}"
            )
    order = np.argsort(rows, kind="stable")
    repeats = np.arange(len(rows)) - np.repeat(counts.cumsum() - counts, counts)
    tables = np.full((3, len(hashes), counts.max()), np.nan)
    tables[:, rows[order], repeats] = columns[order].T
    return tables[0], tables[1], tables[2]

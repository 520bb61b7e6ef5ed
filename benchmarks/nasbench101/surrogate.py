"""Surrogate tables of all cells of NAS-Bench-101 and of the spaces of NAS-Bench-1Shot1, fitted to recorded cells."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError
from benchmarks.nasbench101.cell_index import CellIndex
from benchmarks.nasbench101.nasbench1shot1 import PARENTS
from benchmarks.nasbench101.nasbench1shot1_tables import name_of, whole_space
from benchmarks.nasbench101.space import NASBench101Space
from benchmarks.nasbench101.tables import CITATION
from benchmarks.spaces.base import Genotypes
from benchmarks.storage.official_files import Source
from benchmarks.table import TableBenchmark

NAME, SUFFIX = "nasbench101-surrogate", "-surrogate"
POOL = "nasbench101-pool"
CELLS_FILE = "nasbench101_space_423624.npz"
CELLS = 423_624
SHA256 = "1809a9b671fa744e9d84165ce17d2780ee3c6fe19ab9de36c75ddb7da15e3818"
"""SHA-256 of ``CELLS_FILE``. The cells of any other file are all hashed again, which takes about twenty seconds."""


def read_cells(file: Path) -> tuple[Genotypes, CellIndex]:
    """Read ``hash_hex``, ``n_vertices``, ``adjacency`` and ``ops`` of all cells.

    Returns
    -------
    genotypes : array of int16, ``(n, 26)``
        In the order of the index.
    index : CellIndex

    Raises
    ------
    BenchmarkError
        If the file cannot be read, or does not have the 423,624 cells.
    """
    try:
        with file.open("rb") as stream:
            known = hashlib.file_digest(stream, "sha256").hexdigest() == SHA256
        if not zipfile.is_zipfile(file):  # numpy would report a pickle, which misleads the user
            raise zipfile.BadZipFile("it is not an .npz file")
        with np.load(file, allow_pickle=False) as records:
            columns = {name: records[name] for name in ("hash_hex", "n_vertices", "adjacency", "ops")}
        hashes = [bytes(row).hex() for row in columns["hash_hex"].view(np.uint8).reshape(-1, 16)]
        genotypes = _genotypes(columns["n_vertices"], columns["adjacency"], columns["ops"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, IndexError, zipfile.BadZipFile) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise BenchmarkError(f"{file} is not a file of the cells of NAS-Bench-101: {why}; get it again") from error
    if len(set(hashes)) != CELLS or len(genotypes) != CELLS:
        raise BenchmarkError(f"{file}: expected {CELLS:,} different cells, got {len(set(hashes)):,}; get it again")
    space = NASBench101Space()
    for row, architecture in enumerate(() if known else map(tuple, genotypes.tolist())):
        if not space.is_valid(architecture) or space.hash(architecture) != hashes[row]:
            raise BenchmarkError(f"{file}: cell {row} does not have the hash {hashes[row]}; get the file again")
    index, order = CellIndex.of(space, genotypes, hashes)
    return genotypes[order], index


def _genotypes(n_vertices: NDArray[np.int64], adjacency: NDArray[np.uint8], ops: NDArray[np.int8]) -> Genotypes:
    """Return the genotypes of pruned cells, with the output moved to the last vertex, ``(n, 26)``."""
    matrices = np.unpackbits(adjacency.reshape(-1, 7), axis=1)[:, :49].reshape(-1, 7, 7)
    genotypes = np.zeros((len(matrices), 26), dtype=np.int16)
    upper = np.triu_indices(7, 1)
    for n in np.unique(n_vertices).tolist():
        rows = np.flatnonzero(n_vertices == n)
        moved = np.zeros((len(rows), 7, 7), dtype=np.int16)
        moved[:, : n - 1, : n - 1] = matrices[rows, : n - 1, : n - 1]
        moved[:, : n - 1, 6] = matrices[rows, : n - 1, n - 1]
        genotypes[rows, :21] = moved[:, upper[0], upper[1]]
        genotypes[rows, 21 : 21 + n - 2] = ops[rows, 1 : n - 1]
    return genotypes


def spaces(cells: TableBenchmark) -> Iterator[TableBenchmark]:
    """Yield the tables of the complete spaces of NAS-Bench-1Shot1, made from a table of modelled cells."""
    for number in PARENTS:
        yield whole_space(number, cells, SUFFIX)


NAMES = (NAME, *(name_of(number) + SUFFIX for number in PARENTS))


def _read(path: Path, names: Sequence[str]) -> Iterator[TableBenchmark]:
    raise BenchmarkError(f"{', '.join(names)}: cannot be imported. {SOURCES[0].remedy(NAME)}")


SOURCES = (
    Source(
        names=NAMES,
        files=(),
        read=_read,
        what="cells of NAS-Bench-101",
        size="423,624 cells",
        licence="Apache-2.0 (nasbench)",
        citation=CITATION,
        provenance="surrogate",
        fitted_by=f"regretta surrogate fit {POOL} --cells PATH/TO/{CELLS_FILE}",
    ),
)

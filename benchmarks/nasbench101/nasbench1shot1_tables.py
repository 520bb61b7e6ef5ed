"""Tables of the spaces of NAS-Bench-1Shot1, made from tables of NAS-Bench-101."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.benchmark import Facts
from benchmarks.nasbench101.cell_index import CellIndex
from benchmarks.nasbench101.nasbench1shot1 import CELLS, NASBench1Shot1Space
from benchmarks.nasbench101.subset import Subset
from benchmarks.row_index import SharedRows
from benchmarks.spaces.pool import PoolSpace
from benchmarks.table import TableBenchmark, build_table

CITATION = "Zela, Siems and Hutter, NAS-Bench-1Shot1, ICLR 2020, arXiv 2001.10422"


def name_of(number: int) -> str:
    """Return the name of the benchmark on a space."""
    return f"nasbench1shot1-{number}"


def pool_name(number: int) -> str:
    """Return the name of the pool of recorded cells of a space."""
    return f"{name_of(number)}-pool"


def whole_space(number: int, cells: TableBenchmark, suffix: str = "") -> TableBenchmark:
    """Make the table of a complete space of NAS-Bench-1Shot1.

    Parameters
    ----------
    number : int
        1, 2 or 3.
    cells : TableBenchmark
        Table of all cells of NAS-Bench-101.
    suffix : str
        Suffix of the name of the benchmark.

    Raises
    ------
    BenchmarkError
        If ``cells`` lacks a cell of the space.
    """
    space = NASBench1Shot1Space(number)
    hashes, rows = space.hashes()
    assert isinstance(cells.index, CellIndex)
    chosen = [cells.index.row_of_hash(name) for name in hashes]
    arrays = cells.arrays()
    facts = replace(
        cells.facts,
        name=name_of(number) + suffix,
        title=f"NAS-Bench-1Shot1, space {number}{', modelled' if cells.facts.provenance == 'surrogate' else ''}",
        space=space.name,
        notes=(f"{len(hashes):,} different cells, over which optimum, median and floor are",),
        citation=f"{cells.facts.citation}; {CITATION}",
    )
    return build_table(
        facts,
        space,
        {float(fidelity): values[chosen] for fidelity, values in arrays["errors"].items()},
        {float(fidelity): values[chosen] for fidelity, values in arrays["seconds"].items()},
        {
            float(target.removeprefix("test@")): values[chosen]
            for target, values in arrays["true_errors"].items()
            if target.startswith("test@")
        },
        SharedRows(space, rows),
    )


def recorded_part(number: int, subset: Subset, facts: Facts) -> TableBenchmark:
    """Make a pool of the recorded cells that belong to a space of NAS-Bench-1Shot1."""
    space, rows, members = NASBench1Shot1Space(number), [], []
    for row, genotype in enumerate(subset.genotypes.tolist()):
        cell = CELLS.cell(tuple(genotype))
        found = None if cell is None else space.find(cell)
        if found is not None:
            rows.append(row)
            members.append(found)
    pool = PoolSpace(pool_name(number), space, np.array(members, dtype=np.int16))
    facts = replace(
        facts,
        name=pool.name,
        title=f"NAS-Bench-1Shot1, space {number}, {len(members):,} recorded cells",
        space=pool.name,
        citation=f"{facts.citation}; {CITATION}",
    )
    return build_table(
        facts,
        pool,
        {fidelity: 1.0 - values[rows, np.newaxis] for fidelity, values in subset.validation.items()},
        {fidelity: subset.seconds_to(fidelity)[rows, np.newaxis] for fidelity in subset.validation},
    )

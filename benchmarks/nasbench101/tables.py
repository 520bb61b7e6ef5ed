"""Tables of NAS-Bench-101 and EC-NAS-Bench from their official files, and pools of recorded cells of NAS-Bench-101.

Ying et al., "NAS-Bench-101: Towards Reproducible Neural Architecture Search", ICML 2019, arXiv 1902.09635. Every cell
was trained three times for each of 4, 12, 36 and 108 epochs, always from scratch. Each number of epochs has its own
learning-rate schedule.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.benchmark import Facts
from benchmarks.errors import BenchmarkError
from benchmarks.nasbench101.cell_index import CellIndex
from benchmarks.nasbench101.nasbench1shot1 import PARENTS
from benchmarks.nasbench101.nasbench1shot1_tables import name_of, pool_name, recorded_part, whole_space
from benchmarks.nasbench101.runs import Runs, collect_runs
from benchmarks.nasbench101.space import NASBench101Space, five_vertices, four_vertices
from benchmarks.nasbench101.subset import Subset, read_subset
from benchmarks.spaces.pool import PoolSpace
from benchmarks.storage.official_files import Download, Source
from benchmarks.table import TableBenchmark, build_table

LICENCE = "Apache-2.0 (nasbench)"
EC_LICENCE = "MIT (EC-NAS-Bench)"
CITATION = "Ying et al., NAS-Bench-101, ICML 2019, arXiv 1902.09635"
EC_CITATION = (
    "Bakhtiarifard, Igel and Selvan, Energy Consumption-Aware Tabular Benchmarks for Neural Architecture Search, 2022,"
    " arXiv 2210.06015"
)
CELLS = {4: 91, 5: 2_532, 7: 423_624}
"""Number of different cells by the largest number of vertices."""


def make_facts(
    name: str, title: str, space: str, fidelities: tuple[float, ...], source: str, **others: object
) -> Facts:
    """Make the facts of a table of NAS-Bench-101 cells. Times are of training only."""
    known: dict[str, object] = {
        "dataset": "cifar10",
        "metric": "validation accuracy, maximised",
        "unit": "fraction",
        "valid_range": (0.0, 1.0),
        "continuable": False,
        "provenance": "recorded",
        "licence": LICENCE,
        "citation": CITATION,
        "data_hash": "",
        "repeats": (0, 0),
    }
    fields = known | others
    return Facts(name=name, title=title, space=space, fidelities=fidelities, source=source, **fields)  # type: ignore[arg-type]


def read_small(file: Path, name: str, space: NASBench101Space) -> TableBenchmark:
    """Read the complete table of a space of few vertices from a file of EC-NAS-Bench.

    All genotypes of a cell, and of isomorphic cells, share its runs.
    """
    runs = complete(collect_runs(file, space), space, file)
    of_hash = {found: row for row, found in enumerate(runs.hashes)}
    rows = [of_hash[space.hash(tuple(genotype))] for genotype in space.enumerate().tolist()]
    facts = make_facts(
        name,
        f"EC-NAS-Bench, up to {space.vertices} vertices",
        space.name,
        tuple(runs.validation),
        f"imported from {file.name}",
        licence=EC_LICENCE,
        citation=EC_CITATION,
        notes=(f"{len(runs.hashes):,} cells; all genotypes of a cell share its runs",),
    )
    return build_table(
        facts,
        space,
        {fidelity: 1.0 - values[rows] for fidelity, values in runs.validation.items()},
        {fidelity: values[rows] for fidelity, values in runs.seconds.items()},
        {fidelity: 1.0 - np.nanmean(values[rows], axis=1) for fidelity, values in runs.test.items()},
    )


def read_full(file: Path, names: Sequence[str]) -> Iterator[TableBenchmark]:
    """Read ``nasbench101`` and the spaces of NAS-Bench-1Shot1 from an official file of NAS-Bench-101."""
    table = _read_all_cells(file)
    if table.facts.name in names:
        yield table
    yield from (whole_space(number, table) for number in PARENTS if name_of(number) in names)


def _read_all_cells(file: Path) -> TableBenchmark:
    space = NASBench101Space()
    runs = complete(collect_runs(file, space), space, file)
    index, order = CellIndex.of(space, np.array(runs.architectures, dtype=np.int16), runs.hashes)
    facts = make_facts(
        "nasbench101",
        "NAS-Bench-101",
        space.name,
        tuple(runs.validation),
        f"imported from {file.name}",
        notes=("optimum, median and floor are over the cells; random genotypes favour cells that have many",),
    )
    return build_table(
        facts,
        space,
        {fidelity: 1.0 - values[order] for fidelity, values in runs.validation.items()},
        {fidelity: values[order] for fidelity, values in runs.seconds.items()},
        {fidelity: 1.0 - np.nanmean(values[order], axis=1) for fidelity, values in runs.test.items()},
        index,
    )


def complete(runs: Runs, space: NASBench101Space, file: Path) -> Runs:
    """Return the runs, and check that they are of all cells of the space.

    Raises
    ------
    BenchmarkError
        If they have another number of cells.
    """
    found, wanted = len(runs.hashes), CELLS[space.vertices]
    if found != wanted:
        raise BenchmarkError(
            f"{file}: expected the {wanted:,} cells of space {space.name!r}, got {found:,}; check that it is the right"
            " file, and that it was downloaded completely"
        )
    return runs


def read_pools(file: Path, names: Sequence[str]) -> Iterator[TableBenchmark]:
    """Read the pool of all recorded cells, and the pools of those in the spaces of NAS-Bench-1Shot1."""
    subset = read_subset(file)
    table = _pool(subset, file)
    if table.facts.name in names:
        yield table
    yield from (recorded_part(number, subset, table.facts) for number in PARENTS if pool_name(number) in names)


def _pool(subset: Subset, file: Path) -> TableBenchmark:
    space = PoolSpace("nasbench101-pool", NASBench101Space(), subset.genotypes)
    facts = make_facts(
        space.name,
        f"NAS-Bench-101, {space.size:,} recorded cells",
        space.name,
        tuple(subset.validation),
        f"imported from {file.name}",
        notes=(
            "a uniform random sample of the cells: neighbours are the nearest recorded cells by path encoding",
            "the time was recorded at 108 epochs, and is taken to be linear in the epochs",
        ),
    )
    return build_table(
        facts,
        space,
        {fidelity: 1.0 - values[:, np.newaxis] for fidelity, values in subset.validation.items()},
        {fidelity: subset.seconds_to(fidelity)[:, np.newaxis] for fidelity in subset.validation},
    )


def _read_4v(file: Path, names: Sequence[str]) -> Iterator[TableBenchmark]:
    yield read_small(file, "ecnas-4v", four_vertices())


def _read_5v(file: Path, names: Sequence[str]) -> Iterator[TableBenchmark]:
    yield read_small(file, "ecnas-5v", five_vertices())


SOURCES = (
    Source(
        names=("nasbench101", *map(name_of, PARENTS)),
        files=("nasbench_full.tfrecord", "nasbench_only108.tfrecord"),
        read=read_full,
        what="nasbench_full.tfrecord (four fidelities, 1.95 GB) or nasbench_only108.tfrecord (one, 499 MB), which"
        " github.com/google-research/nasbench links to",
        size="423,624 and fewer",
        licence=LICENCE,
        citation=CITATION,
        downloads=(
            Download(
                "https://storage.googleapis.com/nasbench/nasbench_full.tfrecord",
                "3d64db8180fb1b0207212f9032205064312b6907a3bbc81eabea10db2f5c7e9c",
                1_950,
            ),
            Download(
                "https://storage.googleapis.com/nasbench/nasbench_only108.tfrecord",
                "4c39c3936e36a85269881d659e44e61a245babcb72cb374eacacf75d0e5f4fd1",
                499,
            ),
        ),
    ),
    Source(
        names=("nasbench101-pool", *map(pool_name, PARENTS)),
        files=("nasbench101_30001.npz",),
        read=read_pools,
        what="a file nasbench101_30001.npz of recorded cells",
        size="30,001 and fewer",
        licence=LICENCE,
        citation=CITATION,
    ),
    Source(
        names=("ecnas-4v",),
        files=("energy_4V9E.tfrecord", "ecnas_tfrecord/energy_4V9E.tfrecord"),
        read=_read_4v,
        what="energy_4V9E.tfrecord of EC-NAS-Bench",
        size="423",
        licence=EC_LICENCE,
        citation=EC_CITATION,
    ),
    Source(
        names=("ecnas-5v",),
        files=("energy_5V9E.tfrecord", "ecnas_tfrecord/energy_5V9E.tfrecord"),
        read=_read_5v,
        what="energy_5V9E.tfrecord of EC-NAS-Bench",
        size="22,680",
        licence=EC_LICENCE,
        citation=EC_CITATION,
    ),
)

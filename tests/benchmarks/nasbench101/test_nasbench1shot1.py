"""NAS-Bench-1Shot1: the spaces agree with the paper, and the numbers with NAS-Bench-101."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import BenchmarkError
from benchmarks.nasbench101.cell_index import CellIndex
from benchmarks.nasbench101.cells import canonical_cell, cell_hash, count_edges, prune
from benchmarks.nasbench101.nasbench1shot1 import CELLS, PARENTS, NASBench1Shot1Space
from benchmarks.nasbench101.nasbench1shot1_tables import whole_space
from benchmarks.nasbench101.tables import make_facts, read_full
from benchmarks.storage.tables import open_table, write_table
from benchmarks.table import build_table

SIZES = {1: 14_580, 2: 29_160, 3: 1_312_200}
CELLS_OF = {1: 2_685, 2: 7_773, 3: 55_854}
LOWEST = {1: 0.049278855323791504, 2: 0.051582515239715576, 3: 0.04847759008407593}
"""Lowest validation error of any single run of 108 epochs according to the authors' code."""


@pytest.fixture(scope="module", params=PARENTS)
def number(request):
    return request.param


@pytest.fixture(scope="module")
def space(number):
    return NASBench1Shot1Space(number)


def drawn(space, n=300):
    rng = np.random.default_rng(11)
    return [space.sample(rng) for _ in range(n)]


def test_the_number_of_architectures(space, number):
    # Space 2: 3^4 operations; 1, 2, 3, 6 pairs or single parents, and 10 triples for the output.
    assert space.size == SIZES[number]


def test_every_block_of_a_cell_has_its_number_of_parents(space, number):
    for architecture in drawn(space):
        successors = space._successors(architecture[space.n_blocks :])
        parents = [sum(s >> node & 1 for s in successors) for node in range(1, len(successors))]
        assert tuple(parents) == PARENTS[number]
        assert count_edges(space.cell(architecture)) <= 9
        assert prune(*space.cell(architecture)) == space.cell(architecture)


def test_a_cell_by_hand():
    space = NASBench1Shot1Space(1)
    text = (
        "choice_block_1_op=maxpool3x3,choice_block_2_op=conv1x1-bn-relu,choice_block_3_op=conv3x3-bn-relu,"
        "choice_block_4_op=conv1x1-bn-relu,choice_block_3_parents=0+1,choice_block_4_parents=1+2,"
        "choice_block_5_parents=0+2"
    )
    # Blocks 3 and 4 lead nowhere. The input leads to 1, 2 and the output; 1 to 2; 2 to the output.
    assert space.cell(space.from_string(text)) == ((0b1110, 0b0100, 0b1000, 0), (-1, 2, 1, -2))


def test_isomorphic_cells_have_one_canonical_form(space):
    architectures = drawn(space)
    forms = {a: space.canonical(a) for a in architectures}
    for architecture, form in forms.items():
        assert canonical_cell(space.cell(form)) == canonical_cell(space.cell(architecture))
    cells = {canonical_cell(space.cell(a)) for a in architectures}
    assert len(set(forms.values())) == len(cells)


def test_a_cell_of_another_kind_is_not_found(space):
    direct = prune((0b10, 0), (-1, -2))
    assert space.find(direct) is None


@pytest.mark.parametrize("number", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_hashes_are_those_of_the_cells_in_the_order_of_the_space(number):
    space = NASBench1Shot1Space(number)
    hashes, rows = space.hashes()
    assert len(set(hashes)) == len(hashes) == CELLS_OF[number]
    assert len(rows) == space.size
    for architecture in drawn(space):
        assert hashes[rows[space.index(architecture)]] == cell_hash(space.cell(architecture))


@pytest.fixture
def made_up():
    """Return a table of the cells of space 1, with errors that follow from their hashes."""
    hashes, _ = (space := NASBench1Shot1Space(1)).hashes()
    first = {}
    for architecture in map(tuple, space.enumerate().tolist()):
        first.setdefault(cell_hash(space.cell(architecture)), CELLS.from_cell(space.cell(architecture)))
    index, order = CellIndex.of(CELLS, np.array([first[name] for name in hashes]), hashes)
    values = np.array([int(hashes[i][:6], 16) / 2**24 for i in order])
    facts = make_facts("nasbench101", "made up", CELLS.name, (4.0, 108.0), "test")
    errors = {f: np.stack([values * f / 108, values], axis=1) for f in (4.0, 108.0)}
    seconds = {f: np.stack([values + f, values + f], axis=1) for f in (4.0, 108.0)}
    return build_table(facts, CELLS, errors, seconds, {108.0: values}, index)


def test_every_architecture_has_the_numbers_of_its_cell(made_up, tmp_path, monkeypatch):
    monkeypatch.setenv("REGRETTA_DATA", str(tmp_path))
    table = whole_space(1, made_up)
    write_table(table)
    for benchmark in (table, open_table("nasbench1shot1-1")):
        everything = benchmark.space.enumerate()[::7]
        cells = [CELLS.from_cell(benchmark.space.cell(tuple(a))) for a in everything.tolist()]
        for fidelity in (4.0, 108.0):
            assert np.array_equal(benchmark.errors(everything, fidelity), made_up.errors(cells, fidelity))
            assert np.array_equal(benchmark.seconds(everything, fidelity), made_up.seconds(cells, fidelity))
        assert np.array_equal(benchmark.true_errors(everything, "test@108"), made_up.true_errors(cells, "test@108"))
        assert benchmark.observe(tuple(everything[9]), 4.0, 3) == made_up.observe(cells[9], 4.0, 3)
        assert len(benchmark.recorded()) == 2_685
        assert "2,685 different cells" in benchmark.facts.notes[0]
        assert "1Shot1" in benchmark.facts.citation


def test_a_table_that_lacks_a_cell_is_rejected(made_up):
    with pytest.raises(BenchmarkError, match=r"the cell with hash \w{32} was not recorded"):
        whole_space(2, made_up)


@pytest.fixture(scope="module")
def row_of(data_folder):
    """Return the rows of the recorded cells by hash."""
    with np.load(data_folder / "nasbench101_30001.npz") as records:
        return {hash_: row for row, hash_ in enumerate(records["key"].tolist())}


@pytest.mark.data("nasbench101-pool")
def test_pools_have_the_numbers_of_the_recorded_cells(number, space, any_benchmark, row_of):
    pool, cells = any_benchmark(f"nasbench1shot1-{number}-pool"), any_benchmark("nasbench101-pool")
    members = [pool.space.member((i,)) for i in range(pool.space.size)]
    rows = [(row_of[cell_hash(space.cell(member))],) for member in members]
    assert len(set(rows)) == pool.space.size
    assert pool.space.size / CELLS_OF[number] == pytest.approx(30_001 / 423_624, rel=0.1)
    for fidelity in pool.facts.fidelities:
        assert np.array_equal(pool.errors(pool.space.enumerate(), fidelity), cells.errors(rows, fidelity))
        assert np.array_equal(pool.seconds(pool.space.enumerate(), fidelity), cells.seconds(rows, fidelity))


@pytest.mark.data("nasbench_full.tfrecord")
@pytest.mark.slow
def test_the_lowest_error_is_the_published_one(data_folder, number):
    (table,) = read_full(data_folder / "nasbench_full.tfrecord", [f"nasbench1shot1-{number}"])
    assert table.errors(table.recorded(), 108.0).min() == pytest.approx(LOWEST[number], abs=1e-9)

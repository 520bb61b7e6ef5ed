"""The tables of NAS-Bench-101 cells: they equal their files, and mistakes in a file are reported."""

from __future__ import annotations

import timeit

import numpy as np
import pandas as pd
import pytest
from tfrecords import trained

from benchmarks import BenchmarkError, load_benchmark
from benchmarks.nasbench101 import tables as nasbench101_tables
from benchmarks.nasbench101.cells import canonical_cell
from benchmarks.nasbench101.runs import collect_runs
from benchmarks.nasbench101.space import NASBench101Space, five_vertices, four_vertices
from benchmarks.nasbench101.subset import read_subset
from benchmarks.nasbench101.tables import read_full, read_small
from benchmarks.storage.tables import open_table, write_table

SPACE = NASBench101Space()
THREE = [  # the cells of three vertices: 0 -> 1 -> 2 with and without 0 -> 2, for each operation; and 0 -> 2 alone
    *((matrix, f"input,{operation},output") for matrix in ("010001000", "011001000") for operation in
      ("conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3")),
    ("0100", "input,output"),
]  # fmt: skip
HASHES = [SPACE.hash(SPACE.from_matrix(matrix, names.split(","))) for matrix, names in THREE]
IDENTITY = ("key", "n_vertices", "adjacency", "ops")


def runs(cells=range(7), epochs=(4, 108), repeats=3):
    """Return training runs in mixed order, with numbers that identify their cell, fidelity and repeat."""
    written = [
        trained(HASHES[c], e, *THREE[c], seconds=e + c / 10 + r / 100, validation=(e + c) / 200 + r / 1000,
                test=(e + c) / 250 + r / 1000)
        for r in range(repeats) for e in epochs for c in cells
    ]  # fmt: skip
    return written


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.setenv("REGRETTA_DATA", str(tmp_path / "data"))
    monkeypatch.setitem(nasbench101_tables.CELLS, 7, 7)

    def write(records):
        file = tmp_path / "nasbench_full.tfrecord"
        file.write_bytes(b"".join(records))
        return file

    return write


class TestFull:
    def test_every_run_is_stored_with_its_cell_for_any_genotype(self, write):
        (table,) = read_full(write(runs()), ["nasbench101"])
        write_table(table)
        for benchmark in (table, open_table("nasbench101")):
            for c, (matrix, names) in enumerate(THREE):
                architecture = SPACE.from_matrix(matrix, names.split(","))
                loose = (*architecture[:-1], 2)
                for asked in (architecture, loose):
                    assert benchmark.errors([asked], 108.0)[0] == pytest.approx(
                        [1 - (108 + c) / 200 - r / 1000 for r in range(3)]
                    )
                    assert benchmark.seconds([asked], 4.0)[0] == pytest.approx(4 + c / 10 + 0.01)
                    assert benchmark.true_errors([asked], "test@4")[0] == pytest.approx(1 - (4 + c) / 250 - 0.001)
                    seen = benchmark.observe(asked, 4.0, 2)
                    assert seen == pytest.approx((1 - (4 + c) / 200 - 0.002, 4 + c / 10 + 0.02, 2))
            assert benchmark.facts.fidelities == (4.0, 108.0)
            assert benchmark.facts.repeats == (3, 3)
            assert list(benchmark.facts.targets) == ["validation@4", "validation@108", "test@4", "test@108"]
            hashes = {SPACE.hash(tuple(a)) for a in benchmark.recorded().tolist()}
            assert hashes == set(HASHES)

    def test_a_cell_that_was_not_recorded_is_named(self, write):
        (table,) = read_full(write(runs()), ["nasbench101"])
        unknown = SPACE.from_string("0110001100010000;input,conv1x1-bn-relu,conv3x3-bn-relu,output")
        with pytest.raises(
            BenchmarkError, match="the cell with hash 5529e1779433733d1145e20de5d8604e was not recorded"
        ):
            table.observe(unknown, 4.0, 0)

    def test_a_batch_of_recorded_genotypes_others_of_their_cells_and_invalid_ones(self, write):
        (table,) = read_full(write(runs()), ["nasbench101"])
        recorded = table.recorded().tolist()
        loose = next([*a[:-1], 2] for a in recorded if a[-1] == 0 and SPACE.hash((*a[:-1], 2)) == SPACE.hash(tuple(a)))
        batch = [*recorded[::-1], loose, recorded[1]]
        expected = [table.errors([a], 108.0)[0].tolist() for a in batch]
        assert table.errors(batch, 108.0).tolist() == expected
        assert len({tuple(errors) for errors in expected}) == len(recorded)
        wrapped = [*recorded[0]]  # a value out of range that gives the same row of the product
        wrapped[-2:] = [wrapped[-2] - 1, wrapped[-1] + 3]
        with pytest.raises(BenchmarkError, match="is not an architecture of space 'nasbench101'"):
            table.errors([*batch, wrapped], 108.0)

    def test_single_queries_take_less_than_20_microseconds_once_memoised(self, write):
        (table,) = read_full(write(runs()), ["nasbench101"])
        architecture = SPACE.from_matrix(THREE[3][0], THREE[3][1].split(","))
        table.observe(architecture, 108.0, 1)
        best = min(timeit.repeat(lambda: table.observe(architecture, 108.0, 1), number=1_000, repeat=5)) / 1_000
        assert best < 20e-6

    @pytest.mark.parametrize(
        ("records", "message"),
        [
            (lambda: [], r"nasbench_full\.tfrecord is empty"),
            (lambda: runs(range(6)), r"expected the 7 cells of space 'nasbench101', got 6; check that it is"),
            (lambda: runs()[:-1], None),
            (
                lambda: [*runs(), *runs(range(1), (4,), 1)],
                r"cell [0-9a-f]{32} has more than 3 runs of 4 epochs; .* Cells like it: 1",
            ),
            (
                lambda: [*runs(range(6)), *runs([6], (4,))],
                r"cell [0-9a-f]{32} has no run of 108 epochs; .* Cells like it: 1",
            ),
            (
                lambda: [*runs(), trained("0" * 32, 4, *THREE[0], 1.0, 0.5, 0.5)],
                r"record 42: expected a cell with hash 0{32}, got [0-9a-f]{32}; download",
            ),
            (
                lambda: [trained("0" * 32, 4, "0100", "input,dropout", 1.0, 0.5, 0.5)],
                r"record 0: cell 0100;input,dropout is not in space 'nasbench101': the operations are wrong; check",
            ),
        ],
    )
    def test_a_wrong_file_is_rejected(self, write, records, message):
        file = write(records())
        if message is None:  # one repeat less is allowed
            (table,) = read_full(file, ["nasbench101"])
            assert table.facts.repeats == (2, 3)
            return
        with pytest.raises(BenchmarkError, match=message):
            list(read_full(file, ["nasbench101"]))


@pytest.mark.parametrize(
    "file",
    [pytest.param(f, marks=pytest.mark.data(f)) for f in ("nasbench_full.tfrecord", "nasbench_only108.tfrecord")],
)
@pytest.mark.slow
def test_the_official_file_has_the_published_optima(data_folder, file):
    (table,) = read_full(data_folder / file, ["nasbench101"])
    assert table.facts.targets["validation@108"].optimum == pytest.approx(0.049446, abs=5e-7)
    assert table.facts.targets["test@108"].optimum == pytest.approx(0.056824, abs=5e-7)


@pytest.fixture(scope="module", params=[4, 5])
def vertices(request):
    return request.param


@pytest.fixture(scope="module")
def table(vertices, any_benchmark):
    return any_benchmark(f"ecnas-{vertices}v")


@pytest.fixture(scope="module")
def records(data_folder):
    with np.load(data_folder / "nasbench101_30001.npz") as arrays:
        return {name: arrays[name] for name in arrays}


@pytest.mark.data("ecnas_tfrecord", "ecnas_4v_5v.csv.gz")
class TestEcNas:
    def test_every_genotype_has_the_runs_of_its_cell(self, data_folder, vertices, table):
        frame = pd.read_csv(data_folder / "ecnas_4v_5v.csv.gz")
        frame = frame[frame["space"] == f"{vertices}V"]
        everything = table.space.enumerate()
        hashes = [table.space.hash(tuple(a)) for a in everything.tolist()]
        assert len(set(hashes)) == {4: 91, 5: 2_532}[vertices] == frame["hash"].nunique()
        for epochs, group in frame.groupby("epochs"):
            means = group.groupby("hash")[["val_acc", "test_acc", "training_time"]].mean().loc[hashes].to_numpy()
            assert np.allclose(
                table.true_errors(everything, f"validation@{epochs}"), 1 - means[:, 0], rtol=0, atol=1e-12
            )
            assert np.allclose(table.true_errors(everything, f"test@{epochs}"), 1 - means[:, 1], rtol=0, atol=1e-12)
            assert np.allclose(table.seconds(everything, epochs), means[:, 2])
            lowest = 1 - group.groupby("hash")["val_acc"].mean().max()
            assert table.facts.targets[f"validation@{epochs}"].optimum == pytest.approx(lowest, abs=1e-12)

    def test_the_facts(self, vertices, table):
        fidelities, repeats, optimum = {
            4: ((4.0, 12.0, 36.0, 108.0), (3, 3), 0.05753),
            5: ((4.0,), (1, 1), 0.22987),
        }[vertices]
        assert (table.facts.fidelities, table.facts.repeats) == (fidelities, repeats)
        assert table.facts.targets[f"validation@{fidelities[-1]:g}"].optimum == pytest.approx(optimum, abs=5e-6)
        assert any("nothing was trained twice" in note for note in table.facts.notes) == (vertices == 5)

    def test_the_full_reader_agrees_and_finds_cells_by_any_genotype(self, data_folder, vertices, table, monkeypatch):
        file = data_folder / "ecnas_tfrecord" / f"energy_{vertices}V9E.tfrecord"
        monkeypatch.setitem(nasbench101_tables.CELLS, 7, nasbench101_tables.CELLS[vertices])
        (full,) = read_full(file, ["nasbench101"])
        fidelity = table.facts.fidelities[-1]
        for architecture in map(tuple, table.space.enumerate()[::101].tolist()):
            cell = table.space.cell(architecture)
            bigger = SPACE.from_cell(canonical_cell(cell))
            assert full.observe(bigger, fidelity, 0) == table.observe(architecture, fidelity, 0)

    def test_the_file_of_the_other_space_is_rejected(self, data_folder):
        files = [data_folder / "ecnas_tfrecord" / f"energy_{v}V9E.tfrecord" for v in (4, 5)]
        with pytest.raises(BenchmarkError, match=r"record \d+: cell .* is not in space 'nasbench101-4v'"):
            read_small(files[1], "ecnas-4v", four_vertices())
        with pytest.raises(BenchmarkError, match="expected the 2,532 cells of space 'nasbench101-5v', got 91"):
            read_small(files[0], "ecnas-5v", five_vertices())


@pytest.mark.data("nasbench101_30001.npz")
class TestPool:
    def test_every_recorded_cell_has_its_numbers(self, records, any_benchmark):
        pool = any_benchmark("nasbench101-pool")
        assert pool.space.size == 30_001
        rows = np.random.default_rng(0).choice(30_001, 300, replace=False)
        for row in rows.tolist():
            assert pool.space.of.hash(pool.space.member((row,))) == records["key"][row]
        genotypes = rows[:, None]
        for fidelity in pool.facts.fidelities:
            accuracies = records[f"val{fidelity:g}"][rows].astype(np.float64)
            assert np.array_equal(pool.errors(genotypes, fidelity)[:, 0], 1 - accuracies)
            seconds = records["train_time108"][rows] * fidelity / 108
            assert np.allclose(pool.seconds(genotypes, fidelity), seconds, rtol=1e-6)
        best = 1 - records["val108"].astype(np.float64).max()
        assert pool.facts.targets["validation@108"].optimum == best

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda a: a["val12"].__setitem__(3, 1.5), r"val12 of cell 3: expected 0 to 1, got 1\.5"),
            (
                lambda a: a["train_time108"].__setitem__(3, np.nan),
                "train_time108 of cell 3: expected 0 to inf, got nan",
            ),
            (lambda a: a["ops"].__setitem__((2, 1), 1), "cell 2 does not have the hash"),
            (
                lambda a: [a[k].__setitem__(4, a[k][1]) for k in ("key", "n_vertices", "adjacency", "ops")],
                "occurs twice",
            ),
            (lambda a: a.pop("val36"), r"not a file of recorded NAS-Bench-101 cells: .*val36.*; get it again"),
            (lambda a: a.update(val4=a["val4"][:3]), "not a file of recorded"),
        ],
    )
    def test_a_wrong_file_is_rejected(self, records, tmp_path, change, message):
        arrays = {name: values[:10].copy() for name, values in records.items()}
        change(arrays)
        file = tmp_path / "cells.npz"
        np.savez(file, **arrays)
        with pytest.raises(BenchmarkError, match=rf"cells\.npz.*{message}"):
            read_subset(file)

    def test_a_file_of_another_format_is_rejected(self, tmp_path):
        file = tmp_path / "cells.npz"
        for content in (b"", b"nonsense", b"PK\x03\x04 and no more"):
            file.write_bytes(content)
            with pytest.raises(BenchmarkError, match="not a file of recorded NAS-Bench-101 cells"):
                read_subset(file)


def test_the_message_on_missing_data_says_how_to_get_it():
    with pytest.raises(
        BenchmarkError,
        match=r"data fetch nasbench101`; or import it from nasbench_full\.tfrecord .*`regretta data import nasbench101",
    ):
        load_benchmark.__wrapped__("nasbench101")


def test_a_file_of_small_cells_is_read_as_one_of_all(write):
    collected = collect_runs(write(runs()), SPACE)
    assert collected.hashes == HASHES
    assert {f: v.shape for f, v in collected.validation.items()} == {4.0: (7, 3), 108.0: (7, 3)}

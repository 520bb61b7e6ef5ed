"""NAS-Bench-301: published facts, batched predictions, and files that are rejected."""

from __future__ import annotations

import ast
import csv
import shutil
import timeit
from pathlib import Path

import numpy as np
import pytest
from darts_genotypes import DARTS_V2, PC_DARTS
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import benchmarks.storage.official_files
from benchmarks import BenchmarkError, DataAbsentError, load_benchmark
from benchmarks.nasbench301 import model as nasbench301
from benchmarks.nasbench301.model import CODES, FIDELITIES, categories_of, read
from benchmarks.nasbench301.space import POSSIBLE_EDGES, DARTSSpace
from benchmarks.storage.tables import open_table, write_table
from harness.errors import ConfigurationError
from harness.experiments.resolution import resolve_experiment
from harness.surrogates.reference_values import descend

SPACE = DARTSSpace()


@pytest.fixture(scope="module")
def benchmark(any_benchmark):
    return any_benchmark("nasbench301")


@pytest.fixture(scope="module")
def genotypes():
    rng = np.random.default_rng(301)
    return np.array([SPACE.sample(rng) for _ in range(300)], dtype=np.int16)


@pytest.fixture
def folder(data_folder, tmp_path):
    """Return a copy of the folder of the model."""
    return shutil.copytree(data_folder / "nasbench301_onnx", tmp_path / "model", copy_function=shutil.copyfile)


@pytest.mark.data("nasbench301")
class TestPublished:
    @pytest.mark.parametrize(("genotype", "accuracy"), [(DARTS_V2, 95.46), (PC_DARTS, 95.76)])
    def test_the_cells_of_two_papers(self, benchmark, genotype, accuracy):
        error = benchmark.observe(SPACE.from_string(genotype), 98.0, 0).error
        assert 100.0 * (1.0 - error) == pytest.approx(accuracy, abs=0.005)

    @pytest.mark.data("nasbench301_values.csv")
    def test_accuracies_of_another_surrogate_rank_alike(self, benchmark, data_folder):
        with (data_folder / "nasbench301_values.csv").open() as stream:
            rows = list(csv.DictReader(stream))
        architectures = [SPACE.from_string(row["arch"]) for row in rows]
        assert len(architectures) == 1_218
        assert [list(SPACE.edges(a)) for a in architectures[:1]] == [
            [
                edge
                for cell in ast.literal_eval(rows[0]["arch"])
                for i in (0, 2, 4, 6)
                for edge in sorted(cell[i : i + 2])
            ]
        ]
        accuracy = [float(row["nb301_val_accuracy"]) for row in rows]
        assert stats.spearmanr(benchmark.errors(architectures, 98.0)[:, 0], accuracy).statistic < -0.90


@pytest.mark.data("nasbench301")
class TestPredictions:
    def test_batches_equal_single_queries_bitwise(self, benchmark, genotypes):
        for fidelity in (1.0, 50.0, 98.0):
            single = np.array([benchmark.errors([g], fidelity)[0, 0] for g in genotypes.tolist()])
            for size in (2, 3, 16, 128, len(genotypes)):
                starts = range(0, len(genotypes), size)
                batches = [benchmark.errors(genotypes[start : start + size], fidelity)[:, 0] for start in starts]
                assert np.array_equal(np.concatenate(batches), single)

    def test_batches_of_128_take_less_than_100_microseconds_per_architecture(self, benchmark, genotypes):
        batch = genotypes[:128]
        assert min(timeit.repeat(lambda: benchmark.errors(batch, 98.0), number=2, repeat=7)) / 2 / 128 < 100e-6

    def test_time_is_linear_in_the_epochs(self, benchmark, genotypes):
        whole = benchmark.seconds(genotypes, 98.0)
        assert np.all((whole > 1_000) & (whole < 15_000))
        assert benchmark.seconds(genotypes, 49.0) == pytest.approx(whole / 2, rel=1e-15)
        assert benchmark.observe(tuple(genotypes[0].tolist()), 1.0, 3).seconds == whole[0] * (1.0 / 98.0)


@given(st.integers(0, 2**32))
@settings(max_examples=30)
def test_the_input_of_the_model_encodes_the_edges(seed):
    architecture = SPACE.sample(np.random.default_rng(seed))
    (row,) = categories_of([architecture])
    names = {code: name for name, code in CODES.items()}
    for cell in (0, 1):
        edges = SPACE.edges(architecture)[8 * cell : 8 * cell + 8]
        written = {
            edge: names[code] for edge, code in zip(POSSIBLE_EDGES, row[14 * cell : 14 * cell + 14], strict=True)
        }
        found = {
            (2 + at // 2, source): nasbench301.OPERATIONS[operation] for at, (source, operation) in enumerate(edges)
        }
        assert {edge: name for edge, name in written.items() if name != "#na#"} == found


@pytest.mark.data("nasbench301")
class TestReference:
    def test_no_neighbour_of_the_best_architecture_is_better(self, benchmark):
        reference = nasbench301.reference_values()
        best = SPACE.from_string(reference["architecture"])
        known = benchmark.facts.targets["validation@98"].optimum
        assert known == pytest.approx(benchmark.errors([best], 98.0)[0, 0], abs=1e-7)
        assert descend(benchmark, "validation@98", best)[0] >= known - 1e-7

    def test_a_few_descents_come_close_and_do_not_pass(self, benchmark):
        rng = np.random.default_rng(0)
        for fidelity in (10, 98):
            known = benchmark.facts.targets[f"validation@{fidelity}"]
            found = min(descend(benchmark, f"validation@{fidelity}", SPACE.sample(rng))[0] for _ in range(3))
            assert known.optimum - 1e-7 <= found <= known.optimum + known.floor

    def test_every_epoch_has_reference_values(self, benchmark):
        facts = benchmark.facts
        assert list(facts.targets) == [f"validation@{epoch}" for epoch in range(1, 99)]
        assert facts.fidelities == FIDELITIES
        assert facts.provenance == "surrogate"
        assert "version 1" in facts.notes[0]
        assert facts.reference == facts.to_json()["reference"] == 1


@pytest.mark.data("nasbench301")
class TestImport:
    def test_another_model_is_rejected(self, folder):
        content = (folder / "new_model.onnx").read_bytes()
        (folder / "new_model.onnx").write_bytes(content[:-1] + b"\0")
        with pytest.raises(BenchmarkError, match="to which the reference values belong, got"):
            next(read(folder, ["nasbench301"]))

    def test_other_codes_are_rejected(self, folder):
        text = (folder / "encoding.json").read_text()
        (folder / "encoding.json").write_text(text.replace('"0_1": 1', '"0_1": 2'))
        with pytest.raises(BenchmarkError, match=r"expected codes .* of .*inputs_node_normal_3, got"):
            next(read(folder, ["nasbench301"]))

    def test_an_encoding_that_is_not_an_object_is_rejected(self, folder):
        (folder / "encoding.json").write_text("[]")
        with pytest.raises(BenchmarkError, match="expected a JSON object of codes by category, got list"):
            next(read(folder, ["nasbench301"]))

    @pytest.mark.parametrize("file", ["new_model.onnx", "encoding.json"])
    def test_a_missing_file_is_named(self, folder, file):
        (folder / file).unlink()
        with pytest.raises(BenchmarkError, match=file):
            next(read(folder, ["nasbench301"]))

    def test_the_message_on_missing_libraries_says_how_to_install_them(self, folder, monkeypatch):
        monkeypatch.setattr(benchmarks.storage.official_files, "find_spec", lambda name: None)
        with pytest.raises(DataAbsentError, match=r"onnx and onnxruntime not installed: pip install 'regretta\[onnx"):
            next(read(folder, ["nasbench301"]))

    def test_a_damaged_file_is_found(self, folder, tmp_path, monkeypatch):
        monkeypatch.setenv("REGRETTA_DATA", str(tmp_path / "data"))
        written = write_table(next(read(folder / "new_model.onnx", ["nasbench301"])))
        (array,) = written.glob("model-*.npy")
        content = array.read_bytes()
        for damaged in (content[:-1], content[:100_000] + bytes([content[100_000] ^ 1]) + content[100_001:]):
            array.write_bytes(damaged)
            with pytest.raises(BenchmarkError, match="is damaged"):
                open_table("nasbench301")


@pytest.mark.data("nasbench301")
def test_algorithms_that_cannot_search_a_space_of_this_size_are_rejected_before_the_start(
    benchmark, imported_folder, monkeypatch
):
    monkeypatch.setenv("REGRETTA_DATA", str(imported_folder))
    algorithms = {"full": {"use": "predictor_sampler"}, "drawn": {"use": "predictor_sampler", "pool": "mutate_best"}}
    raw = {"schema": 1, "name": "x", "trials": 1, "benchmarks": ["nasbench301"], "budget": {"evaluations": 9}}
    load_benchmark.cache_clear()
    with pytest.raises(ConfigurationError) as refused:
        resolve_experiment(raw | {"algorithms": algorithms}, Path())
    load_benchmark.cache_clear()
    (problem,) = refused.value.problems
    assert problem.startswith(
        "algorithms.full: on nasbench301: pool = 'full': expected a space of at most 200,000 architectures"
    )

"""``regretta surrogate``: what it saves, prints and rejects; and its two tests, on artificial curves and runs."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import toys
from scipy import stats

from benchmarks import BenchmarkError, ChoiceSpace, DataAbsentError, load_benchmark
from benchmarks.nasbench101.surrogate import CELLS_FILE, NAMES, read_cells
from benchmarks.storage.tables import imported_names, verify_table, write_table
from benchmarks.table import build_table
from harness.commands.data.import_requests import OfficialFile
from harness.commands.data.imports import import_command
from harness.commands.surrogates.evaluation import _ranks, evaluate_command
from harness.commands.surrogates.fit import fit_command
from harness.surrogates.evaluation import ENTRIES, compare_trajectories, single_runs, trajectories
from harness.surrogates.fitting import Recipe

RECIPE = Recipe("ridge", train=200)
WHOLE = Recipe("ridge")


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("REGRETTA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "300")
    load_benchmark.cache_clear()
    yield
    load_benchmark.cache_clear()


class TestFit:
    def test_it_saves_a_benchmark_and_says_how_good_it_is(self, capsys):
        assert fit_command("nasbench201-cifar10", RECIPE, None, None, replace=False, as_json=False) == 0
        printed = capsys.readouterr().out
        assert "Saved as nasbench201-cifar10-ridge, with provenance surrogate." in printed
        assert "region 5" in printed
        assert imported_names() == ["nasbench201-cifar10-ridge"]
        verify_table("nasbench201-cifar10-ridge")
        assert load_benchmark("nasbench201-cifar10-ridge").facts.provenance == "surrogate"
        with pytest.raises(BenchmarkError, match="pass --replace"):
            fit_command("nasbench201-cifar10", RECIPE, None, None, replace=False, as_json=False)

    def test_json_is_the_report(self, capsys):
        fit_command("nasbench201-cifar10", RECIPE, "mine", None, replace=False, as_json=True)
        assert json.loads(capsys.readouterr().out)["held_out"]["architectures"] == 40

    @pytest.mark.parametrize("name", ["nasbench201-cifar100", "nasbench101-surrogate", "../x"])
    def test_names_that_are_refused(self, name):
        with pytest.raises(BenchmarkError, match=r"is the name of a known benchmark|cannot be the name of a benchmark"):
            fit_command("nasbench201-cifar10", RECIPE, name, None, replace=False, as_json=False)

    def test_cells_belong_to_one_table(self, tmp_path):
        with pytest.raises(BenchmarkError, match="--cells is for a surrogate of nasbench101-pool, got nasbench201-cif"):
            fit_command("nasbench201-cifar10", RECIPE, None, tmp_path, replace=False, as_json=False)

    def test_no_recorded_table_is_written_over(self):
        rng, space = np.random.default_rng(1), ChoiceSpace("mine", {"a": range(10), "b": range(10)})
        facts = dataclasses.replace(toys.make_table().facts, name="mine", provenance="recorded", space="mine")
        errors = dict.fromkeys(facts.fidelities, rng.random((space.size, 2)))
        write_table(build_table(facts, space, errors, {f: f * np.ones((space.size, 1)) for f in facts.fidelities}))
        for name in ("mine", ""):
            with pytest.raises(
                BenchmarkError, match=r"is the name of a recorded table|cannot be the name of a benchmark"
            ):
                fit_command("mine", WHOLE, name, None, replace=True, as_json=False)
        assert load_benchmark("mine").facts.provenance == "recorded"
        fit_command("mine", WHOLE, None, None, replace=True, as_json=False)

    def test_a_model_that_predicts_nothing_is_reported(self, capsys):
        rng, space = np.random.default_rng(1), ChoiceSpace("mine", {"a": range(10), "b": range(10)})
        facts = dataclasses.replace(toys.make_table().facts, name="mine", provenance="recorded", fidelities=(1.0,))
        for errors, said in ((rng.random((100, 1)), True), (np.linspace(0.1, 0.2, 100)[:, None], False)):
            write_table(build_table(facts, space, {1.0: errors}, {1.0: np.ones((100, 1))}), replace=True)
            load_benchmark.cache_clear()
            fit_command("mine", WHOLE, None, None, replace=True, as_json=False)
            assert ("R2 is not above 0" in capsys.readouterr().out) == said

    def test_tables_that_are_too_small_or_too_large_in_value_are_refused(self):
        space = ChoiceSpace("mine", {"a": range(10), "b": range(5)})
        facts = dataclasses.replace(
            toys.make_table().facts, name="mine", provenance="recorded", valid_range=(-np.inf, np.inf)
        )
        for values, message in (
            (np.geomspace(1, 1e200, 50), r"values up to 1e\+200, whose squares overflow"),
            (np.linspace(1, 2, 49), "has 49 architectures; a surrogate needs at least 50"),
        ):
            sized = ChoiceSpace("mine", {"a": range(len(values))}) if len(values) != space.size else space
            errors = dict.fromkeys(facts.fidelities, values[:, None])
            write_table(
                build_table(facts, sized, errors, {f: np.full(e.shape, f) for f, e in errors.items()}), replace=True
            )
            load_benchmark.cache_clear()
            with pytest.raises(BenchmarkError, match=message):
                fit_command("mine", WHOLE, None, None, replace=True, as_json=False)


class TestEvaluate:
    @pytest.mark.slow
    def test_it_writes_figures_and_numbers(self, tmp_path, capsys):
        assert evaluate_command(["nasbench201-cifar10"], RECIPE, 2, 40, tmp_path / "out", as_json=False) == 0
        printed = capsys.readouterr().out
        assert all(label in printed for label in ENTRIES)
        assert "single run 0.3" in printed
        (report,) = json.loads((tmp_path / "out" / "evaluation.json").read_text())
        assert sorted(report["trajectories"]["order"]["table"]) == sorted(ENTRIES)
        assert {file.name for file in (tmp_path / "out").iterdir()} >= {
            "trajectories.png", "single-runs.csv", "left-out.pdf", "parameter-free.csv"
        }  # fmt: skip
        assert set(report["left_out"]) <= set(ENTRIES)
        assert sum(level["architectures"] for level in report["parameter_free"]) == 15_625 - RECIPE.train
        assert "(c) one algorithm left out" in printed
        assert "(d) errors of the surrogate of (a)" in printed

    def test_an_algorithm_that_is_done_before_the_budget_keeps_its_last_incumbent(self):
        rng, space = np.random.default_rng(1), ChoiceSpace("toy", {"a": range(10), "b": range(6)})
        facts = dataclasses.replace(toys.make_table().facts, provenance="recorded", fidelities=(27.0,))
        table = build_table(facts, space, {27.0: rng.random((60, 2))}, {27.0: np.ones((60, 1))})
        curves = trajectories(table, Recipe("ridge"), trials=2, evaluations=100, seed=0)
        lengths = curves.groupby(["benchmark", "algorithm", "trial"])["evaluation"].agg(["min", "max", "size"])
        assert (lengths.to_numpy() == (1, 100, 100)).all()
        assert curves["error"].notna().all()
        assert set(compare_trajectories(curves).algorithms) == set(ENTRIES)

    def test_equal_values_share_a_rank(self):
        assert _ranks({"a": 0.2, "b": 0.1, "c": 0.2, "d": 0.3}) == {"a": 2, "b": 1, "c": 2, "d": 4}

    def test_curves_by_hand(self):
        rows = [
            (which, label, trial, evaluation, error)
            for which, shift in (("table", 0.0), ("surrogate", 0.25))
            for label, errors in (("good", (3.0, 1.0)), ("bad", (3.0, 2.0)))
            for trial in (0, 1)
            for evaluation, error in enumerate(np.array(errors) + 2 * shift * trial, 1)  # on average, the shift
        ]
        curves = pd.DataFrame(rows, columns=["benchmark", "algorithm", "trial", "evaluation", "error"])
        found = compare_trajectories(curves)
        assert dataclasses.asdict(found.order) == {"table": ["good", "bad"], "surrogate": ["good", "bad"]}
        assert found.kendall == pytest.approx(1.0)
        assert dataclasses.asdict(found.algorithms["good"]) == pytest.approx(
            {"distance": 0.25, "end_table": 1.0, "end_surrogate": 1.25, "standard_error": 0.0}
        )

    def test_a_surrogate_of_noisy_runs_of_a_sum_of_effects_is_closer_than_the_runs(self):
        rng, space = np.random.default_rng(1), ChoiceSpace("toy", {f"p{i}": range(4) for i in range(5)})
        means = 0.2 + 0.1 * space.encode(space.enumerate(), "one_hot") @ rng.random(20)
        facts = vars(toys.make_table().facts) | {"provenance": "recorded", "targets": {}, "fidelities": (27.0,)}
        for noise, nearer in ((0.02, True), (1e-9, False)):
            errors = {27.0: means[:, None] + noise * rng.standard_normal((space.size, 3))}
            table = build_table(type(toys.make_table().facts)(**facts), space, errors, {27.0: np.ones((space.size, 1))})
            found = single_runs(table, Recipe("ridge"))
            assert found.architectures == space.size
            assert (found.held_out < found.single_run) == nearer
            assert (found.fitted < found.single_run) == nearer
        # The difference of a run and the mean of two others is normal, with 1.5 times the variance of a run.
        assert found.single_run == pytest.approx(1e-9 * np.sqrt(1.5 * 2 / np.pi), rel=0.1)

    def test_without_repeats_there_are_no_single_runs_to_compare(self):
        errors = np.linspace(0.1, 0.2, 4)[:, None]
        assert single_runs(toys.make_table(errors=errors), Recipe("ridge")) is None


@pytest.mark.slow
class TestAllCells:
    def test_before_the_fit_the_error_says_how_to_fit(self):
        for name in NAMES:
            with pytest.raises(DataAbsentError, match="regretta surrogate fit nasbench101-pool --cells"):
                load_benchmark(name)
            with pytest.raises(BenchmarkError, match=r"cannot be imported. Fit it: `regretta surrogate fit"):
                import_command(OfficialFile(name, Path()), replace=False)

    @pytest.mark.data(CELLS_FILE)
    def test_every_cell_is_read_with_its_hash(self, data_folder):
        genotypes, index = read_cells(data_folder / CELLS_FILE)
        assert genotypes.shape == (423_624, 26)
        for row in range(7, 423_624, 20_011):
            assert index.index(tuple(genotypes[row].tolist())) == row

    @pytest.mark.data(CELLS_FILE)
    def test_a_changed_cell_is_found(self, tmp_path, data_folder):
        with np.load(data_folder / CELLS_FILE) as records:
            columns = {name: records[name] for name in ("hash_hex", "n_vertices", "adjacency", "ops")}
        columns["ops"] = columns["ops"].copy()
        columns["ops"][5, 1] = 9
        np.savez(tmp_path / CELLS_FILE, **columns)
        with pytest.raises(BenchmarkError, match="cell 5 does not have the hash"):
            read_cells(tmp_path / CELLS_FILE)

    def test_another_file_is_refused(self, tmp_path):
        (tmp_path / CELLS_FILE).write_bytes(b"PK not really")
        with pytest.raises(BenchmarkError, match="is not a file of the cells of NAS-Bench-101: "):
            read_cells(tmp_path / CELLS_FILE)

    @pytest.mark.data(CELLS_FILE, "nasbench101-pool")
    @pytest.mark.slow
    def test_all_spaces_are_complete(self, any_benchmark, imported_folder, monkeypatch, data_folder):
        pool = any_benchmark("nasbench101-pool")
        monkeypatch.setenv("REGRETTA_DATA", str(imported_folder))
        try:
            fit_command("nasbench101-pool", RECIPE, None, data_folder / CELLS_FILE, replace=False, as_json=False)
            for name, rows in zip(NAMES, (423_624, 14_580, 29_160, 1_312_200), strict=True):
                benchmark = load_benchmark.__wrapped__(name)
                assert benchmark.facts.provenance == "surrogate"
                size = len(benchmark.recorded()) if name == NAMES[0] else benchmark.space.size
                assert size == rows
                assert len(benchmark.facts.notes) == len(set(benchmark.facts.notes))
            recorded = pool.true_errors(pool.recorded(), "validation@108")
            modelled = load_benchmark.__wrapped__(NAMES[0]).true_errors(pool.space.members, "validation@108")
            assert stats.spearmanr(recorded, modelled).statistic > 0.5
        finally:
            for name in NAMES:
                shutil.rmtree(imported_folder / name, ignore_errors=True)

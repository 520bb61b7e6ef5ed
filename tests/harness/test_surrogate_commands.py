"""``regretta surrogate``: what it saves, says and refuses; and the two tests, on made-up curves and runs."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import toys
from scipy import stats

from benchmarks import BenchmarkError, ChoiceSpace, DataAbsentError, load_benchmark
from benchmarks.folder import imported_names, verify_table
from benchmarks.nasbench101_surrogate import CELLS_FILE, NAMES, read_cells
from benchmarks.table import build_table
from harness.data_commands import import_known
from harness.surrogate_commands import evaluate_command, fit_command
from harness.surrogate_evaluation import ENTRANTS, compare_trajectories, single_runs
from harness.surrogate_fit import Recipe

OPTIONS = {"model": "ridge", "encodings": (), "seed": 0, "train": 200}


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("REGRETTA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "300")
    load_benchmark.cache_clear()
    yield
    load_benchmark.cache_clear()


class TestFit:
    def test_it_saves_a_benchmark_and_says_how_good_it_is(self, capsys):
        assert fit_command("nasbench201-cifar10", OPTIONS, None, None, replace=False, as_json=False) == 0
        printed = capsys.readouterr().out
        assert "Saved as nasbench201-cifar10-ridge: provenance surrogate." in printed
        assert "region 5" in printed
        assert imported_names() == ["nasbench201-cifar10-ridge"]
        verify_table("nasbench201-cifar10-ridge")
        assert load_benchmark("nasbench201-cifar10-ridge").facts.provenance == "surrogate"
        with pytest.raises(BenchmarkError, match="pass --replace"):
            fit_command("nasbench201-cifar10", OPTIONS, None, None, replace=False, as_json=False)

    def test_json_is_the_report(self, capsys):
        fit_command("nasbench201-cifar10", OPTIONS, "mine", None, replace=False, as_json=True)
        assert json.loads(capsys.readouterr().out)["held_out"]["architectures"] == 40

    @pytest.mark.parametrize("name", ["nasbench201-cifar100", "nasbench101-surrogate", "../x"])
    def test_names_that_it_may_not_have(self, name):
        with pytest.raises(BenchmarkError, match=r"is that of a known benchmark|cannot be a benchmark's name"):
            fit_command("nasbench201-cifar10", OPTIONS, name, None, replace=False, as_json=False)

    def test_cells_belong_to_one_table(self, tmp_path):
        with pytest.raises(BenchmarkError, match="--cells is for the table nasbench101-pool"):
            fit_command("nasbench201-cifar10", OPTIONS, None, tmp_path, replace=False, as_json=False)


class TestEvaluate:
    def test_it_writes_figures_and_numbers(self, tmp_path, capsys):
        assert evaluate_command(["nasbench201-cifar10"], OPTIONS, 2, 40, tmp_path / "out", as_json=False) == 0
        printed = capsys.readouterr().out
        assert all(label in printed for label in ENTRANTS)
        assert "a single run 0.3" in printed
        (report,) = json.loads((tmp_path / "out" / "evaluation.json").read_text())
        assert sorted(report["trajectories"]["order"]["table"]) == sorted(ENTRANTS)
        assert {file.name for file in (tmp_path / "out").iterdir()} >= {"trajectories.png", "single-runs.csv"}

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
        assert found["order"] == {"table": ["good", "bad"], "surrogate": ["good", "bad"]}
        assert found["kendall"] == pytest.approx(1.0)
        assert found["algorithms"]["good"] == pytest.approx(
            {"distance": 0.25, "end_table": 1.0, "end_surrogate": 1.25, "standard_error": 0.0}
        )

    def test_a_surrogate_of_noisy_runs_of_a_sum_of_effects_is_nearer_than_the_runs(self):
        rng, space = np.random.default_rng(1), ChoiceSpace("toy", {f"p{i}": range(4) for i in range(5)})
        means = 0.2 + 0.1 * space.encode(space.enumerate(), "one_hot") @ rng.random(20)
        facts = vars(toys.make_table().facts) | {"provenance": "recorded", "targets": {}, "fidelities": (27.0,)}
        for noise, nearer in ((0.02, True), (1e-9, False)):
            errors = {27.0: means[:, None] + noise * rng.standard_normal((space.size, 3))}
            table = build_table(type(toys.make_table().facts)(**facts), space, errors, {27.0: np.ones((space.size, 1))})
            found = single_runs(table, Recipe("ridge"))
            assert found["architectures"] == space.size
            assert (found["held_out"] < found["single_run"]) == nearer
            assert (found["fitted"] < found["single_run"]) == nearer
        # The difference of a run and the mean of two others is normal, with 1.5 times the variance of a run.
        assert found["single_run"] == pytest.approx(1e-9 * np.sqrt(1.5 * 2 / np.pi), rel=0.1)

    def test_a_table_without_repeats_is_refused(self):
        errors = np.linspace(0.1, 0.2, 4)[:, None]
        with pytest.raises(BenchmarkError, match="no architecture with several runs"):
            single_runs(toys.make_table(errors=errors), Recipe("ridge"))


class TestAllCells:
    def test_before_the_fit_it_is_said_how_to_fit(self):
        for name in NAMES:
            with pytest.raises(DataAbsentError, match="regretta surrogate fit nasbench101-pool --cells"):
                load_benchmark(name)
            with pytest.raises(BenchmarkError, match=r"is fitted, not imported. Fit it: `regretta surrogate fit"):
                import_known([name, "."], replace=False)

    def test_every_cell_is_read_with_its_hash(self, data_folder):
        file = data_folder / CELLS_FILE
        if not file.exists():
            pytest.skip(f"no {CELLS_FILE} in {data_folder}")
        genotypes, index = read_cells(file)
        assert genotypes.shape == (423_624, 26)
        for row in range(7, 423_624, 20_011):
            assert index.index(tuple(genotypes[row].tolist())) == row

    def test_another_file_is_refused(self, tmp_path):
        (tmp_path / CELLS_FILE).write_bytes(b"PK not really")
        with pytest.raises(BenchmarkError, match="no file of the cells"):
            read_cells(tmp_path / CELLS_FILE)

    @pytest.mark.slow
    def test_all_spaces_are_complete(self, any_benchmark, imported_folder, monkeypatch, data_folder):
        pool = any_benchmark("nasbench101-pool")
        monkeypatch.setenv("REGRETTA_DATA", str(imported_folder))
        try:
            fit_command("nasbench101-pool", OPTIONS, None, data_folder / CELLS_FILE, replace=False, as_json=False)
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

"""``regretta analyze`` and ``regretta summary --across``: what is written, printed and refused."""

from __future__ import annotations

import json
import sys
from types import ModuleType

import pandas as pd
import pytest
from commands import regretta_here

from harness.analyses.registry import STUDIES, AnalysisStudy
from harness.commands.analyze import analyze_command
from harness.experiments.opening import open_experiment


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    folder = tmp_path_factory.mktemp("smoke")
    done = regretta_here("run", "smoke", "--trials", 4, "-j", 1, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_study_of_results_writes_tables_figures_and_text_twice_the_same(smoke):
    done = regretta_here("analyze", "saturation", "runs/smoke", cwd=smoke)
    assert done.returncode == 0, done.stderr
    folder = smoke / "runs/analyses/saturation"
    table = pd.read_csv(folder / "saturation.csv")
    assert table["benchmark"].to_list() == ["synthetic"]
    assert (folder / "saturation.pdf").exists()
    assert "runs/analyses/saturation/saturation.pdf" in done.stdout
    sentences = (folder / "saturation.md").read_text().splitlines()
    before = {file: file.read_bytes() for file in folder.iterdir()}
    printed = regretta_here("analyze", "saturation", "runs/smoke", "--json", cwd=smoke)
    assert {file: file.read_bytes() for file in folder.iterdir()} == before
    content = json.loads(printed.stdout)
    assert [f"- {sentence}" for sentence in content["text"]] == sentences
    assert content["tables"]["saturation"][0]["leader"] == table["leader"][0]
    assert (content["study"], content["targets"]) == ("saturation", ["runs/smoke"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["saturatoin", "runs/smoke"], "unknown study 'saturatoin'; did you mean 'saturation'?"),
        (["saturation", "nowhere"], "nowhere is not a results folder"),
        (["saturation", "runs/smoke", "runs/smoke/"], "expected each results folder once, got 'runs/smoke/' twice"),
        (["saturation", "runs/smoke", "--out", "runs/smoke/experiment.json"], "--out: expected a folder"),
    ],
)
def test_mistakes_are_reported_in_one_line(smoke, words, message):
    before = {path for path in smoke.rglob("*") if "analyses" not in path.parts}
    done = regretta_here("analyze", *words, cwd=smoke)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert {path for path in smoke.rglob("*") if "analyses" not in path.parts} == before


def test_a_folder_without_trials_gives_exit_code_3(smoke):
    done = regretta_here("run", "smoke", "--trials", "1", "--out", "runs/none", "-j", 1, cwd=smoke)
    assert done.returncode == 0
    for file in (smoke / "runs/none/trials").rglob("*.parquet"):
        file.unlink()
    done = regretta_here("analyze", "saturation", "runs/none", cwd=smoke)
    assert (done.returncode, done.stderr) == (3, "regretta: runs/none: 'smoke' has no completed trials yet\n")
    assert regretta_here("summary", "runs/none", "--across", cwd=smoke).returncode == 3


@pytest.fixture
def counting(monkeypatch):
    """A study of benchmarks, which counts their architectures."""
    module = ModuleType("my_study")

    def count(benchmarks):
        sizes = [(one.facts.name, one.space.size) for one in benchmarks]
        return {"sizes": pd.DataFrame(sizes, columns=["benchmark", "architectures"])}, ["Sizes are not difficulty."]

    module.count, module.draw = count, lambda tables: {}
    monkeypatch.setitem(sys.modules, "my_study", module)
    columns = {"sizes": ("benchmark", "architectures")}
    mine = AnalysisStudy("how many architectures there are", "benchmarks", "my_study:count", "my_study:draw", columns)
    monkeypatch.setitem(STUDIES, "mine", mine)


def test_a_new_study_of_benchmarks_takes_names_and_patterns(counting, few_benchmarks, tmp_path):
    done = regretta_here("analyze", "mine", "synth*", "nasbench201-cifar10", "synthetic", "--out", "x", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "x/sizes.csv").read_text().splitlines()[1:] == [
        line for line in (tmp_path / "x/sizes.csv").read_text().splitlines() if line.startswith(("synthetic,", "nasb"))
    ]
    assert "nasbench201-cifar10,15625" in (tmp_path / "x/sizes.csv").read_text()
    assert (tmp_path / "x/mine.md").read_text() == "- Sizes are not difficulty.\n"
    assert "mine" in regretta_here("list", "studies", cwd=tmp_path).stdout


def test_numbers_are_never_cut_off_by_a_narrow_terminal(counting, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "20")
    analyze_command("mine", ["nasbench201-cifar10"], tmp_path / "x", as_json=False)
    assert "nasbench201-cifar10          15625\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("sinthetic", "did you mean 'synthetic'?"),
        ("nothing*", "no benchmark matches 'nothing*'"),
        ("nasbench301", "nasbench301"),
        ("nasbench301*", "the data of all matches of nasbench301* is missing"),
    ],
)
def test_benchmarks_that_cannot_be_opened_are_named(counting, few_benchmarks, target, message, tmp_path):
    done = regretta_here("analyze", "mine", target, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


@pytest.mark.slow
def test_operations_of_benchmarks_are_written_printed_and_drawn(few_benchmarks, tmp_path):
    done = regretta_here("analyze", "operations", "nasbench201-cifar10", "synthetic", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "runs/analyses/operations"
    tables = {file.stem: pd.read_csv(file) for file in folder.glob("*.csv")}
    figures = {file.stem for file in folder.glob("*.pdf")}
    assert figures == {"within", "operations", "occurrences", "positions"}
    assert set(tables) == figures | {"distribution", "smallest_sets", "pairs", "ngrams"}
    assert set(tables["distribution"]["benchmark"]) == {"nasbench201-cifar10", "synthetic"}
    assert "skip_connect, nor_conv_3x3 (2 of 5) on nasbench201-cifar10" in " ".join(done.stdout.split())


@pytest.mark.slow
def test_operations_without_a_common_pool_are_written_as_json(few_benchmarks, tmp_path):
    done = regretta_here("analyze", "operations", "synthetic", "--json", "--out", "x", cwd=tmp_path)
    content = json.loads(done.stdout)
    assert content["tables"]["smallest_sets"] == []
    assert content["tables"]["operations"][0]["operation"] == "operation=conv1x1"


def test_the_summary_over_one_space_makes_no_claim_in_the_terminal_and_as_json(smoke):
    shown = regretta_here("summary", "runs/smoke", "--across", cwd=smoke)
    assert shown.returncode == 0, shown.stderr
    assert "No claim over spaces: 1 search space, 3 are needed." in shown.stdout
    content = json.loads(regretta_here("summary", "runs/smoke", "--across", "--json", cwd=smoke).stdout)
    assert [pair["refusal"] for pair in content["pairs"]] == ["1 search space, 3 are needed"] * 3
    assert all(f"{abs(pair['difference']):.3f}" not in shown.stdout for pair in content["pairs"])


@pytest.mark.slow
def test_the_experiment_across_has_three_embedded_spaces_and_each_data_set_once():
    experiment = open_experiment("across")
    facts = [experiment.facts[name] for name in {cell.benchmark for cell in experiment.cells}]
    assert {one.space for one in facts} >= {"nasbench201", "fcnet", "hpobench-mlp"}
    embedded = [(one.space, one.dataset) for one in facts if one.space in ("nasbench201", "fcnet", "hpobench-mlp")]
    assert len(embedded) == len(set(embedded)) == 15
    assert "synthetic" not in {one.name for one in facts}

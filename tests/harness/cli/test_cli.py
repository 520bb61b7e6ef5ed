"""The command line as its user meets it: exit codes, messages, nothing lost, no traceback."""

from __future__ import annotations

import json
import re
import shutil

import pyarrow.parquet as pq
import pytest
from commands import drill, regretta, regretta_here

from harness.experiments.files import shipped_experiments
from harness.simulation.protocols import PRESETS

BAD = """
schema = 1
name = "bad"
trials = 3
benchmarks = ["sinthetic"]
budget = { evaluations = 0 }
[protocol]
workrs = 3
[algorithms.random_serch]
"""


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    folder = tmp_path_factory.mktemp("smoke")
    done = regretta("run", "smoke", "-j", 1, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "30 of 30 trials are in runs/smoke (30 new)" in done.stdout
    return folder


def test_a_run_can_be_looked_at_in_every_way(smoke):
    status = regretta_here("status", "runs/smoke", cwd=smoke)
    assert status.returncode == 0
    assert "30 done, 0 missing" in status.stdout
    summary = regretta_here("summary", "runs/smoke", cwd=smoke)
    assert summary.returncode == 0
    assert "local_search" in summary.stdout
    numbers = json.loads(regretta_here("summary", "runs/smoke", "--json", cwd=smoke).stdout)
    assert {a["label"] for b in numbers["benchmarks"] for a in b["algorithms"]} == {
        "random_search", "local_search", "regularized_evolution",
    }  # fmt: skip
    assert all(pair["low"] <= pair["median_difference"] <= pair["high"] for pair in numbers["benchmarks"][0]["pairs"])
    table = regretta_here("table", "runs/smoke", cwd=smoke)
    assert table.returncode == 0
    assert table.stdout.count("**") >= 2
    assert "two-sided paired Wilcoxon test" in table.stdout
    latex = regretta_here("table", "runs/smoke", "--format", "latex", "--out", "table.tex", cwd=smoke)
    assert latex.stdout == "table.tex\n"
    assert r"\textbf{" in (smoke / "table.tex").read_text()
    plot = regretta_here("plot", "runs/smoke", cwd=smoke)
    assert plot.returncode == 0
    files = [smoke / line for line in plot.stdout.split()]
    assert {file.suffix for file in files} == {".pdf", ".svg", ".png", ".csv", ".txt"}
    before = [file.read_bytes() for file in files]
    assert regretta("plot", "runs/smoke", cwd=smoke, PYTHONHASHSEED="7").returncode == 0
    assert [file.read_bytes() for file in files] == before


def test_all_mistakes_of_an_experiment_come_at_once_and_nothing_is_written(tmp_path):
    (tmp_path / "bad.toml").write_text(BAD)
    done = regretta_here("run", "bad.toml", cwd=tmp_path)
    assert done.returncode == 2
    for part in (
        "did you mean 'synthetic'?",
        "evaluations",
        "did you mean 'workers'?",
        "did you mean 'random_search'?",
    ):
        assert part in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bad.toml"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "quickstrat"], "did you mean 'quickstart'?"),
        (["run", "absent.toml"], "does not exist"),
        (["run", "smoke", "--trials", "x"], "--trials: wanted is N or A:B"),
        (["run", "smoke", "--trials", "5:5"], "trials: wanted is"),
        (["run", "smoke", "--set", "budget"], "--set: wanted is PATH=VALUE"),
        (["run", "smoke", "--set", "name.x=3"], "is no table"),
        (["run", "smoke", "--set", "budget.evaluations=0"], "greater than or equal to 1"),
        (["run", "smoke", "-j", "0"], "-j"),
        (["status", "."], "is not a result folder"),
        (["summary", "nowhere"], "is not a result folder"),
        (["plot", "nowhere"], "is not a result folder"),
        (["list", "dinosaurs"], "dinosaurs"),
        (["data", "import"], "wanted are NAME FILE"),
        (["data", "import", "nasbench202", "x.csv"], "unknown import"),
        (["data", "import", "nasbench201-cifar10-12-200", "x.csv"], "does not exist"),
        (["data", "import", "--space", "nasbench201", "x.csv"], "--name is missing"),
        (["data", "import", "--space", "nasbench201", "--name", "synthetic", "x.csv"], "known benchmark"),
        (["data", "import", "--space", "columns:a", "--name", "x", "x.csv"], "needs --objective COLUMN:max"),
        (["data", "import", "--space", "columns:a", "--name", "x", "--objective", "b", "x.csv"], "expected COLUMN:max"),
        (
            ["data", "import", "--space", "columns:a", "--name", "x", "--objective", "b:max", "--cost", "t@3", "x.csv"],
            "without @EPOCHS",
        ),
        (
            ["data", "import", "--space", "nasbench201", "--name", "x", "--validation", "test_acc@200", "x.csv"],
            "--test-signal test_acc",
        ),
        (["data", "import", "ecnas-4v", "absent.tfrecord"], "absent.tfrecord does not exist"),
        (["data", "import", "--all-from", "nowhere"], "is no folder"),
        (["data", "verify", "nowhere"], "unknown benchmark 'nowhere'"),
        (["data", "verify", "nasbench201-cifar10-12-200"], "its data is missing"),
        (["data", "import", "--space", "nasbench201", "--name", "*", "x.csv"], "cannot be the name of a benchmark"),
    ],
)  # fmt: skip
def test_wrong_usage_is_said_in_a_line_with_exit_code_2(words, message, tmp_path):
    done = regretta_here(*words, cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["run", "smoke", "--out", "afile"],
            "--out: wanted is a folder, new or old; got 'afile', but 'afile' is a file",
        ),
        (["plot", "runs/smoke", "--out", "afile"], "--out: wanted is a folder, new or old; got 'afile'"),
        (["plot", "runs/smoke", "--out", "afile/x"], "got 'afile/x', but 'afile' is a file"),
        (["table", "runs/smoke", "--out", "runs"], "--out: wanted is a file, new or old; got the folder 'runs'"),
        (["table", "runs/smoke", "--out", "afile/x.tex"], "got 'afile/x.tex', but 'afile' is no folder"),
        (["report", "runs/smoke"], "report.html: wanted is a file, new or old; got the folder"),
        (["compare", "runs/smoke", "runs/smoke", "--json", "runs"], "--json: wanted is a file"),
        (["check", "runs/smoke", "--baseline", "x", "--markdown", "afile/x"], "--markdown: wanted is a file"),
    ],
)
def test_where_nothing_can_be_written_is_said_with_the_option(words, message, smoke, tmp_path):
    shutil.copytree(smoke / "runs", tmp_path / "runs")
    (tmp_path / "runs/smoke/report.html").mkdir()
    (tmp_path / "afile").touch()
    done = regretta_here(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_folder_of_another_experiment_is_left_alone(smoke, tmp_path):
    drill(tmp_path, 2)
    before = (smoke / "runs/smoke/experiment.json").read_bytes()
    done = regretta_here("run", tmp_path / "drill.toml", "--out", "runs/smoke", cwd=smoke)
    assert done.returncode == 2
    assert "has results of 'smoke', not of 'drill'" in done.stderr
    assert (smoke / "runs/smoke/experiment.json").read_bytes() == before


def test_failed_trials_give_exit_code_3_and_the_rest_is_kept(tmp_path):
    file = drill(tmp_path, 3)
    file.write_text(file.read_text().replace("slow.py:Slow", "slow.py:Broken"))
    done = regretta_here("run", "drill.toml", "--out", "out", "-j", 1, cwd=tmp_path)
    assert done.returncode == 3
    assert "failed: slow on synthetic, 3 trials (the first is 0): ZeroDivisionError: one bad day" in done.stdout
    status = regretta_here("status", "out", cwd=tmp_path)
    assert status.returncode == 3
    assert "3 done, 3 missing, 3 of them failed" in status.stdout
    summary = regretta_here("summary", "out", cwd=tmp_path)
    assert summary.returncode == 0
    assert "slow" in summary.stdout
    assert regretta_here("plot", "out", cwd=tmp_path).returncode == 0
    assert "slow on synthetic 0 of 3" in regretta_here("table", "out", cwd=tmp_path).stdout


def test_a_summary_without_any_trial_says_so_with_exit_code_3(tmp_path):
    file = drill(tmp_path, 1)
    file.write_text(file.read_text().replace("slow.py:Slow", "slow.py:Broken"))
    done = regretta_here("run", "drill.toml", "--out", "out", "-j", 1, cwd=tmp_path)
    assert done.returncode == 3
    for folder in (tmp_path / "out/trials").glob("regularized*"):
        shutil.rmtree(folder)
    for words in (["summary", "out"], ["summary", "out", "--json"]):
        summary = regretta_here(*words, cwd=tmp_path)
        assert summary.returncode == 3
        assert "no completed trials yet" in summary.stdout
    assert regretta_here("table", "out", cwd=tmp_path).returncode == 3
    assert regretta_here("plot", "out", cwd=tmp_path).returncode == 3
    report = regretta_here("report", "out", cwd=tmp_path)
    assert (report.returncode, report.stdout) == (3, "out/report.html\n")
    assert (tmp_path / "out/report.html").exists()


def test_what_is_damaged_is_named_beside_a_table_and_a_figure(tmp_path):
    assert regretta_here("run", "smoke", "--trials", 2, "--out", "out", "-j", 1, cwd=tmp_path).returncode == 0
    file = next((tmp_path / "out/trials").glob("random*/*.parquet"))
    file.write_bytes(file.read_bytes()[:-10])
    for verb in ("table", "plot"):
        done = regretta_here(verb, "out", cwd=tmp_path)
        assert done.returncode == 0
        assert done.stderr.startswith(f"regretta: {file.relative_to(tmp_path)} is damaged (")
        assert done.stderr.count("\n") == 1


def test_letters_that_no_figure_can_show_are_said_in_one_line(tmp_path):
    label = "algorithms={random_search = {}, '随机' = {use = 'random_search'}}"
    run = regretta_here("run", "smoke", "--trials", 2, "--set", label, "-j", 1, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    plot = regretta_here("plot", "runs/smoke", cwd=tmp_path)
    assert plot.returncode == 0
    (line,) = plot.stderr.splitlines()
    assert line.startswith("regretta: the figures' font DejaVu Sans lacks 随机: drawn as boxes")


def without_times(folder, *benchmarks):
    """Pretend that benchmarks of a result folder record no times."""
    record = json.loads((folder / "experiment.json").read_text())
    for benchmark in benchmarks:
        record["benchmarks"][benchmark]["has_seconds"] = False
    (folder / "experiment.json").write_text(json.dumps(record))


def test_over_seconds_what_has_no_recorded_times_is_left_out_and_said(tmp_path):
    both = 'benchmarks=["synthetic", "nasbench201-cifar10"]'
    assert regretta_here("run", "smoke", "--trials", 2, "--set", both, "-j", 1, cwd=tmp_path).returncode == 0
    without_times(tmp_path / "runs/smoke", "synthetic")
    plot = regretta_here("plot", "runs/smoke", "--axis", "seconds", cwd=tmp_path)
    assert plot.returncode == 0
    assert plot.stderr == "regretta: left out: synthetic: no recorded times\n"
    assert "synthetic" not in (tmp_path / "runs/smoke/figures/regret-seconds.csv").read_text()
    without_times(tmp_path / "runs/smoke", "nasbench201-cifar10")
    plot = regretta_here("plot", "runs/smoke", "--axis", "seconds", cwd=tmp_path)
    assert (plot.returncode, plot.stdout) == (2, "")
    assert "no recorded times on any benchmark of 'smoke'" in plot.stderr
    assert "--axis evaluations" in plot.stderr


def test_a_sound_file_with_other_columns_is_named(tmp_path):
    assert regretta_here("run", "smoke", "--trials", 2, "--out", "out", "-j", 1, cwd=tmp_path).returncode == 0
    file = next((tmp_path / "out/trials").glob("random*/*.parquet"))
    table = pq.read_table(file)
    pq.write_table(table.drop_columns(["observed_error", "incumbent"]), file)
    done = regretta_here("summary", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert f"{file.relative_to(tmp_path)} lacks the columns observed_error, incumbent; it has trial, " in done.stderr
    assert "Traceback" not in done.stderr


def test_an_experiment_record_of_another_version_or_with_gaps_is_named(smoke, tmp_path):
    record = json.loads((smoke / "runs/smoke/experiment.json").read_text())
    (tmp_path / "experiment.json").write_text(json.dumps(record | {"schema": 99}))
    done = regretta_here("summary", ".", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.endswith("experiment.json: expected result schema 1, got 99; use another --out\n")
    del record["seed"], record["cells"]
    (tmp_path / "experiment.json").write_text(json.dumps(record))
    assert "experiment.json lacks cells, seed; move it away" in regretta_here("summary", ".", cwd=tmp_path).stderr


def test_one_cell_is_no_plural(tmp_path):
    one = ["--trials", 1, "--set", "algorithms={random_search = {}}"]
    assert "smoke: 1 trial in 1 cell\n" in regretta_here("run", "smoke", "-j", 1, *one, cwd=tmp_path).stdout
    frozen = regretta_here("baseline", "update", "b.json", "--from", "runs/smoke", "--reason", "first", cwd=tmp_path)
    assert frozen.stdout == "b.json: 1 cell, 1 trial\n"


def test_a_dry_run_shows_the_grid_and_writes_nothing(tmp_path):
    done = regretta_here(
        "run", "smoke", "--dry-run", "--set", "algorithms.local_search.initial=4", "--trials", "2:5", cwd=tmp_path
    )
    assert done.returncode == 0
    assert "3 trials a cell" in done.stdout
    assert "initial=4" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("algorithms", ["random_search", "local_search", "regularized_evolution"]),
        ("benchmarks", ["nasbench201-cifar10", "fcnet-slice", "synthetic"]),
        ("protocols", list(PRESETS)),
        ("experiments", list(shipped_experiments())),
    ],
)
def test_lists_name_what_there_is(what, names, tmp_path):
    done = regretta_here("list", what, cwd=tmp_path)
    assert done.returncode == 0
    assert set(names) <= set(re.split(r"\s+", done.stdout))


def test_help_and_version_are_there(tmp_path):
    shown = regretta_here("--help", cwd=tmp_path).stdout
    for verb in ("run", "status", "summary", "plot", "list", "data"):
        assert f" {verb} " in shown
    assert regretta_here("--version", cwd=tmp_path).stdout.startswith("regretta 0.")


@pytest.fixture
def two_trials(tmp_path):
    assert regretta_here("run", "smoke", "--trials", 2, "--out", "out", "-j", 1, cwd=tmp_path).returncode == 0
    return tmp_path


def test_trials_copied_from_another_cell_count_as_missing(two_trials):
    (mine,) = (two_trials / "out/trials").glob("local*")
    (its,) = (two_trials / "out/trials").glob("random*")
    shutil.copy(next(its.glob("*.parquet")), next(mine.glob("*.parquet")))
    done = regretta_here("status", "out", cwd=two_trials)
    assert done.returncode == 3
    assert "4 done, 2 missing" in done.stdout
    told = " ".join(done.stdout.split())
    assert "expected trials of cell " in told
    assert ", got those of cell " in told
    assert "('random_search')" in told


def test_a_file_with_other_rows_than_were_written_counts_as_missing(two_trials):
    file = next((two_trials / "out/trials").glob("local*/*.parquet"))
    table = pq.read_table(file)
    pq.write_table(table.slice(0, table.num_rows - 7), file)
    done = regretta_here("status", "out", cwd=two_trials)
    assert "4 done, 2 missing" in done.stdout
    assert f"expected {table.num_rows} rows, got {table.num_rows - 7}" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda record: record["benchmarks"].clear(), "it has no 'synthetic'"),
        (lambda record: record["cells"][0].update(benchmark="synthetik"), "it has no 'synthetik'"),
        (lambda record: record["cells"][0].update(protocol=[]), "TypeError"),
        (lambda record: record.pop("schema"), "it has no 'schema'"),
    ],
)
def test_a_damaged_record_of_an_experiment_is_said(two_trials, damage, message):
    file = two_trials / "out/experiment.json"
    record = json.loads(file.read_text())
    damage(record)
    file.write_text(json.dumps(record))
    for verb in ("status", "summary", "table", "plot", "report"):
        done = regretta_here(verb, "out", cwd=two_trials)
        assert done.returncode == 2, (verb, done.stdout)
        assert message in done.stderr

"""The command line: exit codes and messages, no lost results and no tracebacks."""

from __future__ import annotations

import json
import re
import shutil

import pyarrow.parquet as pq
import pytest
from commands import drill, regretta, regretta_here

from benchmarks import BENCHMARKS
from harness.experiments.files import shipped_experiments
from harness.simulation.protocols import PRESETS
from results.storage.experiment_record import read_experiment, write_experiment

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
    done = regretta_here("run", "smoke", "--trials", 8, "-j", 1, cwd=folder)  # 8: the fewest pairs that a test accepts
    assert done.returncode == 0, done.stderr
    assert "24 of 24 trials are in runs/smoke (24 new)" in done.stdout
    return folder


def test_summary_table_and_figure_of_a_run(smoke):
    status = regretta_here("status", "runs/smoke", cwd=smoke)
    assert status.returncode == 0
    assert "24 done, 0 missing" in status.stdout
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
    bare = regretta_here("plot", "runs/smoke", "--no-caption", cwd=smoke)
    bare_files = [smoke / line for line in bare.stdout.split()]
    assert [file.stem for file in bare_files] == ["regret-no-caption"] * 5
    assert bare_files[-1].read_bytes() == files[-1].read_bytes()


def test_all_mistakes_of_an_experiment_are_reported_at_once_and_nothing_is_written(tmp_path):
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
        (["run", "smoke", "--trials", "x"], "--trials: expected N or A:B"),
        (["run", "smoke", "--trials", "5:5"], "trials: expected"),
        (["run", "smoke", "--set", "budget"], "--set: expected PATH=VALUE"),
        (["run", "smoke", "--set", "name.x=3"], "is not a table"),
        (["run", "smoke", "--set", "budget.evaluations=0"], "greater than or equal to 1"),
        (["run", "smoke", "--set", "budget.seconds=90"], "is in evaluations; replace it as a whole: --set 'budget={s"),
        (["run", "smoke", "--set", "budget={seconds=90}", "--set", "budget.evaluations=5"], "'budget={evaluations=5}'"),
        (
            ["run", "smoke", "--set", "budgets.synthetic={seconds=90}", "--set", "budgets.synthetic.evaluations=5"],
            "this budget is in seconds; replace it as a whole: --set 'budgets.synthetic={evaluations=5}'",
        ),
        (["run", "smoke", "-j", "0"], "-j"),
        (["status", "."], "is not a results folder"),
        (["summary", "nowhere"], "is not a results folder"),
        (["plot", "nowhere"], "is not a results folder"),
        (["list", "dinosaurs"], "dinosaurs"),
        (["data", "import"], "expected NAME FILE, got nothing"),
        (["data", "import", "nasbench202", "x.csv"], "unknown benchmark to import"),
        (["data", "import", "nasbench201-cifar10-12-200", "x.csv"], "does not exist"),
        (["data", "import", "--space", "nasbench201", "x.csv"], "--name is missing"),
        (["data", "import", "--space", "nasbench201", "--name", "synthetic", "x.csv"], "known benchmark"),
        (["data", "import", "--space", "columns:a", "--name", "x", "x.csv"], "nothing to search by: give"),
        (["data", "import", "--space", "columns:a", "--name", "x", "--objective", "b", "x.csv"], "expected COLUMN:max"),
        (
            ["data", "import", "--space", "columns:a", "--name", "x", "--objective", "b:max", "--cost", "t@3", "x.csv"],
            "the search signal is given without @EPOCHS, but the costs have 3 epochs",
        ),
        (
            ["data", "import", "--space", "nasbench201", "--name", "x", "--validation", "test_acc@200", "x.csv"],
            "--test-signal test_acc",
        ),
        (["data", "import", "ecnas-4v", "absent.tfrecord"], "absent.tfrecord does not exist"),
        (["data", "import", "--all-from", "nowhere"], "is not a folder"),
        (["data", "verify", "nowhere"], "unknown benchmark 'nowhere'"),
        (["data", "verify", "nasbench201-cifar10-12-200"], "its data is missing"),
        (["data", "import", "--space", "nasbench201", "--name", "*", "x.csv"], "cannot be the name of a benchmark"),
    ],
)  # fmt: skip
def test_wrong_usage_is_reported_in_one_line_with_exit_code_2(words, message, tmp_path):
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
            "--out: expected a folder, got 'afile', which is a file",
        ),
        (["plot", "runs/smoke", "--out", "afile"], "--out: expected a folder, got 'afile', which is a file"),
        (["plot", "runs/smoke", "--out", "afile/x"], "got 'afile/x', but 'afile' is a file"),
        (["table", "runs/smoke", "--out", "runs"], "--out: expected a file, got the folder 'runs'"),
        (["table", "runs/smoke", "--out", "afile/x.tex"], "got 'afile/x.tex', but 'afile' is not a folder"),
        (["report", "runs/smoke"], "report.html: expected a file, got the folder"),
        (["check", "runs/smoke", "--baseline", "x", "--markdown", "afile/x"], "--markdown: expected a file"),
    ],
)
def test_an_output_path_that_cannot_be_written_is_reported_with_its_option(words, message, smoke, tmp_path):
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
    assert "belongs to the experiment 'smoke', not 'drill'" in done.stderr
    assert (smoke / "runs/smoke/experiment.json").read_bytes() == before


def test_failed_trials_give_exit_code_3_and_the_rest_is_kept(tmp_path):
    file = drill(tmp_path, 3)
    file.write_text(file.read_text().replace("slow.py:Slow", "slow.py:Broken"))
    done = regretta_here("run", "drill.toml", "--out", "out", "-j", 1, cwd=tmp_path)
    assert done.returncode == 3
    assert (
        "failed: slow on synthetic, 3 trials (the first is 0): ZeroDivisionError: one bad day (in tell, slow.py:"
        in done.stdout
    )
    (file,) = (word.rstrip(".") for word in done.stdout.split() if word.endswith(".error.json."))
    assert 'raise ZeroDivisionError("one bad day")' in json.loads((tmp_path / file).read_text())["traceback"]
    assert "`regretta run drill.toml --debug` shows the traceback" in done.stdout
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


def test_damaged_files_are_reported_beside_a_table_and_a_figure(tmp_path):
    assert regretta_here("run", "smoke", "--trials", 2, "--out", "out", "-j", 1, cwd=tmp_path).returncode == 0
    file = next((tmp_path / "out/trials").glob("random*/*.parquet"))
    file.write_bytes(file.read_bytes()[:-10])
    for verb in ("table", "plot"):
        done = regretta_here(verb, "out", cwd=tmp_path)
        assert done.returncode == 0
        assert done.stderr.startswith(f"regretta: {file.relative_to(tmp_path)} is damaged (")
        assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_letters_that_the_font_lacks_are_reported_in_one_line(tmp_path):
    label = "algorithms={random_search = {}, '随机' = {use = 'random_search'}}"
    run = regretta_here("run", "smoke", "--trials", 2, "--set", label, "-j", 1, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    plot = regretta_here("plot", "runs/smoke", cwd=tmp_path)
    assert plot.returncode == 0
    (line,) = plot.stderr.splitlines()
    assert line.startswith("regretta: the font of the figures, DejaVu Sans, lacks 随机: they are drawn as boxes")


def without_times(folder, *benchmarks):
    """Mark benchmarks of a results folder as having no recorded times."""
    record = read_experiment(folder)
    for benchmark in benchmarks:
        record["benchmarks"][benchmark]["has_seconds"] = False
    write_experiment(folder, record)


def test_benchmarks_without_times_are_left_out_over_seconds_and_reported(tmp_path):
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


def test_a_rewritten_file_is_named_and_its_trials_count_as_missing(tmp_path):
    assert regretta_here("run", "smoke", "--trials", 2, "--out", "out", "-j", 1, cwd=tmp_path).returncode == 0
    file = next((tmp_path / "out/trials").glob("random*/*.parquet"))
    table = pq.read_table(file)
    pq.write_table(table.drop_columns(["observed_error", "incumbent"]), file)
    done = regretta_here("summary", "out", cwd=tmp_path)
    assert done.returncode == 0
    said = "".join(done.stdout.split())
    assert f"{file.relative_to(tmp_path)}isdamaged(itscontentdoesnotmatchitschecksum)" in said
    assert "random_searchhas0of2trials(2missing)" in said
    assert "Traceback" not in done.stderr


def test_an_experiment_record_of_another_version_or_with_missing_keys_is_reported(smoke, tmp_path):
    record = json.loads((smoke / "runs/smoke/experiment.json").read_text())
    del record["seal"]
    (tmp_path / "experiment.json").write_text(json.dumps(record | {"schema": 99}))
    done = regretta_here("summary", ".", cwd=tmp_path)
    assert done.returncode == 2
    assert "experiment.json has the result schema '99'; this version of Regretta reads 1. Use another" in done.stderr
    del record["seed"], record["cells"]
    (tmp_path / "experiment.json").write_text(json.dumps(record))
    done = regretta_here("summary", ".", cwd=tmp_path)
    assert "experiment.json is not valid at 'seed': Field required." in done.stderr


def test_one_cell_is_written_in_the_singular(tmp_path):
    one = ["--trials", 1, "--set", "algorithms={random_search = {}}"]
    assert "smoke: 1 trial in 1 cell\n" in regretta_here("run", "smoke", "-j", 1, *one, cwd=tmp_path).stdout
    frozen = regretta_here("baseline", "update", "b.json", "--from", "runs/smoke", "--reason", "first", cwd=tmp_path)
    written, *warning = frozen.stdout.splitlines()
    assert written == "b.json: 1 cell, 1 trial"
    assert warning[0].startswith("Warning: 1 cell with fewer than 8 trials: ")


def test_a_dry_run_shows_the_grid_and_writes_nothing(tmp_path):
    done = regretta_here(
        "run", "smoke", "--dry-run", "--set", "algorithms.local_search.initial=4", "--trials", "2:5", cwd=tmp_path
    )
    assert done.returncode == 0
    assert "3 trials per cell" in done.stdout
    assert "initial = 4" in done.stdout
    assert "9 trials in runs/smoke, all missing." in done.stdout
    assert re.search(r"Estimate: about \d+ s with .* on disk\.", done.stdout)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("algorithms", ["random_search", "local_search", "regularized_evolution"]),
        ("benchmarks", BENCHMARKS),
        ("protocols", list(PRESETS)),
        ("experiments", list(shipped_experiments())),
    ],
)
def test_lists_name_everything_that_is_registered(what, names, tmp_path, few_benchmarks):
    done = regretta_here("list", what, cwd=tmp_path)
    assert done.returncode == 0
    assert set(names) <= set(re.split(r"\s+", done.stdout))


def test_help_and_version(tmp_path):
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
    assert "it holds trials of 'random_search', cell " in told


def test_a_file_with_other_rows_than_were_written_counts_as_missing(two_trials):
    file = next((two_trials / "out/trials").glob("local*/*.parquet"))
    table = pq.read_table(file)
    pq.write_table(table.slice(0, table.num_rows - 7), file)
    done = regretta_here("status", "out", cwd=two_trials)
    assert "4 done, 2 missing" in done.stdout
    assert "its content does not match its checksum" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda record: record["benchmarks"].clear(), "reports 'validation@27', of which it has no facts"),
        (
            lambda record: record["cells"][0].update(benchmark="synthetik"),
            "on synthetik reports 'validation@27'",
        ),
        (lambda record: record["cells"][0].update(protocol=[]), "not valid at 'cells.0.protocol'"),
        (lambda record: record.pop("schema"), "has the result schema 'None'"),
    ],
)
def test_a_damaged_experiment_record_is_reported(two_trials, damage, message):
    file = two_trials / "out/experiment.json"
    record = json.loads(file.read_text())
    del record["seal"]
    damage(record)
    file.write_text(json.dumps(record))
    for verb in ("status", "summary", "table", "plot", "report"):
        done = regretta_here(verb, "out", cwd=two_trials)
        assert done.returncode == 2, (verb, done.stdout)
        assert message in done.stderr

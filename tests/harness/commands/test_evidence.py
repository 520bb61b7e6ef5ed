"""Results folders and baselines that somebody else may have sent: noticed, and kept in their place."""

from __future__ import annotations

import json
import os
import shutil

import pytest
from commands import regretta_here
from faults import everything

import harness.commands.gate.other_code
import harness.running.runner
from harness.commands.gate.baseline import update_command
from harness.commands.gate.check import check_command
from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from plots.report.page import report_page
from results.gate.snapshots import _content_hash
from results.statistics.bootstrap import ALPHA
from results.storage.experiment_record import read_experiment
from results.storage.loading import load
from results.summaries.summary import summarize

RAW = {
    "schema": 1,
    "name": "evidence",
    "seed": 3,
    "trials": 8,
    "benchmarks": ["synthetic"],
    "budget": {"evaluations": 6},
    "algorithms": {"random_search": {}, "local_search": {"initial": 2}},
}


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    folder = tmp_path_factory.mktemp("honest") / "out"
    run_experiment(resolve_experiment(RAW, folder), folder, jobs=1)
    return folder


@pytest.fixture
def folder(honest, tmp_path):
    shutil.copytree(honest, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def baseline(honest, tmp_path):
    file = tmp_path / "baseline.json"
    update_command(file, honest, "the first")
    return file


def test_results_of_other_code_are_not_compared(folder, baseline, monkeypatch, capsys):
    original = harness.commands.gate.other_code.code_hash
    monkeypatch.setattr(
        harness.commands.gate.other_code, "code_hash", lambda use: "0" * 64 if use == "local_search" else original(use)
    )
    assert check_command(str(folder), baseline, None, None, ALPHA, None, as_json=False) == 4
    said = " ".join(capsys.readouterr().out.split())
    assert "local_search on synthetic: 8 trials made by other code than the installed one" in said
    assert "run again" in said
    assert "random_search" not in said
    frozen = baseline.read_bytes()
    assert update_command(baseline, folder, "of other code") == 4
    assert baseline.read_bytes() == frozen


def test_results_that_do_not_say_which_code_made_them_are_compared_with_a_warning(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(harness.running.runner, "code_hash", lambda use: None)
    folder = tmp_path / "out"
    run_experiment(resolve_experiment(RAW, folder), folder, jobs=1)
    monkeypatch.undo()
    update_command(tmp_path / "baseline.json", folder, "the first")
    capsys.readouterr()
    assert check_command(str(folder), tmp_path / "baseline.json", None, None, ALPHA, None, as_json=False) == 0
    assert "16 trials made by a version of Regretta that did not record which code made them" in capsys.readouterr().err


def test_a_baseline_does_not_decide_where_check_runs(folder, baseline, tmp_path, monkeypatch):
    content = json.loads(baseline.read_text())
    content["name"] = "x/../../ESCAPED"
    del content["sha256"]
    content["sha256"] = _content_hash(content)
    baseline.write_text(json.dumps(content))
    (tmp_path / "here").mkdir()
    done = regretta_here("check", "smoke", "--baseline", baseline, cwd=tmp_path / "here")
    assert done.returncode == 2
    assert "String should match pattern" in done.stderr
    assert "ESCAPED" not in {path.name for path in tmp_path.rglob("*")}
    assert not (tmp_path / "here" / "runs").exists()


def test_no_command_writes_through_a_link(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "page.html").write_text("mine")
    (folder / "figures").symlink_to(elsewhere)
    done = regretta_here("plot", folder, cwd=tmp_path)
    assert done.returncode == 2
    assert "figures is a symbolic link" in " ".join(done.stderr.split())
    (folder / "report.html").symlink_to(elsewhere / "page.html")
    assert regretta_here("report", folder, cwd=tmp_path).returncode == 0
    assert not (folder / "report.html").is_symlink()
    assert everything(elsewhere) == {"page.html": b"mine"}
    done = regretta_here("plot", folder, "--out", elsewhere, cwd=tmp_path)  # the user's own choice
    assert done.returncode == 0
    assert (elsewhere / "regret.png").exists()


def test_damage_is_a_warning_of_every_command_and_the_exit_code_of_status(folder, tmp_path):
    (victim, *_) = sorted(folder.glob("trials/random*/*.parquet"))
    victim.write_bytes(b"PAR1" + victim.read_bytes()[4:-9])
    summary = summarize(load(folder))
    assert len(summary.warnings) == 1
    assert str(victim) in summary.warnings[0]
    assert not any(str(victim) in sentence for sentence in summary.missing)
    page = report_page(load(folder), read_experiment(folder), [])
    assert page.index('id="warnings"') < page.index(victim.name) < page.index('id="missing"')
    for verb, code in (("summary", 0), ("status", 3), ("table", 0), ("plot", 0), ("verify", 1)):
        done = regretta_here(verb, folder, cwd=tmp_path)
        assert done.returncode == code, (verb, done.stdout, done.stderr)
        assert str(victim) in "".join((done.stdout + done.stderr).split()), verb
        assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("place", ["experiment.json", "trials/{cell}/{chunk}", ".lock", "run.log"])
def test_pipes_and_devices_are_refused_at_once(folder, tmp_path, place):
    cell = sorted(folder.glob("trials/*"))[0]
    chunk = next(cell.glob("*.parquet")).name
    target = folder / place.format(cell=cell.name, chunk=chunk)
    for make in (os.mkfifo, lambda path: path.symlink_to("/dev/zero")):
        target.unlink(missing_ok=True)
        make(target)
        for words in (
            ("status", folder),
            ("summary", folder),
            ("verify", folder),
            ("run", tmp_path / "e.toml", "--out", folder),
        ):
            (tmp_path / "e.toml").write_text(EXPERIMENT)
            done = regretta_here(*words, cwd=tmp_path)
            assert "Traceback" not in done.stderr
            if words[0] == "run" or ("lock" not in place and "log" not in place):
                assert done.returncode == 2, (words, done.stdout, done.stderr)
                assert target.name in "".join((done.stdout + done.stderr).split())


EXPERIMENT = """
schema = 1
name = "evidence"
seed = 3
trials = 8
benchmarks = ["synthetic"]
budget = { evaluations = 6 }
[algorithms]
random_search = {}
local_search = { initial = 2 }
"""


def test_names_and_numbers_of_a_folder_cannot_do_harm(folder, tmp_path):
    (folder / "trials" / "a\x1b]0;owned\x07--synthetic--0000000000000000").mkdir()
    (next(folder.glob("trials/local*")) / "0\u00b2.error.json").touch()
    for verb in ("status", "summary", "verify"):
        done = regretta_here(verb, folder, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout + done.stderr


def test_two_folders_of_one_cell_are_named(folder, tmp_path):
    cell = sorted(folder.glob("trials/*"))[0]
    (folder / "trials" / f"aaa--synthetic--{cell.name.rpartition('--')[2]}").mkdir()
    for verb in ("status", "summary", "verify"):
        done = regretta_here(verb, folder, cwd=tmp_path)
        assert done.returncode == 2
        assert "are folders of the same cell" in " ".join(done.stderr.split())


def unsealed(folder, change):
    """Change the record of a folder as somebody with a text editor would."""
    record = json.loads((folder / "experiment.json").read_text())
    del record["seal"]
    change(record)
    (folder / "experiment.json").write_text(json.dumps(record))


def test_verify_notices_labels_and_settings_that_the_trials_were_not_made_with(folder, tmp_path):
    def swap(record):
        first, second = record["cells"]
        first["label"], second["label"] = second["label"], first["label"]

    original = (folder / "experiment.json").read_text()
    unsealed(folder, swap)
    done = regretta_here("verify", folder, cwd=tmp_path)
    assert done.returncode == 1
    assert "made as 'random_search', which experiment.json now calls 'local_search'" in " ".join(done.stdout.split())
    (folder / "experiment.json").write_text(original)
    unsealed(folder, lambda record: record["cells"][0]["protocol"]["budget"].update(evaluations=7))
    assert regretta_here("verify", folder, cwd=tmp_path).returncode == 1
    (folder / "experiment.json").write_text(original)
    unsealed(
        folder, lambda record: record["benchmarks"]["synthetic"]["targets"]["validation@27"].update(optimum=-1e308)
    )
    for verb in ("summary", "report", "table"):
        assert regretta_here(verb, folder, cwd=tmp_path).returncode == 2


def resigned(baseline, change):
    content = json.loads(baseline.read_text())
    del content["sha256"]
    change(content)
    content["sha256"] = _content_hash(content)
    baseline.write_text(json.dumps(content))


BASELINES = {
    "an escape sequence": lambda c: c["cells"][0].update(label="\x1b]0;owned\x07"),
    "half of a pair of surrogates": lambda c: c["cells"][0].update(label="\ud800"),
    "a reason with a bell": lambda c: c["reasons"][0].update(reason="\x07"),
    "a protocol without a budget": lambda c: c["cells"][0]["protocol"].pop("budget"),
    "a trial twice": lambda c: c["cells"][0]["trials"].append(c["cells"][0]["trials"][0]),
    "a negative trial": lambda c: c["cells"][0]["trials"][0].update(trial=-5),
    "a huge trial": lambda c: c["cells"][0]["trials"][-1].update(trial=10**30),
}


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_with_a_right_hash_and_wrong_content_is_refused(folder, baseline, tmp_path, name):
    resigned(baseline, BASELINES[name])
    for words in (
        ("check", folder, "--baseline", baseline),
        ("baseline", "show", baseline),
        ("compare", baseline, folder),
    ):
        done = regretta_here(*words, cwd=tmp_path)
        assert done.returncode == 2, (words, done.stdout)
        assert "cannot be read" in " ".join(done.stderr.split())
        assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--set", 'description="a\u202eb"'),
        ("--set", "protocol.startup=1e308"),
        ("--set", "protocol.decision=1e308"),
        ("--set", "budget.evaluations=9007199254740993000"),
        ("--set", "budget={seconds=1e308}"),
    ],
)
def test_an_experiment_that_could_not_be_read_again_is_refused_before_it_runs(tmp_path, words):
    (tmp_path / "e.toml").write_text(EXPERIMENT)
    done = regretta_here("run", "e.toml", "--out", "out", *words, cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert not list(tmp_path.glob("out/trials/*"))

"""Results folders and baselines that somebody else may have sent: noticed, and kept in their place."""

from __future__ import annotations

import json
import shutil

import pytest
from commands import regretta_here
from faults import everything

import harness.commands.gate
import harness.running.runner
from harness.commands.gate import check_command, update_command
from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from plots.report.page import report_page
from results.gate.snapshots import _content_hash
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
    original = harness.commands.gate.code_hash
    monkeypatch.setattr(
        harness.commands.gate, "code_hash", lambda use: "0" * 64 if use == "local_search" else original(use)
    )
    assert check_command(str(folder), baseline, None, None, None, None) == 4
    said = " ".join(capsys.readouterr().out.split())
    assert "local_search on synthetic: 8 trials made by other code than the installed one" in said
    assert "run again" in said
    assert "random_search" not in said


def test_results_that_do_not_say_which_code_made_them_are_compared_with_a_warning(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(harness.running.runner, "code_hash", lambda use: None)
    folder = tmp_path / "out"
    run_experiment(resolve_experiment(RAW, folder), folder, jobs=1)
    monkeypatch.undo()
    update_command(tmp_path / "baseline.json", folder, "the first")
    capsys.readouterr()
    assert check_command(str(folder), tmp_path / "baseline.json", None, None, None, None) == 0
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

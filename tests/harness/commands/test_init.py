"""`regretta init`: it asks nothing and overwrites nothing, and what it writes runs as written."""

from __future__ import annotations

import re
import shlex

import pytest
from commands import regretta_here

from harness.commands.starting.init import FILES


def regretta(command, folder):
    done = regretta_here(*shlex.split(command)[1:], cwd=folder, LOKY_MAX_CPU_COUNT="1")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_what_it_writes_runs_as_written(tmp_path):
    told = regretta("regretta init", tmp_path)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()) == sorted(
        FILES.values()
    )
    steps = [line.strip() for line in told.splitlines() if line.startswith("  regretta")]
    assert [step.split()[1] for step in steps] == ["run", "report", "test"]
    experiment = (tmp_path / "experiment.toml").read_text()
    for command in re.findall(r"^#   (regretta .*?)(?:    .*)?$", experiment, flags=re.MULTILINE):
        assert command.split()[1] in ("run", "report")
    regretta(f"{steps[0]} --trials 1", tmp_path)
    assert (tmp_path / "runs/my-experiment/experiment.json").exists()


@pytest.mark.slow
def test_the_next_steps_that_it_names_work_as_written(tmp_path):
    told = regretta("regretta init", tmp_path)
    for step in [line.strip() for line in told.splitlines() if line.startswith("  regretta")]:
        regretta(step, tmp_path)
    assert (tmp_path / "runs/my-experiment/report.html").exists()


@pytest.mark.slow
def test_the_gate_that_it_writes_works_as_written(tmp_path):
    regretta("regretta init", tmp_path)
    gate = (tmp_path / "gate.toml").read_text()
    for command in re.findall(r"^#   (regretta .*)$", gate, flags=re.MULTILINE):
        regretta(command, tmp_path)
    workflow = (tmp_path / ".github/workflows/gate.yml").read_text()
    commands = re.findall(r"- run: (regretta .*)", workflow)
    assert [command.split()[1] for command in commands] == ["test", "check"]
    assert "every trace is identical" in regretta(commands[1], tmp_path)
    assert (tmp_path / "gate.md").exists()


def test_what_runs_write_is_not_committed(tmp_path):
    regretta("regretta init", tmp_path)
    assert {"runs/", "gate.md"} <= set((tmp_path / ".gitignore").read_text().splitlines())
    (tmp_path / ".gitignore").write_text("mine\n")
    assert "exists, left as it is: .gitignore" in regretta("regretta init", tmp_path)
    assert (tmp_path / ".gitignore").read_text() == "mine\n"


def test_existing_files_are_left_as_they_are(tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "project/my_search.py").write_text("mine")
    (tmp_path / "project/gate.toml").symlink_to(tmp_path / "elsewhere")
    told = regretta("regretta init project", tmp_path)
    assert "exists, left as it is: project/my_search.py" in told
    assert "exists, left as it is: project/gate.toml" in told
    assert "cd project; regretta run experiment.toml" in told
    assert (tmp_path / "project/my_search.py").read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()
    (tmp_path / "file").touch()
    refused = regretta_here("init", "file", cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "DIR: expected a folder, got 'file', which is a file" in refused.stderr

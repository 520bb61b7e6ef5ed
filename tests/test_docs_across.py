"""docs/explanations/across.md is true: its commands work, and its example prints what stands below it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from commands import regretta_here

from harness.experiments.opening import open_experiment
from harness.running.runner import run_experiment

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "explanations" / "across.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
COMMANDS = [line for line in BLOCKS[0][1].splitlines() if line.startswith("regretta")]


@pytest.mark.slow
def test_the_commands_work_on_fewer_trials(tmp_path):
    experiment = open_experiment("across", "2", ["budget.evaluations=20"])
    assert not run_experiment(experiment, tmp_path / "runs" / "across", jobs=1).missing
    assert len(COMMANDS) == 5
    for command in COMMANDS[1:]:
        done = regretta_here(*shlex.split(command, comments=True)[1:], cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "runs/across/figures/across.pdf").exists()
    assert (tmp_path / "runs/analyses/saturation/correlations.csv").exists()
    assert "Over search spaces" in (tmp_path / "runs/across/report.html").read_text()


@pytest.mark.slow
def test_the_example_prints_exactly_what_is_shown(capsys):
    (source,) = [text for language, text in BLOCKS if language == "python"]
    exec(compile(source, "docs/explanations/across.md", "exec"), {})
    assert capsys.readouterr().out == BLOCKS[[text for _, text in BLOCKS].index(source) + 1][1]

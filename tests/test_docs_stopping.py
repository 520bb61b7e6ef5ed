"""docs/guides/stopping.md is true: its commands and its experiment work."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from commands import regretta_here

from harness.experiments.files import read_experiment_file
from harness.experiments.resolution import resolve_experiment
from results.storage.stopping import StoppingRule

PAGE = (Path(__file__).parents[1] / "docs" / "guides" / "stopping.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
COMMANDS = next(text for name, text in BLOCKS if name == "").splitlines()


@pytest.mark.slow
def test_the_commands_work(tmp_path):
    said = [regretta_here(*shlex.split(command, comments=True)[1:], cwd=tmp_path) for command in COMMANDS]
    assert [done.returncode for done in said] == [0] * 4
    assert "9 of 9 pairs decided" in said[0].stdout
    decided = [int(number) for number in re.findall(r"decided after (\d+) trials", said[2].stdout)]
    low, high = re.search(r"# (\d+) to (\d+) trials instead of 100", COMMANDS[0]).groups()
    assert (min(decided), max(decided)) == (int(low), int(high))


def test_the_experiment_and_the_defaults_are_as_written(tmp_path):
    (experiment,) = (text for name, text in BLOCKS if name == "toml")
    (tmp_path / "until.toml").write_text(experiment)
    resolved = resolve_experiment(read_experiment_file(tmp_path / "until.toml"), tmp_path)
    assert resolved.stopping == StoppingRule(margin=0.2, max_trials=100)
    assert resolved.trials == range(100)
    rows = dict(re.findall(r"^\|[^|]*\| `(\w+)` \| `?([\w.]+)`? \|", PAGE, flags=re.MULTILINE))
    assert rows == {name: str(value) for name, value in StoppingRule().model_dump().items()}

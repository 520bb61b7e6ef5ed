"""docs/studies.md is true: its commands work, its example prints what stands below it, and its figures exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from commands import regretta_here

from harness.analyses.registry import STUDIES

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "studies.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
COMMANDS = [line for language, text in BLOCKS if language == "" for line in text.splitlines()]
MINE = ("transfer", "landscape", "fidelity")


def test_the_example_prints_exactly_what_is_shown(capsys):
    (place,) = [i for i, (_, text) in enumerate(BLOCKS) if "fidelity([load_benchmark" in text]
    exec(compile(BLOCKS[place][1], "docs/studies.md", "exec"), {})
    assert capsys.readouterr().out == BLOCKS[place + 1][1]


def test_every_study_has_a_command_and_every_linked_file_exists():
    assert set(MINE) <= {shlex.split(command)[2] for command in COMMANDS} & STUDIES.keys()
    linked = re.findall(r"\]\(([^)#:]+)\)", PAGE)
    assert len(linked) >= len(MINE)
    assert [name for name in linked if not (ROOT / "docs" / name).exists()] == []


@pytest.mark.slow
def test_the_commands_work(tmp_path):
    for command in COMMANDS:
        words = shlex.split(command, comments=True)
        if words[2] in MINE and "# imported" not in command:
            done = regretta_here(*words[1:], cwd=tmp_path)
            assert done.returncode == 0, done.stderr
            assert (tmp_path / "runs/analyses" / words[2] / f"{words[2]}.pdf").exists()

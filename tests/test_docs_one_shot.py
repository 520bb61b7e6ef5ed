"""docs/guides/one-shot.md is true: its commands exist and work, and its table of formats is complete."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from commands import regretta_here

from harness.cli.app import app
from harness.entries.trajectories.formats import FORMATS
from harness.experiments.files import read_experiment_file

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "guides" / "one-shot.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
COMMANDS = [line for name, block in BLOCKS if name == "" for line in block.splitlines()]


def test_every_format_has_a_row() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE) == list(FORMATS)


def test_the_options_and_files_of_the_page_exist() -> None:
    from typer.main import get_command

    for command in COMMANDS:
        _, *words = shlex.split(command)
        found = get_command(app)
        while words and words[0] in getattr(found, "commands", {}):
            found = found.commands[words.pop(0)]
        known = {option for parameter in found.params for option in (*parameter.opts, *parameter.secondary_opts)}
        options = {word for word in words if word.startswith("--")}
        assert command.startswith("python ") or options <= known, command
    table = next(block for name, block in BLOCKS if name == "toml")
    shown = read_experiment_file(ROOT / "docs" / "examples" / "one-shot.toml")["algorithms"]
    assert all(line in (ROOT / "docs/examples/one-shot.toml").read_text() for line in table.splitlines())
    assert "DARTS drop={drop} wd={wd}" in shown


@pytest.mark.slow
def test_the_example_on_digits_works_from_end_to_end(tmp_path: Path, examples: Path) -> None:
    script = (examples / "digits.py").read_text()
    quicker = script.replace("SEEDS, SEARCHES = 3, 10", "SEEDS, SEARCHES = 2, 8")
    assert quicker != script
    (tmp_path / "digits.py").write_text(quicker)
    (tmp_path / "digits.toml").write_text((examples / "digits.toml").read_text())
    data = {"REGRETTA_DATA": str(tmp_path / "data")}
    block = next(block for name, block in BLOCKS if name == "" and block.startswith("python digits.py"))
    python, *commands = block.splitlines()
    subprocess.run([sys.executable, *shlex.split(python)[1:]], cwd=tmp_path, check=True, timeout=600)
    said = {}
    for command in commands:
        done = regretta_here(*shlex.split(command)[1:], cwd=tmp_path, LOKY_MAX_CPU_COUNT="1", **data)
        assert done.returncode == 0, done.stdout + done.stderr
        said[command.split()[1]] = " ".join(done.stdout.split())
    assert "Recorded searches with shared weights (8 runs each): shared weights." in said["summary"]
    assert "no test" not in said["summary"]  # eight runs are enough
    assert "last choice of" in said["score"]
    assert "The rank correlation between the error of the shared weights and the true error" in said["analyze"]

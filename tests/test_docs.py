"""The pages under docs/ are right: their files resolve, and their commands do what the text says."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from commands import regretta_here

ROOT = Path(__file__).parent.parent


def blocks(page: str, language: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```", (ROOT / page).read_text(), flags=re.MULTILINE | re.DOTALL)
    return [content for its, content in found if its == language]


PAGES = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", [page for page in PAGES if "generated" not in page.parts], ids=lambda page: page.stem)
def test_linked_files_exist(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    linked = [name for name in re.findall(r"\]\s*\(([\w./-]*[a-z]\.\w+)[)#]", text) if "generated/" not in name]
    assert [name for name in linked if not (page.parent / name).exists()] == []


def run(command: str, folder: Path) -> CompletedProcess[str]:
    """Run a command in this process and, as the runs are small, without further processes."""
    return regretta_here(*shlex.split(command)[1:], cwd=folder, LOKY_MAX_CPU_COUNT="1")


def do(command: str, folder: Path) -> str:
    """Run a command that succeeds, and return its output."""
    done = run(command, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_gate_in_a_custom_repository_works_as_written(tmp_path):
    (algorithm,) = blocks("README.md", "python")
    (experiment,) = blocks("docs/guides/gate.md", "toml")
    (workflow,) = blocks("docs/guides/gate.md", "yaml")
    (tmp_path / "my_search.py").write_text(algorithm)
    (tmp_path / "gate.toml").write_text(experiment)
    freeze = next(block for block in blocks("docs/guides/gate.md", "") if "baseline update" in block)
    for command in freeze.splitlines():
        do(command, tmp_path)
    check = next(line.strip().removeprefix("- run: ") for line in workflow.splitlines() if "regretta check" in line)
    assert "every trace is identical" in do(check, tmp_path)
    assert "Fine" in (tmp_path / "gate.md").read_text()

    raised = algorithm.replace('reference = "the README"', 'reference = "the README"\n    version = 2')
    (tmp_path / "my_search.py").write_text(raised.replace("= 10", "= 12"))
    assert run(check, tmp_path).returncode == 0
    page = (ROOT / "docs/guides/gate.md").read_text()
    update = next(code for code in re.findall(r"`(regretta baseline[^`]*)`", page))
    do(update, tmp_path)
    assert "what changed and why" in do("regretta baseline show gate.json", tmp_path)

    (tmp_path / "my_search.py").write_text(raised.replace("= 10", "= 90"))
    red = run(check, tmp_path)
    assert (red.returncode, "unintended change" in red.stdout) == (1, True)


def test_my_optimizer_in_ten_minutes_works_as_written(tmp_path):
    page = "docs/guides/my-optimizer.md"
    (algorithm,) = blocks(page, "python")
    race, gate = blocks(page, "toml")
    (workflow,) = blocks(page, "yaml")
    (tmp_path / "annealing.py").write_text(algorithm)
    (tmp_path / "race.toml").write_text(race.replace("trials = 30", "trials = 12"))  # quicker
    (tmp_path / "gate.toml").write_text(gate)
    said = {command: do(command, tmp_path) for block in blocks(page, "") for command in block.splitlines()}
    assert "annealing 0.01 beats" in said["regretta summary runs/race"]
    assert (tmp_path / "runs/race/figures/regret.pdf").exists()
    test, check = (line.strip().removeprefix("- run: ") for line in workflow.splitlines() if "run: regretta" in line)
    assert test in said
    do(check, tmp_path)
    (tmp_path / "annealing.py").write_text(algorithm.replace("rise < 0", "rise <= 0.01"))
    red = run(check, tmp_path)
    assert (red.returncode, "the first difference is in trial" in red.stdout) == (1, True)


@pytest.mark.slow
def test_the_page_about_the_command_line_works_as_written(tmp_path):
    page = blocks("docs/guides/command-line.md", "")
    said = {command: do(command, tmp_path) for block in page for command in block.splitlines()}
    assert "all missing" in said["regretta run quickstart --dry-run"]
    assert json.loads(said["regretta best runs/short --json"])[0]["architectures"]
    assert said["regretta status runs/short --quiet"] == ""
    assert said["regretta list algorithms --quiet"].splitlines()[0] == "random_search"
    assert (tmp_path / "project/experiment.toml").exists()

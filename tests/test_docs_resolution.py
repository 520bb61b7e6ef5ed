"""The page on resolution agrees with the code: its commands exist, and captions state the coverage of its table."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from commands import regretta_here

from results.statistics.bootstrap import NOMINAL_COVERAGE, Statistic, known_coverage

PAGE = (Path(__file__).parents[1] / "docs" / "explanations" / "resolution.md").read_text()
COMMANDS = [
    line.partition("#")[0]
    for block in re.findall(r"^```\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if line.startswith("regretta")
]
ROWS: dict[str, list[Statistic]] = {
    "mean end regret, lowest": ["mean"],
    "mean area, lowest": ["mean"],
    "median end regret, lowest": ["median"],
    "interquartile mean, lowest": ["iqm"],
}


def row(name: str) -> list[str]:
    (line,) = re.findall(rf"^\| {name} \|(.*)\|$", PAGE, flags=re.MULTILINE)[:1]
    return [cell.strip() for cell in line.split("|")]


@pytest.mark.parametrize("name", ROWS)
def test_no_caption_states_more_coverage_than_was_measured(name: str) -> None:
    for n, share in zip(row("trials"), row(name), strict=True):
        for statistic in ROWS[name]:
            stated = known_coverage(statistic, int(n))
            assert (stated or NOMINAL_COVERAGE) <= float(share)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_exists(command: str, tmp_path: Path) -> None:
    words = shlex.split(command)[1:]
    verb = words[:2] if words[0] == "test" else words[:1]
    shown = regretta_here(*verb, "--help", cwd=tmp_path).stdout
    assert all(option in shown for option in words if option.startswith("--"))


def test_every_script_exists() -> None:
    scripts = re.findall(r"python (tests/[\w/]+\.py)", PAGE)
    assert len(scripts) == 2
    assert all((Path(__file__).parents[1] / script).exists() for script in scripts)

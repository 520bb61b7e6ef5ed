"""The page on studies is true: its commands work, its example prints its output, and its numbers are found."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
from commands import regretta_here

from harness.analyses.registry import STUDIES

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "findings" / "studies.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
COMMANDS = [
    line
    for language, text in BLOCKS
    if not language
    for line in text.splitlines()
    if line.startswith("regretta analyze")
]

OPERATIONS = next(command for command in COMMANDS if "analyze operations" in command)


@pytest.mark.slow
def test_the_command_finds_what_the_page_says(tmp_path):
    done = regretta_here(*shlex.split(OPERATIONS)[1:], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "runs/analyses/operations"
    sets, ngrams = pd.read_csv(folder / "smallest_sets.csv"), pd.read_csv(folder / "ngrams.csv")
    gaps = sets[sets["distance"] == 0.5]["gap"]
    assert f"{gaps.iloc[0]:.2f}, {gaps.iloc[1]:.2f} and {gaps.iloc[2]:.2f} points below the optimum" in PAGE
    for row in ngrams[ngrams["rank"] == 1].itertuples():
        short = row.sequence.replace("nor_conv_", "").replace("skip_connect", "skip").replace(" | ", ", ")
        assert f"| {short} | {row.architectures:.0f} | {row.mean:.2f} |" in PAGE
    skewness = pd.read_csv(folder / "distribution.csv")["skewness"]
    assert "{:.2f}, {:.2f} and {:.2f} on NAS-Bench-201".format(*skewness) in PAGE
    lost = pd.read_csv(folder / "operations.csv").groupby("benchmark")["gap_without"].max()
    assert "{:.2f}, {:.2f} and {:.2f} points are lost".format(*lost) in PAGE


EXAMPLES = [place for place, (language, _) in enumerate(BLOCKS) if language == "python"]


@pytest.mark.parametrize("place", EXAMPLES)
def test_the_example_prints_exactly_what_is_shown(place, capsys):
    exec(compile(BLOCKS[place][1], "docs/findings/studies.md", "exec"), {})
    assert capsys.readouterr().out == BLOCKS[place + 1][1]


def test_every_study_of_benchmarks_has_a_command():
    of_benchmarks = {name for name, study in STUDIES.items() if study.takes == "benchmarks"}
    assert of_benchmarks == {shlex.split(command)[2] for command in COMMANDS}


@pytest.mark.slow
def test_the_commands_work(tmp_path):
    for command in COMMANDS:
        words = shlex.split(command, comments=True)
        if not command.endswith(("# imported", "# fitted")):
            done = regretta_here(*words[1:], cwd=tmp_path)
            assert done.returncode == 0, done.stderr
            assert list((tmp_path / "runs/analyses" / words[2]).glob("*.pdf"))

"""docs/explanations/exact.md is true: its commands print what stands below them."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest
from commands import regretta_here

PAGE = (Path(__file__).parents[1] / "docs" / "explanations" / "exact.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
SHOWN = [(command.strip(), output) for (kind, command), (_, output) in pairwise(BLOCKS) if kind == ""]


@pytest.mark.slow
@pytest.mark.parametrize(("command", "output"), SHOWN)
def test_a_command_prints_what_is_shown(command, output, tmp_path):
    done = regretta_here(*shlex.split(command)[1:], cwd=tmp_path, COLUMNS="120")
    assert done.returncode == 0, done.stderr
    assert [line.rstrip() for line in done.stdout.splitlines()] == output.splitlines()


def test_the_page_shows_commands_and_names_tests_that_exist():
    assert len(SHOWN) == 2
    files = {path.name for path in (Path(__file__).parent / "harness" / "exact").iterdir()}
    assert set(re.findall(r"(test_\w+\.py)", PAGE)) <= files

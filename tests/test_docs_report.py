"""docs/guides/report.md agrees with the code."""

from __future__ import annotations

import re
from pathlib import Path

from typer.testing import CliRunner

from harness.cli.app import app
from plots.report.data import MOST_COLOURED, N_LEADERS
from plots.report.traces import MOST_EVALUATIONS

PAGE = (Path(__file__).parents[1] / "docs" / "guides" / "report.md").read_text()


def test_the_commands_and_limits_are_as_written() -> None:
    shown = CliRunner().invoke(app, ["report", "--help"]).output
    assert "NEW" in shown
    assert [len(line.split()) for line in re.findall(r"^(regretta report [^#]*)#", PAGE, flags=re.MULTILINE)] == [3, 4]
    assert f"up to {MOST_EVALUATIONS:,} evaluations" in PAGE
    assert MOST_COLOURED == 8
    assert N_LEADERS == 5

"""The sentences of the gate."""

from __future__ import annotations

import pytest

from plots.tables.gate import UNINTENDED, conclusion_of, gate_markdown
from results.gate.verdicts import CellVerdict, GateReport


@pytest.mark.parametrize(
    ("verdicts", "conclusion"),
    [
        (["same", "improved"], "Fine: no algorithm's results were shown to be worse."),
        (["same", "changed", "missing"], UNINTENDED),
        (["changed", "regressed"], "Regression: results got worse."),
        (["same", "regressed"], "Regression: results got worse."),
        (["missing", "not comparable"], "Incomplete: some trials have no result."),
        ([], "Not comparable with the baseline."),
    ],
)
def test_the_conclusion_says_worse_only_of_what_a_test_found_worse(verdicts, conclusion):
    cells = [CellVerdict(f"algorithm {i}", "table", verdict, 1, "") for i, verdict in enumerate(verdicts)]
    assert conclusion_of(GateReport("ci", cells, [], [])) == conclusion


def test_in_markdown_the_lines_of_a_reason_stand_in_a_block_of_code():
    cell = CellVerdict("mine", "table", "changed", 1, "1 trace differs\nbefore: |a~0|b~1|\nnow:    __c__")
    text = gate_markdown(GateReport("ci", [cell], [], []), UNINTENDED)
    assert "\n- mine on table: 1 trace differs\n  ```text\n  before: |a~0|b~1|\n  now:    __c__\n  ```\n" in text
    plain = CellVerdict("mine", "table", "missing", None, "1 trial failed")
    assert "```" not in gate_markdown(GateReport("ci", [plain], [], []), UNINTENDED)

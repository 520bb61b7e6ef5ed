"""The sentences of the gate."""

from __future__ import annotations

import pytest

from plots.tables.gate import UNINTENDED, conclusion_of
from results.gate.check import CellVerdict, GateReport


@pytest.mark.parametrize(
    ("verdicts", "conclusion"),
    [
        (["same", "improved"], "Fine: no algorithm's results got worse."),
        (["same", "changed", "missing"], UNINTENDED),
        (["changed", "regressed"], "Regression: results got worse."),
        (["same", "regressed"], "Regression: results got worse."),
        (["missing", "not comparable"], "Incomplete: trials failed or are missing."),
        ([], "Not comparable with the baseline."),
    ],
)
def test_the_conclusion_says_worse_only_of_what_a_test_found_worse(verdicts, conclusion):
    cells = [CellVerdict(f"algorithm {i}", "table", verdict, 1, "") for i, verdict in enumerate(verdicts)]
    assert conclusion_of(GateReport("ci", cells, [], [])) == conclusion

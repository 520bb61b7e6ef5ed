"""The verb ``compare``. It returns an exit code."""

from __future__ import annotations

import math
from pathlib import Path

from harness.commands.console import make_console
from harness.commands.exit_codes import INCOMPARABLE, OK
from harness.commands.gate.reports import print_content, warn
from plots.tables.gate import gate_table
from results.gate.check import compare
from results.gate.shortening import open_alike
from results.gate.verdicts import GateReport
from results.statistics.paired import MINIMUM_PAIRS

UNKNOWN = {"not comparable", "not tested"}
"""Verdicts from which nothing follows."""


def compare_command(old: Path, new: Path, *, as_json: bool) -> int:
    """Compare the quality of two results folders or baselines, whose seeds, versions and budgets may differ.

    Cells that differ in nothing but the budget are compared by the shorter one.
    """
    warn(old)
    warn(new)
    before, after, notes = open_alike(old, new)
    report = compare(after, before)
    code = INCOMPARABLE if all(cell.verdict in UNKNOWN for cell in report.cells) else OK
    parts = [*(f"{note}." for note in notes), _tested(report), f"New: {new}. Old: {old}."]
    conclusion = " ".join(filter(None, parts))
    if as_json:
        print_content(report, code, conclusion)
    else:
        make_console().print(gate_table(report, conclusion))
    return code


def _tested(report: GateReport) -> str:
    """Return what the tests rest on, or that there was no test."""
    verdicts = [cell.verdict for cell in report.cells]
    if not set(verdicts) - {"not comparable"}:
        return "Nothing can be compared."
    if not any(cell.effect and cell.verdict != "not tested" for cell in report.cells):
        if "not tested" in verdicts:
            return f"Nothing was tested: a test needs at least {MINIMUM_PAIRS} pairs of trials."
        return "Nothing was tested, because the traces are identical."
    found = [cell.effect.correlation for cell in report.cells if cell.effect]
    correlations = [f"{value:.2f}" for value in found if not math.isnan(value)]
    return f"Correlation of paired trials: {', '.join(correlations)}." if correlations else ""

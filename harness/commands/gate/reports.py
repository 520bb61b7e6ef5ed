"""Shared by the verbs of the gate: warnings about a folder, and the report as JSON."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.commands.console import print_json
from results.gate.verdicts import AlgorithmVerdict, CellVerdict, GateReport
from results.storage.loading import load


@dataclass(frozen=True)
class GateContent:
    """The report of `check` or `compare` for programs.

    Attributes
    ----------
    name : str
        The name of the experiment.
    outcome : str
    exit_code : int
    conclusion : str
        The last sentences of the printed report.
    cells : list of CellVerdict
    algorithms : list of AlgorithmVerdict
        The algorithms that were tested over all their cells.
    warnings : list of str
    significance : float
        The probability of a false alarm that the tests accept.
    """

    name: str
    outcome: str
    exit_code: int
    conclusion: str
    cells: list[CellVerdict]
    algorithms: list[AlgorithmVerdict]
    warnings: list[str]
    significance: float


def print_content(report: GateReport, code: int, conclusion: str) -> None:
    """Print a report as JSON."""
    content = GateContent(
        report.name,
        report.outcome,
        code,
        conclusion,
        report.cells,
        report.algorithms,
        report.warnings,
        report.significance,
    )
    print_json(asdict(content))


def warn(directory: Path) -> None:
    """Print on stderr what is damaged in a results folder, or has no checksum."""
    if directory.is_dir():
        for note in load(directory, columns=()).notes:
            print(f"regretta: {note}", file=sys.stderr)

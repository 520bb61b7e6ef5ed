"""The report of the gate, for a terminal, and as Markdown for a pull request."""

from __future__ import annotations

import math
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from results.gate.quality import POWER
from results.gate.verdicts import IN_COMMON, MARGIN, Effect, GateReport
from results.statistics.paired import MINIMUM_PAIRS
from results.words import counted

_STYLES = {"regressed": "bold red", "changed": "bold red", "missing": "yellow", "not comparable": "yellow"}
_STYLES |= {"not tested": "yellow", "improved": "green"}
HEADINGS = ("algorithm", "benchmark", "verdict", "worse by", "95 % interval", "p (worse)", "minimum detectable effect")
NAMED = 4
"""The largest number of cells that are named per reason. More are counted."""

CONCLUSIONS = {
    "fine": "Fine: no algorithm's results were shown to be worse.",
    "regression": "Regression: results got worse.",
    "missing": "Incomplete: some trials have no result.",
    "not tested": (
        f"Not tested: a comparison by quality needs at least {MINIMUM_PAIRS} pairs of trials. Whether results got worse"
        " is not known."
    ),
    "not comparable": "Not comparable with the baseline.",
}

UNINTENDED = "Changed: the results differ from the baseline, and the version of the algorithm was not raised."
"""The conclusion if nothing got worse by a test, but decisions changed."""


class _Row(NamedTuple):
    algorithm: str
    benchmark: str
    verdict: str
    effect: str
    interval: str
    p_value: str
    detectable: str


def conclusion_of(report: GateReport) -> str:
    """Return the conclusion of a report as a sentence."""
    verdicts = {cell.verdict for cell in report.cells} | {algorithm.verdict for algorithm in report.algorithms}
    return UNINTENDED if "changed" in verdicts and "regressed" not in verdicts else CONCLUSIONS[report.outcome]


def gate_table(report: GateReport, conclusion: str) -> Group:
    """Lay out a report for a terminal: one row per cell, then the reasons, then the conclusion.

    Parameters
    ----------
    report : GateReport
    conclusion : str
        The last line.
    """
    table = Table(title=Text(f"{report.name}: area under log regret against the baseline [dex]"))
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading in HEADINGS[:3] else "right", overflow="fold")
    for row in gate_rows(report):
        table.add_row(*(Text(text, style=_STYLES.get(row.verdict, "") if text == row.verdict else "") for text in row))
    parts: list[RenderableType] = [table]
    parts += [Text(note.replace("\n", "\n  ")) for note in notes(report)]
    return Group(*parts, Text(conclusion, style="bold"))


def gate_markdown(report: GateReport, conclusion: str) -> str:
    """Write a report as Markdown, with the table of cells folded."""
    head = "| " + " | ".join(HEADINGS) + " |\n|" + " --- |" * len(HEADINGS)
    rows = ["| " + " | ".join(text.replace("|", "\\|") for text in row) + " |" for row in gate_rows(report)]
    lines = [f"### Regretta gate, {report.name}: {conclusion}", "", *map(_item, notes(report)), ""]
    lines += [
        f"<details><summary>{counted(len(report.cells), 'cell')}</summary>",
        "",
        head,
        *rows,
        "",
        "</details>",
        "",
    ]
    return "\n".join(lines)


def _item(note: str) -> str:
    """Write a note as an item of a list, with the lines after its sentence as they are, in a block of code."""
    sentence, *lines = note.split("\n")
    block = ["```text", *lines, "```"] if lines else []
    return "\n  ".join([f"- {sentence}", *block])


def unchecked_markdown(reason: str) -> str:
    """Write as Markdown why nothing was compared."""
    return f"### Regretta gate: nothing was compared\n\n```text\n{reason}\n```\n"


def notes(report: GateReport) -> list[str]:
    """Return the reasons of the verdicts, each with its cells: a sentence, and the lines that belong to it."""
    details = [cell.detail for cell in report.cells if cell.verdict == "same" and cell.level == 1]
    lines = []
    for many, what in (
        (len(details) - details.count(IN_COMMON), "every trace is identical"),
        (details.count(IN_COMMON), IN_COMMON),
    ):
        lines += [f"{many} of {counted(len(report.cells), 'cell')}: {what}."] if many else []
    reasons: dict[str, list[str]] = {}
    for cell in report.cells:
        if cell.level != 1 or cell.verdict != "same":
            reasons.setdefault(cell.detail, []).append(f"{cell.label} on {cell.benchmark}")
    for reason, cells in reasons.items():
        lines.append(f"{', '.join(cells[:NAMED])}{f' and {len(cells) - NAMED} more' * (len(cells) > NAMED)}: {reason}")
    if report.algorithms:
        lines.append(
            "Level 2: one-sided paired Wilcoxon tests of the area, by cell and by algorithm, Holm-corrected within each"
            f" of the two families at level {report.significance / 2:.3g}, and a median beyond {MARGIN:g} dex. The"
            " minimum detectable effect is the shift that would be called a regression with a probability of"
            f" {POWER:g}."
        )
    return lines + [f"Warning: {warning}" for warning in report.warnings]


def gate_rows(report: GateReport) -> list[_Row]:
    """Return one row of texts per cell, and one per algorithm that reached level 2."""
    cells = [_row(cell.label, cell.benchmark, cell.verdict, cell.effect) for cell in report.cells]
    return cells + [
        _row(found.label, "all cells of level 2", found.verdict, found.effect) for found in report.algorithms
    ]


def _row(label: str, benchmark: str, verdict: str, effect: Effect | None) -> _Row:
    if effect is None:
        return _Row(label, benchmark, verdict, "", "", "", "")
    if math.isnan(effect.low):
        return _Row(label, benchmark, verdict, f"{effect.median:+.3f}", "", "", "")
    interval = f"[{effect.low:+.3f}, {effect.high:+.3f}]"
    return _Row(
        label,
        benchmark,
        verdict,
        f"{effect.median:+.3f}",
        interval,
        f"{effect.p_worse:.2g}",
        f"{effect.detectable:.2f}",
    )

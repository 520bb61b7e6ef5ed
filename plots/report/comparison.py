"""The report of two results folders side by side: what changed, and both curves of every cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from plots.drawing.caption import panel_names
from plots.report.chips import mark
from plots.report.data import explorer_data
from plots.report.matrix import Column, Entry, Matrix, Row, columns_of, factor
from plots.report.page import SWITCHES, asset, embedded, enclosed, environment, policy, summaries_by_target
from plots.report.sections import Section, SectionTable
from plots.report.verdict import listed
from plots.tables.gate import HEADINGS, gate_rows, notes
from results.gate.verdicts import CellVerdict, GateReport
from results.storage.study import Study
from results.summaries.summary import summarize
from results.summaries.types import Summary

SCRIPTS = (
    "format.js",
    "packing.js",
    "scales.js",
    "curves.js",
    "downloads.js",
    "theme.js",
    "frames.js",
    "comparison.js",
)
STYLES = ("style.css", "matrix.css", "benchmark.css", "print.css")

KINDS: Mapping[str, str] = {
    "improved": "win",
    "regressed": "loss l9",
    "changed": "loss l9",
    "same": "tie",
    "inconclusive": "open",
}
"""The colours of the verdicts. The others say that there is nothing to compare."""
ONLY_NEW = Entry("only new", "", "untested", None, "only the new results have this cell")
"""The entry of a cell that has nothing to be compared with."""
ORDER = ("regressed", "changed", "improved", "same", "inconclusive", "not tested", "missing", "not comparable")
"""The order in which verdicts are counted."""


def comparison_page(
    old: Study,
    new: Study,
    report: GateReport,
    commands: Sequence[str],
    progress: Callable[[str], None] | None = None,
) -> str:
    """Write the comparison of two studies as HTML that needs no other file and no network.

    Parameters
    ----------
    old, new : Study
    report : GateReport
        The verdicts of `results.gate.check.compare`.
    commands : sequence of str
        The commands that print the same verdicts and make this page.
    progress : callable, optional
        Is told what is computed next.

    Raises
    ------
    ResultsError
        As `results.summaries.summary.summarize`.
    """
    sides = {"old": (old, summarize(old)), "new": (new, summarize(new))}
    data = {
        side: explorer_data(study, summary, summaries_by_target(study, summary), progress=progress)
        for side, (study, summary) in sides.items()
    }
    style, script = asset(STYLES), enclosed(asset(SCRIPTS))
    titles = panel_names(sides["old"][1]) | panel_names(sides["new"][1])
    return (
        environment()
        .get_template("comparison.html.jinja")
        .render(
            name=new.name,
            folders={"Old": old, "New": new},
            headline=headline(report),
            matrix_of_changes=change_matrix(report, sides["old"][1], sides["new"][1]),
            section=_details(report),
            benchmarks=titles,
            switches=SWITCHES,
            commands=commands,
            data=embedded(data),
            style=style,
            script=script,
            policy=policy(style, script),
        )
    )


def headline(report: GateReport) -> str:
    """Sum up the verdicts on the cells, and name the algorithms that moved over all cells together."""
    found = [cell.verdict for cell in report.cells]
    counts = [(verdict, found.count(verdict)) for verdict in ORDER if verdict in found]
    if not counts:
        return "Nothing to compare: neither side has a cell."
    moved = [
        f"{mark(one.label)} {one.verdict}" for one in report.algorithms if one.verdict in ("improved", "regressed")
    ]
    pooled = f" Over all cells: {listed(moved)}." if moved else ""
    return f"Of {len(found)} cells: {listed([f'{count} {verdict}' for verdict, count in counts])}.{pooled}"


def change_matrix(report: GateReport, old: Summary, new: Summary) -> Matrix:
    """Return the verdict on every algorithm on every benchmark that one of the sides has."""
    columns: dict[str, Column] = {column.benchmark: column for side in (old, new) for column in columns_of(side)}
    for cell in report.cells:
        columns.setdefault(cell.benchmark, Column(cell.benchmark, cell.benchmark, "", cell.benchmark))
    cells = {(cell.label, cell.benchmark): cell for cell in report.cells}
    pooled = {found.label: found for found in report.algorithms}
    fresh = {(found.label, panel.benchmark) for panel in new.benchmarks for found in panel.algorithms} - cells.keys()
    rows, labels = [], dict.fromkeys([*(cell.label for cell in report.cells), *sorted(label for label, _ in fresh)])
    for label in labels:
        entries = [ONLY_NEW if (label, name) in fresh else _entry(cells.get((label, name))) for name in columns]
        if label in pooled:
            verdict, median = pooled[label].verdict, pooled[label].effect.median
            words = f"all cells together: {verdict}, {factor(median)} the old regret"
            total = Entry(verdict, factor(median), KINDS.get(verdict, "untested"), median, words)
        else:
            total = Entry("–", "", "total", None, "no cell was tested by quality")
        rows.append(Row(label, total, entries))
    return Matrix(
        "change-matrix",
        "New against old",
        "All cells",
        "The number is the new regret relative to the old one, averaged on a log scale over the budget: 0.5× is half of"
        " it. Same: every trace is identical, or the difference is within the margin.",
        list(columns.values()),
        rows,
    )


def _entry(cell: CellVerdict | None) -> Entry | None:
    if cell is None:
        return None
    kind = KINDS.get(cell.verdict, "untested")
    if cell.effect is None or np.isnan(cell.effect.median):
        note = "identical" if cell.verdict == "same" else ""
        return Entry(cell.verdict, note, kind, 0.0 if cell.verdict == "same" else None, cell.detail)
    median = cell.effect.median
    return Entry(cell.verdict, factor(median), kind, median, f"{cell.verdict}: {factor(median)} the old regret")


def _details(report: GateReport) -> Section:
    table = SectionTable("Verdicts on all cells: difference of the area under log regret [dex]", HEADINGS, [], 3)
    return Section("Verdicts", notes(report), [table._replace(rows=[tuple(row) for row in gate_rows(report)])])

"""A study in a notebook: the grid of its cells, and how complete they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from results.html import Field, bulleted, paragraph, table
from results.words import counted

if TYPE_CHECKING:
    from results.storage.study import Cell, Study

DONE, PART, FAILED = "#d3ecd9", "#fdeecb", "#f9d2cc"
"""Fills of complete, incomplete, and failed cells."""


def study_html(study: Study) -> str:
    """Write the grid of a study: algorithms by benchmarks, with the trials that have a result."""
    labels = list(dict.fromkeys(cell.label for cell in study.cells))
    benchmarks = list(dict.fromkeys(cell.benchmark for cell in study.cells))
    cells = {(cell.label, cell.benchmark): cell for cell in study.cells}
    done, wanted = sum(len(cell.trials) for cell in study.cells), sum(len(cell.wanted) for cell in study.cells)
    of = f"{counted(len(labels), 'algorithm')}, {counted(len(benchmarks), 'benchmark')}, {done:,} of {wanted:,} trials"
    rows: list[list[str | Field]] = [
        [label, *(_field(cells.get((label, benchmark))) for benchmark in benchmarks)] for label in labels
    ]
    head = paragraph(f"Study {study.name!r} in {study.directory}: {of}.")
    grid = table(["trials", *benchmarks], rows) if rows else ""
    return f"<div>{head}{grid}{bulleted(study.notes)}</div>"


def _field(cell: Cell | None) -> Field:
    if cell is None:
        return Field("–", "not part of the experiment")
    done, wanted = len(cell.trials), len(cell.wanted)
    if done >= wanted:
        return Field(f"{done:,}", "complete", DONE)
    failed = f", {len(cell.failed):,} failed" if cell.failed else ""
    hint = f"{len(cell.missing):,} trials have no result{failed}"
    return Field(f"{done:,} of {wanted:,}{failed}", hint, FAILED if cell.failed else PART)

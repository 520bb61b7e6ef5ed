"""A summary in a notebook: the verdict on every algorithm and benchmark, against the best algorithm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from results.html import Field, bulleted, paragraph, table
from results.summaries.leading import best_label, difference
from results.summaries.pair_words import CAUTION

if TYPE_CHECKING:
    from results.summaries.types import BenchmarkSummary, PairSummary, Summary

WIN, TIE, LOSS = "#bfe3c8", "#e9f2ea", "#f6d5cf"
"""Fills of the best, of what is not distinguished from it, and of what it beats."""

NOTE = (
    "Each field compares an algorithm with the best one of the benchmark by the area under log regret [dex]: the"
    " difference, and the result of the test. The best one beats all others or, if none does, has the lowest mean area"
    f" among those that are not beaten. A tie is no significant difference; {CAUTION}."
)


def summary_html(summary: Summary) -> str:
    """Write the matrix of verdicts. Its numbers are those of the pairs of the summary."""
    labels = list(dict.fromkeys(a.label for panel in summary.benchmarks for a in panel.algorithms))
    fields = {panel.benchmark: verdict_fields(panel) for panel in summary.benchmarks}
    absent = Field("–", "not part of the experiment")
    rows: list[list[str | Field]] = [
        [label, *(fields[benchmark].get(label, absent) for benchmark in fields)] for label in labels
    ]
    head = paragraph(f"Summary of {summary.name!r}.")
    matrix = table(["verdict", *fields], rows) + paragraph(NOTE) if rows else ""
    return f"<div>{head}{matrix}{bulleted([*summary.missing, *summary.warnings, *summary.recorded])}</div>"


def verdict_fields(panel: BenchmarkSummary) -> dict[str, Field]:
    """Return the verdict on each algorithm of a benchmark, by label."""
    areas = {a.label: a.area.value for a in panel.algorithms if a.area.value is not None}
    best = best_label(panel, areas)
    if best is None:
        return {a.label: Field("no trials") for a in panel.algorithms}
    against = {pair.b if pair.a == best else pair.a: pair for pair in panel.pairs if best in (pair.a, pair.b)}
    fields = {best: _leader(best, {label: pair for label, pair in against.items() if label in areas})}
    for label, pair in against.items():
        fields[label] = _follower(label, pair) if label in areas else Field("no trials")
    return fields


def _leader(label: str, against: Mapping[str, PairSummary]) -> Field:
    if not against:
        return Field("only one", "there is nothing to compare it with")
    wins = all(pair.winner == label for pair in against.values())
    return Field("wins" if wins else "best", "; ".join(pair.verdict for pair in against.values()), WIN, bold=True)


def _follower(label: str, pair: PairSummary) -> Field:
    value = difference(pair, label)
    away = "" if value is None else f"{value:+.2f} dex, ".replace("-", "−")
    if pair.winner is not None:
        return Field(f"{away}loss" if pair.loser == label else f"{away}win", pair.verdict, LOSS)
    if pair.refusal is not None:
        return Field("not tested", pair.verdict)
    still_open = pair.decision is not None and pair.decision.outcome == "open"
    return Field(f"{away}{'open' if still_open else 'tie'}", pair.verdict, "" if still_open else TIE)

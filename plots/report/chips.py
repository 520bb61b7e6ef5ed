"""Labels of algorithms as chips: marked in the words of a summary, and shown as elements in the page."""

from __future__ import annotations

import re
from dataclasses import replace

from markupsafe import Markup, escape

from results.summaries.types import PairSummary, Summary

OPENING, CLOSING = "\ue000", "\ue001"
"""Characters for private use around a label. A sentence that contains a label stays plain text until it is shown."""
_MARKED = re.compile(f"{OPENING}([^{CLOSING}]*){CLOSING}")


def mark(label: str) -> str:
    """Mark a label."""
    return f"{OPENING}{label}{CLOSING}"


def marked(summary: Summary) -> Summary:
    """Return a summary whose labels are marked, so that all words about it have marked labels."""
    panels = [
        replace(
            panel,
            algorithms=[replace(found, label=mark(found.label)) for found in panel.algorithms],
            pairs=[_pair(pair) for pair in panel.pairs],
        )
        for panel in summary.benchmarks
    ]
    return replace(summary, benchmarks=panels)


def _pair(pair: PairSummary) -> PairSummary:
    winner, loser = (None if label is None else mark(label) for label in (pair.winner, pair.loser))
    return replace(pair, a=mark(pair.a), b=mark(pair.b), winner=winner, loser=loser)


def chips(text: str) -> Markup:
    """Return a sentence as markup: every marked label becomes a chip, and everything else is escaped."""
    parts = _MARKED.split(text)
    shown = [
        Markup('<span class="chip" data-label="{0}">{0}</span>').format(part) if i % 2 else escape(part)
        for i, part in enumerate(parts)
    ]
    return Markup("").join(shown)

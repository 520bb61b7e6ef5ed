"""The decisions of a run until decided, for the terminal."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from results.anytime.comparisons import comparisons
from results.storage.loading import load
from results.summaries.decision_words import OPEN, difference_words, forecast_words
from results.summaries.decisions import decide_pairs
from results.summaries.types import PairSummary
from results.words import counted

MOST_SHOWN = 30
"""The largest number of pairs that are shown. Open ones come first."""


def print_decisions(directory: Path, console: Console) -> None:
    """Print what is decided about every pair of algorithms, what is open, and how many trials that will probably take.

    Parameters
    ----------
    directory : Path
        The results folder of a run until decided.
    console : Console
    """
    study = load(directory)
    found = comparisons(study)
    titles = {one.benchmark: str(study.benchmarks[one.benchmark]["title"]) for one in found}
    rows = [(titles[one.benchmark], pair) for one in found for pair in decide_pairs(study, one)]
    rows.sort(key=lambda row: row[1].verdict != OPEN)
    margin = study.stopping.rule.margin if study.stopping else 0.0
    still_open = sum(pair.verdict == OPEN for _, pair in rows)
    counts = f"{len(rows) - still_open} of {counted(len(rows), 'pair')} decided"
    table = Table(title=Text(f"{study.name}: {counts}; lower areas are better, equivalent within {margin:g} dex"))
    for heading in ("benchmark", "A", "B", "verdict"):
        table.add_column(heading, overflow="fold")
    for heading in ("trials", "A − B, dex [95 %]"):
        table.add_column(heading, justify="right", no_wrap=True)
    for title, pair in rows[:MOST_SHOWN]:
        table.add_row(*map(Text, (title, pair.a, pair.b, *_verdict(pair))))
    console.print(table)
    if len(rows) > MOST_SHOWN:
        console.print(
            Text(f"... and {counted(len(rows) - MOST_SHOWN, 'more pair')}: `regretta summary` has all of them")
        )


def _verdict(pair: PairSummary) -> tuple[str, str, str]:
    """Return the verdict of a pair, the number of trials that it rests on, and the difference with its interval."""
    decision = pair.decision
    if decision is None:
        return pair.verdict, str(pair.trials), ""
    words = {
        "decided": "A is better" if pair.winner == pair.a else "B is better",
        "equivalent": "equivalent",
        "open": f"open: {forecast_words(decision)}" if decision.outcome == "open" else "",
    }[decision.outcome]
    return words, str(decision.trials), difference_words(decision)

"""The headline of a report: who wins, and who ties for first, over all benchmarks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from plots.drawing.caption import named
from plots.report.verdict import Verdict, listed
from results.summaries.pair_words import MOST_NAMED

_NUMBERS = {2: "Two", 3: "Three", 4: "Four"}


def overall(judged: Sequence[Verdict]) -> str:
    """Sum up the verdicts in one or two sentences; empty for fewer than two benchmarks."""
    if len(judged) < 2:
        return ""
    if not any(verdict.tested for verdict in judged):
        return "No conclusion yet."
    so_far = "" if all(verdict.complete for verdict in judged) else "So far, "
    won = Counter(verdict.winner for verdict in judged if verdict.winner).most_common()
    if not won and (shared := _shared(judged)):
        text = f"{shared}."
    elif not won:
        text = " ".join([f"No algorithm wins on {_any_of(len(judged))}.", *_ties(judged)])
    else:
        text = " ".join([f"{_winners(won, len(judged))}.", *_ties(judged)])
    starts_with_label = bool(won)
    return so_far + (text if starts_with_label or not so_far else text[0].lower() + text[1:])


def _winners(won: Sequence[tuple[str, int]], total: int) -> str:
    (winner, count), *others = won
    of = _all_of(total) if count == total else f"{count} of {total} benchmarks"
    rest = total - sum(wins for _, wins in won)
    no_winner = f"; {rest} {'has' if rest == 1 else 'have'} no single winner" if rest else ""
    return listed([f"{winner} wins on {of}", *(f"{other} on {wins}" for other, wins in others)]) + no_winner


def _shared(judged: Sequence[Verdict]) -> str:
    """Name the few algorithms that tie for first on all benchmarks; empty if there are others on any of them."""
    lowest = Counter(verdict.first[0] for verdict in judged if verdict.first)
    labels = sorted(judged[0].first, key=lambda label: -lowest[label])
    if len({frozenset(verdict.first) for verdict in judged}) > 1 or not 1 < len(labels) <= MOST_NAMED:
        return ""

    def noted(label: str) -> str:
        count = lowest[label]
        where = "" if count == len(judged) else f" on {count}"
        return f"{label} (lowest area{where})" if count else label

    number = _NUMBERS[len(labels)]
    return f"{number} algorithms tie for first on {_all_of(len(judged))}: {listed([noted(one) for one in labels])}"


def _ties(judged: Sequence[Verdict]) -> list[str]:
    """Name in a sentence those that tie for first most often; no sentence if nobody does."""
    tied = [verdict.first for verdict in judged if not verdict.winner and verdict.first]
    counts, lowest = Counter(label for labels in tied for label in labels), Counter(labels[0] for labels in tied)
    if not counts:
        return []
    if len(tied) > 1 and len(counts) > MOST_NAMED and set(counts.values()) == {len(tied)}:
        return [f"{len(counts)} algorithms tie for first on each of {len(tied)}: the trials do not tell them apart."]
    order = sorted(counts, key=lambda label: (-counts[label], -lowest[label]))
    if sum(not verdict.winner for verdict in judged) == 1:
        return [f"There, {listed(order) if len(order) <= MOST_NAMED else named(order)} tie for first."]
    (first, *others), most = order, counts[order[0]]
    names = [f"{first} (on {most})", *(f"{one} ({counts[one]})" for one in others)]
    return [f"Most often tied for first: {named(names)}."]


def _all_of(total: int) -> str:
    return "both benchmarks" if total == 2 else f"all {total} benchmarks"


def _any_of(total: int) -> str:
    return "either benchmark" if total == 2 else f"any of the {total} benchmarks"

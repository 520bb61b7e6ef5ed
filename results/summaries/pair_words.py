"""The wording of pairwise tests, for captions, tables, the report and ``regretta summary --json``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from results.summaries.significance import MARGIN
from results.summaries.types import PairSummary

MOST_NAMED = 4
"""The largest number of labels or pairs that are named. Longer lists are counted."""

UNDECIDED = "no significant difference"
CAUTION = "this is not evidence of equality"


def pair_verdict(winner: str | None, loser: str | None, refusal: str | None) -> str:
    """Word the result of one test: ``A beats B``, ``no significant difference`` or ``refused: REASON``."""
    if refusal is not None:
        return f"refused: {refusal}"
    return beats_words(winner, str(loser)) if winner is not None else UNDECIDED


def beats_words(winner: str, losers: str) -> str:
    """Say that an algorithm beats others."""
    return f"{winner} beats {losers}"


def undecided_words(pairs: str, *, caution: bool = False) -> str:
    """Say that tests found no difference, optionally with a caution against reading that as equality."""
    return f"{UNDECIDED} for {pairs}{f'; {CAUTION}' if caution else ''}"


def untested_words(pairs: str, refusals: Iterable[str | None]) -> str:
    """Say that pairs were not tested, with each reason once."""
    return f"no test for {pairs} ({'; '.join(dict.fromkeys(filter(None, refusals)))})"


def equivalent_pairs(pairs: Sequence[PairSummary]) -> list[PairSummary]:
    """Return the pairs of which each algorithm is no worse than the other, whether or not a difference was found."""
    return [pair for pair in pairs if pair.a_no_worse and pair.b_no_worse]


def equivalence_words(pairs: Sequence[PairSummary], name: Callable[[Sequence[PairSummary]], str]) -> list[str]:
    """Say of which pairs each algorithm is no worse than the other: equivalent, or a small difference if one wins.

    Parameters
    ----------
    pairs : sequence of PairSummary
        Those of which each is no worse, and others.
    name : callable
        Names several pairs.
    """
    equal = equivalent_pairs(pairs)
    alike, close = [pair for pair in equal if not pair.winner], [pair for pair in equal if pair.winner]
    words = [f"equivalent, each no worse than the other by more than {MARGIN:g} dex: {name(alike)}"] if alike else []
    return words + ([f"a small difference, at most {MARGIN:g} dex: {name(close)}"] if close else [])


def versus(a: str, b: str) -> str:
    """Name a pair."""
    return f"{a} vs {b}"


def pair_names(
    pairs: Sequence[PairSummary], total: int, name: Callable[[PairSummary], str] = lambda pair: versus(pair.a, pair.b)
) -> str:
    """Name pairs, or count them if they are more than `MOST_NAMED`.

    Parameters
    ----------
    pairs : sequence of PairSummary
    total : int
        The number of pairs that they are part of.
    name : callable
        Names one pair; ``A vs B`` by default.
    """
    return ", ".join(map(name, pairs)) if len(pairs) <= MOST_NAMED else f"{len(pairs)} of {total} pairs"

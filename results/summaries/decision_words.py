"""The wording of what a run until decided found, for the terminal, captions, tables and the report."""

from __future__ import annotations

from collections.abc import Sequence

from results.statistics.sequential import LONGEST_FORECAST
from results.summaries.pair_words import MOST_NAMED, beats_words, versus
from results.summaries.types import PairDecision, PairSummary, StoppingSummary
from results.words import counted

OPEN = "open"
"""The verdict on a pair that is not decided."""
MORE_TRIALS = "more trials are needed"
"""The reason why a pair is open unless a trial is missing."""

_RULES = {
    "symmetric": "self-normalised e-process for symmetric differences",
    "bounded": "betting on regret capped at that of the median architecture",
}


def stopping_words(stopping: StoppingSummary) -> str:
    """Name the tests of a run until decided."""
    return (
        f"Decided by sequential tests of the mean difference in area under log regret ({_RULES[stopping.rule]}) after"
        f" every {stopping.block} of at most {stopping.max_trials} trials; level {stopping.alpha:g} and intervals hold"
        " for all pairs of a benchmark and all looks together"
    )


def equivalent_words(margin: float) -> str:
    """Say that two algorithms are equivalent."""
    return f"equivalent within {margin:g} dex"


def difference_words(decision: PairDecision, *, reverse: bool = False) -> str:
    """Write the mean difference of a pair with its interval, in dex; empty before the first look.

    Parameters
    ----------
    decision : PairDecision
    reverse : bool
        Whether to write b - a instead of a - b.
    """
    if decision.mean_difference is None:
        return ""
    sign = -1 if reverse else 1
    mean = f"{sign * decision.mean_difference:+.3f}"
    if decision.low is None or decision.high is None:
        return f"{mean} [-∞, ∞]"
    low, high = sorted((sign * decision.low, sign * decision.high))
    return f"{mean} [{low:+.3f}, {high:+.3f}]"


def decision_words(decision: PairDecision, *, reverse: bool = False) -> str:
    """Say after how many trials a pair was decided, or that it is open: ``decided after 30 trials: -0.1 [...] dex``."""
    verb = "open" if decision.outcome == OPEN else "decided"
    difference = difference_words(decision, reverse=reverse)
    words = f"{verb} after {counted(decision.trials, 'trial')}{f': {difference} dex' if difference else ''}"
    return f"{words}; {forecast_words(decision)}" if decision.outcome == OPEN else words


def forecast_words(decision: PairDecision) -> str:
    """Say of an open pair how many trials it will probably take, or which trial is missing."""
    if decision.reason != MORE_TRIALS:
        return str(decision.reason)
    if decision.forecast is None:
        return f"probably more than {LONGEST_FORECAST:,} trials in all"
    return f"probably {decision.forecast:,} trials in all"


def decided_words(pairs: Sequence[PairSummary]) -> list[str]:
    """Say what was decided of some pairs, in a clause per winner, one on equivalent pairs and one on open pairs.

    Differences are those of the winner minus the loser, or of the first minus the second algorithm.
    """
    clauses = []
    for winner in dict.fromkeys(pair.winner for pair in pairs if pair.winner):
        won = [pair for pair in pairs if pair.winner == winner]
        clauses.append(beats_words(winner, _named(won, [str(pair.loser) for pair in won], "algorithms")))
    for verdict in dict.fromkeys(pair.verdict for pair in pairs if not pair.winner):
        of = [pair for pair in pairs if pair.verdict == verdict]
        clauses.append(f"{verdict}: {_named(of, [versus(pair.a, pair.b) for pair in of], 'pairs')}")
    return clauses


def _named(pairs: Sequence[PairSummary], names: Sequence[str], noun: str) -> str:
    """Name pairs with what was decided, or count them if they are many."""
    found = [(pair, pair.decision, name) for pair, name in zip(pairs, names, strict=True) if pair.decision]
    if len(found) > MOST_NAMED:
        trials = sorted(decision.trials for _, decision, _ in found)
        return f"{len(found)} {noun} (after {trials[0]} to {trials[-1]} trials)"
    return ", ".join(
        f"{name} ({decision_words(decision, reverse=pair.winner == pair.b)})" for pair, decision, name in found
    )

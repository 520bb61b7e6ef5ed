"""The verdict on every benchmark in plain words: who wins, by which test, how surely, and where nothing can be said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plots.caption import MOST_NAMED, panel_names
from results.summary import ALPHA
from results.summary_types import BenchmarkSummary, PairSummary, Summary

METHOD = (
    "By paired, two-sided Wilcoxon signed-rank tests of the area under log regret over the trials that both have,"
    f" Holm-adjusted within a benchmark, at {ALPHA:g}. The area averages regret on a log scale over the whole budget: it"
    " rewards being early as well as ending well. “1.5 times lower regret” is the median over trials of that average."
)
"""How the verdicts come about, in words."""


@dataclass(frozen=True)
class Verdict:
    """What the tests support on one benchmark.

    Attributes
    ----------
    benchmark, title, provenance : str
    winner : str or None
        The algorithm that beats every other one, if there is one.
    headline : str
        One sentence.
    details : list of str
        How surely, and where nothing can be said; a sentence each.
    """

    benchmark: str
    title: str
    provenance: str
    winner: str | None
    headline: str
    details: list[str]


def verdicts(summary: Summary) -> list[Verdict]:
    """Judge every benchmark of a summary, in its order."""
    names = panel_names(summary)
    return [_verdict(panel, names[panel.benchmark]) for panel in summary.benchmarks]


def overall(judged: Sequence[Verdict]) -> str:
    """Sum up the verdicts in a sentence; empty for fewer than two benchmarks."""
    if len(judged) < 2:
        return ""
    won = Counter(verdict.winner for verdict in judged if verdict.winner)
    if not won:
        return f"No algorithm wins on any of the {len(judged)} benchmarks."
    clauses = [f"{winner} wins on {_share(count, len(judged))}" for winner, count in won.most_common()]
    rest = len(judged) - won.total()
    return listed([*clauses, f"there is no single winner on {_share(rest, len(judged))}"] if rest else clauses) + "."


def _share(count: int, total: int) -> str:
    return f"all {total} benchmarks" if count == total else f"{count} of {total} benchmarks"


def differing(judged: Sequence[Verdict], by_target: Mapping[str, Sequence[Verdict]]) -> list[str]:
    """Name the benchmarks on which another reported error gives another headline."""
    headlines = {verdict.benchmark: verdict.headline for verdict in judged}
    return [
        f"By {target} it is another on {verdict.title}: {verdict.headline}"
        for target, others in by_target.items()
        for verdict in others
        if verdict.headline != headlines[verdict.benchmark]
    ]


def _verdict(panel: BenchmarkSummary, title: str) -> Verdict:
    present = [algorithm.label for algorithm in panel.algorithms if algorithm.trials]
    pairs = [pair for pair in panel.pairs if {pair.a, pair.b} <= set(present)]
    tested = [pair for pair in pairs if pair.p_holm is not None]
    beaten = {pair.loser for pair in tested if pair.winner}
    unbeaten = [label for label in present if label not in beaten]
    winner = next((label for label in present if _wins(label, pairs) == len(present) - 1 > 0), None)
    details = _margins(winner, pairs) if winner else _standing(unbeaten, pairs)
    details += _open_questions(pairs, len(present))
    absent = [algorithm.label for algorithm in panel.algorithms if not algorithm.trials]
    if absent and present:
        details.append(f"No trials yet: {listed(absent)}.")
    headline = _headline(winner, unbeaten, present, tested)
    return Verdict(panel.benchmark, title, panel.provenance, winner, headline, details)


def _wins(label: str, pairs: Sequence[PairSummary]) -> int:
    return sum(pair.winner == label for pair in pairs)


def _headline(
    winner: str | None, unbeaten: Sequence[str], present: Sequence[str], tested: Sequence[PairSummary]
) -> str:
    if winner:
        return f"{winner} wins."
    if not present:
        return "Nothing can be said yet: no trial is complete."
    if len(present) == 1:
        return f"Nothing to compare: only {present[0]} has trials."
    if not tested:
        return "Nothing can be said yet: there are too few trials for a test."
    if len(unbeaten) == len(present):
        return "No difference is shown."
    if unbeaten:
        return f"No single winner: {listed(unbeaten)} {'is' if len(unbeaten) == 1 else 'are'} beaten by none."
    return "No single winner: each is beaten by another."


def _margins(winner: str, pairs: Sequence[PairSummary]) -> list[str]:
    won = [pair for pair in pairs if pair.winner == winner]
    if len(won) <= MOST_NAMED:
        return [f"It beats {listed([_beaten(pair) for pair in won])}."]
    closest = max(won, key=lambda pair: pair.p_holm or 0.0)
    return [f"It beats all {len(won)} others, least surely {_beaten(closest)}."]


def _beaten(pair: PairSummary) -> str:
    return f"{pair.loser} ({margin_words(pair)}p {p_words(pair.p_holm)})"


def margin_words(pair: PairSummary) -> str:
    """Put the median difference in area of a decided pair into words; none where it does not favour the winner."""
    difference = pair.median_difference or 0.0
    if (difference < 0) != (pair.winner == pair.a) or difference == 0:
        return ""
    return f"{10 ** abs(difference):.3g} times lower regret, "


def p_words(p_value: float | None) -> str:
    """Put an adjusted p-value into words, such as ``= 0.012`` or ``< 0.001``."""
    value = p_value or 0.0
    return "< 0.001" if value < 0.001 else f"= {value:.2g}"


def _standing(unbeaten: Sequence[str], pairs: Sequence[PairSummary]) -> list[str]:
    sentences = []
    for label in unbeaten[:MOST_NAMED]:
        losers = [_beaten(pair) for pair in pairs if pair.winner == label]
        if losers:
            sentences.append(
                f"{label} beats {listed(losers) if len(losers) <= MOST_NAMED else f'{len(losers)} others'}."
            )
    return sentences


def _open_questions(pairs: Sequence[PairSummary], n_present: int) -> list[str]:
    """Where a test found no difference, and where none could be made."""
    level = [f"{pair.a} and {pair.b} (p {p_words(pair.p_holm)})" for pair in pairs if pair.p_holm and not pair.winner]
    refused = [pair for pair in pairs if pair.p_holm is None]
    sentences = []
    if level:
        between = listed(level) if len(level) <= MOST_NAMED else f"{len(level)} of {len(pairs)} pairs, listed below"
        sentences.append(f"No difference is shown between {between}; that does not make them equal.")
    if refused and n_present > 1:
        reasons = dict.fromkeys(pair.verdict.removeprefix("refused: ") for pair in refused)
        which = (
            "all pairs"
            if len(refused) == len(pairs)
            else listed([f"{pair.a} and {pair.b}" for pair in refused])
            if len(refused) <= MOST_NAMED
            else f"{len(refused)} of {len(pairs)} pairs"
        )
        sentences.append(f"Nothing can be said of {which}: {'; '.join(reasons)}.")
    return sentences


def listed(names: Sequence[str]) -> str:
    """Join names as a sentence does: ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))

"""The verdict on every benchmark in words: the winner, the tests, and the pairs without a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plots.drawing.caption import panel_names
from plots.drawing.precision import panel_resolution
from plots.report.matrix import ratio, status_of
from results.statistics.bootstrap import ALPHA
from results.summaries.decision_words import decided_words, equivalent_words, stopping_words
from results.summaries.leading import best_label
from results.summaries.pair_words import (
    CAUTION,
    MOST_NAMED,
    UNDECIDED,
    beats_words,
    equivalence_words,
    equivalent_pairs,
    pair_names,
    undecided_words,
    untested_words,
)
from results.summaries.types import BenchmarkSummary, PairSummary, StoppingSummary, Summary
from results.words import counted

METHOD = (
    "Tests are paired, two-sided Wilcoxon signed-rank tests of the area under log regret over common trials,"
    f" Holm-adjusted within each benchmark, at level {ALPHA:g}. The area averages regret on a log scale over the whole"
    " budget, so that early progress counts as well as the final result. “Regret lower by a factor of 1.50” is the"
    " median of that average over trials. The resolution is the smallest difference in area that the tests of all pairs"
    " show four times in five."
)
"""The explanation of the tests behind the verdicts."""


def method(summary: Summary) -> str:
    """Explain the tests behind the verdicts of a summary."""
    stopping = next((panel.stopping for panel in summary.benchmarks if panel.stopping), None)
    if stopping is None:
        return METHOD
    return (
        f"{stopping_words(stopping)}. The area averages regret on a log scale over the whole budget, so that early"
        " progress counts as well as the final result. −0.3 dex is half the regret. A pair that is open may still turn"
        " out either way."
    )


LEAST_P = 0.001
"""Smaller p-values are not written out."""


@dataclass(frozen=True)
class Verdict:
    """The verdict of the tests on one benchmark.

    Attributes
    ----------
    benchmark, title, provenance : str
    winner : str or None
        The algorithm that beats every other one of the experiment, if there is one.
    first : list of str
        Without such an algorithm: the unbeaten one with the lowest mean area, and then those that tie with it. Empty
        if nothing does.
    tested : bool
        Whether any pair was tested.
    complete : bool
        Whether all trials have a result.
    headline : str
        One sentence.
    details : list of str
        The tests behind the headline and the pairs without a result, one sentence each.
    """

    benchmark: str
    title: str
    provenance: str
    winner: str | None
    first: list[str]
    tested: bool
    complete: bool
    headline: str
    details: list[str]


def verdicts(summary: Summary) -> list[Verdict]:
    """Judge every benchmark of a summary, in its order."""
    names = panel_names(summary)
    return [_verdict(panel, names[panel.benchmark]) for panel in summary.benchmarks]


def differing(judged: Sequence[Verdict], by_target: Mapping[str, Sequence[Verdict]]) -> list[str]:
    """Return a sentence for each other target whose headline differs from that of the main one."""
    main = {verdict.benchmark: verdict.headline for verdict in judged}
    targets: dict[tuple[str, str], list[str]] = {}
    for target, others in by_target.items():
        for verdict in others:
            if verdict.headline != main[verdict.benchmark]:
                targets.setdefault((verdict.title, verdict.headline), []).append(target)
    return [f"{title}, by {listed(names)}: {headline}" for (title, headline), names in targets.items()]


def _verdict(panel: BenchmarkSummary, title: str) -> Verdict:
    present = [algorithm.label for algorithm in panel.algorithms if algorithm.trials]
    absent = [algorithm.label for algorithm in panel.algorithms if not algorithm.trials]
    complete = not any(algorithm.missing for algorithm in panel.algorithms)
    pairs = [pair for pair in panel.pairs if {pair.a, pair.b} <= set(present)]
    tested = [pair for pair in pairs if not pair.refusal and not (pair.decision and not pair.trials)]
    best = next((label for label in present if _wins(label, pairs) == len(present) - 1 > 0), None)
    beaten = {pair.loser for pair in tested if pair.winner}
    unbeaten = [label for label in present if label not in beaten]
    if best:
        alone = beats_words(best, "all algorithms that have trials")
        standing = f"{alone}." if absent else f"{best} wins{'' if complete else ' so far'}."
    else:
        standing = _undecided(unbeaten, present, tested, panel.stopping)
    if panel.stopping:
        winners = tuple(pair.winner for pair in pairs if pair.winner)  # a label stays as it is
        details = [f"{one}." if one.startswith(winners) else _sentence(one) for one in decided_words(pairs)]
    else:
        details = _margins(best, pairs) if best else _wins_of(unbeaten, pairs)
        details += _open_questions(pairs)
    if absent and present:
        details.append(_sentence(untested_words(listed(absent), ["no trials yet"])))
    if tested and not panel.stopping:
        details.append(f"Resolution: {panel_resolution(panel)}.")
    winner = None if absent else best
    first = _tied(panel, unbeaten) if tested and not best else []
    return Verdict(panel.benchmark, title, panel.provenance, winner, first, bool(tested), complete, standing, details)


def _tied(panel: BenchmarkSummary, unbeaten: Sequence[str]) -> list[str]:
    """Return the algorithms that tie for first, the one with the lowest mean area first; empty if nothing ties."""
    areas = {found.label: found.area.value for found in panel.algorithms if found.area.value is not None}
    best = best_label(panel, areas)
    if best is None or best not in unbeaten:
        return []
    pairs = [pair for pair in panel.pairs if best in (pair.a, pair.b) and status_of(pair, best) == "tie"]
    tied = [pair.b if pair.a == best else pair.a for pair in pairs]
    return [best, *sorted(tied, key=lambda label: areas[label])] if tied else []


def _wins(label: str, pairs: Sequence[PairSummary]) -> int:
    return sum(pair.winner == label for pair in pairs)


def _undecided(
    unbeaten: Sequence[str],
    present: Sequence[str],
    tested: Sequence[PairSummary],
    stopping: StoppingSummary | None,
) -> str:
    if not present:
        return "No conclusion yet: no trial is complete."
    if len(present) == 1:
        return f"Nothing to compare: only {present[0]} has trials."
    if not tested:
        return "No conclusion yet: there are too few trials for a test."
    if len(unbeaten) == len(present):
        if stopping is None:
            return _sentence(UNDECIDED)
        equal = all(pair.verdict == equivalent_words(stopping.margin) for pair in tested)
        return _sentence(f"all are {equivalent_words(stopping.margin)}" if equal else "no winner: pairs are open")
    if unbeaten:
        return f"No single winner: {listed(unbeaten)} {'is' if len(unbeaten) == 1 else 'are'} unbeaten."
    return "No single winner: every algorithm is beaten by another."


def least_certain(summary: Summary) -> str:
    """Name the least certain of all wins with its p-value, the only one in the prose of a report.

    Empty without tests, or without a win.
    """
    names = panel_names(summary)
    won = [(panel, pair) for panel in summary.benchmarks for pair in panel.pairs if pair.winner and pair.p_holm]
    if not won:
        return ""
    if len(won) > 1 and all((pair.p_holm or 0.0) < LEAST_P for _, pair in won):
        return f"All {counted(len(won), 'won test')} have {p_words(0.0)}."
    panel, pair = max(won, key=lambda one: one[1].p_holm or 0.0)
    where = f" on {names[panel.benchmark]}" if len(summary.benchmarks) > 1 else ""
    if len(won) == 1:
        return f"{beats_words(str(pair.winner), str(pair.loser))}{where} with {p_words(pair.p_holm)}."
    beaten = beats_words(str(pair.winner), str(pair.loser))
    return f"Of the {counted(len(won), 'won test')}, the least certain is that {beaten}{where}: {p_words(pair.p_holm)}."


def _margins(winner: str, pairs: Sequence[PairSummary]) -> list[str]:
    won = [pair for pair in pairs if pair.winner == winner]
    if len(won) <= MOST_NAMED:
        return [f"{beats_words('It', listed([_beaten(pair) for pair in won]))}."]
    closest = max(won, key=lambda pair: pair.p_holm or 0.0)
    return [f"{beats_words('It', f'all {len(won)} others')}, least certainly {_beaten(closest)}."]


def _wins_of(labels: Sequence[str], pairs: Sequence[PairSummary]) -> list[str]:
    sentences = []
    for label in labels[:MOST_NAMED]:
        losers = [_beaten(pair) for pair in pairs if pair.winner == label]
        if losers:
            named = listed(losers) if len(losers) <= MOST_NAMED else f"{len(losers)} others"
            sentences.append(f"{beats_words(label, named)}.")
    return sentences


def _beaten(pair: PairSummary) -> str:
    margin = margin_words(pair)
    return f"{pair.loser} ({margin})" if margin else str(pair.loser)


def margin_words(pair: PairSummary) -> str:
    """Write the median difference in area of a decided pair in words; empty if it does not favour the winner."""
    difference = pair.median_difference or 0.0
    if (difference < 0) != (pair.winner == pair.a) or difference == 0:
        return ""
    return f"regret lower by a factor of {ratio(abs(difference))}"


def p_words(p_value: float | None) -> str:
    """Write an adjusted p-value without line breaks, such as ``p = 0.012`` or ``p < 0.001``."""
    value = p_value or 0.0
    return ("p < 0.001" if value < LEAST_P else f"p = {value:.2g}").replace(" ", "\N{NO-BREAK SPACE}")


def _open_questions(pairs: Sequence[PairSummary]) -> list[str]:
    """Name the pairs without a difference, those that are equivalent, and those not tested; a sentence each."""
    level = [pair for pair in pairs if not pair.refusal and not pair.winner]
    refused, equal = [pair for pair in pairs if pair.refusal], equivalent_pairs(pairs)
    unequal = [pair for pair in level if pair not in equal]
    sentences = []
    if len(unequal) == len(pairs) > 1:
        sentences.append(f"None of the {len(pairs)} tests found a difference; {CAUTION}.")
    elif unequal:
        sentences.append(_sentence(undecided_words(pair_names(unequal, len(pairs)), caution=True)))
    sentences += map(_sentence, equivalence_words(pairs, lambda found: pair_names(found, len(pairs))))
    if refused:
        names = pair_names(refused, len(pairs))
        sentences.append(_sentence(untested_words(names, (pair.refusal for pair in refused))))
    return sentences


def _sentence(clause: str) -> str:
    return f"{clause[0].upper()}{clause[1:]}."


def listed(names: Sequence[str]) -> str:
    """Join names as in a sentence: ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))

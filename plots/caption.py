"""Captions: what a figure shows, by which rules it was raced, and which test backs what it seems to say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from plots.style import regret_unit, time_unit
from results.comparisons import cells_by_benchmark
from results.statistics import RESAMPLES, Statistic
from results.study import Cell, Study
from results.summary_types import BenchmarkSummary, Summary

MOST_NAMED = 4
"""Of more labels than these the rest is counted."""

_STATISTICS = {"mean": "Mean", "median": "Median", "iqm": "Interquartile mean"}
_INCUMBENTS = {
    "highest": "lowest observed error at the highest fidelity seen so far",
    "any": "lowest observed error at any fidelity",
}
_WORDS: dict[str, dict[str, str]] = {
    "signal": {
        "repeat": "one recorded repeat is observed, drawn",
        "mean": "the mean over repeats is observed",
    },
    "duplicates": {
        "recharge": "duplicates are trained and charged again",
        "cached": "duplicates are free",
        "count": "duplicates take no time but count",
    },
    "continuation": {
        "scratch": "training starts from scratch",
        "resume": "training is resumed from lower fidelities",
    },
    "evaluation_time": {
        "none": "validation passes are not charged",
        "once": "one validation pass is charged",
        "every_epoch": "a validation pass is charged every epoch",
    },
    "overshoot": {
        "drop": "what ends after the budget is dropped",
        "keep": "what begins within the budget is kept",
    },
}


def duration(seconds: float) -> str:
    """Put a time [s] into words, such as ``12,000 s (3.33 hours)``."""
    length, name = time_unit(seconds)
    return f"{seconds:,.6g} s" + ("" if length == 1 else f" ({seconds / length:.3g} {name})")


def budget_words(protocol: Mapping[str, Any]) -> str:
    """Put a protocol's budget into words."""
    budget = protocol["budget"]
    if "evaluations" in budget:
        return f"{budget['evaluations']:,} evaluations"
    return f"{duration(budget['seconds'])} of simulated time"


def protocol_words(protocol: Mapping[str, Any]) -> str:
    """Put a protocol's rules, without its budget, into words; a rule that it does not state is left out."""
    rules = [
        words.get(protocol[name], f"{name}: {protocol[name]}") for name, words in _WORDS.items() if name in protocol
    ]
    workers = protocol.get("workers", 1)
    rules.append("1 worker" if workers == 1 else f"{workers} workers")
    rules += [f"{name} {protocol[name]:g} s" for name in ("startup", "decision") if protocol.get(name)]
    if protocol.get("resume_cost"):
        rules.append(f"resuming costs {protocol['resume_cost']:g} s")
    return "; ".join(rules)


def incumbent_words(protocol: Mapping[str, Any]) -> str:
    """Put into words how the incumbent is chosen."""
    rule = str(protocol.get("incumbent", "highest"))
    return _INCUMBENTS.get(rule, rule)


def leader_words(benchmark: BenchmarkSummary) -> str:
    """Say what the tests support of the algorithm with the best mean area, in one clause."""
    areas = {a.label: a.area.value for a in benchmark.algorithms if a.area.value is not None}
    if len(areas) < 2:
        return "nothing to compare"
    best = min(areas, key=lambda label: areas[label] or 0.0)
    pairs = [pair for pair in benchmark.pairs if best in (pair.a, pair.b) and {pair.a, pair.b} <= set(areas)]
    others = {pair.b if pair.a == best else pair.a: pair for pair in pairs}
    beaten = [label for label, pair in others.items() if pair.winner == best]
    refused = [label for label, pair in others.items() if pair.p_holm is None]
    level = [label for label in others if label not in beaten and label not in refused]
    clauses = [f"{best} beats {_names(beaten, others)}"] if beaten else []
    if level:
        subject = "from" if beaten else f"between {best} and"
        clauses.append(f"no significant difference {subject} {_names(level, others)}")
    if refused:
        clauses.append(f"no test of {best} against {_names(refused, others)} (too few common trials)")
    return "; ".join(clauses)


def _names(labels: Sequence[str], others: Collection[str]) -> str:
    """Name labels, or count them where they are many."""
    if len(labels) == len(others) > 2:
        return f"all {len(labels)} others"
    return ", ".join(labels) if len(labels) <= MOST_NAMED else f"{len(labels)} of the {len(others)} others"


def trials_words(cells: Sequence[Cell]) -> str:
    """Say how many trials a curve stands for, and where some are missing."""
    partial = [
        f"{cell.label} on {cell.benchmark} {len(cell.trials)} of {len(cell.wanted)}" for cell in cells if cell.missing
    ]
    if len(partial) > MOST_NAMED:
        partial[MOST_NAMED:] = [f"and {len(partial) - MOST_NAMED} more"]
    wanted = sorted({len(cell.wanted) for cell in cells})
    counts = " or ".join(str(number) for number in wanted)
    noun = "trial" if wanted == [1] else "trials"
    if not partial:
        return f"{counts} {noun} a curve."
    return f"{counts} {noun} a curve, not all done: {', '.join(partial)}."


def _shared(texts: Mapping[str, str]) -> str:
    """Join one text a panel: once if all agree, else each once with its panels' names."""
    titles: dict[str, list[str]] = {}
    for title, text in texts.items():
        titles.setdefault(text, []).append(title)
    if len(titles) == 1:
        return next(iter(titles))
    return "; ".join(f"{' / '.join(panels)}: {text}" for text, panels in titles.items())


def panel_names(summary: Summary) -> dict[str, str]:
    """Name the panels by benchmark: the benchmark's title, with its name where two have the same title."""
    titles = [panel.title for panel in summary.benchmarks]
    return {
        panel.benchmark: panel.title if titles.count(panel.title) == 1 else f"{panel.title} ({panel.benchmark})"
        for panel in summary.benchmarks
    }


def regret_caption(study: Study, summary: Summary, statistics: Mapping[str, Statistic]) -> str:
    """Write the caption of the anytime regret figure.

    Parameters
    ----------
    study : Study
    summary : Summary
        Of the study, with at least one benchmark.
    statistics : mapping
        By benchmark, what its curves show.
    """
    panels, names, cells = summary.benchmarks, panel_names(summary), cells_by_benchmark(study)

    def words(text: Callable[[BenchmarkSummary], str]) -> str:
        return _shared({names[panel.benchmark]: text(panel) for panel in panels})

    def rules(text: Callable[[Mapping[str, Any]], str]) -> str:
        return words(lambda panel: text(cells[panel.benchmark][0].protocol))

    sentences = [
        f"{words(lambda p: _STATISTICS[statistics[p.benchmark]])} simple regret of the incumbent: "
        f"its true error ({words(lambda p: p.target)}) minus the optimum.",
        f"Incumbent: {rules(incumbent_words)}; its true error may rise.",
        f"Bands: 95 % bootstrap intervals ({RESAMPLES:,} resamples of whole trials).",
        trials_words([cell for panel in panels for cell in cells[panel.benchmark]]),
        "A curve begins where all its trials have an incumbent.",
        f"Data: {words(lambda p: p.provenance)}.",
        f"Budget: {rules(budget_words)}. Protocol: {rules(protocol_words)}.",
        f"Shaded: below the noise floor ({_quantities(panels, _floor)}).",
        "Paired Wilcoxon tests of the area under log regret (not below the floor; "
        f"before the first completion {_quantities(panels, _start)}), Holm-adjusted within a benchmark, at 0.05: "
        f"{words(leader_words)}.",
    ]
    clipped = sum(algorithm.clipped for panel in panels for algorithm in panel.algorithms)
    if clipped:
        sentences.append(f"{clipped} trials ended below a surrogate's reference optimum: drawn as regret 0.")
    return " ".join(sentences)


def _quantities(panels: Sequence[BenchmarkSummary], text: Callable[[BenchmarkSummary, float], str]) -> str:
    """Join one quantity a panel: once if all agree, else panel by panel; the unit once if it is the same."""
    units = [regret_unit(panel.unit) for panel in panels]
    numbers = [text(panel, factor) for panel, (factor, _) in zip(panels, units, strict=True)]
    names = [name for _, name in units]
    if len(set(names)) > 1:
        numbers = [f"{number} {name}" for number, name in zip(numbers, names, strict=True)]
    unit = f" {names[0]}" if len(set(names)) == 1 else ""
    return f"{numbers[0]}{unit}" if len(set(numbers)) == 1 else f"{' / '.join(numbers)}{unit}, by panel"


def _start(panel: BenchmarkSummary, factor: float) -> str:
    return f"{max(panel.median - panel.optimum, 0.0) * factor:.3g}"


def _floor(panel: BenchmarkSummary, factor: float) -> str:
    assumed = " (assumed: no repeats recorded)" if panel.floor_assumed else ""
    return f"{panel.floor * factor:.2g}{assumed}"

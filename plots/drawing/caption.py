"""Words of captions: accounting rules, what the tests show, and the names of panels."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from plots.drawing.units import time_unit
from results.storage.study import Cell
from results.summaries.decision_words import decided_words, stopping_words
from results.summaries.pair_words import (
    MOST_NAMED,
    beats_words,
    equivalence_words,
    undecided_words,
    untested_words,
    versus,
)
from results.summaries.types import BenchmarkSummary, PairSummary, Summary
from results.words import counted

TESTS = "Paired Wilcoxon tests of the {}, Holm-adjusted within each benchmark, at level 0.05"
_INCUMBENTS = {
    "highest": "lowest observed error at the highest fidelity seen so far",
    "any": "lowest observed error at any fidelity",
    "last": "last choice of the recorded search",
}
_WORDS: dict[str, dict[str, str]] = {
    "signal": {
        "repeat": "one random repeat is observed",
        "mean": "the mean over repeats is observed",
    },
    "duplicates": {
        "recharge": "duplicates are trained and charged again",
        "cached": "duplicates are free",
        "count": "duplicates take no time but count as evaluations",
    },
    "continuation": {
        "scratch": "training starts from scratch",
        "resume": "training is resumed from lower fidelities",
    },
    "evaluation_time": {
        "none": "validation passes are not charged",
        "once": "one validation pass is charged",
        "every_epoch": "a validation pass is charged per epoch",
    },
    "overshoot": {
        "drop": "evaluations that end after the budget are dropped",
        "keep": "evaluations that begin within the budget are kept",
    },
}


class Caption(NamedTuple):
    """The caption below a figure, and the full caption, which `plots.drawing.export.save` writes to a file."""

    short: str
    full: str


def duration(seconds: float) -> str:
    """Write a time [s] in words, such as ``12,000 s (3.33 hours)``."""
    length, name = time_unit(seconds)
    return f"{seconds:,.6g} s" + ("" if length == 1 else f" ({seconds / length:.3g} {name})")


def budget_words(protocol: Mapping[str, Any]) -> str:
    """Write a protocol's budget in words."""
    budget = protocol["budget"]
    if "evaluations" in budget:
        return counted(budget["evaluations"], "evaluation")
    return duration(budget["seconds"])


def protocol_words(protocol: Mapping[str, Any]) -> str:
    """Write a protocol's rules in words, without the budget. Rules that it does not state are left out."""
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
    """Write in words how the incumbent is chosen."""
    rule = str(protocol.get("incumbent", "highest"))
    return _INCUMBENTS.get(rule, rule)


def common_protocol(cells: Sequence[Cell]) -> Mapping[str, Any]:
    """Return the protocol of a benchmark's algorithms or, without any, of its recorded entries."""
    return next((cell.protocol for cell in cells if not cell.recorded), cells[0].protocol)


def zero_words(benchmark: BenchmarkSummary) -> str:
    """Name the error at which regret is 0."""
    if benchmark.reference is None:
        return "the optimum"
    return f"the reference value (version {benchmark.reference}; the optimum is unknown)"


def leader_words(benchmark: BenchmarkSummary) -> str:
    """Say in one clause what the tests show about the algorithm with the lowest mean area."""
    areas = {a.label: a.area.value for a in benchmark.algorithms if a.area.value is not None}
    words = pairs_words(areas, benchmark.pairs)
    best = min(areas, key=lambda label: areas[label], default="")
    others = [label for label in areas if label != best]

    def name(pairs: Sequence[PairSummary]) -> str:
        return versus(best, _names([pair.b if pair.a == best else pair.a for pair in pairs], others))

    own = [pair for pair in benchmark.pairs if best in (pair.a, pair.b)]
    return "; ".join([words, *equivalence_words(own, name)])


def tests_words(benchmark: BenchmarkSummary) -> str:
    """Name the tests of the area on a benchmark."""
    return stopping_words(benchmark.stopping) if benchmark.stopping else TESTS.format("area under log regret")


def pairs_words(values: Mapping[str, float], tested: Sequence[PairSummary]) -> str:
    """Say in one clause what the tests of all pairs show about the algorithm with the lowest value."""
    if len(values) < 2:
        return "nothing to compare"
    best = min(values, key=lambda label: values[label])
    pairs = [pair for pair in tested if best in (pair.a, pair.b) and {pair.a, pair.b} <= set(values)]
    others = {pair.b if pair.a == best else pair.a: pair for pair in pairs}
    if any(pair.decision for pair in pairs):
        return "; ".join(decided_words(pairs))
    beaten = [label for label, pair in others.items() if pair.winner == best]
    refused = {label: pair.refusal for label, pair in others.items() if pair.refusal}
    level = [label for label in others if label not in beaten and label not in refused]
    clauses = [beats_words(best, _names(beaten, others))] if beaten else []
    if level:
        clauses.append(undecided_words(versus(best, _names(level, others))))
    if refused:
        clauses.append(untested_words(versus(best, _names(list(refused), others)), refused.values()))
    return "; ".join(clauses)


def _names(labels: Sequence[str], others: Collection[str]) -> str:
    """Name labels, or count them if they are many."""
    if len(labels) == len(others) > 2:
        return f"all {len(labels)} others"
    return ", ".join(labels) if len(labels) <= MOST_NAMED else f"{len(labels)} of the {len(others)} others"


def named(names: Sequence[str]) -> str:
    """Join names, and count those after the first few."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def panel_names(summary: Summary) -> dict[str, str]:
    """Return the panels' names by benchmark: the title, with the benchmark's name if two titles are equal."""
    titles = [panel.title for panel in summary.benchmarks]
    return {
        panel.benchmark: panel.title if titles.count(panel.title) == 1 else f"{panel.title} ({panel.benchmark})"
        for panel in summary.benchmarks
    }


def short_names(summary: Summary) -> dict[str, str]:
    """Return the parts of the panels' names that differ, by benchmark.

    For example "CIFAR-10" and "CIFAR-100" instead of whole titles that begin with "NAS-Bench-201".
    """
    names = panel_names(summary)
    parts = [name.split(", ") for name in names.values()]
    head, tail = _shared_parts(parts)
    return {key: ", ".join(part[head : len(part) - tail]) for key, part in zip(names, parts, strict=True)}


def shared_name(summary: Summary) -> str:
    """Return the part that all panels' names share and `short_names` leaves out; empty if there is none."""
    parts = [name.split(", ") for name in panel_names(summary).values()]
    head, tail = _shared_parts(parts)
    return ", ".join([*parts[0][:head], *parts[0][len(parts[0]) - tail :]]) if parts else ""


def _shared_parts(parts: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Count the leading and trailing parts that all names share, keeping at least one part of each name."""
    if len(parts) < 2:
        return 0, 0
    shortest = min(map(len, parts)) - 1
    head = next((i for i in range(shortest) if len({part[i] for part in parts}) > 1), shortest)
    rest = shortest - head
    return head, next((i for i in range(rest) if len({part[-1 - i] for part in parts}) > 1), rest)


def clipped_words(panels: Sequence[BenchmarkSummary]) -> list[str]:
    """Say how many trials ended below a surrogate's reference value, in one sentence; empty if none did."""
    clipped = sum(algorithm.clipped for panel in panels for algorithm in panel.algorithms)
    text = f"{counted(clipped, 'trial')} ended below a surrogate's reference value (counted as regret 0)."
    return [text] if clipped else []


def trials_words(cells: Sequence[Cell], unit: str, most: int | None) -> str:
    """Say how many trials there are per curve or algorithm, and which cells lack some.

    Recorded entries are left out beside algorithms: their runs are counted elsewhere.

    Parameters
    ----------
    cells : sequence of Cell
    unit : str
        What has the stated number of trials, such as a curve.
    most : int or None
        The largest number of incomplete cells that are named. None for all.
    """
    cells = [cell for cell in cells if not cell.recorded] or cells
    partial = [
        f"{cell.label} on {cell.benchmark} {len(cell.trials)} of {len(cell.wanted)}" for cell in cells if cell.missing
    ]
    if most is not None and len(partial) > most:
        cells_with_fewer = counted(len(partial), "cell")
        partial[most:] = [f"and {len(partial) - most} more" if most else f"{cells_with_fewer} of {len(cells)}"]
    wanted = sorted({len(cell.wanted) for cell in cells})
    counts = f"{wanted[0]} to {wanted[-1]}" if len(wanted) > 3 else " or ".join(str(number) for number in wanted)
    stated = f"{counts} {'trial' if wanted == [1] else 'trials'} per {unit}"
    return f"{stated}, incomplete: {', '.join(partial)}" if partial else stated

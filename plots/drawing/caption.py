"""Captions: what a figure shows, the accounting rules, and the tests behind its claims.

The caption below a figure is short: what is drawn, over how many trials, and the tests. The full caption, for a
paper, adds the accounting rules and every definition.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from plots.drawing.precision import brief_resolution, panel_resolution, resolution_sentence
from plots.drawing.units import regret_unit, time_unit
from results.anytime.comparisons import cells_by_benchmark
from results.anytime.regret import AREA_POINTS
from results.storage.study import Cell, Study
from results.summaries.decision_words import decided_words, stopping_words
from results.summaries.pair_words import MOST_NAMED, beats_words, undecided_words, untested_words, versus
from results.summaries.types import BenchmarkSummary, PairSummary, Summary
from results.words import counted

MOST_PANELS = 9
"""With more panels than this, panels that share a text are counted instead of named."""

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
    return pairs_words(areas, benchmark.pairs)


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


@dataclass(frozen=True)
class Captions:
    """Writes the captions of a study's figures.

    Attributes
    ----------
    study : Study
    summary : Summary
        The summary of the study, with at least one benchmark. Its benchmarks are the panels.
    """

    study: Study
    summary: Summary

    def caption(
        self,
        lead: str,
        notes: Sequence[str] = (),
        details: Sequence[str] = (),
        tests: str | None = None,
        unit: str = "curve",
    ) -> Caption:
        """Write a caption.

        Parameters
        ----------
        lead : str
            A sentence that says what is drawn.
        notes, details : sequence of str
            Sentences for both captions, and for the full caption only.
        tests : str, optional
            The sentence that names the tests and what they show. Default: the tests of the area.
        unit : str
            What has the stated number of trials, such as a curve.
        """
        most, everything = (trials_words(self._cells(), unit, most) for most in (MOST_NAMED, None))
        basis = f"; data: {self.provenance()}; budget: {self.rules(budget_words, listed=True)}."
        tested = tests or self.area_tests()
        clipped = self.clipped()
        absent = [*self._left_out(), *self.summary.recorded]
        brief, explained = ([], []) if tests else (self.resolution(brief=True), self.resolution())
        short = [lead, most + basis, *absent, *notes, tested, *brief, *clipped]
        full = [
            lead,
            *details,
            f"Incumbent: {self.rules(incumbent_words)}; its true error may rise.",
            everything + basis,
            *absent,
            f"Protocol: {self.rules(protocol_words)}.",
            *notes,
            tested,
            *explained,
            f"The area is the mean of log10(max(regret, floor)) over {AREA_POINTS} log-spaced points from a hundredth"
            f" of the budget to the budget. The floor is {self.floors()}. Before the first completion, the regret is"
            f" that of the median architecture, {self.starts()}.",
            *clipped,
        ]
        return Caption(" ".join(short), " ".join(full))

    def words(self, text: Callable[[BenchmarkSummary], str], *, listed: bool = False) -> str:
        """Join the texts of all panels: once if they agree, otherwise each with the names of its panels.

        If `listed`, texts that all differ are listed in the order of the panels, without names.
        """
        names, panels = short_names(self.summary), dict[str, list[str]]()
        for panel in self.summary.benchmarks:
            panels.setdefault(text(panel), []).append(names[panel.benchmark])
        if len(panels) == 1:
            return next(iter(panels))
        many = len(names) > MOST_PANELS
        if listed and len(panels) == len(names) and not many:
            return f"{' / '.join(panels)}, by panel"
        return "; ".join(
            f"{f'{len(of)} of {len(names)} panels' if many and len(of) > 1 else ' / '.join(of)}: {text}"
            for text, of in panels.items()
        )

    def rules(self, text: Callable[[Mapping[str, Any]], str], *, listed: bool = False) -> str:
        """Join texts that follow from the panels' protocols, as `words` does."""
        cells = cells_by_benchmark(self.study)
        return self.words(lambda panel: text(common_protocol(cells[panel.benchmark])), listed=listed)

    def area_tests(self) -> str:
        """Name the tests of the area and what they show."""
        named = self.words(tests_words)
        return f"{self._unpaired(named)}: {self.words(leader_words)}."

    def tests_of(self, measure: str) -> str:
        """Name the tests of a measure."""
        return self._unpaired(TESTS.format(measure))

    def _unpaired(self, named: str) -> str:
        """Return the name of tests, which of recorded entries alone are not paired."""
        simulated = any(not cell.recorded for cell in self._cells())
        return named if simulated else named.replace("Paired", "Unpaired")

    def resolution(self, *, brief: bool = False, listed: bool = True) -> list[str]:
        """State the resolution of each panel in one sentence; empty if no pair was tested. `listed` as for `words`."""
        found = self.words(brief_resolution if brief else panel_resolution, listed=listed)
        return resolution_sentence(self.summary.benchmarks, found, brief=brief)

    def floors(self) -> str:
        """Write the noise floor of each panel, and where and why it is assumed."""
        panels = self.summary.benchmarks
        assumed = [panel for panel in panels if panel.floor_assumed]
        reasons = " and ".join(dict.fromkeys(panel.floor_reason for panel in assumed))
        where = "" if len(assumed) == len(panels) else f" for {len(assumed)} of {len(panels)} panels"
        return _quantities(panels, _floor) + (f"; assumed{where}, because {reasons}" if assumed else "")

    def starts(self) -> str:
        """Write the median architecture's regret in each panel."""
        return _quantities(self.summary.benchmarks, _start)

    def _cells(self) -> list[Cell]:
        groups = cells_by_benchmark(self.study)
        return [cell for panel in self.summary.benchmarks for cell in groups[panel.benchmark]]

    def _left_out(self) -> list[str]:
        by_reason: dict[str, list[str]] = {}
        for benchmark, reason in self.summary.left_out.items():
            by_reason.setdefault(reason, []).append(benchmark)
        return [f"Left out ({reason}): {named(of)}." for reason, of in by_reason.items()]

    def provenance(self) -> str:
        """Say for each panel whether its data are recorded, from a surrogate, or synthetic."""
        return self.words(lambda panel: panel.provenance)

    def zero(self) -> str:
        """Name the error at which regret is 0."""
        words = self.words(zero_words)
        same = len(set(map(zero_words, self.summary.benchmarks))) == 1
        return words if same else f"the lowest known error ({words})"

    def clipped(self) -> list[str]:
        """Return `clipped_words` of all panels."""
        return clipped_words(self.summary.benchmarks)


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
        partial[most:] = [f"and {len(partial) - most} more"]
    wanted = sorted({len(cell.wanted) for cell in cells})
    counts = f"{wanted[0]} to {wanted[-1]}" if len(wanted) > 3 else " or ".join(str(number) for number in wanted)
    stated = f"{counts} {'trial' if wanted == [1] else 'trials'} per {unit}"
    return f"{stated}, incomplete: {', '.join(partial)}" if partial else stated


def _quantities(panels: Sequence[BenchmarkSummary], text: Callable[[BenchmarkSummary, float], str]) -> str:
    """Join a quantity of all panels: once if all agree, otherwise panel by panel. A shared unit is written once."""
    units = [regret_unit(panel.unit) for panel in panels]
    numbers = [text(panel, factor) for panel, (factor, _) in zip(panels, units, strict=True)]
    names = [name for _, name in units]
    if len(set(names)) > 1:
        numbers = [f"{number} {name}" for number, name in zip(numbers, names, strict=True)]
    unit = f" {names[0]}" if len(set(names)) == 1 else ""
    if len(set(numbers)) == 1:
        return f"{numbers[0]}{unit}"
    return f"{' / '.join(numbers)}{unit}, by panel" if len(numbers) <= MOST_PANELS else "different in every panel"


def _start(panel: BenchmarkSummary, factor: float) -> str:
    return f"{max(panel.median - panel.optimum, 0.0) * factor:.3g}"


def _floor(panel: BenchmarkSummary, factor: float) -> str:
    return f"{panel.floor * factor:.2g}"

"""The captions of figures: one or two sentences below the figure, and all that a paper has to state in a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from plots.drawing.caption import (
    TESTS,
    Caption,
    budget_words,
    clipped_words,
    common_protocol,
    incumbent_words,
    leader_words,
    named,
    panel_names,
    protocol_words,
    short_names,
    tests_words,
    trials_words,
    zero_words,
)
from plots.drawing.precision import brief_resolution, panel_resolution, resolution_sentence
from plots.drawing.selection import View
from plots.drawing.units import regret_unit
from results.anytime.comparisons import cells_by_benchmark
from results.anytime.regret import AREA_POINTS
from results.storage.study import Cell, Study
from results.summaries.types import BenchmarkSummary, Summary

MOST_PANELS = 9
"""With more panels than this, panels that share a text are counted instead of named."""

Measure = Literal["area", "floor", "start", "incumbent"]
"""Terms that a full caption defines: the area under log regret, the noise floor, the regret of the median architecture,
and how the incumbent is chosen. The area includes the others."""


@dataclass(frozen=True)
class Captions:
    """Writes the captions of a study's figures.

    Attributes
    ----------
    study : Study
    summary : Summary
        The summary of the study, with at least one benchmark. Its benchmarks are the panels.
    hidden : str
        A sentence about algorithms that are compared and not shown; empty if all are shown.
    coloured : str
        Says which algorithms are highlighted; empty if all are.
    """

    study: Study
    summary: Summary
    hidden: str = ""
    coloured: str = ""

    @classmethod
    def of(cls, view: View, *, coloured: bool = True) -> Captions:
        """Return the writer for the shown part of a study, in which highlighted algorithms may be `coloured`."""
        shown, compared = len(view.styles), view.n_algorithms
        hidden = f"Shown: {shown} of {compared} algorithms; ranks and adjusted tests are those of all {compared}."
        return cls(
            view.study, view.summary, hidden if shown < compared else "", view.highlight_words if coloured else ""
        )

    def caption(
        self,
        lead: str,
        notes: Sequence[str] = (),
        details: Sequence[str] = (),
        tests: str | None = None,
        unit: str = "curve",
        defined: Sequence[Measure] = ("area",),
        brief: str = "",
        parts: str = "Panels",
    ) -> Caption:
        """Write a caption.

        Parameters
        ----------
        lead : str
            A sentence that says what is drawn: the first one of the caption in the picture. In it, ``{targets}`` stands
            for the true errors of the panels.
        notes, details : sequence of str
            Further sentences of the full caption.
        tests : str, optional
            The sentence that names the tests and what they show. Default: the tests of the area.
        unit : str
            What has the stated number of trials, such as a curve.
        defined : sequence of str
            The measures that the figure uses, which the full caption defines.
        brief : str
            What the picture says about marks in it, in a few words without a full stop.
        parts : str
            What the full caption calls the benchmarks that it begins with.
        """
        trials = trials_words(self._cells(), unit, None)
        tested = tests or self.area_tests()
        counts = trials_words(self._cells(), unit, 0)
        targets, few = self.words(lambda panel: panel.target), self._brief_targets()
        lead, brief_lead = lead.replace("{targets}", targets), lead.replace("{targets}", few)
        short = [brief_lead, "; ".join(part for part in (counts, self.coloured, brief) if part) + "."]
        full = [
            self._named_parts(parts),
            lead,
            *details,
            *([f"Incumbent: {self.rules(incumbent_words)}; its true error may rise."] if defined else []),
            f"{trials}; data: {self.provenance()}; budget: {self.rules(budget_words, listed=True)}.",
            *([self.hidden] if self.hidden else []),
            *([f"{self.coloured.capitalize()}."] if self.coloured else []),
            *self._left_out(),
            *self.summary.recorded,
            f"Protocol: {self.rules(protocol_words)}.",
            *notes,
            tested,
            *([] if tests else self.resolution()),
            *self._definitions(defined),
            *self.clipped(),
            *([] if tests else self._other_pairs()),
        ]
        return Caption(" ".join(short), " ".join(full))

    def _named_parts(self, noun: str) -> str:
        """Name the benchmarks. What all names begin with is written once."""
        names, short = panel_names(self.summary), short_names(self.summary)
        (_, whole), *others = names.items()
        ends = all(name.endswith(short[benchmark]) for benchmark, name in names.items())
        listed = [whole, *(short[benchmark] if ends else name for benchmark, name in others)]
        return f"{noun if others else noun.removesuffix('s')}: {'; '.join(listed)}."

    def _other_pairs(self) -> list[str]:
        """Say where the tests are that `area_tests` does not name; no sentence if it names all."""
        counts = [sum(a.area.value is not None for a in panel.algorithms) for panel in self.summary.benchmarks]
        return ["Other pairs: see `regretta summary`."] if max(counts) > 2 else []

    def _brief_targets(self) -> str:
        """Name the true error of the panels if it is one; more are named by the full caption."""
        targets = {panel.target for panel in self.summary.benchmarks}
        return targets.pop() if len(targets) == 1 else "by the first reported error of each benchmark"

    def _definitions(self, defined: Sequence[Measure]) -> list[str]:
        """Define the measures that a figure uses."""
        sentences = []
        if "area" in defined:
            sentences.append(
                f"The area is the mean of log10(max(regret, floor)) over {AREA_POINTS} log-spaced points from a"
                " hundredth of the budget to the budget."
            )
        if {"area", "floor"} & set(defined):
            sentences.append(f"The floor is {self.floors()}.")
        if "area" in defined:
            sentences.append(
                f"Before the first completion, the regret is that of the median architecture, {self.starts()}."
            )
        elif "start" in defined:
            sentences.append(f"The median architecture's regret is {self.starts()}.")
        return sentences

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

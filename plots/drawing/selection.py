"""Selection of a figure: its algorithms and benchmarks, their order, and which are highlighted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from plots.drawing.colours import COLOURS, LabelStyle, faded_styles, styles_of
from results.anytime.curves import Axis
from results.storage.records import ResultsError
from results.storage.study import Study
from results.summaries.summary import summarize
from results.summaries.types import BenchmarkSummary, Summary

MOST_COLOURED = len(COLOURS)
"""With more algorithms than this, only the highlighted ones have colour and band."""
N_LEADERS = 5
"""The number of algorithms that are highlighted by default if there are many, besides random search."""
BASE = "random_search"
"""The algorithm that is always highlighted by default."""
MOST_BENCHMARKS = 12
"""With more benchmarks than this, panels are small multiples in one unit."""

Order = Literal["experiment", "name", "area"]
"""The order of algorithms: of the experiment, alphabetical, or by area under log regret, the best first."""


@dataclass(frozen=True)
class Selection:
    """A request of what to show. Names are labels of algorithms and names of benchmarks, or shell patterns.

    Attributes
    ----------
    algorithms, benchmarks : sequence of str
        Empty for all.
    order : {"experiment", "name", "area"}, optional
        The order of algorithms. Default: that of the experiment; `end-regret` sorts by median.
    highlight : sequence of str
        Empty for all of up to eight algorithms, and else for the best five and random search; see `leaders`.
    experiment : sequence of str
        All labels of the experiment in their order, by which algorithms have their styles. Default: those of the study.
    """

    algorithms: Sequence[str] = ()
    benchmarks: Sequence[str] = ()
    order: Order | None = None
    highlight: Sequence[str] = ()
    experiment: Sequence[str] = ()


@dataclass(frozen=True)
class View:
    """The part of a study that a figure shows.

    All numbers are those of the whole study: ranks are among all of its algorithms, and tests are adjusted for all of
    its pairs.

    Attributes
    ----------
    study : Study
        With the cells that are shown.
    summary : Summary
        Of the study, without the algorithms, pairs and benchmarks that are not shown.
    styles : dict
        The style of every algorithm that is shown, in their order.
    n_algorithms : int
        The number of algorithms that are compared.
    order : {"experiment", "name", "area"} or None
        The requested order.
    highlight_words : str
        Says which algorithms are highlighted; empty if all are.
    """

    study: Study
    summary: Summary
    styles: dict[str, LabelStyle]
    n_algorithms: int
    order: Order | None = None
    highlight_words: str = ""

    @property
    def many(self) -> bool:
        """Whether the panels are small multiples in one unit."""
        return len(self.summary.benchmarks) > MOST_BENCHMARKS

    @property
    def crowded(self) -> bool:
        """Whether names stand at the ends of curves, because a legend would be too long."""
        return len(self.styles) > MOST_COLOURED

    @cached_property
    def missing(self) -> frozenset[str]:
        """The algorithms without any trial."""
        present = {found.label for panel in self.summary.benchmarks for found in panel.algorithms if found.trials}
        return frozenset(self.styles.keys() - present)

    @property
    def nothing(self) -> str:
        """Why there is nothing to show, if no benchmark is left."""
        if self.summary.missing:
            return self.summary.missing[0]
        return "; ".join(f"{benchmark}: {reason}" for benchmark, reason in self.summary.left_out.items())

    def rows(self, data: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of the algorithms and benchmarks that are shown."""
        kept = np.ones(len(data), dtype=bool)
        for column, shown in (("label", self.styles), ("benchmark", self._benchmarks)):
            if column in data:
                kept &= data[column].isin(list(shown)).to_numpy()
        return data if kept.all() else data[kept].reset_index(drop=True)

    @property
    def _benchmarks(self) -> list[str]:
        return [panel.benchmark for panel in self.summary.benchmarks]


def view(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    horizon: float | None = None,
    selection: Selection | None = None,
) -> View:
    """Select what a figure shows.

    Parameters
    ----------
    study, target, axis, horizon
        As for `results.summaries.summary.summarize`.
    selection : Selection, optional
        Default: everything.

    Raises
    ------
    ResultsError
        If a name matches nothing, too many algorithms are highlighted, or as `summarize`.
    """
    selection = selection or Selection()
    summary = summary_of(study, target, axis, horizon)
    styles = styles_of(selection.experiment or dict.fromkeys(cell.label for cell in study.cells))
    benchmarks = matching("benchmark", selection.benchmarks, dict.fromkeys(cell.benchmark for cell in study.cells))
    present = {cell.label for cell in study.cells}
    shown = [label for label in matching("algorithm", selection.algorithms, styles) if label in present]
    panels = [_of_algorithms(panel, shown) for panel in summary.benchmarks if panel.benchmark in benchmarks]
    chosen = replace(summary, benchmarks=panels)
    labels = ordered(shown, summary.benchmarks, study, selection.order)
    highlighted = matching("highlighted algorithm", selection.highlight, dict.fromkeys(shown))
    words = f"in colour: {len(highlighted)} of {len(shown)} algorithms" if selection.highlight else ""
    if not selection.highlight and len(shown) > MOST_COLOURED:
        highlighted = leaders(panels, study)
        words = f"in colour: the best {'five' if len(panels) == 1 else 'five on average'} by area, and random search"
    if len(highlighted) > MOST_COLOURED:
        raise ResultsError(
            f"expected at most {MOST_COLOURED} highlighted algorithms, because more colours cannot be told apart;"
            f" got {len(highlighted)}"
        )
    faded = faded_styles(styles, highlighted)
    cells = [cell for cell in study.cells if cell.benchmark in benchmarks and cell.label in shown]
    part = replace(study, cells=cells)
    return View(part, chosen, {label: faded[label] for label in labels}, len(present), selection.order, words)


def of_benchmarks(study: Study, wanted: Sequence[str]) -> Study:
    """Return the part of a study with the benchmarks that are wanted, as for `matching`."""
    part: Study = _shared(study, _of_benchmarks, tuple(wanted)) if wanted else study
    return part


def matching(kind: str, wanted: Sequence[str], known: Iterable[str]) -> list[str]:
    """Return the known names that are wanted, or that match a wanted shell pattern; all of them if none is wanted.

    Raises
    ------
    ResultsError
        If a name or pattern matches nothing.
    """
    names = list(known)
    found: set[str] = set()
    for pattern in wanted:
        matches = {name for name in names if name == pattern} or {name for name in names if fnmatchcase(name, pattern)}
        if not matches:
            near = get_close_matches(pattern, names, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(map(repr, names))}"
            raise ResultsError(
                f"expected the name of a known {kind} or a pattern that matches one, got {pattern!r}; {hint}"
            )
        found |= matches
    return [name for name in names if name in found] if wanted else names


def ordered(labels: Sequence[str], panels: Sequence[BenchmarkSummary], study: Study, order: Order | None) -> list[str]:
    """Return labels in an order. Those without an area come last.

    Raises
    ------
    ResultsError
        If the order is unknown.
    """
    if order not in (None, *get_args(Order)):
        raise ResultsError(f"expected an order out of {', '.join(get_args(Order))}, got {order!r}")
    if order == "name":
        return sorted(labels, key=lambda label: (label.casefold(), label))
    ranks = area_ranks(panels, study) if order == "area" else {}
    return sorted(labels, key=lambda label: ranks.get(label, np.inf))


def leaders(panels: Sequence[BenchmarkSummary], study: Study) -> list[str]:
    """Return the algorithms that are highlighted by default: the best five by area, and random search.

    Parameters
    ----------
    panels : sequence of BenchmarkSummary
        With the algorithms among which to choose.
    study : Study
    """
    labels = list(dict.fromkeys(found.label for panel in panels for found in panel.algorithms))
    ranks = area_ranks(panels, study)
    best = set(sorted(ranks, key=lambda label: ranks[label])[:N_LEADERS])
    base = next((cell.label for cell in study.cells if cell.algorithm == BASE and cell.label in labels), None)
    return [label for label in labels if label in best or label == base]


def area_ranks(panels: Sequence[BenchmarkSummary], study: Study) -> dict[str, float]:
    """Return the average rank of every algorithm by its mean area under log regret; 1 is the best.

    On every benchmark, the algorithms that have trials are ranked, and their ranks divided by their number. Ranks are
    averaged over the data sets of a search space first, then over spaces.
    """
    shares: dict[str, dict[str, list[float]]] = {}
    for panel in panels:
        areas = pd.Series({found.label: found.area.value for found in panel.algorithms}, dtype=np.float64).dropna()
        space = str(study.benchmarks[panel.benchmark]["space"])
        for label, rank in (areas.rank() / max(len(areas), 1)).items():
            shares.setdefault(str(label), {}).setdefault(space, []).append(float(rank))
    return {label: float(np.mean([np.mean(of) for of in spaces.values()])) for label, spaces in shares.items()}


def _of_algorithms(panel: BenchmarkSummary, shown: Sequence[str]) -> BenchmarkSummary:
    if all(found.label in shown for found in panel.algorithms):
        return panel
    algorithms = [found for found in panel.algorithms if found.label in shown]
    return replace(panel, algorithms=algorithms, pairs=[p for p in panel.pairs if p.a in shown and p.b in shown])


_KEPT: dict[tuple[Any, ...], tuple[Study, Any]] = {}
"""By identity of a study and what is asked of it: the study and the answer, within `shared_summaries` only."""
_sharing = False


@contextmanager
def shared_summaries() -> Iterator[None]:
    """Return a context in which all figures of a study share its summary. The study must not be changed in it."""
    global _sharing
    _sharing = True
    try:
        yield
    finally:
        _sharing = False
        _KEPT.clear()


def _shared(study: Study, compute: Callable[..., Any], *options: Any) -> Any:
    if not _sharing:
        return compute(study, *options)
    key = (id(study), compute, *options)
    if key not in _KEPT:
        _KEPT[key] = (study, compute(study, *options))  # the study is kept, so that its id is not given to another
    return _KEPT[key][1]


def summary_of(
    study: Study, target: str | None = None, axis: Axis | None = None, horizon: float | None = None
) -> Summary:
    """Return `results.summaries.summary.summarize`, computed once within `shared_summaries`."""
    summary: Summary = _shared(study, summarize, target, axis, horizon)
    return summary


def _of_benchmarks(study: Study, wanted: tuple[str, ...]) -> Study:
    chosen = matching("benchmark", wanted, dict.fromkeys(cell.benchmark for cell in study.cells))
    return replace(study, cells=[cell for cell in study.cells if cell.benchmark in chosen])


def spaces_of(summary: Summary, study: Study) -> Mapping[str, list[BenchmarkSummary]]:
    """Group benchmarks by search space, both in the order of the experiment."""
    groups: dict[str, list[BenchmarkSummary]] = {}
    for panel in summary.benchmarks:
        groups.setdefault(str(study.benchmarks[panel.benchmark]["space"]), []).append(panel)
    return groups

"""Sentences on precision: the resolution of the tests, and the coverage of the intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from results.statistics.bootstrap import Statistic, known_coverage
from results.summaries.resolution import NO_TESTS, resolution_words
from results.summaries.types import BenchmarkSummary

if TYPE_CHECKING:
    from plots.drawing.selection import View


def panel_resolution(panel: BenchmarkSummary) -> str:
    """Write the resolution of a benchmark, or why it is unknown."""
    absent = {algorithm.label for algorithm in panel.algorithms if not algorithm.trials}
    return resolution_words(panel.resolution, sum(not {pair.a, pair.b} & absent for pair in panel.pairs))


def brief_resolution(panel: BenchmarkSummary) -> str:
    """Write the resolution of a benchmark without the factor, or that it is unknown."""
    difference = panel.resolution.difference
    return "unknown" if difference is None else f"{difference:#.2g} dex"


def resolution_sentence(panels: Sequence[BenchmarkSummary], found: str, *, brief: bool = False) -> list[str]:
    """Return a sentence with the resolution of panels; empty if no pair of them was tested.

    Parameters
    ----------
    panels : sequence of BenchmarkSummary
    found : str
        Their resolutions in words.
    brief : bool
        Whether to leave out what a resolution is.
    """
    if all(panel.resolution.refusal == NO_TESTS for panel in panels):
        return []
    what = "" if brief else ", the smallest difference in area that tests of all pairs show four times in five"
    return [f"Resolution{what}: {found}."]


def coverage_words(panels: Sequence[BenchmarkSummary], statistic: Statistic | None = None) -> list[str]:
    """Say in one sentence that intervals are known to be too narrow for the number of trials; empty if they are not.

    Parameters
    ----------
    panels : sequence of BenchmarkSummary
    statistic : {"mean", "median", "iqm"}, optional
        The statistic of the intervals. Default: that of each panel.
    """
    found = {
        algorithm.trials: coverage
        for panel in panels
        for algorithm in panel.algorithms
        if algorithm.trials > 1 and (coverage := known_coverage(statistic or panel.statistic, algorithm.trials))
    }
    if not found:
        return []
    trials = min(found)
    share = f"{100 * found[trials]:.0f} %"
    return [f"Intervals from {trials} trials are known to contain the truth in as few as {share} of cases, not 95 %."]


def bands_words(view: View, unit: str = "bootstrap bands") -> str:
    """Say that there are bands, as the end of a sentence; empty if no shown algorithm has two trials."""
    most = max((found.trials for panel in view.summary.benchmarks for found in panel.algorithms), default=0)
    return f" with 95 % {unit}" if most > 1 else ""


def many_words(view: View) -> list[str]:
    """Say what small multiples and the panel above them show; empty if there are few benchmarks."""
    if not view.many:
        return []
    return [
        "Regret is divided by that of the median architecture of the benchmark, and time by the horizon, so that all"
        " panels have the same axes.",
        "The panel above is the average over the benchmarks on which all algorithms have trials: over the data sets of"
        " a search space first, because they are not independent, then over spaces. It has no bands.",
    ]

"""Selection of what fits on a page: the best algorithms of each benchmark."""

from __future__ import annotations

import numpy as np

from plots.drawing.caption import named
from results.summaries.types import BenchmarkSummary, Summary


def shown_labels(summary: Summary, most: int) -> dict[str, list[str]]:
    """Return the algorithms to show on each benchmark, in the order of the experiment.

    All of those that have trials are shown if they fit on a page. Else the same number is shown on every benchmark,
    those with the lowest mean area; and if there are too many benchmarks for that, the first ones are shown.

    Parameters
    ----------
    summary : Summary
    most : int
        Number of panels that fit.
    """
    with_trials = {panel.benchmark: [a.label for a in panel.algorithms if a.trials] for panel in summary.benchmarks}
    if sum(map(len, with_trials.values())) <= most:
        return {benchmark: labels for benchmark, labels in with_trials.items() if labels}
    each = max(most // len(with_trials), 1)
    chosen = {panel.benchmark: _best(panel, each) for panel in summary.benchmarks[:most]}
    return {benchmark: labels for benchmark, labels in chosen.items() if labels}


def _best(panel: BenchmarkSummary, n: int) -> list[str]:
    areas = {a.label: np.inf if a.area.value is None else a.area.value for a in panel.algorithms if a.trials}
    best = sorted(areas, key=lambda label: areas[label])[:n]
    return [label for label in areas if label in best]


def shown_words(summary: Summary, shown: dict[str, list[str]]) -> list[str]:
    """Say in at most two sentences which algorithms and benchmarks `shown_labels` left out."""
    sentences = []
    each = max(map(len, shown.values()), default=0)
    if any(len(shown.get(p.benchmark, [])) < sum(a.trials > 0 for a in p.algorithms) for p in summary.benchmarks):
        which = "algorithm" if each == 1 else f"{each} algorithms"
        sentences.append(f"Only the {which} with the lowest mean area on each benchmark {_are(each)} shown.")
    if missing := [panel.benchmark for panel in summary.benchmarks if panel.benchmark not in shown]:
        sentences.append(f"Not shown, for lack of room or trials: {named(missing)}.")
    return sentences


def _are(number: int) -> str:
    return "is" if number == 1 else "are"

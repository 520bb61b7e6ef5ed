"""The algorithm with which the others of a benchmark are compared, and differences from the view of one algorithm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from results.summaries.types import BenchmarkSummary, PairSummary


def best_label(panel: BenchmarkSummary, areas: Mapping[str, float]) -> str | None:
    """Return the algorithm with which the others are compared; None without any trial.

    It beats all others. If none does, it has the lowest mean area among those that are not beaten, or among all.
    """
    if not areas:
        return None
    wins = {label: sum(pair.winner == label for pair in panel.pairs) for label in areas}
    beaten = {pair.loser for pair in panel.pairs}
    return min(areas, key=lambda label: (wins[label] < len(areas) - 1, label in beaten, areas[label]))


def difference(pair: PairSummary, label: str) -> float | None:
    """Return the difference in area of a pair from the view of one of its labels [dex], negative if it is better."""
    value = pair.decision.mean_difference if pair.decision else pair.median_difference
    return None if value is None else (value if pair.a == label else -value) + 0.0

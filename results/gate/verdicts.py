"""The records of a check: verdicts on cells and algorithms, the sizes of effects, and the whole report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from results.gate.queries import Asked
from results.statistics.bootstrap import ALPHA
from results.statistics.paired import MINIMUM_PAIRS

MARGIN = 0.05
"""Smaller median differences of the area under log regret get no verdict [dex]."""
SEVERAL = 3
"""Number of algorithms whose results all changed from which their shared code is suspected."""

IN_COMMON = "the traces of the trials that both sides have are identical"
"""The reason of the verdict "same" if one side has more trials."""

Verdict = Literal["same", "improved", "regressed", "inconclusive", "changed", "missing", "not comparable", "not tested"]


@dataclass(frozen=True)
class Effect:
    """How much worse the new results are.

    Attributes
    ----------
    n : int
        The number of pairs of trials.
    median, low, high : float
        Median of the differences new - old of the area under log regret, and its 95 % interval from order statistics
        [dex]; above 0 is worse.
    p_worse, p_better : float
        One-sided, corrected by Holm's method; NaN with fewer than 8 pairs.
    detectable : float
        The minimum detectable effect: the smallest shift that would be called a regression with a probability of 0.8
        [dex].
    correlation : float
        Correlation of the paired areas; NaN if one side is constant.
    significance : float
        The probability of a false alarm that is accepted for the whole gate. Each family of tests gets half of it.
    """

    n: int
    median: float
    low: float
    high: float
    p_worse: float
    p_better: float
    detectable: float
    correlation: float
    significance: float

    @property
    def verdict(self) -> Verdict:
        """Regressed or improved if a test at half of `significance` says so and the median exceeds ``MARGIN``.

        With too few pairs nothing is tested, and nothing is known.
        """
        if self.n < MINIMUM_PAIRS:
            return "not tested"
        if self.p_worse <= self.significance / 2 and self.median > MARGIN:
            return "regressed"
        if self.p_better <= self.significance / 2 and self.median < -MARGIN:
            return "improved"
        return "same" if self.low >= -MARGIN and self.high <= MARGIN else "inconclusive"


@dataclass(frozen=True)
class Difference:
    """The first difference between two traces.

    Attributes
    ----------
    trial, evaluation : int
        Both are counted from 0.
    old, new : Asked or None
        What was asked for; None if it is not known, or nothing was asked any more.
    """

    trial: int
    evaluation: int
    old: Asked | None
    new: Asked | None


@dataclass(frozen=True)
class CellVerdict:
    """The verdict on a cell, the level that decided it, and the reason.

    Attributes
    ----------
    label, benchmark : str
    verdict : str
    level : {1, 2} or None
    detail : str
        A sentence, and up to three lines of what it is about: queries, hyperparameters or an error.
    effect : Effect or None
        At level 2.
    difference : Difference or None
        If an unintended change altered a query.
    """

    label: str
    benchmark: str
    verdict: Verdict
    level: Literal[1, 2] | None
    detail: str
    effect: Effect | None = None
    difference: Difference | None = None


@dataclass(frozen=True)
class AlgorithmVerdict:
    """The verdict of level 2 on an algorithm, over all its cells."""

    label: str
    verdict: Verdict
    effect: Effect


@dataclass(frozen=True)
class GateReport:
    """The verdicts of a check.

    Attributes
    ----------
    name : str
        The name of the experiment.
    cells : list of CellVerdict
    algorithms : list of AlgorithmVerdict
        The algorithms that reached level 2.
    warnings : list of str
    significance : float
        The probability of a false alarm that level 2 accepts.
    """

    name: str
    cells: list[CellVerdict]
    algorithms: list[AlgorithmVerdict]
    warnings: list[str]
    significance: float = ALPHA

    @property
    def shared(self) -> tuple[str, ...]:
        """The algorithms with a change in every cell, if there are at least three: code that they share was changed."""
        changed: dict[str, set[bool]] = {}
        for cell in self.cells:
            if cell.verdict not in ("missing", "not comparable"):
                changed.setdefault(cell.label, set()).add(cell.verdict == "changed")
        whole = tuple(label for label, found in changed.items() if found == {True})
        return whole if len(whole) >= SEVERAL else ()

    @property
    def outcome(self) -> Literal["regression", "missing", "not tested", "not comparable", "fine"]:
        """The worst verdict. A cell that was not tested is never fine, whatever the test of its algorithm says."""
        found = {cell.verdict for cell in self.cells} | {algorithm.verdict for algorithm in self.algorithms}
        if found & {"regressed", "changed"}:
            return "regression"
        if "missing" in found:
            return "missing"
        if "not tested" in found:
            return "not tested"
        return "not comparable" if "not comparable" in found or not self.cells else "fine"

"""The gate: check whether a change altered an algorithm's results.

Level 1 compares traces: a difference without a new version of the algorithm is an unintended change. Level 2 tests
the quality of the results of algorithms whose version was raised: a paired one-sided Wilcoxon signed-rank test of the
area under log regret in each cell, and one over all cells of an algorithm. Half of ``ALPHA`` goes to the cells and half
to the algorithms, each corrected by Holm's method. In addition, the median difference must exceed ``MARGIN``.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import stats

from results.gate.queries import Asked, unpacked
from results.gate.snapshots import CellSnapshot, Snapshot, TrialSnapshot
from results.statistics.bootstrap import ALPHA, Floats
from results.statistics.paired import MINIMUM_PAIRS, holm, median_interval
from results.words import counted

MARGIN = 0.05
"""Smaller median differences of the area under log regret get no verdict [dex]."""
POWER = 0.8
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


def check(new: Snapshot, baseline: Snapshot, significance: float = ALPHA) -> GateReport:
    """Compare new results with a baseline.

    Every cell of either side gets a verdict. A cell that only one side has is not comparable.

    Parameters
    ----------
    new, baseline : Snapshot
    significance : float
        The probability of a false alarm that level 2 accepts.
    """
    cells, pairs, warnings = [], [], []
    stable = new.fingerprint == baseline.fingerprint
    if not stable:
        differing = [
            f"{key} {baseline.fingerprint.get(key)} -> {new.fingerprint.get(key)}"
            for key in sorted(baseline.fingerprint.keys() | new.fingerprint.keys())
            if baseline.fingerprint.get(key) != new.fingerprint.get(key)
        ]
        warnings.append(
            f"another fingerprint ({', '.join(differing)}): algorithms that are not bitwise stable may differ in the"
            " last bits, so level 2 decides for them"
        )
    there = {(cell.label, cell.benchmark): cell for cell in new.cells}
    for old in baseline.cells:
        now = there.pop((old.label, old.benchmark), None)
        if now is None:
            cells.append(_verdict(old, "not comparable", None, "the results have no such cell"))
        elif early := _first_level(now, old, stable):
            cells.append(early)
        else:
            pairs.append((now, old))
    cells += [_verdict(cell, "not comparable", None, "the baseline has no such cell") for cell in there.values()]
    judged, algorithms = second_level(pairs, significance)
    return GateReport(new.name, cells + judged, algorithms, warnings, significance)


def compare(new: Snapshot, old: Snapshot) -> GateReport:
    """Compare the quality of two results, whatever their seeds and versions.

    Cells with identical traces get the verdict "same".
    """
    cells, pairs = [], []
    there = {(cell.label, cell.benchmark): cell for cell in new.cells}
    for its in old.cells:
        mine = there.get((its.label, its.benchmark))
        if mine is None:
            cells.append(_verdict(its, "not comparable", None, "only the old results have this cell"))
        elif why := incomparable(mine, its, seeds=False):
            cells.append(_verdict(its, "not comparable", None, why))
        elif (same := _same_traces(mine, its)) is not None:
            cells.append(_verdict(its, "same", 1, same))
        elif not paired_areas(mine, its).size:
            cells.append(_verdict(its, "not comparable", None, "the two sides have no trial in common"))
        else:
            pairs.append((mine, its))
    judged, algorithms = second_level(pairs)
    return GateReport(new.name, cells + judged, algorithms, [])


def _same_traces(mine: CellSnapshot, its: CellSnapshot) -> str | None:
    """Return that the traces of all trials that both sides have are identical, or None if they are not."""
    sides = [{trial.trial: trial.outcomes for trial in cell.trials} for cell in (mine, its)]
    common = sides[0].keys() & sides[1].keys()
    if any(sides[0][trial] != sides[1][trial] for trial in common) or (not common and any(sides)):
        return None
    return "all traces are identical" if sides[0].keys() == sides[1].keys() else IN_COMMON


def _verdict(cell: CellSnapshot, verdict: Verdict, level: Literal[1, 2] | None, detail: str) -> CellVerdict:
    return CellVerdict(cell.label, cell.benchmark, verdict, level, detail)


def _first_level(now: CellSnapshot, old: CellSnapshot, stable: bool) -> CellVerdict | None:
    """Return the verdict of level 1, or None if level 2 decides."""
    if why := incomparable(now, old, seeds=True) or ("" if old.trials else "the baseline has no trials of this cell"):
        return _verdict(now, "not comparable", None, why)
    new = {trial.trial: trial for trial in now.trials}
    if absent := _absent(now, old):
        return _verdict(now, "missing", None, absent)
    differing = [
        (new[trial.trial], trial)
        for trial in old.trials
        if (trial.decisions, trial.outcomes) != (new[trial.trial].decisions, new[trial.trial].outcomes)
    ]
    if not differing:
        return _verdict(now, "same", 1, f"all {len(old.trials)} traces are identical")
    lowered = now.version < old.version
    if now.version > old.version or not (lowered or stable or now.bitwise_stable):
        return None
    return _changed(now, old, differing)


def _absent(now: CellSnapshot, old: CellSnapshot) -> str:
    """Return which trials have no result, and the first error; empty if none is missing."""
    frozen, asked = {trial.trial for trial in old.trials}, {trial.trial for trial in now.trials} | set(now.missing)
    reasons = []
    if now.missing:
        number = f"{counted(len(now.missing), 'trial')} failed or {'is' if len(now.missing) == 1 else 'are'} missing"
        reasons.append(f"{number}, the first is {now.missing[0]}")
    if frozen - asked:
        reasons.append(
            f"the baseline has {_span(frozen)}, the experiment asks for {_span(asked)}: ask for the trials of the"
            " baseline or, if fewer are intended, make the baseline again: regretta baseline update"
        )
    return "; ".join(reasons) + (f"\n{now.failure}" if now.failure else "")


def _span(trials: AbstractSet[int]) -> str:
    """Return numbers of trials as text, such as ``trials 0 to 29``. If some between are left out, count them."""
    if len(trials) < 2:
        return f"trial {min(trials)}" if trials else "none"
    low, high = min(trials), max(trials)
    return f"trials {low} to {high}" if high - low < len(trials) else f"{len(trials):,} trials from {low} to {high}"


def _changed(
    now: CellSnapshot, old: CellSnapshot, differing: Sequence[tuple[TrialSnapshot, TrialSnapshot]]
) -> CellVerdict:
    """Return the verdict on an unintended change, given the pairs of trials that differ, new and old."""
    mine, its = differing[0]
    evaluation = mine.first_difference(its)
    part = "query" if mine.decisions != its.decisions else "result (time, repeat or observed error)"
    detail = (
        f"unintended change: {len(differing)} of {len(old.trials)} traces differ; the first difference is in"
        f" trial {its.trial}: the {part} of evaluation {evaluation + 1} of {max(mine.length, its.length)}"
    )
    changed = {
        name: (old.parameters.get(name), now.parameters.get(name))
        for name in old.parameters.keys() | now.parameters.keys()
        if old.parameters.get(name) != now.parameters.get(name)
    }
    if now.version < old.version:
        detail += (
            f"; the version was lowered, {old.version} -> {now.version}: give a change a version above {old.version},"
            " or check with the baseline of the older code"
        )
    if changed:
        detail += "\nhyperparameters: " + ", ".join(f"{k} {a!r} -> {b!r}" for k, (a, b) in sorted(changed.items()))
    old_query, new_query = (_asked(cell, its.trial, evaluation) for cell in (old, now))
    difference = Difference(its.trial, evaluation, old_query, new_query) if old_query != new_query else None
    return replace(_verdict(now, "changed", 1, detail), difference=difference)


def _asked(cell: CellSnapshot, trial: int, evaluation: int) -> Asked | None:
    """Return a query of a trial; None if the trial has no such evaluation, or the cell's queries were not kept."""
    asked = unpacked(cell.queries).get(trial, []) if cell.queries else []
    return asked[evaluation] if evaluation < len(asked) else None


def incomparable(now: CellSnapshot, old: CellSnapshot, *, seeds: bool) -> str:
    """Return why two cells cannot be compared; empty if they can."""
    aspects = (
        "algorithm",
        "data_hash",
        "protocol",
        "target",
        "axis",
        "horizon",
        "floor",
        *(("seed",) if seeds else ()),
    )
    for aspect in aspects:
        mine, its = getattr(now, aspect), getattr(old, aspect)
        if mine != its:
            if isinstance(mine, dict):
                differing = sorted(key for key in mine.keys() | its.keys() if mine.get(key) != its.get(key))
                return f"another {aspect}: " + ", ".join(f"{k} {its.get(k)} -> {mine.get(k)}" for k in differing)
            return f"another {aspect.replace('_', ' ')}: {its} -> {mine}"
    return ""


def second_level(
    pairs: Sequence[tuple[CellSnapshot, CellSnapshot]], significance: float = ALPHA
) -> tuple[list[CellVerdict], list[AlgorithmVerdict]]:
    """Judge pairs of cells, new and old, by the quality of their results: each cell, and each algorithm over its cells.

    Trials are paired by their number.
    """
    areas = [paired_areas(now, old) for now, old in pairs]
    effects = _effects(areas, significance)
    cells = [
        CellVerdict(now.label, now.benchmark, effect.verdict, 2, _versions(now, old, effect), effect)
        for (now, old), effect in zip(pairs, effects, strict=True)
    ]
    labels = list(dict.fromkeys(now.label for now, _ in pairs))
    pooled = [
        np.concatenate([area for (now, _), area in zip(pairs, areas, strict=True) if now.label == label], axis=1)
        for label in labels
    ]
    judged = zip(labels, _effects(pooled, significance), strict=True)
    return cells, [AlgorithmVerdict(label, effect.verdict, effect) for label, effect in judged]


def _versions(now: CellSnapshot, old: CellSnapshot, effect: Effect) -> str:
    version = f"version {old.version} -> {now.version}" if old.version != now.version else f"version {now.version}"
    return (
        version
        if effect.n >= MINIMUM_PAIRS
        else f"{version}; not tested: {counted(effect.n, 'pair')} of trials, at least {MINIMUM_PAIRS} are needed"
    )


def paired_areas(now: CellSnapshot, old: CellSnapshot) -> Floats:
    """Return the areas under log regret of the common trials, ``(2, n)``, the new ones first [dex]."""
    mine, its = ({trial.trial: trial.area for trial in cell.trials} for cell in (now, old))
    common = sorted(mine.keys() & its.keys())
    return np.array([[side[trial] for trial in common] for side in (mine, its)], dtype=np.float64).reshape(2, -1)


def _effects(areas: Sequence[Floats], significance: float) -> list[Effect]:
    """Return one effect per family member, with p-values corrected over the family."""
    tested = [at for at, area in enumerate(areas) if area.shape[1] >= MINIMUM_PAIRS]
    p_values = np.full((len(areas), 2), np.nan)
    for side, sign in enumerate((1, -1)):
        p_values[tested, side] = holm([_p_worse(sign * (areas[at][0] - areas[at][1])) for at in tested])
    return [
        _effect(area, worse, better, significance, max(1, len(tested)))
        for area, (worse, better) in zip(areas, p_values.tolist(), strict=True)
    ]


def _p_worse(differences: Floats) -> float:
    if not differences.any():
        return 1.0
    return float(stats.wilcoxon(differences, zero_method="zsplit", alternative="greater").pvalue)


def _effect(areas: Floats, p_worse: float, p_better: float, significance: float, n_tests: int) -> Effect:
    n = areas.shape[1]
    if n < MINIMUM_PAIRS:
        median = float(np.median(areas[0] - areas[1])) if n else float("nan")
        unknown = float("nan")
        return Effect(n, median, unknown, unknown, unknown, unknown, unknown, unknown, significance)
    differences = areas[0] - areas[1]
    correlation = (
        float(stats.pearsonr(areas[0], areas[1]).statistic) if np.all(np.ptp(areas, axis=1) > 0) else float("nan")
    )
    low, high = median_interval(differences)
    return Effect(
        n, float(np.median(differences)), low, high, p_worse, p_better,
        smallest_detectable(differences, significance / 2 / n_tests), correlation, significance,
    )  # fmt: skip


def smallest_detectable(differences: Floats, level: float, power: float = POWER, n_resamples: int = 200) -> float:
    """Estimate the minimum detectable effect: the smallest shift that is called a regression with a given probability.

    The differences, moved to median zero, are resampled. A shift is detected in a resample if the one-sided Wilcoxon
    test rejects at `level` and the median exceeds ``MARGIN``. The shift is found by bisection to 0.005 dex.

    Parameters
    ----------
    differences : (n,) array
        [dex]
    level : float
        The level of the test: Bonferroni's share, which is conservative for Holm's method.
    power : float
    n_resamples : int

    Returns
    -------
    float
        In dex; infinite above 4 dex.
    """
    rng = np.random.default_rng(0)
    centred = differences - np.median(differences)
    samples = centred[rng.integers(len(centred), size=(n_resamples, len(centred)))]

    def detected(shift: float) -> bool:
        moved = samples + shift
        p = stats.wilcoxon(moved, zero_method="zsplit", alternative="greater", axis=1, method="approx").pvalue
        return bool(np.mean((p <= level) & (np.median(moved, axis=1) > MARGIN)) >= power)

    low, high = MARGIN, 4.0
    if not detected(high):
        return float("inf")
    while high - low > 0.005:
        middle = (low + high) / 2
        low, high = (low, middle) if detected(middle) else (middle, high)
    return high

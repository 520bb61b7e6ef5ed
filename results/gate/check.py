"""The gate: check whether a change altered an algorithm's results.

Level 1 compares traces: a difference without a new version of the algorithm is an unintended change. Level 2 tests
the quality of the results of algorithms whose version was raised: a paired one-sided Wilcoxon signed-rank test of the
area under log regret in each cell, and one over all cells of an algorithm. Half of ``ALPHA`` goes to the cells and half
to the algorithms, each corrected by Holm's method. In addition, the median difference must exceed ``MARGIN``.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Literal

from results.gate.quality import paired_areas, second_level
from results.gate.queries import Asked, unpacked
from results.gate.snapshots import CellSnapshot, Snapshot, TrialSnapshot
from results.gate.verdicts import IN_COMMON, CellVerdict, Difference, GateReport, Verdict
from results.statistics.bootstrap import ALPHA
from results.words import counted


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

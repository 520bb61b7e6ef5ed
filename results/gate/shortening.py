"""Compare two results with different budgets of one kind by the shorter budget.

An algorithm does not know its budget, so that the trace with the longer budget begins with that of the shorter one.
What a trial would have been with the shorter budget follows from its rows. The gate itself never shortens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from results.anytime.curves import default_axis
from results.gate.check import incomparable
from results.gate.snapshots import CellSnapshot, Snapshot, open_snapshot, take_snapshot
from results.words import counted

Key = tuple[str, str]
"""The label of an algorithm, and a benchmark."""
Budgets = Mapping[Key, Mapping[str, float]]


def open_alike(old: Path, new: Path) -> tuple[Snapshot, Snapshot, list[str]]:
    """Open two results folders or baselines, with the budgets of their common cells shortened to the shorter one.

    Parameters
    ----------
    old, new : Path

    Returns
    -------
    old, new : Snapshot
    notes : list of str
        What was shortened, and what could not be.

    Raises
    ------
    ResultsError
        As `results.gate.snapshots.open_snapshot`.
    """
    sides = {old: open_snapshot(old), new: open_snapshot(new)}
    notes = []
    for place, other in ((old, new), (new, old)):
        budgets, why = _shorter_budgets(sides[place], sides[other])
        if budgets and not place.is_dir():
            notes.append(
                f"{place} has {_cells(budgets)} with a longer budget. A baseline does not hold the curves by which they"
                " could be compared; give the results folder that it was made of"
            )
        elif budgets:
            sides[place] = take_snapshot(place, budgets)
            notes.append(f"Compared by the shorter budget: {_cells(budgets)} of {place} up to {_words(budgets)}")
        notes += [f"Not shortened: {_cells(keys)} of {place}: {reason}" for reason, keys in why.items()]
    return sides[old], sides[new], notes


def _shorter_budgets(mine: Snapshot, its: Snapshot) -> tuple[Budgets, dict[str, list[Key]]]:
    """Return the cells of one side that have a longer budget than the other, and those that cannot be shortened."""
    others = {(cell.label, cell.benchmark): cell for cell in its.cells}
    budgets: dict[Key, Mapping[str, float]] = {}
    refused: dict[str, list[Key]] = {}
    for cell in mine.cells:
        key = (cell.label, cell.benchmark)
        other = others.get(key)
        if other is None or not _is_longer(cell, other):
            continue
        counts_late = cell.axis == "evaluations" or cell.protocol["overshoot"] == "keep"
        if counts_late and cell.protocol["workers"] > 1:
            reason = "with several workers, what the shorter budget leaves out can end before what counts"
            refused.setdefault(reason, []).append(key)
        else:
            budgets[key] = other.protocol["budget"]
    return budgets, refused


def _is_longer(cell: CellSnapshot, other: CellSnapshot) -> bool:
    """Return whether two cells differ in nothing but the budget, and the first has the longer one."""
    if cell.axis != other.axis or cell.axis != default_axis(cell.protocol) or cell.axis != default_axis(other.protocol):
        return False
    protocol = {**cell.protocol, "budget": other.protocol["budget"]}
    alike = cell.model_copy(update={"protocol": protocol, "horizon": other.horizon})
    return cell.horizon > other.horizon and not incomparable(alike, other, seeds=False)


def _cells(keys: Iterable[Key]) -> str:
    return counted(len(list(keys)), "cell")


def _words(budgets: Budgets) -> str:
    """Return the different budgets in words."""
    words = [f"{value:,g} {kind}" for budget in budgets.values() for kind, value in budget.items()]
    return ", ".join(dict.fromkeys(words))

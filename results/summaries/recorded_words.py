"""Sentences about recorded entries: which time is theirs, what it does not include, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from results.storage.study import Cell, Study
from results.summaries.pair_words import MOST_NAMED
from results.words import counted


def recorded_words(study: Study, shown: Sequence[Sequence[Cell]]) -> list[str]:
    """Say what a reader has to know of the recorded entries of a study.

    Parameters
    ----------
    study : Study
    shown : sequence of sequence of Cell
        The cells that are shown, by benchmark.

    Returns
    -------
    list of str
        Sentences for captions. Empty without recorded entries.
    """
    sentences = []
    cells = [cell for group in shown for cell in group if cell.recorded]
    everything = [cell for cell in study.cells if cell.recorded]
    if cells:
        sentences = [_time_sentence(cells, any(not cell.recorded for group in shown for cell in group))]
        sentences += _cost_sentence(cells)
        if any(len(group) > 1 for group in shown):
            sentences.append("Tests with recorded searches are unpaired and need 8 runs of each.")
        if skipped := sum(cell.recorded["skipped"] for cell in cells if cell.recorded):
            sentences.append(f"Left out of the recorded searches: {counted(skipped, 'invalid part')} of their files.")
    hidden = dict.fromkeys([*study.left_out, *(cell.label for cell in everything if not _is_in(cell, cells))])
    if hidden:
        sentences.append(
            "Recorded searches are left out here, because an epoch of a search is not a training and their runs are not"
            f" paired with trials: {_names(hidden)}."
        )
    return sentences


def _is_in(cell: Cell, cells: Iterable[Cell]) -> bool:
    return any(cell is other for other in cells)


def _names(labels: Iterable[str]) -> str:
    given = list(dict.fromkeys(labels))
    more = f" and {len(given) - MOST_NAMED} more" if len(given) > MOST_NAMED else ""
    return ", ".join(given[:MOST_NAMED]) + more


def _time_sentence(cells: Sequence[Cell], raced: bool) -> str:
    runs = sorted({len(cell.wanted) for cell in cells})
    number = counted(runs[0], "run") if len(runs) == 1 else f"{runs[0]} to {runs[-1]} runs"
    intro = f"Recorded searches with shared weights ({number} each): {_names(cell.label for cell in cells)}."
    if all("seconds" not in cell.protocol["budget"] for cell in cells):
        return f"{intro} Their incumbent is the last choice. Choices are counted, because not all times are known."
    stated = any("seconds_per_epoch" in cell.parameters for cell in cells)
    how = ", partly with a stated time per epoch" if stated else ""
    theirs = "" if not raced else "; that of the other algorithms is the training time of each network"
    return f"{intro} Their incumbent is the last choice and their time is that of the search{how}{theirs}."


def _cost_sentence(cells: Sequence[Cell]) -> list[str]:
    """Give the cost of the searches in trainings, where both times are known."""
    costs = [found for cell in cells if (found := search_cost(cell)) is not None]
    cost = ""
    if costs:
        low, high = f"{min(costs):.1f}", f"{max(costs):.1f}"
        cost = f"A search takes as long as {low if low == high else f'{low} to {high}'} trainings of one network. "
    return [f"{cost}The final training of {'its' if costs else 'the'} choice is not charged."]


def search_cost(cell: Cell) -> float | None:
    """Return the mean time of a recorded cell's runs in trainings of one network; None if it is not known."""
    seconds = (cell.recorded or {}).get("training_seconds")
    ends = cell.evaluations.groupby("trial")["end"].max()
    if not seconds or not len(ends) or not np.any(ends > 0):
        return None
    return float(ends.mean()) / float(seconds)

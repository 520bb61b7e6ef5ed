"""Tell how long a run will still take, from the trials that it has finished."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from results.words import counted, duration


class Taken(NamedTuple):
    """How many trials of a cell were finished or failed, and the real time that they took together [s]."""

    trials: int
    seconds: float


NOTHING = Taken(0, 0.0)


def time_left(
    planned: Mapping[str, int], taken: Mapping[str, Taken], algorithms: Mapping[str, str], idle: float, processes: int
) -> str:
    """Return how long the planned trials will still take, in words; empty if none is left.

    A cell without finished trials is taken to be as slow as the other cells of its algorithm.

    Parameters
    ----------
    planned : mapping
        Number of trials of the run by cell.
    taken : mapping
        What they took so far, by cell.
    algorithms : mapping
        The algorithm of each cell.
    idle : float
        Time since a trial ended, or since the run began [s]. The trials that are running take longer.
    processes : int
        Number of worker processes.
    """
    left = {cell: count - taken.get(cell, NOTHING).trials for cell, count in planned.items()}
    left = {cell: count for cell, count in left.items() if count > 0}
    if not left:
        return ""
    rates = {cell: one.seconds / one.trials for cell, one in taken.items() if one.trials}
    by_algorithm: dict[str, list[float]] = {}
    for cell, rate in rates.items():
        by_algorithm.setdefault(algorithms[cell], []).append(rate)
    seconds, unknown = 0.0, set[str]()
    for cell, count in left.items():
        known = by_algorithm.get(algorithms[cell])
        if known is None:
            unknown.add(algorithms[cell])
        else:
            seconds += count * rates.get(cell, sum(known) / len(known))
    if not seconds:
        rounds = math.ceil(sum(left.values()) / processes)
        return f"at least {duration(rounds * idle)} left"
    rest = f", without {counted(len(unknown), 'algorithm')} not begun" if unknown else ""
    return f"about {duration(seconds / processes)} left{rest}"

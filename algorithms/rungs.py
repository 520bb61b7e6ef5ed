"""Rungs and bracket sizes of successive halving, Hyperband, ASHA and BOHB."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log

Rung = tuple[int, float]
"""Number of networks at a rung, and its fidelity [epochs]."""

_ROUNDING = 1e-9


def ladder(minimum: float, maximum: float, eta: float) -> tuple[float, ...]:
    """Geometric fidelities down from the maximum, ascending, as HpBandSter has them.

    Examples
    --------
    >>> ladder(4, 108, 3)
    (4.0, 12.0, 36.0, 108.0)
    """
    steps = -int(log(minimum / maximum) / log(eta) - _ROUNDING) + 1
    return tuple(maximum * eta**-step for step in reversed(range(steps)))


def available_rungs(fidelities: Sequence[float], eta: float) -> tuple[float, ...]:
    """The ladder from the lowest to the highest fidelity there is, on members of the list.

    Every step of :func:`ladder` goes to the smallest fidelity at or above it, the lowest step to the lowest fidelity;
    equal ones are merged.

    Examples
    --------
    >>> available_rungs([12, 200], 3)
    (12, 200)
    """
    ordered = sorted(fidelities)
    steps = ladder(ordered[0], ordered[-1], eta)[1:] if len(ordered) > 1 else ()
    reached = {next(f for f in ordered if f >= step * (1 - _ROUNDING)) for step in steps}
    return tuple(sorted({ordered[0], ordered[-1]} | reached))


def brackets(rungs: Sequence[float]) -> list[list[Rung]]:
    """All brackets of Hyperband, from the most exploring one to that at the highest fidelity alone.

    HpBandSter's arithmetic with the ratio of two fidelities in the place of a power of eta, which it is on a geometric
    ladder: a bracket of ``s + 1`` of the ``S`` rungs begins with ``floor(S / (s + 1)) * ratio`` networks, and so each
    of its rungs costs about the same (Li et al. 2018, algorithm 1).

    Examples
    --------
    >>> [[n for n, _ in bracket] for bracket in brackets(ladder(4, 108, 3))]
    [[27, 9, 3, 1], [9, 3, 1], [6, 2], [4]]
    >>> brackets([12, 200])
    [[(16, 12), (1, 200)], [(2, 200)]]
    """
    found = []
    for s in reversed(range(len(rungs))):
        used = rungs[len(rungs) - s - 1 :]
        first = floor(len(rungs) // (s + 1) * (used[-1] / used[0]) + _ROUNDING)
        found.append([(max(floor(first * used[0] / fidelity + _ROUNDING), 1), fidelity) for fidelity in used])
    return found

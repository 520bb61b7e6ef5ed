"""Rungs and bracket sizes of successive halving, Hyperband, ASHA and BOHB."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log

Rung = tuple[int, float]
"""Number of networks at a rung, and its fidelity [epochs]."""

_ROUNDING = 1e-9


def ladder(minimum: float, maximum: float, eta: float) -> tuple[float, ...]:
    """Return geometric fidelities from at least the minimum to the maximum, ascending, as in HpBandSter.

    Examples
    --------
    >>> ladder(4, 108, 3)
    (4.0, 12.0, 36.0, 108.0)
    """
    steps = -int(log(minimum / maximum) / log(eta) - _ROUNDING) + 1
    return tuple(maximum * eta**-step for step in reversed(range(steps)))


def available_rungs(fidelities: Sequence[float], eta: float) -> tuple[float, ...]:
    """Return the rungs from the lowest to the highest available fidelity.

    Every step of :func:`ladder` becomes the smallest available fidelity at or above it, and the lowest step becomes the
    lowest fidelity. Equal rungs are merged.

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
    """Return all brackets of Hyperband, from the one that explores most to the one at the highest fidelity alone.

    The sizes are HpBandSter's, with the ratio of two fidelities in place of a power of eta; on a geometric ladder they
    are the same. A bracket of ``s + 1`` of the ``S`` rungs begins with ``floor(S / (s + 1)) * ratio`` networks, so that
    all its rungs cost about the same (Li et al. 2018, algorithm 1).

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

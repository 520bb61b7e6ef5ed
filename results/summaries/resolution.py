"""The resolution of a benchmark: the smallest difference that its trials show four times in five."""

from __future__ import annotations

import math
from collections.abc import Sequence

from results.statistics.bootstrap import ALPHA, Floats
from results.statistics.power import fewest_pairs, smallest_difference
from results.summaries.types import PairSummary, Resolution
from results.words import counted

NO_TESTS = "no pair was tested"
UNPAIRED = "the tests are unpaired"


def pair_resolution(differences: Floats, n_tests: int) -> float | None:
    """Return the smallest mean difference that one of several tests shows four times in five, or None.

    The level is 0.05 divided by the number of tests, with which Holm's method tests the smallest p-value. A difference
    that is shown at this level is shown whatever the other pairs are.

    Parameters
    ----------
    differences : (n,) array
        Paired differences [dex], at least two.
    n_tests : int
        The number of pairs that are tested together.

    Returns
    -------
    float or None
        None if all differences are equal, because then their spread is unknown, and if n pairs cannot reach the level.
    """
    if differences.min() == differences.max():
        return None
    found = smallest_difference(float(differences.std(ddof=1)), len(differences), ALPHA / n_tests)
    return found if math.isfinite(found) else None


def benchmark_resolution(pairs: Sequence[PairSummary]) -> Resolution:
    """Return the largest resolution of a benchmark's pairs: a difference that is shown for each of them."""
    known = [pair.resolution for pair in pairs if pair.resolution is not None]
    if known:
        return Resolution(max(known), 10 ** max(known), len(known), None)
    tested = [pair for pair in pairs if not pair.refusal and pair.decision is None]
    if not tested:
        return Resolution(None, None, 0, NO_TESTS)
    if not any(pair.paired for pair in tested):
        return Resolution(None, None, 0, UNPAIRED)
    needed = fewest_pairs(ALPHA / len(tested))
    if max(pair.trials for pair in tested if pair.paired) < needed:
        return Resolution(None, None, 0, f"{counted(len(tested), 'test')} need {needed} common trials each")
    return Resolution(None, None, 0, "the differences do not vary")


def resolution_words(resolution: Resolution, n_pairs: int) -> str:
    """Write a resolution, such as ``0.060 dex (a factor of 1.15)``, or why it is unknown."""
    if resolution.difference is None or resolution.factor is None:
        return f"unknown ({resolution.refusal})"
    some = "" if resolution.pairs == n_pairs else f", for {resolution.pairs} of {n_pairs} pairs"
    return f"{resolution.difference:#.2g} dex (a factor of {resolution.factor:.3g}{some})"

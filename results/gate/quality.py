"""Level 2 of the gate: the quality of the results of algorithms whose version was raised."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from results.gate.snapshots import CellSnapshot
from results.gate.verdicts import MARGIN, AlgorithmVerdict, CellVerdict, Effect
from results.statistics.bootstrap import ALPHA, Floats
from results.statistics.paired import MINIMUM_PAIRS, holm, median_interval
from results.words import counted

POWER = 0.8
"""The probability with which the minimum detectable effect would be called a regression."""


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

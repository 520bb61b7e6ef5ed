"""Rank correlations of the error of shared weights with the true error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from results.statistics.bootstrap import BOOTSTRAP_SEED, LEVEL, TAILS, resampling_counts

FEWEST = 4
"""Runs, or choices of a run, between which a correlation is computed, at least."""

Floats = NDArray[np.float64]


def by_choice(choices: pd.DataFrame) -> pd.DataFrame:
    """Correlate both errors over the runs at each choice.

    Parameters
    ----------
    choices : DataFrame
        From `harness.scoring.choices.choices`, of one benchmark. Choices without an observed error do not count.

    Returns
    -------
    DataFrame
        One row per choice at which at least four runs have an observed error: ``choice, runs, settings``; ``spearman,
        low, high, kendall`` over all runs; ``within, within_low, within_high``, Spearman's correlation of the
        deviations of each run from the mean of its setting, which removes the differences between settings. Intervals
        are 95 % bootstrap intervals over whole settings with the ranks kept, or over runs if there is one setting.
    """
    observed = choices.dropna(subset="observed_error")
    rows = [
        {"choice": number, **_at_choice(part)}
        for number, part in observed.groupby("choice", sort=True)
        if len(part) >= FEWEST
    ]
    columns = [
        "choice", "runs", "settings", "spearman", "low", "high", "kendall", "within", "within_low", "within_high",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _at_choice(part: pd.DataFrame) -> dict[str, Any]:
    settings = part["label"].nunique()
    groups = pd.factorize(part["label"])[0] if settings > 1 else np.arange(len(part))
    both = part[["observed_error", "true_error"]]
    centre, low, high = _spearman(both["observed_error"], both["true_error"], groups)
    kendall = float(stats.kendalltau(both["observed_error"], both["true_error"]).statistic)
    found = {"runs": len(part), "settings": settings, "spearman": centre, "low": low, "high": high, "kendall": kendall}
    several = part.groupby("label")["trial"].transform("size") > 1
    within: tuple[float, float, float] = (np.nan, np.nan, np.nan)
    if settings > 1 and several.sum() >= FEWEST:
        deviations = (both - both.groupby(part["label"]).transform("mean"))[several]
        within = _spearman(deviations["observed_error"], deviations["true_error"], groups[several.to_numpy()])
    return found | dict(zip(("within", "within_low", "within_high"), within, strict=True))


def _spearman(a: ArrayLike, b: ArrayLike, groups: NDArray[np.int64]) -> tuple[float, float, float]:
    """Return Spearman's correlation with its bootstrap interval over whole groups; NaN if one order is all ties."""
    x, y = (stats.rankdata(np.round(np.asarray(values, dtype=np.float64), 12)) for values in (a, b))
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return np.nan, np.nan, np.nan
    _, of = np.unique(groups, return_inverse=True)
    counts = resampling_counts(int(of.max()) + 1, np.random.default_rng(BOOTSTRAP_SEED))[:, of]
    resampled = _weighted_correlation(x, y, counts)
    low, high = np.nanquantile(resampled, TAILS) if np.isfinite(resampled).any() else (np.nan, np.nan)
    return float(_weighted_correlation(x, y, np.ones((1, len(x))))[0]), float(low), float(high)


def _weighted_correlation(x: Floats, y: Floats, weights: Floats) -> Floats:
    """Return Pearson's correlation of `x` and `y` with each row of weights: (n_rows,), NaN without variance."""
    total = weights.sum(axis=1)
    mean_x, mean_y = weights @ x / total, weights @ y / total
    covariance = weights @ (x * y) / total - mean_x * mean_y
    variances = (weights @ x**2 / total - mean_x**2) * (weights @ y**2 / total - mean_y**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.where(variances > 1e-9, covariance / np.sqrt(np.maximum(variances, 1e-300)), np.nan)
    return found


def by_setting(choices: pd.DataFrame) -> pd.DataFrame:
    """Correlate both errors over the choices of each run, and average over the runs of a setting.

    Returns
    -------
    DataFrame
        One row per setting with at least one run of four different choices: ``label, runs``, and the means
        ``spearman`` and ``kendall`` with the 95 % t-interval ``low, high`` of the first over the runs.
    """
    rows = []
    for label, part in choices.dropna(subset="observed_error").groupby("label", sort=False):
        values = np.array(list(_over_choices(part)))
        if len(values):
            low, high = t_interval(values[:, 0])
            rows.append({"label": label, "runs": len(values), "spearman": values[:, 0].mean(), "low": low, "high": high,
                         "kendall": values[:, 1].mean()})  # fmt: skip
    return pd.DataFrame(rows, columns=["label", "runs", "spearman", "low", "high", "kendall"])


def _over_choices(part: pd.DataFrame) -> Iterator[tuple[float, float]]:
    for _, run in part.groupby("trial"):
        a, b = run["observed_error"].to_numpy(), run["true_error"].to_numpy()
        if len(run) >= FEWEST and np.ptp(a) > 0 and np.ptp(b) > 0:
            yield float(stats.spearmanr(a, b).statistic), float(stats.kendalltau(a, b).statistic)


def t_interval(values: ArrayLike) -> tuple[float, float]:
    """Return Student's 95 % interval of a mean; NaN with fewer than two values."""
    given = np.asarray(values, dtype=np.float64)
    n = len(given)
    if n < 2:
        return np.nan, np.nan
    half = float(stats.t.ppf((1 + LEVEL) / 2, n - 1) * given.std(ddof=1) / np.sqrt(n))
    return float(given.mean()) - half, float(given.mean()) + half


def with_interval(values: ArrayLike, name: str) -> Mapping[str, float]:
    """Return a mean and its t-interval as ``NAME, NAME_low, NAME_high``."""
    low, high = t_interval(values)
    return {name: float(np.mean(np.asarray(values))), f"{name}_low": low, f"{name}_high": high}

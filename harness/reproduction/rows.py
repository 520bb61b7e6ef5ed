"""Comparisons of our numbers with published or theoretical ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats


@dataclass(frozen=True)
class Row:
    """A published number, ours, and their difference.

    Attributes
    ----------
    algorithm : str
        Registered name of the algorithm of the published row.
    label : str
        Label of the algorithm that we ran.
    dataset, split : str
    published_mean : float
    published_sd : float or None
        Standard deviation over trials, or None if unknown.
    ours_mean : float
    ours_sd : float or None
        Standard deviation over trials, or None for a single trial.
    trials : int
        Number of our trials.
    difference : float
        Our mean minus the published mean.
    difference_low, difference_high : float or None
        95 % interval of the difference: a quantile times the root of the summed squared standard errors of both means,
        see `compare`. A published mean whose standard deviation or number of trials is unknown counts as exact.
    within : bool or None
        Whether 0 lies in the interval.
    difference_sd : float or None
        The difference in published standard deviations.
    """

    algorithm: str
    label: str
    dataset: str
    split: str
    published_mean: float
    published_sd: float | None
    ours_mean: float
    ours_sd: float | None
    trials: int
    difference: float
    difference_low: float | None
    difference_high: float | None
    within: bool | None
    difference_sd: float | None

    HEADINGS: ClassVar[tuple[str, ...]] = (
        "data set", "split", "{reference}", "ours", "difference [95 %]", "sd", "within"
    )  # fmt: skip

    def cells(self, digits: int) -> tuple[str, ...]:
        """Return the texts below the headings, right of the label."""
        difference = f"{self.difference:+.{digits}f}"
        if self.difference_low is not None:
            difference += f" [{self.difference_low:+.{digits}f}, {self.difference_high:+.{digits}f}]"
        return (
            self.dataset,
            self.split,
            _spread(self.published_mean, self.published_sd, digits),
            _spread(self.ours_mean, self.ours_sd, digits),
            difference,
            "–" if self.difference_sd is None else f"{self.difference_sd:+.2f}",
            "–" if self.within is None else "yes" if self.within else "no",
        )


def _spread(mean: float, sd: float | None, digits: int) -> str:
    """Write a mean with its standard deviation."""
    return f"{mean:.{digits}f}" + ("" if sd is None else f" ± {sd:.{digits}f}")


class Shown(Protocol):
    """A row of the table of a reproduction."""

    HEADINGS: ClassVar[tuple[str, ...]]

    @property
    def label(self) -> str:
        """The text in the first column."""

    def cells(self, digits: int) -> tuple[str, ...]:
        """Return the texts below the headings, right of the label."""


@dataclass(frozen=True)
class Reproduction:
    """The rows of a reproduction, and notes about them.

    Attributes
    ----------
    name, title, unit, source : str
    rows : sequence of dataclasses
        At least one `Row`, or another class with the interface `Shown`.
    notes : list of str
        Sentences that are printed below the table.
    digits : int
        Number of decimals to print.
    reference : str
        Kind of the numbers that ours are compared with.
    """

    name: str
    title: str
    unit: str
    source: str
    rows: Sequence[Shown]
    notes: list[str]
    digits: int = 2
    reference: str = "published"


def compare(
    values: ArrayLike,
    published: tuple[float, float | None],
    published_trials: int | None,
    names: Mapping[str, str],
    *,
    exact: bool = False,
) -> Row:
    """Compare the mean over our trials with a published mean and standard deviation.

    Parameters
    ----------
    values : (n_trials,) array_like
    published : tuple
        Mean and standard deviation, or None for an unknown standard deviation.
    published_trials : int or None
        Number of published trials, or None if unknown or theoretical.
    names : mapping
        The fields ``algorithm, label, dataset, split`` of the row.
    exact : bool
        Whether mean and standard deviation are theoretical. The interval then uses that standard deviation and the
        normal quantile, else our standard deviation and the quantile of Student's t.

    Returns
    -------
    Row
    """
    ours = np.asarray(values, dtype=np.float64)
    mean, sd = published
    spread = float(ours.std(ddof=1)) if len(ours) > 1 else None
    difference = float(ours.mean()) - mean
    variance = (sd or 0.0) ** 2 / published_trials if published_trials else 0.0
    low = high = within = None
    if spread is not None:
        quantile = stats.norm.ppf(0.975) if exact else stats.t.ppf(0.975, len(ours) - 1)
        ours_variance = (sd if exact and sd is not None else spread) ** 2 / len(ours)
        half = float(quantile * np.sqrt(ours_variance + variance))
        low, high, within = difference - half, difference + half, abs(difference) <= half
    return Row(
        **names,
        published_mean=mean,
        published_sd=sd,
        ours_mean=float(ours.mean()),
        ours_sd=spread,
        trials=len(ours),
        difference=difference,
        difference_low=low,
        difference_high=high,
        within=within,
        difference_sd=difference / sd if sd else None,
    )


def farthest(rows: Sequence[Row]) -> float:
    """Return the largest difference of the rows, in published standard deviations."""
    return max(abs(row.difference_sd or 0.0) for row in rows)


def interval_note(rows: Sequence[Row]) -> str:
    """Write how many intervals contain 0, and how many are expected to if the true means are equal."""
    within = sum(bool(row.within) for row in rows)
    return (
        f"{within} of {len(rows)} 95 % intervals of the difference contain 0; {0.95 * len(rows):.3g} are expected if"
        " the true means are equal."
    )

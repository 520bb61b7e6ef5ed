"""One number beside another: what was published, or follows from theory, and what came out here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats


@dataclass(frozen=True)
class Row:
    """A published number and ours.

    Attributes
    ----------
    algorithm : str
        Its registered name; of published rows, whose row it is.
    label : str
        What exactly was run.
    dataset, split : str
    published_mean : float
    published_sd : float or None
        Over trials; None where it is not known.
    ours_mean : float
    ours_sd : float or None
        None of a single trial.
    trials : int
        Ours.
    difference : float
        Ours minus the published mean.
    difference_low, difference_high : float or None
        Its 95 % interval: the normal quantile times the root of the squared standard errors of both means. Of the
        published one that is its sd by the root of its number of trials; where the sd or the number is not known it
        counts as exact.
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
        """Write what stands right of the label, under the headings."""
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
    return f"{mean:.{digits}f}" + ("" if sd is None else f" ± {sd:.{digits}f}")


class Shown(Protocol):
    """A row of any study, as a table shows it."""

    HEADINGS: ClassVar[tuple[str, ...]]

    @property
    def label(self) -> str:
        """What stands on its left."""

    def cells(self, digits: int) -> tuple[str, ...]:
        """Write what stands right of the label, under the headings."""


@dataclass(frozen=True)
class Reproduction:
    """A study's rows, and what there is to say about them.

    Attributes
    ----------
    name, title, unit, source : str
    rows : sequence of dataclasses
        `Row`, or another one that can be shown; at least one.
    notes : list of str
        Sentences.
    digits : int
        How many decimals are worth showing.
    reference : str
        What the numbers beside ours are.
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
        Mean and standard deviation; None for one that is not known.
    published_trials : int or None
        None where it is not known, or there were none.
    names : mapping
        The row's ``algorithm, label, dataset, split``.
    exact : bool
        Whether mean and standard deviation are those of theory: then the interval is by that standard deviation, else
        by ours and Student's t.
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
    """Return the largest difference of some rows, in published standard deviations."""
    return max(abs(row.difference_sd or 0.0) for row in rows)


def interval_note(rows: Sequence[Row]) -> str:
    """Say how many rows lie within their interval, and how many chance alone would leave out."""
    within = sum(bool(row.within) for row in rows)
    return (
        f"{within} of {len(rows)} differences have 0 in their 95 % interval; {0.95 * len(rows):.3g} are expected where"
        " there is no difference."
    )

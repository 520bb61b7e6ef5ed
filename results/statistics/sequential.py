"""Sequential comparison of two algorithms: tests and intervals that hold however often one looks at the results.

Both rules turn paired differences into *evidence* that their mean is above a centre c. The evidence is a non-negative
process that starts at 1 and, if the mean is not above c, is not expected to grow. By Ville's inequality it ever reaches
``1 / a`` with a probability of at most a. So one may look after every trial, and stop when one likes.

``symmetric``
    With ``S = sum(d_i - c)`` and ``V = sum((d_i - c)**2)``, ``exp(l S - l**2 V / 2)`` is a supermartingale for every
    ``l > 0`` if the differences are symmetric about a value that is not above c (de la Pena 1999, "A general class of
    exponential inequalities for martingales and ratios", lemma 6.1, doi 10.1214/aop/1022677382; Howard et al. 2020,
    "Time-uniform Chernoff bounds via nonnegative supermartingales", table 3, doi 10.1214/18-PS321). It is averaged over
    l with the density of a half-normal distribution with the scale s = `MIXTURE_SCALE` (the method of mixtures, Howard
    et al. 2021, doi 10.1214/20-AOS1991, section 3.2)::

        E = 2 / sqrt(1 + s**2 V) * exp(s**2 S**2 / (2 (1 + s**2 V))) * Phi(s S / sqrt(1 + s**2 V))

    Two exchangeable results have a symmetric difference, so that the test of "no difference" needs no assumption.

``bounded``
    A gambler bets on every difference, which lies between -bound and bound: the capital is
    ``prod(1 + l_i (d_i - c))``. The bets l_i are those of Waudby-Smith and Ramdas 2024, "Estimating means of bounded
    random variables by betting", section 4.2, doi 10.1093/jrsssb/qkad009 (predictable plug-in), on differences scaled
    to [0, 1], and cut at `LARGEST_BET` of the largest bet that cannot lose everything. It needs no other assumption.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_ndtr

from results.statistics.bootstrap import BOOTSTRAP_SEED, Floats

MIXTURE_SCALE = 3.0
"""Scale of the half-normal mixture of the symmetric rule [1 / dex]."""
LARGEST_BET = 0.9
"""The largest bet of the bounded rule, as a share of the one that could lose everything."""
HALVINGS = 50
"""Number of halvings that find an end of an interval."""
FORECASTS = 25
"""Number of futures that a forecast draws."""
LONGEST_FORECAST = 2_000
"""Forecasts end at this number of trials."""

Outcome = Literal["below", "above", "equivalent", "open"]
"""The decision on the mean difference: below 0, above 0, within the margin of 0, or nothing yet."""


@dataclass(frozen=True)
class SequentialTest:
    """A sequential test of paired differences. The probability that it ever claims something false is at most `alpha`.

    Attributes
    ----------
    alpha : float
        In (0, 1).
    margin : float
        A mean difference is equivalent to none if it is closer to 0 than this, in the unit of the differences.
    bound : float or None
        No difference is further from 0. None for the symmetric rule.
    """

    alpha: float
    margin: float
    bound: float | None = None

    @property
    def threshold(self) -> float:
        """The log evidence that decides: ``log(2 / alpha)``, because each side has half of alpha."""
        return float(np.log(2 / self.alpha))

    def evidence(self, differences: ArrayLike, centre: float) -> Floats:
        """Return the log evidence that the mean difference is above a centre, after each trial.

        Parameters
        ----------
        differences : (..., n_trials) array_like
        centre : float

        Returns
        -------
        (..., n_trials) array
        """
        array = np.asarray(differences, dtype=np.float64)
        if self.bound is None:
            return symmetric_evidence(array, centre)
        return betting_evidence(array, centre, self.bound, self.alpha)

    def outcomes(self, differences: ArrayLike) -> tuple[Floats, Floats]:
        """Return after each trial the sign of a decided direction, or 0; and 1 where equivalence is decided, or 0.

        The direction is decided by the evidence against a mean of 0. Equivalence is decided by the evidence against
        means at or beyond the margin, on both sides. A mean of 0 can be mistaken for either direction, and a mean
        beyond the margin for the other direction or for an equivalent one: two mistakes, each with half of alpha.

        Parameters
        ----------
        differences : (..., n_trials) array_like
        """
        array = np.asarray(differences, dtype=np.float64)
        above = self.evidence(array, 0.0) >= self.threshold
        below = self.evidence(-array, 0.0) >= self.threshold
        inside = (self.evidence(array, -self.margin) >= self.threshold) & (
            self.evidence(-array, -self.margin) >= self.threshold
        )
        return above.astype(np.float64) - below, inside.astype(np.float64)

    def interval(self, differences: ArrayLike) -> tuple[float, float]:
        """Return the confidence interval of the mean difference after all trials: one element of the sequence.

        It is the range of the centres around the mean without sufficient evidence on either side, and of 0 and the
        margins if nothing excludes them. All intervals of the sequence together hold with a probability of at least
        1 - alpha. By the symmetric rule, this neglects centres several standard deviations from the mean, where the
        mixture has no weight.

        Parameters
        ----------
        differences : (n_trials,) array_like

        Returns
        -------
        low, high : float
            Infinite as long as nothing is excluded.
        """
        array = np.asarray(differences, dtype=np.float64)
        if not len(array):
            return -np.inf, np.inf
        return self._lower_end(array), -self._lower_end(-array)

    def _lower_end(self, differences: Floats) -> float:
        """Return the lowest centre around the mean that is not excluded, or a lower one that the decision left."""
        end = self._lower_crossing(differences)
        for centre in (self.margin, 0.0, -self.margin):
            if self.evidence(differences, centre)[-1] >= self.threshold:
                break  # evidence of a mean above a centre excludes all centres below
            end = min(end, centre)
        return end

    def _lower_crossing(self, differences: Floats) -> float:
        mean = float(differences.mean())
        if self.bound is None:
            furthest, none = mean - _peak(differences), -np.inf
        else:
            furthest = none = min(-self.bound, mean)

        def excess(centre: float) -> float:
            return float(self.evidence(differences, centre)[-1]) - self.threshold

        if not excess(furthest) >= 0 > excess(mean):
            return none
        low, high = furthest, mean
        for _ in range(HALVINGS):  # by hand: importing scipy.optimize takes longer than many runs
            middle = (low + high) / 2
            low, high = (middle, high) if excess(middle) >= 0 else (low, middle)
        return low


@dataclass(frozen=True)
class SequentialDecision:
    """The decision of a sequential test, and its time.

    Attributes
    ----------
    outcome : {"below", "above", "equivalent", "open"}
    trials : int
        The number of trials at the look that decided, or at the last one.
    mean, low, high : float
        The mean difference and its confidence interval at that look; NaN and infinite before the first look.
    """

    outcome: Outcome
    trials: int
    mean: float
    low: float
    high: float


def decisive_look(differences: ArrayLike, test: SequentialTest, block: int) -> tuple[Outcome, int]:
    """Look at the ends of blocks of trials, and stop at the first look that decides.

    Trials after that look, and those of an unfinished block, change nothing.

    Parameters
    ----------
    differences : (n_trials,) array_like
        In the order of the trials.
    test : SequentialTest
    block : int
        Number of trials of a block.

    Returns
    -------
    outcome : {"below", "above", "equivalent", "open"}
    trials : int
        The number of trials at the look that decided, or at the last one.
    """
    array = np.asarray(differences, dtype=np.float64)
    direction, inside = (one[block - 1 :: block] for one in test.outcomes(array))
    decided = np.flatnonzero((direction != 0) | (inside != 0))
    if not len(decided):
        return "open", len(direction) * block
    at = int(decided[0])
    outcome: Outcome = "equivalent" if direction[at] == 0 else "above" if direction[at] > 0 else "below"
    return outcome, (at + 1) * block


def decide(differences: ArrayLike, test: SequentialTest, block: int) -> SequentialDecision:
    """Return what is decided, with the mean difference and its interval at that look; see `decisive_look`."""
    outcome, trials = decisive_look(differences, test, block)
    array = np.asarray(differences, dtype=np.float64)[:trials]
    mean = float(array.mean()) if trials else float("nan")
    return SequentialDecision(outcome, trials, mean, *test.interval(array))


def forecast_trials(differences: ArrayLike, test: SequentialTest, block: int) -> int | None:
    """Forecast how many trials an open comparison will take in all: the median over futures drawn from the past.

    Every future repeats differences that were seen, in random order with repetition, so it assumes that they stand for
    those to come. Always the same random numbers are used.

    Parameters
    ----------
    differences : (n_trials,) array_like
        At least one.
    test : SequentialTest
    block : int

    Returns
    -------
    int or None
        None if more than half of the futures are open after `LONGEST_FORECAST` trials.
    """
    array = np.asarray(differences, dtype=np.float64)
    n_future = max(LONGEST_FORECAST - len(array), block)
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    futures = np.concatenate(
        [np.broadcast_to(array, (FORECASTS, len(array))), rng.choice(array, (FORECASTS, n_future))], axis=1
    )
    direction, inside = (one[:, block - 1 :: block] for one in test.outcomes(futures))
    decided = (direction != 0) | (inside != 0)
    decided[:, : len(array) // block] = False
    ends = np.sort(np.where(decided.any(axis=1), (decided.argmax(axis=1) + 1) * block, np.inf))
    median = ends[FORECASTS // 2]
    return int(median) if np.isfinite(median) else None


def symmetric_evidence(differences: Floats, centre: float, scale: float = MIXTURE_SCALE) -> Floats:
    """Return the log evidence of the symmetric rule, after each trial.

    Parameters
    ----------
    differences : (..., n_trials) array
    centre : float
    scale : float
        Of the half-normal mixture, in 1 / unit of the differences.
    """
    excess = differences - centre
    total, squares = np.cumsum(excess, axis=-1), np.cumsum(excess**2, axis=-1)
    spread = 1 + scale**2 * squares
    standard = scale * total / np.sqrt(spread)
    evidence: Floats = np.log(2) - np.log(spread) / 2 + standard**2 / 2 + log_ndtr(standard)
    return evidence


def _peak(differences: Floats, scale: float = MIXTURE_SCALE) -> float:
    """Return how far below the mean the evidence grows at least: further away, the mixture has little weight."""
    n = len(differences)
    return float(np.sqrt((n - 1) * (1 + scale**2 * n * differences.var()) / (scale**2 * n)))


def betting_evidence(
    differences: Floats, centre: float, bound: float, alpha: float, largest_bet: float = LARGEST_BET
) -> Floats:
    """Return the log evidence of the bounded rule, after each trial.

    Parameters
    ----------
    differences : (..., n_trials) array
    centre : float
    bound : float
        No difference is further from 0.
    alpha : float
        The level that the bets are made for. Each side has half of it.
    largest_bet : float
        In (0, 1).

    Raises
    ------
    ValueError
        If a difference is beyond the bound.
    """
    if bound <= 0 or centre <= -bound:  # every mean is above such a centre, or equal to it
        return np.full(differences.shape, np.inf if centre < 0 else 0.0)
    values = (differences + bound) / (2 * bound)
    if values.size and (values.min() < -1e-9 or values.max() > 1 + 1e-9):
        worst = float(np.abs(differences).max())
        raise ValueError(f"expected differences up to the bound of {bound:g}, got {worst:g}")
    middle = (centre + bound) / (2 * bound)
    count = np.arange(1, values.shape[-1] + 1)
    means = (0.5 + np.cumsum(values, axis=-1)) / (count + 1)
    variances = (0.25 + np.cumsum((values - means) ** 2, axis=-1)) / (count + 1)
    before = np.concatenate([np.full((*values.shape[:-1], 1), 0.25), variances[..., :-1]], axis=-1)
    bets = np.sqrt(2 * np.log(2 / alpha) / (before * count * np.log(count + 1)))
    capital: Floats = np.cumsum(np.log1p(np.minimum(bets, largest_bet / middle) * (values - middle)), axis=-1)
    return capital

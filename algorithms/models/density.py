"""The model of TPE and BOHB for categories: densities of good and of bad architectures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.spaces.base import Architecture

Bandwidth = Literal["clipped", "hpbandster", "counts"]
Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_TINY = 1e-32


class CategoricalDensity:
    """Kernel density with Aitchison and Aitken's kernel for unordered categories.

    A kernel gives ``1 - h`` to its own category and ``h / (c - 1)`` to each of the other ``c - 1``.

    Parameters
    ----------
    data : array of int, ``(n, d)``
    cardinalities : array of int, ``(d,)``
        Number of categories at each position.
    minimum_bandwidth : float
    bandwidth : {"clipped", "hpbandster", "counts"}
        The bandwidth ``h``. ``hpbandster``: the rule of thumb ``1.06 * sd * n ** (-1 / (4 + d))`` with the standard
        deviation of the integer codes. It can exceed 1, which makes the kernel negative, and ``c`` is the number of
        categories that occur in the data, as in statsmodels. ``clipped``: the same, clipped to ``(c - 1) / c``, at
        which the kernel is uniform. ``counts``: ``(c - 1) / (n + c)``, which corresponds to one prior observation of
        every category (Bergstra et al. 2011, section 4.2); the mean includes one uniform kernel.

    Attributes
    ----------
    bandwidths : array, ``(d,)``
    prior : int
        Number of uniform kernels in addition to those of the data.
    """

    def __init__(
        self, data: Codes, cardinalities: Codes, minimum_bandwidth: float, bandwidth: Bandwidth = "clipped"
    ) -> None:
        n, d = data.shape
        self._data = data
        self._levels = cardinalities
        self._volume = float(np.prod(cardinalities.astype(np.float64)))
        self.prior = int(bandwidth == "counts")
        if bandwidth == "counts":
            self.bandwidths: Floats = (cardinalities - 1) / (n + cardinalities)
            return
        self.bandwidths = np.maximum(1.06 * data.std(axis=0) * n ** (-1.0 / (4 + d)), minimum_bandwidth)
        if bandwidth == "hpbandster":
            self._levels = np.array([len(np.unique(column)) for column in data.T], dtype=np.int64)
        else:
            self.bandwidths = np.minimum(self.bandwidths, (cardinalities - 1) / cardinalities)

    def __call__(self, points: Codes) -> Floats:
        """Return the density ``(m,)`` at points ``(m, d)``."""
        density = np.ones((len(points), len(self._data)))
        for position, bandwidth in enumerate(self.bandwidths):
            same = points[:, position, np.newaxis] == self._data[np.newaxis, :, position]
            with np.errstate(divide="ignore", invalid="ignore"):  # not finite for a single level, as in statsmodels
                density *= np.where(same, 1.0 - bandwidth, bandwidth / (self._levels[position] - 1))
        with np.errstate(invalid="ignore"):
            total: Floats = density.sum(axis=1) + self.prior / self._volume
        return total / (len(self._data) + self.prior)


class GoodBadModel:
    """Proposes points that are likely among the good and unlikely among the bad (Falkner et al. 2018, section 4).

    Parameters
    ----------
    data : array of int, ``(n, d)``
    errors : array, ``(n,)``
    cardinalities : sequence of int
    top : float
        Fraction of the data that counts as good.
    minimum_bandwidth : float
    bandwidth : {"clipped", "hpbandster", "counts"}
        See :class:`CategoricalDensity`.
    """

    def __init__(
        self,
        data: Codes,
        errors: Floats,
        cardinalities: Sequence[int],
        top: float,
        minimum_bandwidth: float,
        bandwidth: Bandwidth = "clipped",
    ) -> None:
        n_good, n_bad = sizes(len(data), data.shape[1], top)
        order = np.argsort(errors, kind="stable")
        self._cardinalities = np.asarray(cardinalities, dtype=np.int64)
        self._good_data = data[order[:n_good]]
        self.good = CategoricalDensity(self._good_data, self._cardinalities, minimum_bandwidth, bandwidth)
        bad_data = data[order[n_good : n_good + n_bad]]
        self.bad = CategoricalDensity(bad_data, self._cardinalities, minimum_bandwidth, bandwidth)

    def score(self, points: Codes) -> Floats:
        """Return the density among the bad divided by that among the good, ``(m,)``. Lower is better."""
        with np.errstate(invalid="ignore"):  # both may be infinite for a single level, as in statsmodels
            score: Floats = np.maximum(self.bad(points), _TINY) / np.maximum(self.good(points), _TINY)
        return score

    def candidates(self, rng: np.random.Generator, n: int) -> Codes:
        """Draw candidates ``(n, d)``: good points, with positions redrawn uniformly.

        The probability that a position is redrawn is its bandwidth. If the density has a prior kernel, a candidate
        drawn from it is uniform at all positions.
        """
        kernel = (rng.random(n) * (len(self._good_data) + self.good.prior)).astype(np.int64)
        from_prior = kernel == len(self._good_data)
        start = self._good_data[np.where(from_prior, 0, kernel)]
        uniform = (rng.random(start.shape) * self._cardinalities).astype(np.int64)
        redrawn = rng.random(start.shape) < np.where(from_prior[:, np.newaxis], 1.0, self.good.bandwidths)
        return np.where(redrawn, uniform, start)

    def propose(self, rng: np.random.Generator, n: int) -> Architecture:
        """Return the candidate with the best score."""
        points = self.candidates(rng, n)
        score = np.where(np.isnan(score := self.score(points)), np.inf, score)
        return tuple(points[int(np.argmin(score))].tolist())


def model_of(
    results: Sequence[tuple[Architecture, float]],
    cardinalities: Sequence[int],
    top: float,
    minimum_bandwidth: float,
    bandwidth: Bandwidth,
) -> GoodBadModel | None:
    """Fit the model to results, pairs of an architecture and its observed error. Return None if there are too few."""
    if not enough(len(results), len(cardinalities), top):
        return None
    architectures, errors = zip(*results, strict=True)
    data = np.array(architectures, dtype=np.int64)
    return GoodBadModel(data, np.array(errors), cardinalities, top, minimum_bandwidth, bandwidth)


def sizes(n: int, d: int, top: float) -> tuple[int, int]:
    """Return the numbers of good and bad points out of ``n`` in ``d`` dimensions. Their sum may exceed ``n``."""
    percent = round(100 * top)
    return max(d + 1, percent * n // 100), max(d + 1, (100 - percent) * n // 100)


def enough(n: int, d: int, top: float) -> bool:
    """Return whether ``n`` points suffice for a model: both densities need more points than dimensions."""
    n_good, n_bad = sizes(n, d, top)
    return n_good > d and min(n - n_good, n_bad) > d

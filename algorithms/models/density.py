"""The model of TPE and BOHB on categories: densities of the good and of the bad architectures."""

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
        Which bandwidth ``h``. ``hpbandster`` is the rule of thumb ``1.06 * sd * n ** (-1 / (4 + d))`` with the standard
        deviation of the integer codes; it can exceed 1, which makes the kernel negative, and takes for ``c`` the
        categories that occur in the data, as statsmodels does. ``clipped`` is the same clipped to ``(c - 1) / c``, at
        which the kernel is uniform. ``counts`` is ``(c - 1) / (n + c)``, which one prior observation of every category
        gives (Bergstra et al. 2011, section 4.2), with one uniform kernel more in the mean.

    Attributes
    ----------
    bandwidths : array, ``(d,)``
    prior : int
        Number of uniform kernels, beside those of the data.
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
        """Density at ``(m, d)`` points: ``(m,)``."""
        density = np.ones((len(points), len(self._data)))
        for position, bandwidth in enumerate(self.bandwidths):
            same = points[:, position, np.newaxis] == self._data[np.newaxis, :, position]
            with np.errstate(divide="ignore", invalid="ignore"):  # one level only: as statsmodels, not finite
                density *= np.where(same, 1.0 - bandwidth, bandwidth / (self._levels[position] - 1))
        with np.errstate(invalid="ignore"):
            total: Floats = density.sum(axis=1) + self.prior / self._volume
        return total / (len(self._data) + self.prior)


class GoodBadModel:
    """Proposes what is likely among the good and unlikely among the bad (Falkner et al. 2018, section 4).

    Parameters
    ----------
    data : array of int, ``(n, d)``
    errors : array, ``(n,)``
    cardinalities : sequence of int
    top : float
        Share of the data that is good.
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
        """Density among the bad over density among the good; the least is the best: ``(m,)``."""
        return np.maximum(self.bad(points), _TINY) / np.maximum(self.good(points), _TINY)

    def candidates(self, rng: np.random.Generator, n: int) -> Codes:
        """Good points, each position redrawn uniformly with the probability of its bandwidth: ``(n, d)``.

        Where there is a prior kernel, it is started from too, and redraws all.
        """
        kernel = (rng.random(n) * (len(self._good_data) + self.good.prior)).astype(np.int64)
        from_prior = kernel == len(self._good_data)
        start = self._good_data[np.where(from_prior, 0, kernel)]
        uniform = (rng.random(start.shape) * self._cardinalities).astype(np.int64)
        redrawn = rng.random(start.shape) < np.where(from_prior[:, np.newaxis], 1.0, self.good.bandwidths)
        return np.where(redrawn, uniform, start)

    def propose(self, rng: np.random.Generator, n: int) -> Architecture:
        """Return the candidate of the best score."""
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
    """Make the model of some results, each an architecture and its observed error; None while they are too few."""
    if not enough(len(results), len(cardinalities), top):
        return None
    architectures, errors = zip(*results, strict=True)
    data = np.array(architectures, dtype=np.int64)
    return GoodBadModel(data, np.array(errors), cardinalities, top, minimum_bandwidth, bandwidth)


def sizes(n: int, d: int, top: float) -> tuple[int, int]:
    """Numbers of good and bad points out of ``n`` in ``d`` dimensions; their sum may exceed ``n``."""
    percent = round(100 * top)
    return max(d + 1, percent * n // 100), max(d + 1, (100 - percent) * n // 100)


def enough(n: int, d: int, top: float) -> bool:
    """Whether ``n`` points make a model: both densities need more points than dimensions."""
    n_good, n_bad = sizes(n, d, top)
    return n_good > d and min(n - n_good, n_bad) > d

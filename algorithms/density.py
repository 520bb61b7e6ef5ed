"""The model of TPE and BOHB on categories: densities of the good and of the bad architectures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.space import Architecture

Compat = Literal["none", "hpbandster"]
Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_TINY = 1e-32


class CategoricalDensity:
    """Kernel density with Aitchison and Aitken's kernel for unordered categories.

    A kernel gives ``1 - h`` to its own category and ``h / (c - 1)`` to each of the other ``c - 1``. The bandwidth ``h``
    follows the rule of thumb ``1.06 * sd * n ** (-1 / (4 + d))`` with the standard deviation of the integer codes.

    Parameters
    ----------
    data : array of int, ``(n, d)``
    cardinalities : array of int, ``(d,)``
        Number of categories at each position.
    minimum_bandwidth : float
    compat : {"none", "hpbandster"}
        The rule of thumb can exceed 1, which makes the kernel negative; so ``none`` clips it to ``(c - 1) / c``, at
        which the kernel is uniform. ``hpbandster`` does not, and takes for ``c`` the categories that occur in the data,
        as statsmodels does.

    Attributes
    ----------
    bandwidths : array, ``(d,)``
    """

    def __init__(self, data: Codes, cardinalities: Codes, minimum_bandwidth: float, compat: Compat = "none") -> None:
        n, d = data.shape
        self._data = data
        rule_of_thumb = 1.06 * data.std(axis=0) * n ** (-1.0 / (4 + d))
        if compat == "hpbandster":
            self._levels = np.array([len(np.unique(column)) for column in data.T], dtype=np.int64)
            self.bandwidths: Floats = np.maximum(rule_of_thumb, minimum_bandwidth)
        else:
            self._levels = cardinalities
            self.bandwidths = np.minimum(
                np.maximum(rule_of_thumb, minimum_bandwidth), (cardinalities - 1) / np.maximum(cardinalities, 1)
            )

    def __call__(self, points: Codes) -> Floats:
        """Density at ``(m, d)`` points: ``(m,)``."""
        density = np.ones((len(points), len(self._data)))
        for position, bandwidth in enumerate(self.bandwidths):
            same = points[:, position, np.newaxis] == self._data[np.newaxis, :, position]
            with np.errstate(divide="ignore", invalid="ignore"):
                other = bandwidth / (self._levels[position] - 1)
            density *= np.where(same, 1.0 - bandwidth, other)
        return density.mean(axis=1)


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
    compat : {"none", "hpbandster"}
        See :class:`CategoricalDensity`.
    """

    def __init__(
        self,
        data: Codes,
        errors: Floats,
        cardinalities: Sequence[int],
        top: float,
        minimum_bandwidth: float,
        compat: Compat = "none",
    ) -> None:
        n_good, n_bad = sizes(len(data), data.shape[1], top)
        order = np.argsort(errors, kind="stable")
        self._cardinalities = np.asarray(cardinalities, dtype=np.int64)
        self._good_data = data[order[:n_good]]
        self.good = CategoricalDensity(self._good_data, self._cardinalities, minimum_bandwidth, compat)
        bad_data = data[order[n_good : n_good + n_bad]]
        self.bad = CategoricalDensity(bad_data, self._cardinalities, minimum_bandwidth, compat)

    def score(self, points: Codes) -> Floats:
        """Density among the bad over density among the good; the least is the best: ``(m,)``."""
        return np.maximum(self.bad(points), _TINY) / np.maximum(self.good(points), _TINY)

    def candidates(self, rng: np.random.Generator, n: int) -> Codes:
        """Good points, each position redrawn uniformly with the probability of its bandwidth: ``(n, d)``."""
        start = self._good_data[(rng.random(n) * len(self._good_data)).astype(np.int64)]
        uniform = (rng.random(start.shape) * self._cardinalities).astype(np.int64)
        redrawn = rng.random(start.shape) < self.good.bandwidths
        return np.where(redrawn, uniform, start)

    def propose(self, rng: np.random.Generator, n: int) -> Architecture:
        """Return the candidate of the best score."""
        points = self.candidates(rng, n)
        return tuple(points[int(np.nanargmin(self.score(points)))].tolist())


def sizes(n: int, d: int, top: float) -> tuple[int, int]:
    """Numbers of good and bad points out of ``n`` in ``d`` dimensions; their sum may exceed ``n``."""
    percent = round(100 * top)
    return max(d + 1, percent * n // 100), max(d + 1, (100 - percent) * n // 100)


def enough(n: int, d: int, top: float) -> bool:
    """Whether ``n`` points make a model: both densities need more points than dimensions."""
    n_good, n_bad = sizes(n, d, top)
    return n_good > d and min(n - n_good, n_bad) > d

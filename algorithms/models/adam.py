"""The Adam optimizer, for algorithms that follow a gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FLUSH_EVERY = 64
"""Number of steps after which negligible moments are set to zero."""

NEGLIGIBLE = 1e-30
"""Moments below this value are negligible. Left to decay, they become subnormal numbers, which are slow."""


class Adam:
    """Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1) on one array of parameters, in place.

    The two moments are stored without the factors ``1 - decay``, which are constant within a step. This saves two
    passes over the array.

    Parameters
    ----------
    parameters : ndarray
        Parameters; every step changes them in place.
    learning_rate : float
    decays : tuple of float
        Decays of the mean and of the square.
    epsilon : float
    """

    def __init__(
        self,
        parameters: NDArray[Any],
        learning_rate: float,
        decays: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
    ) -> None:
        self._parameters = parameters
        self._learning_rate, self._decays, self._epsilon = learning_rate, decays, epsilon
        self._mean, self._square = np.zeros_like(parameters), np.zeros_like(parameters)
        self._buffer = np.empty_like(parameters)
        self._t = 0

    def step(self, gradient: NDArray[Any]) -> None:
        """Take one step down the gradient."""
        self._t += 1
        first, second = self._decays
        mean_factor = (1.0 - first) / (1.0 - first**self._t)
        square_factor = (1.0 - second) / (1.0 - second**self._t)
        self._mean *= first
        self._mean += gradient
        self._square *= second
        np.multiply(gradient, gradient, out=self._buffer)
        self._square += self._buffer
        np.sqrt(self._square, out=self._buffer)
        self._buffer += self._epsilon / square_factor**0.5
        np.divide(self._mean, self._buffer, out=self._buffer)
        self._buffer *= self._learning_rate * mean_factor / square_factor**0.5
        self._parameters -= self._buffer
        if self._t % FLUSH_EVERY == 0:
            for moment in (self._mean, self._square):
                moment[np.abs(moment) < NEGLIGIBLE] = 0.0

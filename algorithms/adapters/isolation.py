"""Isolation of a library from the global state of the process. Only this file may touch global random states."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import numpy as np


class Isolation:
    """Gives a library its own global random states during its calls, and silences its warnings.

    Some libraries can only draw from the global states of numpy and Python, from which other code may draw between two
    calls of the library. Their warnings would be repeated in every trial.

    Parameters
    ----------
    seed : int
        Seed of the random states, in [0, 2 ** 32).
    """

    def __init__(self, seed: int) -> None:
        self._numpy = np.random.RandomState(seed).get_state()
        self._python = random.Random(seed).getstate()

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Use the library's random states within the context, and restore the caller's afterwards."""
        numpy, python = np.random.get_state(), random.getstate()
        np.random.set_state(self._numpy)
        random.setstate(self._python)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        finally:
            self._numpy, self._python = np.random.get_state(), random.getstate()
            np.random.set_state(numpy)
            random.setstate(python)


def import_apart(library: str) -> None:
    """Import a library with fixed random states, so that random draws at import are the same in every process."""
    with Isolation(0).inside():
        import_module(library)

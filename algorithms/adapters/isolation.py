"""Keeps a library's hands off what a process shares; the one file that may touch global random states."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import numpy as np


class Isolation:
    """Lends a library global random states that are a trial's own, and puts the caller's back; mutes its warnings.

    Some libraries draw from the global states of numpy and Python and have no other; between two of a library's calls
    anybody may draw from those too. Their warnings would come again in every trial.

    Parameters
    ----------
    seed : int
        In [0, 2 ** 32).
    """

    def __init__(self, seed: int) -> None:
        self._numpy = np.random.RandomState(seed).get_state()
        self._python = random.Random(seed).getstate()

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Within it, the global states are the trial's; they go on where the last time left them."""
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
    """Import a library; what it draws while it is imported is the same in every process."""
    with Isolation(0).inside():
        import_module(library)

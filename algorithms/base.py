"""The contract of an algorithm: it is asked what to evaluate, and told what was observed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence, Set
from enum import Enum
from typing import Any, ClassVar, NamedTuple

import numpy as np

from benchmarks.spaces.base import Architecture, SearchSpace


class Query(NamedTuple):
    """What an algorithm wants evaluated.

    Attributes
    ----------
    architecture : Architecture
    fidelity : float
        In epochs; a member of the fidelities given to ``setup``.
    network : int or None
        None begins a new network. Networks are numbered 0, 1, 2, ... in the order in which the algorithm begins them;
        such a number goes on with that network.
    """

    architecture: Architecture
    fidelity: float
    network: int | None = None


class Pause(Enum):
    """What an algorithm answers when it has nothing to evaluate."""

    WAIT = "wait"
    """Nothing until something that is running has finished."""
    DONE = "done"
    """Nothing any more."""


class Algorithm(ABC):
    """A NAS optimizer, driven by ``ask`` and ``tell``.

    A subclass is a dataclass; its fields are its hyperparameters, with the paper's values as defaults. It never sees
    clock, budget, true errors or files, and draws all randomness from the two generators that it is given.

    Attributes
    ----------
    version : int
        Raised with every change that alters a trace.
    reference : str
        The paper.
    minimum_fidelities : int
        How many fidelities it needs.
    bitwise_stable : bool
        Whether it does without linear algebra and model inference, so that traces are equal on every machine.
    library : str or None
        The library that it needs, imported when a trial begins; an extra of Regretta of the same name installs it.
    presets : dict
        Published settings by name, each a dict of hyperparameters.
    space : SearchSpace
    fidelities : tuple of float
        What may be asked, ascending, in epochs.
    rng : Generator
        The algorithm's own.
    design_rng : Generator
        For the initial random design: the same stream for every algorithm in a trial, so that all of them start from
        the same architectures.
    """

    version: ClassVar[int] = 1
    reference: ClassVar[str]
    minimum_fidelities: ClassVar[int] = 1
    bitwise_stable: ClassVar[bool] = True
    library: ClassVar[str | None] = None
    presets: ClassVar[dict[str, dict[str, Any]]] = {}

    space: SearchSpace
    fidelities: tuple[float, ...]
    rng: np.random.Generator
    design_rng: np.random.Generator

    def check_fits(self, space: SearchSpace, fidelities: Sequence[float], error_range: tuple[float, float]) -> None:
        """Refuse what it cannot search; called before an experiment begins, and before every trial.

        Parameters
        ----------
        space : SearchSpace
        fidelities : sequence of float
        error_range : tuple of float
            Between which all errors of the benchmark lie.

        Raises
        ------
        ValueError
            With what it needs, what there is, and what to do.
        """
        if len(fidelities) < self.minimum_fidelities:
            raise ValueError(
                f"needs {self.minimum_fidelities} fidelities, there are {len(fidelities)}; exclude the pair, or search"
                " on a benchmark with more"
            )

    def setup(
        self,
        space: SearchSpace,
        fidelities: Sequence[float],
        rng: np.random.Generator,
        design_rng: np.random.Generator,
    ) -> None:
        """Begin a trial; called once, before anything is asked. Subclasses prepare their state in :meth:`begin`."""
        self.space = space
        self.fidelities = tuple(fidelities)
        self.rng = rng
        self.design_rng = design_rng
        self.begin()

    def begin(self) -> None:  # noqa: B027 - a hook that may stay empty
        """Prepare the state of a trial; space, fidelities and generators are there."""

    @abstractmethod
    def ask(self) -> Query | Pause:
        """Return what to evaluate next."""

    @abstractmethod
    def tell(self, query: Query, observed_error: float) -> None:
        """Take the observed error of a query, the same object that ``ask`` returned. Lower is better."""

    def end(self) -> None:  # noqa: B027 - a hook that may stay empty
        """Let go of what the trial held; called once after it, however it ended."""


def draw_unasked(space: SearchSpace, asked: Set[Architecture], rng: np.random.Generator) -> Architecture:
    """Draw uniformly among the architectures that were not asked; there must be one."""
    architecture = space.sample(rng)
    while architecture in asked:
        architecture = space.sample(rng)
    return architecture

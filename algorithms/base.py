"""The contract of an algorithm: it is asked what to evaluate, and told the observed errors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence, Set
from enum import Enum
from typing import Any, ClassVar, NamedTuple

import numpy as np

from benchmarks.spaces.base import Architecture, SearchSpace


class Query(NamedTuple):
    """A request for one evaluation.

    Attributes
    ----------
    architecture : Architecture
    fidelity : float
        In epochs; a member of the fidelities given to ``setup``.
    network : int or None
        None begins a new network. A number continues the training of an earlier network. Networks are numbered 0, 1, 2,
        ... in the order in which the algorithm begins them.
    """

    architecture: Architecture
    fidelity: float
    network: int | None = None


class Pause(Enum):
    """Answers of an algorithm that has nothing to evaluate."""

    WAIT = "wait"
    """There is nothing to evaluate until a running evaluation has finished."""
    DONE = "done"
    """There is nothing left to evaluate."""


class Algorithm(ABC):
    """A NAS optimizer, driven by ``ask`` and ``tell``.

    A subclass is a dataclass whose fields are its hyperparameters, with the paper's values as defaults. It has no
    access to the clock, the budget, true errors or files. It draws all random numbers from the two generators that it
    is given.

    Attributes
    ----------
    version : int
        Must be increased with every change that alters a trace with the same hyperparameters.
    reference : str
        The paper that describes the algorithm.
    minimum_fidelities : int
        Smallest number of fidelities that it needs.
    bitwise_stable : bool
        Whether traces are equal on every machine, because it uses neither linear algebra nor model inference.
    library : str or None
        The library that it needs, which is imported when a trial begins. The extra of Regretta with the same name
        installs it.
    presets : dict
        Published settings by name; each is a dict of hyperparameters.
    space : SearchSpace
    fidelities : tuple of float
        Fidelities that may be asked for, in epochs, ascending.
    rng : Generator
        The algorithm's own random generator.
    design_rng : Generator
        Random generator for the initial design. It is the same for all algorithms of a trial, so that they start from
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
        """Check that the algorithm can search a space. Called before an experiment begins and before every trial.

        Parameters
        ----------
        space : SearchSpace
        fidelities : sequence of float
        error_range : tuple of float
            Lower and upper bound of all errors of the benchmark.

        Raises
        ------
        ValueError
            If it cannot search the space. The message says what was expected, what was given, and what to do.
        """
        if len(fidelities) < self.minimum_fidelities:
            raise ValueError(
                f"expected at least {self.minimum_fidelities} fidelities, got {len(fidelities)}; exclude the pair of"
                " algorithm and benchmark, or choose a benchmark with more fidelities"
            )

    def setup(
        self,
        space: SearchSpace,
        fidelities: Sequence[float],
        rng: np.random.Generator,
        design_rng: np.random.Generator,
    ) -> None:
        """Begin a trial. Called once, before the first ask. Subclasses prepare their state in :meth:`begin`."""
        self.space = space
        self.fidelities = tuple(fidelities)
        self.rng = rng
        self.design_rng = design_rng
        self.begin()

    def begin(self) -> None:  # noqa: B027 - a hook that may stay empty
        """Prepare the state of a trial. Space, fidelities and generators are already set."""

    @abstractmethod
    def ask(self) -> Query | Pause:
        """Return the next query, or a pause."""

    @abstractmethod
    def tell(self, query: Query, observed_error: float) -> None:
        """Receive the observed error of a query, the same object that ``ask`` returned. Lower is better."""

    def end(self) -> None:  # noqa: B027 - a hook that may stay empty
        """Release the resources of a trial. Called once after the trial, even if it failed."""


def draw_unasked(space: SearchSpace, asked: Set[Architecture], rng: np.random.Generator) -> Architecture:
    """Draw uniformly among the architectures that were not asked for. There must be at least one."""
    architecture = space.sample(rng)
    while architecture in asked:
        architecture = space.sample(rng)
    return architecture

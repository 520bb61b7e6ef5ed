"""The answer of ``regretta exact``, as plain values that JSON can hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harness.exact.simulated import Agreement


@dataclass(frozen=True)
class ExactCurve:
    """Exact expectations over the trials of an algorithm.

    Attributes
    ----------
    parameters : dict
        Hyperparameters of the algorithm that the numbers belong to.
    evaluations : list of int
        Numbers of completed evaluations.
    mean, sd, median : list of float
        Of the incumbent's regret, in the benchmark's unit.
    at_optimum : list of float
        Probability that the regret is 0.
    area : float
        Expected area under log regret [dex].
    evaluations_to_best : float or None
        Expected number of evaluations until the lowest observed error is seen. None if it is not known, or if repeats
        are observed.
    """

    parameters: dict[str, Any]
    evaluations: list[int]
    mean: list[float]
    sd: list[float]
    median: list[float]
    at_optimum: list[float]
    area: float
    evaluations_to_best: float | None


@dataclass(frozen=True)
class SimulatedCurve:
    """Means over simulated trials, at the same numbers of evaluations.

    Attributes
    ----------
    parameters : dict
        Hyperparameters of the simulated algorithm.
    trials : int
    evaluations : list of int
        Numbers of completed evaluations.
    mean, error : list of float
        Mean regret and its standard error, in the benchmark's unit. None for the errors of a single trial.
    area : float
        Mean area under log regret [dex].
    agreement : Agreement or None
        Comparison with the exact curve, if it belongs to the same hyperparameters.
    """

    parameters: dict[str, Any]
    trials: int
    evaluations: list[int]
    mean: list[float]
    error: list[float] | None
    area: float
    agreement: Agreement | None


@dataclass(frozen=True)
class LocalOptimum:
    """A local optimum, and how often the first climb ends there.

    Attributes
    ----------
    architecture : str
        In the literature's notation.
    regret : float
        In the benchmark's unit.
    uniform, design : float
        Probability that the first climb ends here, from a uniform start and from the best of the initial design.
    basin : float
        Expected number of architectures whose climb ends here: the sum over all starts of the probability (Ochoa, Verel
        and Tomassini 2010, "First-improvement vs. best-improvement local optima networks of NK landscapes").
    """

    architecture: str
    regret: float
    uniform: float
    design: float
    basin: float


@dataclass(frozen=True)
class Climb:
    """The end of the first climb from one kind of start.

    Attributes
    ----------
    initial : int
        Number of random architectures at the start.
    moves, evaluations : float
        Expected numbers; the evaluations, which include the start, are those without memory.
    regret : float
        Expected regret of its end, in the benchmark's unit.
    at_optimum : float
        Probability that it ends at an architecture without regret.
    """

    initial: int
    moves: float
    evaluations: float
    regret: float
    at_optimum: float


@dataclass(frozen=True)
class Answer:
    """The answer of ``regretta exact``.

    Attributes
    ----------
    benchmark, title, unit, algorithm, signal, target : str
    budget : int
        In evaluations.
    parameters : dict
        Hyperparameters that were asked about.
    exact : ExactCurve or None
    simulated : SimulatedCurve or None
    climbs : dict
        The first climb of local search by its start, ``uniform`` and ``design``; empty for other algorithms.
    optima : list of LocalOptimum
        All local optima, the most probable end from the design first; empty for other algorithms.
    bracket : list of (int, float) or None
        Number of networks and fidelity of each rung of successive halving.
    notes : list of str
        What is exact, and what is not.
    """

    benchmark: str
    title: str
    unit: str
    algorithm: str
    signal: str
    target: str
    budget: int
    parameters: dict[str, Any]
    exact: ExactCurve | None
    simulated: SimulatedCurve | None
    climbs: dict[str, Climb]
    optima: list[LocalOptimum]
    bracket: list[tuple[int, float]] | None
    notes: list[str]

"""One trial by hand: ask, evaluate and tell, one evaluation after another, with the clock in view."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from algorithms.base import Algorithm, Pause, Query
from benchmarks.benchmark import Benchmark
from benchmarks.loading import load_benchmark
from benchmarks.spaces.base import Architecture
from harness.entries.hyperparameters import hyperparameters
from harness.entries.sources import find_source
from harness.errors import ConfigurationError, validation_problems
from harness.simulation.accounting import Accounting, AlgorithmError, Evaluation
from harness.simulation.incumbents import incumbents
from harness.simulation.protocols import Budget, check_protocol, resolve_protocol
from harness.simulation.random_streams import repeat_draw, stream
from harness.simulation.trial import true_errors
from results.words import shortened


class Race:
    """One trial on the simulated clock, driven from a notebook instead of by the simulator.

    It charges every evaluation as a run does, with one simulated worker. A registered algorithm that is driven by
    :meth:`step` asks and observes exactly what it does in the same trial of an experiment.

    Parameters
    ----------
    benchmark : str or Benchmark
    budget : mapping, optional
        ``{"evaluations": 100}`` or ``{"seconds": 12000}``. Default: that of the protocol's preset, if it has one.
    protocol : mapping, optional
        ``preset`` and the rules that replace the preset's, as in an experiment file. Default: ``standard``.
    seed, trial : int
        The seed of the experiment and the number of the trial, which choose the recorded repeats and the streams.

    Attributes
    ----------
    benchmark : Benchmark
    space : SearchSpace
    fidelities : tuple of float
        Fidelities that may be asked for, in epochs, ascending.
    protocol : Protocol
    design_rng : Generator
        The random generator for initial designs, which all algorithms of this trial share.
    evaluations : list of Evaluation
        All evaluations so far.
    clock : float
        Simulated time [s].

    Raises
    ------
    ConfigurationError
        If the budget or the protocol is wrong. The error lists all mistakes.
    BenchmarkError
        If the benchmark is unknown, or its data is missing.

    Examples
    --------
    >>> race = Race("nasbench201-cifar10", budget={"evaluations": 20}, seed=1)
    >>> while race.open:
    ...     result = race.evaluate(race.space.sample(race.design_rng))
    >>> len(race.evaluations)
    20
    """

    def __init__(
        self,
        benchmark: str | Benchmark,
        *,
        budget: Mapping[str, Any] | None = None,
        protocol: Mapping[str, Any] | None = None,
        seed: int = 0,
        trial: int = 0,
    ) -> None:
        self.benchmark = load_benchmark(benchmark) if isinstance(benchmark, str) else benchmark
        self.space, facts = self.benchmark.space, self.benchmark.facts
        preset, rules, problems = check_protocol(protocol or {})
        limit = _budget(budget, problems)
        if rules.get("workers", 1) != 1:
            problems.append(f"protocol.workers: expected 1, as a race by hand has one worker, got {rules['workers']}")
        if problems or preset is None:
            raise ConfigurationError(problems)
        self.protocol = resolve_protocol(preset, rules, limit, facts)
        self.fidelities = self.protocol.fidelities
        self._names = seed, facts.name, trial
        self.design_rng = stream("initial design", seed, facts.name, trial)
        self._accounting = Accounting(self.benchmark, self.protocol, repeat_draw(seed, facts.name, trial, self.space))
        self.evaluations: list[Evaluation] = []
        self.clock = 0.0

    @property
    def open(self) -> bool:
        """Whether the budget allows another evaluation to start."""
        return self.clock < self._accounting.closes

    def algorithm(self, use: str | type[Algorithm], **parameters: Any) -> Algorithm:
        """Return an algorithm that is ready for this trial: call its ``ask`` and ``tell``, or pass it to `step`.

        Parameters
        ----------
        use : str or type
            The name of a registered algorithm, or a class that you defined.
        **parameters
            Hyperparameters, and ``preset``.

        Raises
        ------
        ConfigurationError
            If the algorithm or a hyperparameter is unknown, or a value is wrong.
        ValueError
            If the algorithm cannot search this space.
        TypeError
            If it is neither a name nor a class.
        """
        if not isinstance(use, (str, type)):
            raise TypeError(
                f"algorithm(): expected a name or a class, got {shortened(repr(use), 100)}; give the class, and"
                f" hyperparameters by name: race.algorithm({type(use).__name__}, name=value)"
            )
        cls = find_source(use, Path()).load() if isinstance(use, str) else use
        source = use if isinstance(use, str) else f"{cls.__module__}:{cls.__qualname__}"
        algorithm = cls(**hyperparameters(cls, parameters, f"algorithms.{source}"))
        algorithm.check_fits(self.space, self.fidelities, self.benchmark.facts.valid_range)
        seed, name, trial = self._names
        design_rng = stream("initial design", seed, name, trial)
        algorithm.setup(self.space, self.fidelities, stream("algorithm", seed, source, name, trial), design_rng)
        return algorithm

    def evaluate(
        self, what: Query | Architecture, fidelity: float | None = None, network: int | None = None
    ) -> Evaluation:
        """Evaluate an architecture, and advance the clock by what it costs.

        Parameters
        ----------
        what : Query or tuple of int
            What an algorithm asked for, or an architecture.
        fidelity : float, optional
            In epochs. Default: the highest. Has no effect with a query.
        network : int, optional
            The number of an earlier network to continue. Default: a new network. Has no effect with a query.

        Returns
        -------
        Evaluation
            Among others ``observed_error``, ``charged_seconds``, ``end`` and ``status``, which is ``truncated`` if the
            evaluation ends after the budget. Such an error does not count, and an algorithm is not told it.

        Raises
        ------
        RuntimeError
            If the budget is spent: see `open`.
        AlgorithmError
            If the architecture, the fidelity or the network does not exist.
        """
        if not self.open:
            raise RuntimeError(
                f"the budget of {self.protocol.budget} is spent; check race.open before each evaluation, or make a"
                " Race with a larger budget"
            )
        query = what if isinstance(what, Query) else Query(what, fidelity or self.fidelities[-1], network)
        return self._submit(query, "evaluate")

    def _submit(self, query: Query, method: str) -> Evaluation:
        """Charge an evaluation, and advance the clock to its end. Errors begin with the name of the method."""
        try:
            self.clock, _ = self._accounting.submit(query, 0, self.clock)
        except AlgorithmError as refusal:
            raise AlgorithmError(f"{method}(): {refusal}") from None
        evaluation = Evaluation(*self._accounting.rows[-1])
        self.evaluations.append(evaluation)
        return evaluation

    def step(self, algorithm: Algorithm) -> Evaluation | None:
        """Ask an algorithm, evaluate what it asked for, and tell it the error.

        Returns
        -------
        Evaluation or None
            None if the budget is spent, or the algorithm has nothing left to evaluate.

        Raises
        ------
        AlgorithmError
            If the algorithm waits, or asks for something that does not exist.
        TypeError
            If it was not made with `algorithm`.
        """
        if not hasattr(algorithm, "space"):
            name = getattr(algorithm, "__name__", type(algorithm).__name__)
            raise TypeError(
                f"step(): expected an algorithm that is ready for this trial, got {shortened(repr(algorithm), 100)};"
                f" make it with race.algorithm({name})"
            )
        answer = algorithm.ask() if self.open else Pause.DONE
        if isinstance(answer, Pause):
            if answer is Pause.DONE:
                return None
            raise AlgorithmError("ask() returned Pause.WAIT, but nothing is running; return a Query or Pause.DONE")
        evaluation = self._submit(answer, "ask")
        if evaluation.status == "completed":
            algorithm.tell(answer, evaluation.observed_error)
        return evaluation

    @property
    def incumbent(self) -> Evaluation | None:
        """The evaluation whose architecture would be chosen now. None before the first completed evaluation."""
        completed = [one for one in self.evaluations if one.status == "completed"]
        if not completed:
            return None
        reached, observed = np.array([(one.fidelity_to, one.observed_error) for one in completed]).T
        return completed[int(incumbents(reached, observed, self.protocol.incumbent)[-1])]

    def true_error(self, target: str | None = None) -> float:
        """Return the true error of the incumbent, which no algorithm sees. NaN without an incumbent.

        Parameters
        ----------
        target : str, optional
            Default: the first target that the protocol reports.
        """
        chosen = self.incumbent
        if chosen is None:
            return float("nan")
        genotypes = np.array([chosen.architecture], dtype=np.int16)
        return float(true_errors(self.benchmark, genotypes, target or self.protocol.report[0])[0])

    def frame(self) -> pd.DataFrame:
        """Return all evaluations as a DataFrame, one row each, with architectures in the literature's notation."""
        frame = pd.DataFrame(self.evaluations, columns=Evaluation._fields)
        return frame.assign(architecture=[self.space.to_string(one.architecture) for one in self.evaluations])


def _budget(budget: Mapping[str, Any] | None, problems: list[str]) -> Budget | None:
    """Check a budget. Mistakes are added to the problems."""
    if budget is None:
        return None
    if not isinstance(budget, Mapping):
        problems.append(f'budget: expected a mapping such as {{"evaluations": 100}}, got {budget!r}')
        return None
    try:
        return Budget.model_validate(dict(budget))
    except ValidationError as error:
        problems += validation_problems("budget", error)
        return None

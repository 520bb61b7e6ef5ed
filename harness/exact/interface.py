"""Answer ``regretta exact``: expectations of one algorithm on one benchmark, with a simulation beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from algorithms.base import Algorithm
from algorithms.local_search import LocalSearch
from algorithms.random_search import RandomSearch
from algorithms.registry import algorithm_class
from algorithms.successive_halving import SuccessiveHalving
from benchmarks.analyses.neighbourhoods import Landscape
from benchmarks.benchmark import Benchmark, Target
from benchmarks.errors import unknown_name
from benchmarks.loading import load_benchmark
from harness.entries.hyperparameters import hyperparameters
from harness.errors import ConfigurationError
from harness.exact.answers import LAWS, area_points, expected_area, find_law
from harness.exact.climbs import FirstClimb
from harness.exact.errors import NotExactError
from harness.exact.halving import find_bracket
from harness.exact.laws import Law
from harness.exact.local_search import find_first_climbs, find_landscape
from harness.exact.networks import Floats, Ints, find_networks, find_regrets
from harness.exact.simulated import compare_curves, simulate_regret
from harness.exact.types import Answer, Climb, ExactCurve, LocalOptimum, SimulatedCurve
from harness.simulation.protocols import Budget, Protocol, resolve_protocol
from results.anytime.regret import median_regret, regret_floor

MOST_POINTS = 300
"""Number of points of a curve beyond which they are log-spaced."""

MOST_SIMULATED = 20_000_000
"""The largest number of simulated evaluations of all trials."""

STEPS = (1, 2, 5)
"""Digits of the numbers of evaluations that the terminal shows."""


@dataclass(frozen=True)
class Question:
    """A checked question: an algorithm on a benchmark under a protocol.

    Attributes
    ----------
    benchmark : Benchmark
    use : str
    parameters : dict
        All hyperparameters.
    protocol : Protocol
    target : str
    """

    benchmark: Benchmark
    use: str
    parameters: dict[str, Any]
    protocol: Protocol
    target: str

    @property
    def algorithm(self) -> Algorithm:
        """A new instance of the algorithm."""
        return algorithm_class(self.use)(**self.parameters)


def ask(
    name: str,
    use: str,
    given: Mapping[str, Any],
    evaluations: int,
    signal: Literal["mean", "repeat"],
    target: str | None = None,
) -> Question:
    """Check a question.

    Parameters
    ----------
    name : str
        A benchmark.
    use : str
        Registered name of the algorithm.
    given : mapping
        Hyperparameters that differ from the defaults, and ``preset``.
    evaluations : int
        The budget.
    signal : {"mean", "repeat"}
        What the algorithm observes.
    target : str, optional
        The true error that counts. Default: the validation error at the highest fidelity.

    Raises
    ------
    ConfigurationError
        With all mistakes.
    """
    if use not in LAWS:
        raise NotExactError([f"--algorithm: {unknown_name('algorithm with exact answers', use, LAWS)}"])
    benchmark = load_benchmark(name)
    parameters = hyperparameters(algorithm_class(use), given, f"--set for {use}")
    fields: dict[str, Any] = {"signal": signal} | ({} if target is None else {"report": (target,)})
    protocol = resolve_protocol("standard", fields, Budget(evaluations=evaluations), benchmark.facts)
    question = Question(benchmark, use, parameters, protocol, protocol.report[0])
    try:
        question.algorithm.check_fits(benchmark.space, protocol.fidelities, benchmark.facts.valid_range)
    except ValueError as error:
        raise ConfigurationError([f"{use} on {name}: {error}"]) from None
    return question


def answer(question: Question, trials: int = 0) -> Answer:
    """Answer a question, with as many simulated trials beside it.

    Local search with memory has no exact curve. Its first climb is exact, the curve of the search without memory stands
    for comparison, and the search with memory is simulated.

    Raises
    ------
    NotExactError
        If nothing about the question is known exactly.
    """
    budget = question.protocol.budget.evaluations or 0
    if trials * budget > MOST_SIMULATED:
        raise ConfigurationError(
            [
                f"--simulate: expected at most {MOST_SIMULATED // budget:,} trials of {budget:,} evaluations, got"
                f" {trials:,}; use --simulate 0 for the exact numbers alone"
            ]
        )
    notes: list[str] = []
    algorithm, bracket = question.algorithm, _bracket(question)
    points = _curve_points(question, bracket)
    landscape: Landscape | None = None
    climbs: dict[str, FirstClimb] = {}
    if isinstance(algorithm, LocalSearch):
        landscape = find_landscape(question.benchmark, question.protocol)
        climbs = find_first_climbs(algorithm, landscape)
    known = _exact_parameters(question, notes)
    law = exact = None
    if known is not None:
        law = find_law(question.use, known, question.benchmark, question.protocol, question.target, points)
        to_best = _evaluations_to_best(question, landscape, climbs)
        exact = _exact_curve(law, known, question, to_best)
    simulated = _simulated_curve(question, points, trials, law if known == question.parameters else None)
    regret = find_regrets(question.benchmark, question.target)
    facts = question.benchmark.facts
    return Answer(
        benchmark=facts.name,
        title=facts.title,
        unit=facts.unit,
        algorithm=question.use,
        signal=question.protocol.signal,
        target=question.target,
        budget=budget,
        parameters=question.parameters,
        exact=exact,
        simulated=simulated,
        climbs={start: _climb(found, regret) for start, found in climbs.items()},
        optima=_optima(question.benchmark, climbs, landscape, regret) if landscape else [],
        bracket=bracket,
        notes=notes,
    )


def shown_points(evaluations: int) -> list[int]:
    """Return the numbers of evaluations that are shown: 1, 2, 5, 10, 20, 50, ... and the budget."""
    steps = [step * 10**power for power in range(len(str(evaluations))) for step in STEPS]
    return [step for step in steps if step < evaluations] + [evaluations]


def _curve_points(question: Question, bracket: list[tuple[int, float]] | None) -> Ints:
    """Return the points of the curves: those that are shown, those of the area, and enough for a figure."""
    budget = question.protocol.budget.evaluations or 1
    every = np.geomspace(1, budget, MOST_POINTS).astype(np.int64)
    ends = [bracket[0][0] + len(bracket) - 1] if bracket else []
    ends = [end for end in ends if end <= budget]
    found = np.unique(np.concatenate([every, shown_points(budget), area_points(budget), ends]).astype(np.int64))
    return found[found > 0]


def _exact_parameters(question: Question, notes: list[str]) -> dict[str, Any] | None:
    """Return the hyperparameters whose curve is exact, and say whose it is. None if there are none."""
    algorithm, parameters = question.algorithm, question.parameters
    if not isinstance(algorithm, LocalSearch) or not algorithm.memory:
        return parameters
    if not algorithm.stop_at_minimum:
        notes.append(
            "A search that continues at a local minimum needs its memory, so its curve is not known exactly. The first"
            " climb is exact."
        )
        return None
    notes.append(
        "The exact curve is that of memory = false. The search with memory is no Markov chain on architectures: it is"
        " simulated. The first climb ends in the same way with and without memory."
    )
    return parameters | {"memory": False}


def _evaluations_to_best(
    question: Question, landscape: Landscape | None, climbs: Mapping[str, FirstClimb]
) -> float | None:
    """Return the expected number of evaluations until the lowest observed error is seen."""
    algorithm = question.algorithm
    if landscape is not None:
        return climbs["design"].evaluations_to_best(landscape.observed)
    if not isinstance(algorithm, RandomSearch) or question.protocol.signal != "mean":
        return None
    fidelity = question.protocol.fidelities[-1]
    networks = find_networks(question.benchmark, [fidelity], question.protocol.signal)
    observed = networks.observed[fidelity]
    best = observed == observed.min()
    if algorithm.replacement:
        return 1 / float(networks.probability[best].sum())
    return (len(observed) + 1) / (int(best.sum()) + 1)


def _facts(question: Question) -> tuple[float, float]:
    """Return the floor, and the regret of the median architecture."""
    target = Target.parse(question.target)
    owner = load_benchmark(target.benchmark) if target.benchmark else question.benchmark
    facts = asdict(owner.facts.targets[target.name])
    return regret_floor(facts)[0], median_regret(facts)


def _exact_curve(law: Law, parameters: dict[str, Any], question: Question, to_best: float | None) -> ExactCurve:
    floor, start = _facts(question)
    return ExactCurve(
        parameters,
        law.evaluations.tolist(),
        law.mean().tolist(),
        law.sd().tolist(),
        law.median().tolist(),
        law.at_optimum().tolist(),
        expected_area(law.evaluations, law.mean_log(floor), int(law.evaluations[-1]), max(floor, start)),
        to_best,
    )


def _simulated_curve(question: Question, points: Ints, trials: int, law: Law | None) -> SimulatedCurve | None:
    if not trials:
        return None
    regret = simulate_regret(
        question.use, question.parameters, question.benchmark, question.protocol, question.target, points, trials
    )
    floor, start = _facts(question)
    logs = np.log10(np.maximum(regret, floor)).mean(axis=0)
    error = (regret.std(axis=0, ddof=1) / trials**0.5).tolist() if trials > 1 else None
    agreement = compare_curves(regret, law) if law else None
    area = expected_area(points, logs, int(points[-1]), max(floor, start))
    return SimulatedCurve(
        question.parameters, trials, points.tolist(), regret.mean(axis=0).tolist(), error, area, agreement
    )


def _climb(found: FirstClimb, regret: Floats) -> Climb:
    return Climb(
        found.initial,
        found.moves,
        found.evaluations,
        float(found.end @ regret),
        float(found.end[regret == 0].sum()),
    )


def _optima(
    benchmark: Benchmark, climbs: Mapping[str, FirstClimb], landscape: Landscape, regret: Floats
) -> list[LocalOptimum]:
    """Return all local optima, the most probable end from the design first."""
    rows = np.flatnonzero(landscape.better == 0)
    uniform, design = climbs["uniform"].end, climbs["design"].end
    genotypes = benchmark.space.enumerate()
    return [
        LocalOptimum(
            benchmark.space.to_string(tuple(genotypes[row].tolist())),
            float(regret[row]),
            float(uniform[row]),
            float(design[row]),
            float(uniform[row] * len(regret)),
        )
        for row in rows[np.argsort(-design[rows], kind="stable")].tolist()
    ]


def _bracket(question: Question) -> list[tuple[int, float]] | None:
    algorithm = question.algorithm
    if not isinstance(algorithm, SuccessiveHalving):
        return None
    return find_bracket(algorithm, question.benchmark, question.protocol)

"""What every algorithm promises, as checks that raise PromiseBroken with the reason.

A check takes a :class:`Case`: an algorithm with its hyperparameters, a benchmark, a number of simulated workers.
"""

from __future__ import annotations

import dataclasses
import gc
import random
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from algorithms import Algorithm, Pause, Query
from benchmarks import Benchmark, SearchSpace, Target
from harness.errors import numbers, shown
from harness.simulation.protocols import Budget, Protocol
from harness.simulation.trial import run_trial
from results.storage.records import REAL_TIME, Trial

SEED = 2026
EVALUATIONS = 110
"""Enough for the largest initial design of a registered algorithm, and some more."""
WORKERS = (1, 4)

LIVE = ("status", "incumbent")
"""Columns that a longer budget may change: what was cut off is told then."""


@dataclass(frozen=True)
class Case:
    """One algorithm on one benchmark."""

    cls: type[Algorithm]
    use: str
    parameters: Mapping[str, Any]
    benchmark: Benchmark
    workers: int

    def algorithm(self) -> Algorithm:
        """Make one."""
        return self.cls(**self.parameters)

    def refusal(self) -> str | None:
        """Say why the algorithm cannot search there, if it cannot."""
        facts = self.benchmark.facts
        try:
            self.algorithm().check_fits(self.benchmark.space, facts.fidelities, facts.valid_range)
        except ValueError as error:
            return str(error)
        return None

    def protocol(self, **budget: Any) -> Protocol:
        """Plain accounting with a budget."""
        facts = self.benchmark.facts
        report = (str(Target("validation", facts.fidelities[-1])),)
        return Protocol(budget=Budget(**budget), fidelities=facts.fidelities, workers=self.workers, report=report)

    def run(self, evaluations: int = EVALUATIONS, *, algorithm: Algorithm | None = None, trial: int = 0) -> Trial:
        """Run a trial of so many evaluations."""
        return self.run_under(self.protocol(evaluations=evaluations), algorithm=algorithm, trial=trial)

    @cached_property
    def usual(self) -> Trial:
        """The trial that several checks compare others with, run once."""
        return self.run()

    def run_under(self, protocol: Protocol, *, algorithm: Algorithm | None = None, trial: int = 0) -> Trial:
        """Run a trial under a protocol."""
        return run_trial(algorithm or self.algorithm(), self.use, self.benchmark, protocol, SEED, trial)


def trace(trial: Trial) -> list[str]:
    """Return what identifies a trial's trace."""
    return [trial.decisions, trial.outcomes, trial.ended]


class PromiseBroken(AssertionError):
    """An algorithm does not do what every algorithm promises."""


def demand(holds: bool, otherwise: str) -> None:
    """Raise PromiseBroken, unless it holds."""
    if not holds:
        raise PromiseBroken(otherwise)


class Watched(Algorithm):
    """Checks every exchange between the simulator and an algorithm."""

    reference = "none"

    def __init__(self, algorithm: Algorithm) -> None:
        self.algorithm = algorithm
        self.running: list[Query] = []
        self.begun: list[tuple[int, ...]] = []
        self.given: tuple[Any, ...] = ()
        self.done = False

    def setup(self, *given: Any) -> None:
        """Pass on what a trial begins with, and keep it."""
        self.given = given
        self.space, self.fidelities = given[:2]
        self.algorithm.setup(*given)

    def ask(self) -> Query | Pause:
        """Pass the question on, and check the answer."""
        demand(not self.done, "asked again after DONE")
        answer = self.algorithm.ask()
        if not isinstance(answer, Query):
            demand(isinstance(answer, Pause), f"ask() answered {answer!r}")
            demand(answer is Pause.DONE or bool(self.running), "waits though nothing is running")
            self.done = answer is Pause.DONE
            return answer
        architecture, fidelity, network = answer
        demand(type(architecture) is tuple, f"asked for {architecture!r}, no tuple")
        demand(all(type(value) is int for value in architecture), f"asked for {architecture!r}, not of plain ints")
        demand(self.space.is_valid(architecture), f"asked for {architecture!r}, not in {self.space!r}")
        demand(
            fidelity in self.fidelities, f"asked for fidelity {shown(fidelity)}; allowed are {numbers(self.fidelities)}"
        )
        if network is None:
            self.begun.append(architecture)
        else:
            demand(self.begun[network] == architecture, f"network {network} is of {self.begun[network]}")
        self.running.append(answer)
        return answer

    def end(self) -> None:
        """Pass it on."""
        self.algorithm.end()

    def tell(self, query: Query, observed_error: float) -> None:
        """Pass a result on, of a query that is running."""
        position = next((i for i, asked in enumerate(self.running) if asked is query), -1)
        demand(position >= 0, f"told of {query!r}, which is no query object that is running")
        del self.running[position]
        demand(type(observed_error) is float, f"told {shown(observed_error)}, of {type(observed_error).__name__}")
        self.algorithm.tell(query, observed_error)


def check_asks_lie_in_the_space(case: Case) -> None:
    """Asks are valid, and each is told with the same object; also when every architecture there is was asked."""
    watched = Watched(case.algorithm())
    trial = case.run(algorithm=watched)
    asked = len(trial.columns["number"])
    demand(trial.ended in ("budget", "done"), f"ended as {trial.ended}")
    demand(asked == EVALUATIONS or (trial.ended == "done" and asked > 0), f"ended after {asked} as {trial.ended}")
    demand((trial.ended == "done") == watched.done, f"ended as {trial.ended}")
    demand(not watched.running, f"{len(watched.running)} evaluations were never told")


def check_tiny_budgets(case: Case) -> None:
    """One evaluation, and fewer than an initial design, are enough to run."""
    for evaluations in (1, 3):
        trial = case.run(evaluations, algorithm=Watched(case.algorithm()))
        asked = len(trial.columns["number"])
        size = case.benchmark.space.size
        demand(asked == evaluations or (trial.ended == "done" and asked == size), f"asked {asked} of {evaluations}")
        demand(set(trial.columns["status"]) == {"completed"}, "an evaluation was not told")


def check_same_seed_same_trace(case: Case) -> None:
    """A trial repeats to the last bit; another trial differs, where the space leaves a choice."""
    first, other = case.usual, case.run(trial=1)
    demand(trace(case.run()) == trace(first), "the same seed gives another trace")
    if (case.benchmark.space.size or EVALUATIONS) >= EVALUATIONS:
        demand(other.decisions != first.decisions, "the trial's number changes nothing")


def check_a_longer_budget_keeps_the_prefix(case: Case) -> None:
    """Extending a budget, in evaluations or seconds, changes nothing that was before: it is not seen."""
    long = case.run(3 * EVALUATIONS // 2)
    _check_prefix(case.usual, long)
    if case.benchmark.facts.has_seconds and len(long.columns["end"]) > 2:
        half = float(np.median(long.columns["end"]))
        short = case.run_under(case.protocol(seconds=half))
        _check_prefix(short, case.run_under(case.protocol(seconds=1.7 * half)))
        _check_prefix(short, long)


def _check_prefix(short: Trial, long: Trial) -> None:
    n = min(len(short.columns["number"]), len(long.columns["number"]))
    demand(n > 0, "nothing was evaluated")
    for name, values in short.columns.items():
        if name not in (*REAL_TIME, *LIVE) and not name.startswith("incumbent_error:"):
            demand(np.array_equal(values[:n], long.columns[name][:n]), f"{name} changes with the budget")


def check_global_randomness_is_left_alone(case: Case) -> None:
    """The global states of random numbers are neither drawn from nor seeded."""
    usual = case.usual
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 - the state that nobody may touch
    try:
        random.seed(5)
        np.random.seed(5)  # noqa: NPY002
        seeded = random.getstate(), np.random.get_state()  # noqa: NPY002
        again = case.run()
        demand(random.getstate() == seeded[0], "the global random state of Python was touched")
        after = np.random.get_state()  # noqa: NPY002
        kept = all(np.array_equal(a, b) for a, b in zip(seeded[1], after, strict=True))
        demand(kept, "numpy's global state was touched")
        demand(trace(again) == trace(usual), "the trace depends on the global random state")
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002


def check_arguments_stay_as_they_are(case: Case) -> None:
    """Space, fidelities, facts and the hyperparameters are the same after a trial."""
    space, facts, algorithm = case.benchmark.space, case.benchmark.facts.to_json(), case.algorithm()
    before = _public(space), _fields(algorithm)
    fidelities = list(case.benchmark.facts.fidelities)
    try:
        algorithm.setup(space, fidelities, np.random.default_rng(0), np.random.default_rng(1))
        algorithm.ask()
    finally:
        algorithm.end()
    demand(fidelities == list(case.benchmark.facts.fidelities), "the list of fidelities was changed")
    algorithm = case.algorithm()
    case.run(algorithm=algorithm)
    demand((_public(space), _fields(algorithm)) == before, "the space or a hyperparameter was changed")
    demand(case.benchmark.facts.to_json() == facts, "the benchmark's facts were changed")


def _public(space: SearchSpace) -> dict[str, Any]:
    return {name: value for name, value in vars(space).items() if not name.startswith("_")}


def _fields(algorithm: Algorithm) -> str:
    """The hyperparameters as text, so that a changed list inside them is seen."""
    if not dataclasses.is_dataclass(algorithm):
        return ""
    return repr({field.name: getattr(algorithm, field.name) for field in dataclasses.fields(algorithm)})


def check_budget_and_true_errors_are_out_of_sight(case: Case) -> None:
    """Nothing of the harness, no benchmark and no result can be reached from the algorithm."""
    watched = Watched(case.algorithm())
    case.run(algorithm=watched)
    kinds = [type(given) for given in watched.given[1:]]
    demand(kinds == [tuple, np.random.Generator, np.random.Generator], f"setup was given {kinds}")
    demand(watched.given[0] is case.benchmark.space, "setup was given another space")
    for thing in _reachable(watched.algorithm):
        package = type(thing).__module__.partition(".")[0]
        demand(package not in ("harness", "results"), f"{thing!r} can be reached from the algorithm")
        demand(not hasattr(type(thing), "true_errors"), f"{thing!r} can be reached from the algorithm")


def _reachable(root: object) -> Iterator[object]:
    """All containers that an object holds, directly or not; code is not followed, but what a closure holds is."""
    seen, stack = {id(root)}, [root]
    while stack:
        thing = stack.pop()
        yield thing
        held = gc.get_referents(thing)
        if isinstance(thing, types.FunctionType):
            held = [cell.cell_contents for cell in thing.__closure__ or ()]
        for other in held:
            if id(other) not in seen and gc.is_tracked(other) and not isinstance(other, (type, types.ModuleType)):
                seen.add(id(other))
                stack.append(other)


CHECKS: tuple[Callable[[Case], None], ...] = (
    check_asks_lie_in_the_space,
    check_tiny_budgets,
    check_same_seed_same_trace,
    check_a_longer_budget_keeps_the_prefix,
    check_global_randomness_is_left_alone,
    check_arguments_stay_as_they_are,
    check_budget_and_true_errors_are_out_of_sight,
)

SHORT = (check_asks_lie_in_the_space, check_tiny_budgets)
"""Where an algorithm has passed all checks on a benchmark of the same space and fidelities."""

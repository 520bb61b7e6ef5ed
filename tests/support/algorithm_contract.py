"""What every algorithm promises, as checks that raise AssertionError with the reason.

A check takes a :class:`Case`: an algorithm with its hyperparameters, a benchmark, a number of simulated workers. As a
script, it prints the traces of the cases of the registries, to compare this process with another.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import random
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from algorithms import ALGORITHMS, Algorithm, Pause, Query, algorithm_class
from benchmarks import Benchmark, SearchSpace, load_benchmark, target_name
from harness.protocols import Budget, Protocol
from harness.trial import run_trial
from results.records import REAL_TIME, Trial

SEED = 2026
EVALUATIONS = 110
"""Enough for the largest initial design of a registered algorithm, and some more."""
WORKERS = (1, 4)

LIGHT = {"predictor": "ridge", "initial": 30, "picks": 40}
"""Hyperparameters of whoever has a predictor: contracts do not depend on it, and the papers' take seconds a trial."""

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
        return self.cls(**self.parameters)

    def protocol(self, **budget: Any) -> Protocol:
        facts = self.benchmark.facts
        report = (target_name("validation", facts.fidelities[-1]),)
        return Protocol(budget=Budget(**budget), fidelities=facts.fidelities, workers=self.workers, report=report)

    def run(self, evaluations: int = EVALUATIONS, *, algorithm: Algorithm | None = None, trial: int = 0) -> Trial:
        return self.run_under(self.protocol(evaluations=evaluations), algorithm=algorithm, trial=trial)

    def run_under(self, protocol: Protocol, *, algorithm: Algorithm | None = None, trial: int = 0) -> Trial:
        return run_trial(algorithm or self.algorithm(), self.use, self.benchmark, protocol, SEED, trial)


def variants(cls: type[Algorithm]) -> dict[str, dict[str, Any]]:
    """By name, the settings to test: the defaults, every preset, every switch turned; equal ones once."""
    named: dict[str, dict[str, Any]] = {"defaults": {}} | cls.presets
    for field in dataclasses.fields(cls):
        if isinstance(field.default, bool):
            named[f"{field.name}={not field.default}"] = {field.name: not field.default}
    light = LIGHT if "predictor" in {field.name for field in dataclasses.fields(cls)} else {}
    found: dict[str, dict[str, Any]] = {}
    for name, given in named.items():
        parameters = given | light
        if all(cls(**parameters) != cls(**other) for other in found.values()):
            found[name] = parameters
    return found


def trace(trial: Trial) -> list[str]:
    return [trial.decisions, trial.outcomes, trial.ended]


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
        self.given = given
        self.space, self.fidelities = given[:2]
        self.algorithm.setup(*given)

    def ask(self) -> Query | Pause:
        assert not self.done, "asked again after DONE"
        answer = self.algorithm.ask()
        if not isinstance(answer, Query):
            assert isinstance(answer, Pause), f"ask() answered {answer!r}"
            assert answer is Pause.DONE or self.running, "waits though nothing is running"
            self.done = answer is Pause.DONE
            return answer
        architecture, fidelity, network = answer
        assert type(architecture) is tuple, f"asked for {architecture!r}, no tuple"
        assert all(type(value) is int for value in architecture), f"asked for {architecture!r}, not of plain ints"
        assert self.space.is_valid(architecture), f"asked for {architecture!r}, not in {self.space!r}"
        assert fidelity in self.fidelities, f"asked for fidelity {fidelity!r}; allowed are {self.fidelities}"
        if network is None:
            self.begun.append(architecture)
        else:
            assert self.begun[network] == architecture, f"network {network} is of {self.begun[network]}"
        self.running.append(answer)
        return answer

    def tell(self, query: Query, observed_error: float) -> None:
        position = next((i for i, asked in enumerate(self.running) if asked is query), None)
        assert position is not None, f"told of {query!r}, which is no query object that is running"
        del self.running[position]
        assert type(observed_error) is float, f"told {observed_error!r}"
        self.algorithm.tell(query, observed_error)


def check_asks_lie_in_the_space(case: Case) -> None:
    """Asks are valid, and each is told with the same object; also when every architecture there is was asked."""
    watched = Watched(case.algorithm())
    trial = case.run(algorithm=watched)
    asked = len(trial.columns["number"])
    assert trial.ended in ("budget", "done"), trial.ended
    assert asked == EVALUATIONS or (trial.ended == "done" and asked > 0), f"ended after {asked} as {trial.ended}"
    assert (trial.ended == "done") == watched.done, f"ended as {trial.ended}"
    assert not watched.running, f"{len(watched.running)} evaluations were never told"


def check_tiny_budgets(case: Case) -> None:
    """One evaluation, and fewer than an initial design, are enough to run."""
    for evaluations in (1, 3):
        trial = case.run(evaluations, algorithm=Watched(case.algorithm()))
        asked = len(trial.columns["number"])
        size = case.benchmark.space.size
        assert asked == evaluations or (trial.ended == "done" and asked == size), f"asked {asked} of {evaluations}"
        assert set(trial.columns["status"]) == {"completed"}, "an evaluation was not told"


def check_same_seed_same_trace(case: Case) -> None:
    """A trial repeats to the last bit; another trial differs, where the space leaves a choice."""
    first, again, other = case.run(), case.run(), case.run(trial=1)
    assert trace(again) == trace(first), "the same seed gives another trace"
    if (case.benchmark.space.size or EVALUATIONS) >= EVALUATIONS:
        assert other.decisions != first.decisions, "the trial's number changes nothing"


def check_a_longer_budget_keeps_the_prefix(case: Case) -> None:
    """Extending a budget, in evaluations or seconds, changes nothing that was before: it is not seen."""
    long = case.run(3 * EVALUATIONS // 2)
    _check_prefix(case.run(), long)
    if case.benchmark.facts.has_seconds and len(long.columns["end"]) > 2:
        half = float(np.median(long.columns["end"]))
        short = case.run_under(case.protocol(seconds=half))
        _check_prefix(short, case.run_under(case.protocol(seconds=1.7 * half)))
        _check_prefix(short, long)


def _check_prefix(short: Trial, long: Trial) -> None:
    n = min(len(short.columns["number"]), len(long.columns["number"]))
    assert n > 0, "nothing was evaluated"
    for name, values in short.columns.items():
        if name not in (*REAL_TIME, *LIVE) and not name.startswith("incumbent_error:"):
            assert np.array_equal(values[:n], long.columns[name][:n]), f"{name} changes with the budget"


def check_global_randomness_is_left_alone(case: Case) -> None:
    """Neither drawn from nor seeded."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 - the state that nobody may touch
    first = case.run()
    assert random.getstate() == python, "the global random state of Python was touched"
    after = np.random.get_state()  # noqa: NPY002
    assert all(np.array_equal(a, b) for a, b in zip(numpy, after, strict=True)), "numpy's global state was touched"
    try:
        random.seed(5)
        np.random.seed(5)  # noqa: NPY002
        assert trace(case.run()) == trace(first), "the trace depends on the global random state"
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002


def check_arguments_stay_as_they_are(case: Case) -> None:
    """Space, fidelities, facts and the hyperparameters are the same after a trial."""
    space, facts, algorithm = case.benchmark.space, case.benchmark.facts.to_json(), case.algorithm()
    before = _public(space), _fields(algorithm)
    fidelities = list(case.benchmark.facts.fidelities)
    algorithm.setup(space, fidelities, np.random.default_rng(0), np.random.default_rng(1))
    algorithm.ask()
    assert fidelities == list(case.benchmark.facts.fidelities), "the list of fidelities was changed"
    algorithm = case.algorithm()
    case.run(algorithm=algorithm)
    assert (_public(space), _fields(algorithm)) == before, "the space or a hyperparameter was changed"
    assert case.benchmark.facts.to_json() == facts, "the benchmark's facts were changed"


def _public(space: SearchSpace) -> dict[str, Any]:
    return {name: value for name, value in vars(space).items() if not name.startswith("_")}


def _fields(algorithm: Algorithm) -> str:
    """The hyperparameters as text, so that a changed list inside them is seen."""
    return repr({field.name: getattr(algorithm, field.name) for field in dataclasses.fields(algorithm)})


def check_budget_and_true_errors_are_out_of_sight(case: Case) -> None:
    """Nothing of the harness, no benchmark and no result can be reached from the algorithm."""
    watched = Watched(case.algorithm())
    case.run(algorithm=watched)
    kinds = [type(given) for given in watched.given[1:]]
    assert kinds == [tuple, np.random.Generator, np.random.Generator], f"setup was given {kinds}"
    assert watched.given[0] is case.benchmark.space, "setup was given another space"
    for thing in _reachable(watched.algorithm):
        package = type(thing).__module__.partition(".")[0]
        assert package not in ("harness", "results"), f"{thing!r} can be reached from the algorithm"
        assert not hasattr(type(thing), "true_errors"), f"{thing!r} can be reached from the algorithm"


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


def traces(benchmark: Benchmark) -> dict[str, list[str]]:
    """The traces of all registered algorithms that the benchmark has the fidelities for."""
    found = {}
    for name in ALGORITHMS:
        cls = algorithm_class(name)
        if cls.minimum_fidelities > len(benchmark.facts.fidelities):
            continue
        for variant, parameters in variants(cls).items():
            for workers in WORKERS:
                case = Case(cls, name, parameters, benchmark, workers)
                found[f"{name}/{variant}/{workers}"] = trace(case.run())
    return found


if __name__ == "__main__":
    print(json.dumps({name: traces(load_benchmark(name)) for name in sys.argv[1:]}))

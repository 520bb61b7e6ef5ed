"""What every registered algorithm promises, with every preset, on every benchmark and on tiny spaces."""

from __future__ import annotations

import dataclasses
import inspect
from dataclasses import dataclass
from pathlib import Path

import algorithm_variants
import numpy as np
import pytest
import toys
from algorithm_variants import due, variants
from processes import in_another_process

import harness.conformance.algorithm_checks
from algorithms import ALGORITHMS, Algorithm, Pause, Query, algorithm_class, missing_library
from algorithms.random_search import RandomSearch
from benchmarks import BENCHMARKS, ChoiceSpace, UnknownNameError, load_benchmark
from benchmarks.table import build_table
from harness.conformance.algorithm_checks import CHECKS, SHORT, WORKERS, Case

VARIANTS = [(name, variant) for name in ALGORITHMS for variant in variants(algorithm_class(name))]
DEFAULTS = [(name, next(iter(variants(algorithm_class(name))))) for name in ALGORITHMS]
OTHERS = [pair for pair in VARIANTS if pair not in DEFAULTS]
TINY = [(4,), (2, 2), (1,), (1, 1), (2, 1), (3, 1, 2)]


@pytest.fixture(params=VARIANTS, ids="-".join)
def contender(request):
    """A registered algorithm with its name and hyperparameters."""
    name, variant = request.param
    cls = algorithm_class(name)
    if missing := missing_library(cls):
        pytest.skip(missing)
    return cls, name, variants(cls)[variant]


def tiny_table(cardinalities):
    """A benchmark of a handful of architectures, all of different errors."""
    space = ChoiceSpace("toy", {f"p{i}": range(c) for i, c in enumerate(cardinalities)})
    errors = 0.1 + 0.01 * np.arange(space.size)[::-1, None] + np.array([0.0, 0.001, 0.002])
    fidelities = toys.make_table().facts.fidelities
    seconds = {fidelity: fidelity * (1.0 + np.arange(space.size))[:, None] for fidelity in fidelities}
    return build_table(toys.make_table().facts, space, dict.fromkeys(fidelities, errors), seconds)


@pytest.fixture(scope="module")
def tiny_tables():
    return [tiny_table(cardinalities) for cardinalities in TINY]


def fit(contender, benchmark):
    """The benchmark, if the algorithm can search on it; skip otherwise."""
    if refusal := Case(*contender, benchmark, 1).refusal():
        pytest.skip(f"{benchmark.facts.name}: {refusal}")
    return benchmark


def kind(benchmark):
    """What can make a difference to an algorithm before it asks."""
    return type(benchmark.space), len(benchmark.facts.fidelities) > 1, benchmark.facts.has_seconds


@pytest.fixture(scope="session")
def representatives(any_benchmark):
    """The first benchmark here of every kind, by its name."""
    first = {}
    for name in BENCHMARKS:
        try:
            benchmark = any_benchmark(name)
        except pytest.skip.Exception:
            continue
        first.setdefault(kind(benchmark), benchmark)
    return {benchmark.facts.name: benchmark for benchmark in first.values()}


def hold(checks, contender, benchmark):
    """Hold an algorithm to its promises, with one and with four simulated workers."""
    for workers in WORKERS:
        case = Case(*contender, benchmark, workers)
        for check in checks:
            check.run(case)


@pytest.mark.parametrize("name", BENCHMARKS)
@pytest.mark.parametrize("contender", DEFAULTS, indirect=True, ids="-".join)
def test_contract(contender, name, any_benchmark, representatives):
    """Of an algorithm with its defaults: all of it on one benchmark of every kind, and that it runs on the others."""
    benchmark = fit(contender, any_benchmark(name))
    hold(CHECKS if name in representatives else SHORT, contender, benchmark)


@pytest.mark.parametrize("contender", OTHERS, indirect=True, ids="-".join)
def test_contract_of_another_setting(contender, representatives):
    """All of it on one benchmark of one kind, by turns, and that it runs on those of the other kinds."""
    cls, _, parameters = contender
    for place, benchmark in enumerate(representatives.values()):
        if not Case(*contender, benchmark, 1).refusal():
            whole = parameters in due(cls, place, len(representatives)).values()
            hold(CHECKS if whole else SHORT, contender, benchmark)


@pytest.mark.slow
def test_contract_of_every_setting_on_every_kind(contender, representatives):
    for benchmark in representatives.values():
        if not Case(*contender, benchmark, 1).refusal():
            hold(CHECKS, contender, benchmark)


def test_contract_on_tiny_spaces(contender, tiny_tables):
    fitting = [table for table in tiny_tables if not Case(*contender, table, 1).refusal()]
    assert fitting
    for benchmark in fitting:
        hold(CHECKS, contender, benchmark)


@pytest.mark.parametrize("workers", WORKERS)
def test_every_architecture_there_is_has_been_asked_and_more_is_offered(contender, workers, tiny_tables):
    for benchmark in tiny_tables:
        if Case(*contender, benchmark, workers).refusal():
            continue
        trial = Case(*contender, benchmark, workers).run(200)
        asked = set(map(tuple, trial.columns["architecture"].tolist()))
        assert asked == set(map(tuple, benchmark.space.enumerate().tolist()))
        assert len(trial.columns["number"]) == 200 or trial.ended == "done"


def test_another_process_gives_the_same_traces(representatives, imported_folder):
    elsewhere = in_another_process(Path(algorithm_variants.__file__), *representatives, data=imported_folder)
    for place, (name, benchmark) in enumerate(representatives.items()):
        here = algorithm_variants.traces(benchmark, place, len(representatives))
        assert len(here) >= 2
        assert elsewhere[name] == here


class TestDeclarations:
    @pytest.fixture(params=ALGORITHMS)
    def cls(self, request):
        return algorithm_class(request.param)

    def test_it_is_a_dataclass_whose_fields_all_have_defaults(self, cls):
        assert issubclass(cls, Algorithm)
        assert dataclasses.is_dataclass(cls)
        assert all(field.default is not dataclasses.MISSING for field in dataclasses.fields(cls))
        assert cls() == cls()

    def test_it_cites_its_paper_and_has_a_version(self, cls):
        assert cls.reference
        assert cls.reference.rpartition("arXiv ")[2] in inspect.getdoc(cls)
        assert cls.version >= 1
        assert cls.minimum_fidelities >= 1

    def test_presets_are_of_known_hyperparameters_and_all_different(self, cls):
        known = {field.name for field in dataclasses.fields(cls)}
        assert all(set(preset) <= known for preset in cls.presets.values())
        made = [cls(**preset) for preset in cls.presets.values()]
        assert all(a != b for i, a in enumerate(made) for b in made[:i])

    def test_every_hyperparameter_is_documented(self, cls):
        documented = inspect.getdoc(cls).partition("Parameters\n-")[2]
        assert all(f"\n{field.name} : " in documented for field in dataclasses.fields(cls))


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'local_search'"):
        algorithm_class("localsearch")


# The checks themselves: each catches the algorithm that breaks it.


@dataclass
class Outside(RandomSearch):
    def ask(self):
        return Query((9,) * len(self.space.cardinalities), self.fidelities[-1])


@dataclass
class OtherFidelity(RandomSearch):
    def ask(self):
        return Query(self.space.sample(self.rng), 1.5)


@dataclass
class NumpyIntegers(RandomSearch):
    def ask(self):
        return Query(tuple(np.array(self.space.sample(self.rng))), self.fidelities[-1])


@dataclass
class WaitsForNothing(RandomSearch):
    def ask(self):
        return Pause.WAIT


@dataclass
class GivesUp(RandomSearch):
    def ask(self):
        return Pause.DONE


@dataclass
class GloballyRandom(RandomSearch):
    def ask(self):
        row = np.random.randint(self.space.size)  # noqa: NPY002
        return Query(tuple(self.space.enumerate()[row].tolist()), self.fidelities[-1])


@dataclass
class Deterministic(RandomSearch):
    def ask(self):
        return Query((0,) * len(self.space.cardinalities), self.fidelities[-1])


@dataclass
class SharedState(RandomSearch):
    seen = [0]  # noqa: RUF012 - one list for all

    def ask(self):
        self.seen[0] += 1
        if self.seen[0] % 7 == 0:
            self.space.sample(self.design_rng)
        return super().ask()


@dataclass
class ChangesItself(RandomSearch):
    def tell(self, query, observed_error):
        self.replacement = False


@dataclass
class SeesTheBenchmark(RandomSearch):
    def begin(self):
        super().begin()
        benchmark = load_benchmark("synthetic")
        self.look = lambda architecture: benchmark.true_errors([architecture], "validation@27")


@pytest.mark.parametrize(
    ("cls", "check", "message"),
    [
        (Outside, "asks_lie_in_the_space", "not in"),
        (OtherFidelity, "asks_lie_in_the_space", "fidelity 1.5"),
        (NumpyIntegers, "asks_lie_in_the_space", "plain ints"),
        (WaitsForNothing, "asks_lie_in_the_space", "but nothing is running"),
        (GivesUp, "asks_lie_in_the_space", "ended after 0"),
        (GivesUp, "tiny_budgets", "asked 0 of 1"),
        (GloballyRandom, "global_randomness_is_left_alone", "touched"),
        (GloballyRandom, "same_seed_same_trace", "gives another trace"),
        (SharedState, "same_seed_same_trace", "gives another trace"),
        (SharedState, "a_longer_budget_keeps_the_prefix", "changes with the budget"),
        (Deterministic, "same_seed_same_trace", "different numbers have the same trace"),
        (ChangesItself, "arguments_stay_as_they_are", "was changed"),
        (SeesTheBenchmark, "budget_and_true_errors_are_out_of_sight", "can be reached"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_check_catches_who_breaks_it(cls, check, message):
    benchmark = tiny_table((8, 8, 3))
    with pytest.raises(AssertionError, match=message):
        getattr(harness.conformance.algorithm_checks, f"check_{check}")(Case(cls, "random_search", {}, benchmark, 2))


def test_a_tell_with_another_object_is_caught():
    watched = harness.conformance.algorithm_checks.Watched(RandomSearch())
    watched.setup(tiny_table((4,)).space, (1.0,), np.random.default_rng(0), np.random.default_rng(1))
    query = watched.ask()
    with pytest.raises(AssertionError, match="not a query object that is running"):
        watched.tell(Query(*query), 0.5)
    watched.tell(query, 0.5)

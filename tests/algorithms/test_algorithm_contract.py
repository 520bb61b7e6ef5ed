"""The contract of every registered algorithm: with every preset, on every benchmark and on tiny spaces."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import re
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import algorithm_variants
import numpy as np
import pytest
import toys
from algorithm_variants import variants
from available import AVAILABLE, QUICK
from processes import in_another_process

import harness.conformance.algorithm_checks
from algorithms import ALGORITHMS, Algorithm, Pause, Query, algorithm_class
from algorithms.random_search import RandomSearch
from algorithms.reinforce import Reinforce
from benchmarks import ChoiceSpace, UnknownNameError, load_benchmark
from benchmarks.table import build_table
from harness.conformance.algorithm_checks import CHECKS, SHORT, WORKERS, Case
from harness.conformance.checks import DoesNotApply

VARIANTS = [(name, variant) for name in ALGORITHMS for variant in variants(algorithm_class(name))]
DEFAULTS = [(name, next(iter(variants(algorithm_class(name))))) for name in ALGORITHMS]
OTHERS = [pair for pair in VARIANTS if pair not in DEFAULTS]
TINY = [(4,), (2, 2), (1,), (1, 1), (2, 1), (3, 1, 2)]

REPRESENTATIVES = [
    name
    for name in (
        "nasbench101-pool",
        "nasbench1shot1-1",
        "ecnas-4v",
        "ecnas-5v",
        "nasbench201-cifar10",
        "nasbench201-cifar10-curves",
        "nasbench301",
        "natsbench-size-cifar10",
        "natsbench-size-cifar10-test",
        "transnasbench101-micro-scene",
        "transnasbench101-macro-scene",
        "fcnet-naval",
        "hpobench-mlp-car",
        "synthetic",
    )
    if name in AVAILABLE
]
"""An available benchmark of every kind."""

FAMILIES = sorted({name.partition("-")[0] for name in AVAILABLE})

FEW_FAMILIES = ("nasbench101", "nasbench201", "synthetic")
"""Families with a pool, a table and ordered choices, for the algorithms that are slow."""

LEARNED = ("tpe", "bohb", "bananas", "predictor_sampler", "reinforce")
"""Algorithms with a model. They and the adapters take most of the time."""

SETTLING = [("reinforce", Reinforce.presets["nasbench201"])]
"""Settings that settle on a few architectures, because their learning rate is large."""

REFUSALS = (
    r"expected at least \d+ fidelities, got \d+"
    r"|pool = 'full': expected a space of at most"
    r"|target = 'log_error': expected errors of at least 0"
    r"|unknown mutation of space '[^']+' '\w+'[.;]"
    r"|\w+: expected (a space with at least two architectures|at most [\d,]+ choices at a position)"
)
"""Reasons why a registered algorithm may be unable to search on a registered benchmark."""


def settings(pairs):
    """Return the parameters of a test per algorithm and variant, each marked with its library."""
    libraries = [algorithm_class(name).library for name, _ in pairs]
    return [
        pytest.param(pair, marks=pytest.mark.library(library) if library else ())
        for pair, library in zip(pairs, libraries, strict=True)
    ]


@pytest.fixture(params=settings(VARIANTS), ids="-".join)
def setting(request):
    """Return a registered algorithm: its class, name and hyperparameters."""
    name, variant = request.param
    cls = algorithm_class(name)
    return cls, name, variants(cls)[variant]


class ManyOperators(ChoiceSpace):
    """A space with an operator of every name that a preset uses."""

    mutations = MappingProxyType(
        {**ChoiceSpace.mutations, "each_position": "mutate_each_position", "node_then_edge": "mutate"}
    )

    def mutate_each_position(self, architecture, rng):
        return self._change_each(architecture, rng, 0.25)


def tiny_table(cardinalities):
    """Make a benchmark of a few architectures with different errors."""
    space = ManyOperators("toy", {f"p{i}": range(c) for i, c in enumerate(cardinalities)})
    errors = 0.1 + 0.01 * np.arange(space.size)[::-1, None] + np.array([0.0, 0.001, 0.002])
    fidelities = toys.make_table().facts.fidelities
    seconds = {fidelity: fidelity * (1.0 + np.arange(space.size))[:, None] for fidelity in fidelities}
    return build_table(toys.make_table().facts, space, dict.fromkeys(fidelities, errors), seconds)


@pytest.fixture(scope="module")
def tiny_tables():
    return [tiny_table(cardinalities) for cardinalities in TINY]


@pytest.fixture(scope="session")
def representatives(any_benchmark):
    """Return the representatives by name."""
    return {name: any_benchmark(name) for name in REPRESENTATIVES}


def can_search(setting, benchmark):
    """Whether the algorithm can search on the benchmark. If not, check that it gives a reason."""
    refusal = Case(*setting, benchmark, 1).refusal()
    if len(benchmark.facts.fidelities) < setting[0].minimum_fidelities:
        assert refusal is not None
    assert refusal is None or re.match(REFUSALS, refusal), refusal
    return refusal is None


def run_checks(setting, benchmark, serial, parallel):
    """Check an algorithm with one simulated worker, and with four."""
    for checks, workers in zip((serial, parallel), WORKERS, strict=True):
        case = Case(*setting, benchmark, workers)
        for check in checks:
            with contextlib.suppress(DoesNotApply):
                check.run(case)


@pytest.mark.slow
def test_the_representatives_are_of_every_kind(any_benchmark):
    """A kind is what makes a difference to an algorithm before it asks."""
    kinds = {}
    for name in QUICK:
        benchmark = any_benchmark(name)
        kind = type(benchmark.space), len(benchmark.facts.fidelities) > 1, benchmark.facts.has_seconds
        kinds.setdefault(kind, []).append(name)
    for kind, names in kinds.items():
        assert set(names) & set(REPRESENTATIVES), f"{kind}: none of {names}"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("setting", settings(DEFAULTS), indirect=True, ids="-".join)
def test_contract(setting, family, any_benchmark):
    """Run the checks on the representatives: all with four simulated workers, and with one on a single benchmark.

    Algorithms with a model meet one representative of three families, because they are slow. A slow test runs the rest.
    """
    cls, name, _ = setting
    if (name in LEARNED or cls.library) and family not in FEW_FAMILIES:
        return
    for other in (name for name in REPRESENTATIVES if name.partition("-")[0] == family):
        benchmark = any_benchmark(other)
        if can_search(setting, benchmark):
            run_checks(setting, benchmark, CHECKS if other == "synthetic" else SHORT, CHECKS)
            if name in LEARNED or cls.library:
                break


@pytest.mark.parametrize("setting", settings(OTHERS), indirect=True, ids="-".join)
def test_contract_of_another_setting(setting, any_benchmark):
    """Run all checks on one representative that the setting can search. A slow test takes the others."""
    cls, _, parameters = setting
    turn = list(variants(cls).values()).index(parameters) % len(REPRESENTATIVES)
    in_turn = map(any_benchmark, (*REPRESENTATIVES[turn:], *REPRESENTATIVES[:turn]))
    run_checks(setting, next(b for b in in_turn if can_search(setting, b)), SHORT, CHECKS)


@pytest.mark.slow
def test_contract_of_every_setting_on_every_benchmark(setting, any_benchmark, tiny_tables):
    for name in AVAILABLE:
        benchmark = any_benchmark(name)
        if can_search(setting, benchmark):
            run_checks(setting, benchmark, *[CHECKS if name in REPRESENTATIVES else SHORT] * 2)
    for benchmark in tiny_tables:
        if can_search(setting, benchmark):
            run_checks(setting, benchmark, SHORT, CHECKS)


def test_contract_on_tiny_spaces(setting, tiny_tables):
    """The defaults meet every tiny space; other settings meet every third of them, and a slow test takes the rest."""
    cls, _, parameters = setting
    fitting = [table for table in tiny_tables if can_search(setting, table)]
    assert fitting
    place = list(variants(cls).values()).index(parameters)
    for benchmark in (fitting[place % 3 :: 3] or fitting[:1]) if place else fitting:
        run_checks(setting, benchmark, SHORT, CHECKS)


@pytest.mark.parametrize("workers", WORKERS)
def test_every_architecture_is_asked_for_and_then_some_again(setting, workers, tiny_tables):
    for benchmark in tiny_tables:
        if not can_search(setting, benchmark):
            continue
        trial = Case(*setting, benchmark, workers).run(200)
        asked = set(map(tuple, trial.columns["architecture"].tolist()))
        everything = set(map(tuple, benchmark.space.enumerate().tolist()))
        assert asked == everything or (setting[1:] in SETTLING and asked < everything)
        assert len(trial.columns["number"]) == 200 or trial.ended == "done"


@pytest.mark.slow
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


# Each check finds an algorithm that breaks it.


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
def test_a_check_finds_an_algorithm_that_breaks_it(cls, check, message):
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

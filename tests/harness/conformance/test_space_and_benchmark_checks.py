"""The checks of spaces and benchmarks: what passes, what fails, and what a user sees of it."""

from __future__ import annotations

import dataclasses
import itertools
from types import MappingProxyType

import numpy as np
import pytest
import toys
from commands import regretta_here
from scipy import stats

from benchmarks import ChoiceSpace
from benchmarks.table import TableBenchmark
from harness.conformance import benchmark_checks, space_checks
from harness.conformance.benchmark_checks import BENCHMARK_CHECKS
from harness.conformance.checks import CheckFailed
from harness.conformance.fact_checks import check_nothing_changes
from harness.conformance.space_checks import SPACE_CHECKS

CHOICES = {"depth": range(3), "width": range(4), "skip": range(2)}


class TwiceTheFirst(ChoiceSpace):
    def sample(self, rng):
        return (0, 0, 0) if rng.random() < 0.05 else super().sample(rng)


class NumpyIntegers(ChoiceSpace):
    def sample(self, rng):
        return tuple(np.array(super().sample(rng)))


class MutatesTwo(ChoiceSpace):
    def mutate(self, architecture, rng):
        return super().mutate(super().mutate(architecture, rng), rng)


class BreaksOut(ChoiceSpace):
    mutations = MappingProxyType({**ChoiceSpace.mutations, "far": "mutate_far"})

    def mutate_far(self, architecture, rng):
        return (*architecture[:-1], 2)


class OneWay(ChoiceSpace):
    def neighbours(self, architecture):
        return [other for other in super().neighbours(architecture) if other > architecture]


class ItsOwnNeighbour(ChoiceSpace):
    def neighbours(self, architecture):
        return [*super().neighbours(architecture), architecture]


class AnythingGoes(ChoiceSpace):
    def is_valid(self, architecture):
        return True


class Unordered(ChoiceSpace):
    def enumerate(self):
        return super().enumerate()[::-1]


class Restless(ChoiceSpace):
    def canonical(self, architecture):
        return (*architecture[:-1], 1 - architecture[-1])


class Mumbles(ChoiceSpace):
    def to_string(self, architecture):
        return super().to_string((0, *architecture[1:]))


class ReadsAll(ChoiceSpace):
    def from_string(self, text):
        try:
            return super().from_string(text)
        except ValueError:
            return (0, 0, 0)


class Forgets(ChoiceSpace):
    def encode(self, genotypes, encoding):
        return super().encode(genotypes, encoding)[:, :3]


class Miscounts(ChoiceSpace):
    def operations(self, genotypes):
        found = super().operations(genotypes)
        return dataclasses.replace(found, codes=found.codes + 2)


def test_a_sound_space_passes_every_check():
    for check in SPACE_CHECKS:
        check.run(ChoiceSpace("sound", CHOICES))


@pytest.mark.parametrize(
    ("cls", "check", "message"),
    [
        (TwiceTheFirst, "sampling", "not uniform"),
        (NumpyIntegers, "sampling", "expected plain ints"),
        (MutatesTwo, "mutation", "which is not a neighbour"),
        (BreaksOut, "operators", "the mutation 'far' gave an invalid architecture"),
        (OneWay, "neighbours", "is not a neighbour of one of its neighbours"),
        (ItsOwnNeighbour, "neighbours", "its own neighbour"),
        (AnythingGoes, "validity", r"is_valid\(\) accepts"),
        (Unordered, "listing", "is not the order of indices"),
        (Restless, "canonical", "not idempotent"),
        (Mumbles, "strings", "reads .* as another architecture"),
        (ReadsAll, "strings", r"reads .* as \(0, 0, 0\); expected a BenchmarkError"),
        (Forgets, "encodings", "different architectures"),
        (Miscounts, "operations", "has codes that are not in"),
    ],
)
def test_a_space_that_breaks_its_contract_fails(cls, check, message):
    with pytest.raises(CheckFailed, match=message):
        getattr(space_checks, f"check_{check}")(cls("broken", CHOICES))


def broken(**changes):
    """Return a sound toy table with other facts."""
    table = toys.make_table()
    copy = object.__new__(TableBenchmark)
    copy.__dict__.update(vars(table) | {"facts": dataclasses.replace(table.facts, **{"data_hash": "0" * 64} | changes)})
    return copy


def test_a_sound_benchmark_passes_every_check_that_needs_no_other_process():
    for check in BENCHMARK_CHECKS[:-1]:
        check.run(broken())


class Forgetful(TableBenchmark):
    def observe(self, architecture, fidelity, draw):
        seen = super().observe(architecture, fidelity, draw)
        return seen._replace(error=seen.error + 1e-6 * (draw is not None))


class OneRepeat(TableBenchmark):
    def observe(self, architecture, fidelity, draw):
        return super().observe(architecture, fidelity, None if draw is None else 0)


class HandsOut(TableBenchmark):
    kept = None

    def errors(self, genotypes, fidelity):
        if self.kept is None or len(self.kept) != len(genotypes):
            self.__dict__["kept"] = super().errors(genotypes, fidelity)
        return self.kept


class AnyTarget(TableBenchmark):
    def true_errors(self, genotypes, target):
        return super().true_errors(genotypes, target if target in self.facts.targets else "validation@1")


class CheapValidation(TableBenchmark):
    def validation_seconds(self, architecture, fidelity):
        return 0.1


@pytest.mark.parametrize(
    ("cls", "check", "message"),
    [
        (Forgetful, "batches", "not the recorded one"),
        (OneRepeat, "batches", "a repeat is never drawn"),
        (HandsOut, "answers", "returns its own array"),
        (AnyTarget, "answers", "accepts an unknown target"),
        (CheapValidation, "seconds", "does not take validation_share"),
    ],
)
def test_a_benchmark_with_wrong_queries_fails(cls, check, message):
    table = toys.make_table()
    wrong = object.__new__(cls)
    wrong.__dict__.update(vars(table))
    with pytest.raises(CheckFailed, match=message):
        getattr(benchmark_checks, f"check_{check}")(wrong)


class Remembers(ChoiceSpace):
    def __init__(self, name, choices):
        super().__init__(name, choices)
        self._hold(asked=[])


class Open(ChoiceSpace):
    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)


@pytest.mark.parametrize(
    ("cls", "message"),
    [(Remembers, "the space holds mutable values: list"), (Open, "of the space can be set or deleted")],
)
def test_a_space_that_trials_could_change_fails(cls, message):
    table = broken()
    table.__dict__["space"] = cls(table.space.name, {"a": range(4), "b": range(3)})
    with pytest.raises(CheckFailed, match=message):
        check_nothing_changes(table)


def shifted(facts):
    """Return targets whose optimum differs from that of the values."""
    return {name: dataclasses.replace(known, optimum=known.optimum - 1e-3) for name, known in facts.targets.items()}


@pytest.mark.parametrize(
    ("changes", "check", "message"),
    [
        (lambda facts: {"valid_range": (0.5, 0.6)}, "errors", "which is not in 0.5 to 0.6"),
        (lambda facts: {"targets": shifted(facts)}, "targets", "the optimum is"),
        (lambda facts: {"repeats": (1, 9)}, "targets", "the repeats are stated as"),
        (lambda facts: {"has_seconds": False}, "seconds", r"has_seconds is false, but seconds\(\) returns times"),
        (lambda facts: {"space": "another"}, "facts", "name the space 'another'"),
        (lambda facts: {"licence": " "}, "facts", "the licence is empty"),
        (lambda facts: {"sisters": (facts.name,)}, "facts", "lists itself among its sibling data sets"),
    ],
)
def test_a_benchmark_with_wrong_facts_fails(changes, check, message):
    with pytest.raises(CheckFailed, match=message):
        getattr(benchmark_checks, f"check_{check}")(broken(**changes(toys.make_table().facts)))


def test_the_command_prints_a_line_for_every_check_of_a_user_defined_table(tmp_path):
    rows = [
        f"{a},{b},{50 + 3 * a + b + seed / 7},{seed}" for a, b, seed in itertools.product(range(4), range(3), (0, 1))
    ]
    (tmp_path / "mine.csv").write_text("\n".join(["a,b,acc,seed", *rows]))
    words = [
        "data",
        "import",
        "mine.csv",
        "--space",
        "columns:a,b",
        "--objective",
        "acc:max",
        "--repeat",
        "seed",
        "--name",
        "mine",
    ]
    here = {"cwd": tmp_path, "REGRETTA_DATA": str(tmp_path / "data")}
    assert regretta_here(*words, **here).returncode == 0
    done = regretta_here("test", "benchmark", "mine", **here)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("passed  ") == len(SPACE_CHECKS) + len(BENCHMARK_CHECKS)
    assert "All checks passed." in done.stdout


def test_an_unknown_benchmark_name_suggests_the_nearest(tmp_path):
    done = regretta_here("test", "benchmark", "sinthetic", cwd=tmp_path)
    assert (done.returncode, "did you mean 'synthetic'?" in done.stderr) == (2, True)


@pytest.mark.parametrize("expected", [None, np.array([4.0, 4.0, 8.0, 3.0])])
def test_the_p_value_of_counts_is_scipys(expected):
    counts = [3, 5, 9, 2]
    assert space_checks.chi_square(counts, expected) == pytest.approx(stats.chisquare(counts, expected).pvalue)
    assert space_checks.chi_square([7]) == 1.0

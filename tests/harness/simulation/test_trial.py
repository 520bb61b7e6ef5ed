"""Random streams, incumbents and the record of a trial."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import make_protocol, make_table

from algorithms.random_search import RandomSearch
from algorithms.regularized_evolution import RegularizedEvolution
from benchmarks import Target, load_benchmark
from harness.simulation.incumbents import incumbents
from harness.simulation.protocols import Budget, Protocol
from harness.simulation.random_streams import repeat_draw, stream
from harness.simulation.trial import run_trial
from results.storage.records import INCUMBENT

STANDARD = Protocol(budget=Budget(evaluations=60), fidelities=(200.0,), report=("validation@200",))


def test_streams_differ_by_every_name():
    names = [("a", 1), ("a", 2), ("b", 1), ("a",), ("a", "1", 1)]
    firsts = {stream("algorithm", *name).random() for name in names} | {stream("initial design", "a", 1).random()}
    assert len(firsts) == 6
    assert stream("algorithm", "a", 1).random() == stream("algorithm", "a", 1).random()


def test_the_drawn_repeat_depends_on_neither_order_nor_process():
    space = make_table().space
    draw = repeat_draw(1, "toy", 0, space)
    values = [draw((i,), n) for i in range(4) for n in range(3)]
    assert [repeat_draw(1, "toy", 0, space)((i,), n) for i in range(4) for n in range(3)] == values
    code = (
        "from benchmarks.spaces.base import ChoiceSpace; from harness.simulation.random_streams import repeat_draw;"
        "print(repeat_draw(1, 'toy', 0, ChoiceSpace('toy', {'x': range(4)}))((0,), 0))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONHASHSEED": "99"}, capture_output=True, text=True, check=True
    )
    assert int(printed.stdout) == values[0]


def test_the_drawn_repeats_are_uniform_and_independent_between_trials():
    space = load_benchmark("nasbench201-cifar10").space
    rows = [tuple(row) for row in space.enumerate()[:4000].tolist()]
    draws = np.array([[repeat_draw(1, "b", trial, space)(row, 0) % 3 for row in rows] for trial in range(2)])
    counts = np.array([[((draws[0] == i) & (draws[1] == j)).sum() for j in range(3)] for i in range(3)])
    assert ((counts - 4000 / 9) ** 2 / (4000 / 9)).sum() < 26.1  # chi-square, 8 degrees of freedom, p = 0.001


@given(st.lists(st.tuples(st.sampled_from([1.0, 3.0, 9.0]), st.sampled_from([0.1, 0.2, 0.3])), min_size=1, max_size=30))
def test_incumbents_follow_their_definition(evaluations):
    fidelity, error = map(np.array, zip(*evaluations, strict=True))
    for rule in ("highest", "any"):
        found = incumbents(fidelity, error, rule)
        for now in range(len(evaluations)):
            seen = range(now + 1)
            top = max(fidelity[i] for i in seen)
            eligible = [i for i in seen if rule == "any" or fidelity[i] == top]
            assert found[now] == min(eligible, key=lambda i: (error[i], i))


def test_a_lucky_repeat_makes_the_true_error_of_the_incumbent_rise():
    errors = np.array([[0.10, 0.30, 0.30], [0.20, 0.20, 0.20]])
    table = make_table(epoch_seconds=(1.0, 1.0), errors=errors)
    true = errors.mean(axis=1)

    class Second(RandomSearch):
        def ask(self):
            from algorithms import Query

            self.count = getattr(self, "count", -1) + 1
            return Query((1 - self.count,), 27.0)

    for trial in range(20):
        record = run_trial(Second(), "second", table, make_protocol(evaluations=2), 0, trial)
        curve = record.columns[INCUMBENT + "validation@27"]
        if record.columns["repeat"][1] == 0:
            assert curve.tolist() == pytest.approx([true[1], true[0]])
            assert curve[1] > curve[0]
            return
    pytest.fail("no trial drew the lucky repeat")


def test_the_true_error_rises_in_many_trials_on_the_real_table():
    benchmark = load_benchmark("nasbench201-cifar100")
    rises = 0
    for trial in range(40):
        record = run_trial(RegularizedEvolution(10, 3), "regularized_evolution", benchmark, STANDARD, 1, trial)
        rises += bool((np.diff(record.columns[INCUMBENT + "validation@200"]) > 0).any())
    assert rises >= 15


def test_two_algorithms_see_the_same_repeat_of_the_same_network():
    benchmark = load_benchmark("nasbench201-cifar10")
    seen: dict[tuple[int, ...], float] = {}
    for algorithm in (RandomSearch(), RegularizedEvolution(10, 3)):
        columns = run_trial(algorithm, type(algorithm).__name__, benchmark, STANDARD, 5, 3).columns
        first = ~columns["duplicate"]
        for row, error in zip(columns["architecture"][first].tolist(), columns["observed_error"][first], strict=True):
            assert seen.setdefault(tuple(row), error) == error


def test_a_parameter_or_label_changes_no_random_stream():
    benchmark = load_benchmark("nasbench201-cifar10")
    a, b = (
        run_trial(RegularizedEvolution(population, 3), "regularized_evolution", benchmark, STANDARD, 5, 3).columns
        for population in (10, 20)
    )
    assert (a["architecture"][:10] == b["architecture"][:10]).all()


def test_duplicates_are_marked():
    record = run_trial(RandomSearch(), "random_search", make_table(), make_protocol(evaluations=30), 0, 0)
    rows = [tuple(row) for row in record.columns["architecture"].tolist()]
    assert record.columns["duplicate"].tolist() == [row in rows[:i] for i, row in enumerate(rows)]
    assert record.columns["duplicate"].sum() == 26


@pytest.mark.parametrize("name", ["synthetic", "nasbench201-cifar10"])
def test_an_algorithm_that_changes_the_space_fails_alone(name):
    benchmark = load_benchmark(name)
    fidelity = benchmark.facts.fidelities[-1]
    protocol = Protocol(
        budget=Budget(evaluations=20), fidelities=(fidelity,), report=(str(Target("validation", fidelity)),)
    )

    def honest():
        return run_trial(RandomSearch(), "random_search", benchmark, protocol, 1, 0)

    class Vandal(RandomSearch):
        def begin(self):
            self.space.cardinalities = (1,) * len(self.space.cardinalities)

    class Hoarder(RandomSearch):
        def tell(self, query, observed_error):
            self.space.best = query

    before = honest()
    for custom in (Vandal, Hoarder):
        with pytest.raises(AttributeError, match=r"cannot be set: space .* shared by all trials.* in the algorithm"):
            run_trial(custom(), "custom", benchmark, protocol, 1, 0)
    assert (honest().decisions, honest().outcomes) == (before.decisions, before.outcomes)


def test_real_times_are_recorded():
    record = run_trial(
        RegularizedEvolution(5, 2),
        "regularized_evolution",
        make_table(),
        make_protocol(evaluations=30, workers=3),
        0,
        0,
    )
    assert (record.columns["ask_seconds"] > 0).all()
    assert (record.columns["tell_seconds"] > 0).all()

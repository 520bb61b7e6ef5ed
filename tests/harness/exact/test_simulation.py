"""The simulator agrees with the exact answers: one simultaneous band per curve, and chi-square tests of end states."""

from __future__ import annotations

import numpy as np
import pytest
from driving import begun
from scipy import stats
from worlds import make_world

from algorithms.local_search import LocalSearch
from benchmarks import load_benchmark
from harness.exact.answers import find_law
from harness.exact.climbs import first_climb
from harness.exact.interface import answer, ask
from harness.exact.laws import Law
from harness.exact.local_search import find_landscape
from harness.exact.simulated import compare_curves
from harness.simulation.protocols import Budget, resolve_protocol

SETTINGS = [
    ("random_search", {}, "repeat"),
    ("random_search", {"replacement": False}, "mean"),
    ("local_search", {"memory": False}, "mean"),
    ("local_search", {"memory": False, "query_full_neighbourhood": True}, "mean"),
    ("successive_halving", {"eta": 27.0}, "repeat"),
]


def agreement(benchmark, use, parameters, signal, trials, evaluations, target=None):
    found = answer(ask(benchmark, use, parameters, evaluations, signal, target), trials)
    return found.simulated.agreement


@pytest.mark.parametrize(("use", "parameters", "signal"), SETTINGS)
def test_the_curve_lies_in_the_simultaneous_band(use, parameters, signal):
    found = agreement("synthetic", use, parameters, signal, 100, 60)
    assert found.agrees, found
    assert 2 < found.bound < 4


@pytest.mark.slow
@pytest.mark.parametrize(("use", "parameters", "signal"), SETTINGS[:4])
def test_the_curve_lies_in_the_simultaneous_band_on_nasbench201(use, parameters, signal):
    found = agreement("nasbench201-imagenet16-120", use, parameters, signal, 500, 300)
    assert found.agrees, found


@pytest.mark.slow
@pytest.mark.data("nasbench201.csv.gz")
@pytest.mark.parametrize("signal", ["mean", "repeat"])
@pytest.mark.parametrize("target", ["validation@200", "test@200"])
def test_halving_and_random_search_by_the_test_error(any_benchmark, imported_folder, monkeypatch, signal, target):
    any_benchmark("nasbench201-cifar100-12-200")
    monkeypatch.setenv("REGRETTA_DATA", str(imported_folder))
    load_benchmark.cache_clear()
    for use in ("successive_halving", "random_search"):
        found = agreement("nasbench201-cifar100-12-200", use, {}, signal, 500, 60, target)
        assert found.agrees, (use, found)
    load_benchmark.cache_clear()


def test_a_wrong_curve_lies_outside_of_the_band():
    points = np.arange(1, 71)
    question = ask("synthetic", "random_search", {}, 70, "mean")
    law = find_law("random_search", {}, question.benchmark, question.protocol, question.target, points)
    mean, sd = law.mean(), law.sd()
    trials = np.random.default_rng(1).normal(mean, sd, (400, len(mean)))
    wrong = np.array(mean)
    wrong[40] += 0.25 * sd[40]  # five standard errors, at one point of seventy
    assert compare_curves(trials, law).points == 70
    assert abs(compare_curves(wrong + (trials - mean), law).deviation) > 3.5
    assert not compare_curves(wrong + (trials - mean), law).agrees


def test_without_spread_nothing_is_compared():
    law = Law(np.array([1, 2]), np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([0.0, 0.5]))
    found = compare_curves(np.zeros((5, 2)), law)
    assert (found.points, found.agrees) == (0, True)


class FirstEnd(LocalSearch):
    """Remembers where the first climb ended."""

    end = None

    def _restart(self):
        self.end = self.end or getattr(self, "_current", None)
        super()._restart()


def first_end(space, error, seed, **parameters):
    """Run the first climb of local search, and return the architecture where it ended."""
    search = begun(FirstEnd(**parameters), space, seed)
    while search.end is None:
        query = search.ask()
        search.tell(query, error[query.architecture])
    return search.end


def p_value(benchmark, protocol, parameters, trials):
    """Test by chi-square where first climbs end. Rare ends are pooled."""
    landscape, space = find_landscape(benchmark, protocol), benchmark.space
    initial, full = parameters["initial"], parameters["query_full_neighbourhood"]
    expected = trials * first_climb(landscape, initial, full=full).end
    error = {tuple(a): e for a, e in zip(space.enumerate().tolist(), landscape.observed.tolist(), strict=True)}
    ends = [space.index(first_end(space, error, seed, **parameters)) for seed in range(trials)]
    counts = np.bincount(ends, minlength=len(expected))
    assert not counts[expected == 0].any()
    often = expected >= 5
    rare = [values[~often].sum() for values in (counts, expected)]
    pooled = [
        [*values[often], *([rest] if rare[1] else [])] for values, rest in zip((counts, expected), rare, strict=True)
    ]
    assert len(pooled[0]) > 2
    return stats.chisquare(*pooled).pvalue


@pytest.mark.parametrize("memory", [True, False])
@pytest.mark.parametrize(("full", "initial"), [(False, 3), (True, 1)])
def test_first_climbs_end_where_they_should(memory, full, initial):
    parameters = {"initial": initial, "query_full_neighbourhood": full, "memory": memory}
    table = make_world(np.random.default_rng(7).permutation(60) / 100, shape=(5, 4, 3))
    rules = resolve_protocol("standard", {"signal": "mean"}, Budget(evaluations=100), table.facts)
    assert p_value(table, rules, parameters, 300) > 0.001


@pytest.mark.slow
@pytest.mark.parametrize("full", [False, True])
def test_first_climbs_on_nasbench201_end_where_they_should(full):
    parameters = {"initial": 10, "query_full_neighbourhood": full}
    question = ask("nasbench201-cifar100", "local_search", parameters, 100, "mean")
    assert p_value(question.benchmark, question.protocol, parameters, 2000) > 0.001

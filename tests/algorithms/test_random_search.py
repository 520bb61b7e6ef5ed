"""Random search is uniform, and agrees with theory within three standard errors."""

from __future__ import annotations

import numpy as np
import pytest
from driving import begun, drive, rugged
from scipy import stats

from algorithms import Pause
from algorithms.random_search import RandomSearch
from benchmarks import load_benchmark
from harness.simulation.protocols import Budget, Protocol
from harness.simulation.trial import run_trial

EVALUATIONS = 500


def best_of_n(errors, n):
    """Return the mean and the standard deviation of the lowest of ``n`` draws of an architecture and a repeat.

    ``errors`` is ``(n_architectures, repeats)``, NaN where not recorded.
    """
    recorded = np.isfinite(errors)
    weights = recorded / (len(errors) * recorded.sum(axis=1, keepdims=True))
    order = np.argsort(errors[recorded])
    values = errors[recorded][order]
    above = np.concatenate([[1.0], 1.0 - np.cumsum(weights[recorded][order])]).clip(0.0)
    chance = above[:-1] ** n - above[1:] ** n
    mean = np.sum(values * chance)
    return mean, np.sqrt(np.sum((values - mean) ** 2 * chance))


def test_the_closed_form_by_hand():
    errors = np.array([[0.1, 0.3], [0.2, np.nan]])
    assert best_of_n(errors, 1) == pytest.approx((0.2, np.sqrt(0.25 * 0.01 + 0.25 * 0.01)))
    assert best_of_n(errors, 2)[0] == pytest.approx(0.1 * (1 - 0.75**2) + 0.2 * (0.75**2 - 0.25**2) + 0.3 * 0.25**2)


@pytest.mark.parametrize("trials", [80, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize("dataset", ["cifar10", "cifar100", "imagenet16-120"])
def test_the_best_after_n_is_the_closed_form_s_within_three_standard_errors(dataset, trials):
    benchmark = load_benchmark(f"nasbench201-{dataset}")
    budget = Budget(evaluations=EVALUATIONS)
    protocol = Protocol(budget=budget, fidelities=(200.0,), report=("validation@200",))
    assert (protocol.signal, protocol.duplicates) == ("repeat", "recharge")
    runs = [run_trial(RandomSearch(), "random_search", benchmark, protocol, 2026, t) for t in range(trials)]
    best = np.minimum.accumulate([run.columns["observed_error"] for run in runs], axis=1)
    assert best.shape == (trials, EVALUATIONS)
    recorded = benchmark.errors(benchmark.space.enumerate(), 200.0)
    for n in (1, 10, 100, 500):
        mean, deviation = best_of_n(recorded, n)
        off = (best[:, n - 1].mean() - mean) / (deviation / np.sqrt(trials))
        assert abs(off) < 3, f"n = {n}: {best[:, n - 1].mean():.5f} is {off:.1f} standard errors off {mean:.5f}"


def test_with_replacement_every_architecture_is_as_likely_whatever_was_observed():
    space, error = rugged((4, 3), seed=1)
    rows = space.indices(drive(begun(RandomSearch(), space), error, 6_000))
    assert stats.chisquare(np.bincount(rows, minlength=12)).pvalue > 1e-4
    pairs = np.bincount(12 * rows[:-1] + rows[1:], minlength=144)
    assert stats.chisquare(pairs).pvalue > 1e-4  # an architecture says nothing of the next


def test_without_replacement_every_architecture_is_asked_once_in_random_order():
    space, error = rugged((4, 3), seed=1)
    firsts = []
    for seed in range(600):
        search = begun(RandomSearch(replacement=False), space, seed)
        asked = drive(search, error, 100)
        assert sorted(asked) == sorted(map(tuple, space.enumerate().tolist()))
        assert search.ask() is Pause.DONE
        firsts.append(space.index(asked[6]))
    assert stats.chisquare(np.bincount(firsts, minlength=12)).pvalue > 1e-4


def test_it_never_waits():
    space, _ = rugged((4, 3), seed=1)
    search = begun(RandomSearch(), space)
    assert all(not isinstance(search.ask(), Pause) for _ in range(50))

"""REINFORCE: the gradient, the baseline, the distribution, and that it learns."""

from __future__ import annotations

import numpy as np
import pytest
from driving import begun, drive, rugged
from scipy import stats

from algorithms import Pause, Query
from algorithms.reinforce import Reinforce
from benchmarks import ChoiceSpace

SPACE = ChoiceSpace("uneven", {"a": range(3), "b": range(1), "c": range(5), "d": range(2)})


def log_probability(logits, architecture):
    parts = np.split(logits, np.cumsum(SPACE.cardinalities)[:-1])
    return sum(part[value] - np.log(np.exp(part).sum()) for part, value in zip(parts, architecture, strict=True))


def test_presets_are_those_published_and_the_tuned_one():
    assert Reinforce.presets == {
        "natsbench": {},
        "nasbench201": {"learning_rate": 0.5},
        "tuned": {"learning_rate": 0.07926},
    }
    assert Reinforce() == Reinforce(learning_rate=0.01, momentum=0.9, initial_scale=1e-3)


def test_the_score_is_the_gradient_of_the_log_probability():
    search = begun(Reinforce(initial_scale=1.0), SPACE)
    architecture = (2, 0, 3, 1)
    for i in range(len(search._logits)):
        above, below = search._logits.copy(), search._logits.copy()
        above[i] += 1e-5
        below[i] -= 1e-5
        difference = (log_probability(above, architecture) - log_probability(below, architecture)) / 2e-5
        assert search._score(architecture)[i] == pytest.approx(difference, abs=1e-8)


def test_architectures_are_drawn_with_their_probabilities():
    search = begun(Reinforce(initial_scale=1.0), SPACE)
    drawn = [search.ask().architecture for _ in range(6_000)]
    everything = list(map(tuple, SPACE.enumerate().tolist()))
    expected = np.exp([log_probability(search._logits, architecture) for architecture in everything])
    assert expected.sum() == pytest.approx(1.0)
    counts = np.array([drawn.count(architecture) for architecture in everything])
    assert stats.chisquare(counts, 6_000 * expected).pvalue > 1e-4


def test_the_first_evaluation_changes_nothing_and_the_next_use_the_moving_average():
    search = begun(Reinforce(), SPACE)
    start = search._logits.copy()
    search.tell(search.ask(), 0.4)
    np.testing.assert_array_equal(search._logits, start)
    rewards = [-40.0]
    for error in (0.1, 0.5, 0.3):
        query = search.ask()
        rewards.append(-100.0 * error)
        weights = 0.9 ** np.arange(len(rewards))[::-1]
        advantage = rewards[-1] - np.average(rewards, weights=weights)
        seen = []
        search._adam.step = seen.append
        search.tell(query, error)
        np.testing.assert_allclose(seen[0], -advantage * search._score(query.architecture))


def test_a_constant_added_to_the_errors_changes_nothing():
    def asked(offset):
        search = begun(Reinforce(learning_rate=0.3), SPACE, seed=3)
        return drive(search, lambda architecture: sum(architecture) + offset, 200)

    assert asked(0.0) == asked(64.0)


def test_a_better_architecture_becomes_more_likely():
    search = begun(Reinforce(), SPACE)
    good, bad = (0, 0, 1, 1), (1, 0, 4, 0)
    before = log_probability(search._logits, good)
    for _ in range(30):
        search.tell(Query(good, 9.0), 0.1)
        search.tell(Query(bad, 9.0), 0.5)
    assert log_probability(search._logits, good) > before + 0.3
    assert log_probability(search._logits, bad) < before


def test_huge_parameters_stay_probabilities():
    search = begun(Reinforce(), SPACE)
    search._logits[:] = np.linspace(-2_000.0, 2_000.0, len(search._logits))
    assert SPACE.is_valid(search.ask().architecture)
    assert np.all(np.isfinite(search._score((0, 0, 0, 0))))


def test_a_space_of_one_architecture_is_asked_once():
    space, error = rugged((1, 1), seed=0)
    search = begun(Reinforce(), space)
    assert drive(search, error, 100) == [(0, 0)]
    assert search.ask() is Pause.DONE


def test_it_learns_an_easy_space():
    space = ChoiceSpace("easy", {f"p{i}": range(10) for i in range(4)})
    late = []
    for seed in range(5):
        search = begun(Reinforce(learning_rate=0.05), space, seed)
        late += map(sum, drive(search, lambda architecture: sum(architecture) / 36, 600)[-100:])
    assert np.mean(late) < 8.0  # random ones have a sum of 18

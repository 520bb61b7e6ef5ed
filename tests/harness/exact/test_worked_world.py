"""Golden values of docs/explanations/exact.md: a square of four architectures, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from worlds import make_world, square

from harness.exact.answers import find_law
from harness.exact.climbs import best_of_design, first_climb
from harness.exact.errors import NotExactError
from harness.exact.local_search import find_landscape
from harness.simulation.protocols import Budget, resolve_protocol

TARGET = "validation@2"


@pytest.fixture(scope="module")
def world():
    return square()


def protocol(world, evaluations=6, **fields):
    return resolve_protocol("standard", {"signal": "mean", **fields}, Budget(evaluations=evaluations), world.facts)


def means(world, use, points, **parameters):
    law = find_law(use, parameters, world, protocol(world), TARGET, np.array(points))
    assert_allclose(law.probability.sum(axis=1), 1)
    return 10 * law.mean()


def test_random_search(world):
    assert_allclose(means(world, "random_search", [1, 2]), [1.5, 14 / 16])
    assert_allclose(means(world, "random_search", [1, 2, 4, 9], replacement=False), [1.5, 2 / 3, 0, 0], atol=1e-15)


def test_moments_and_median(world):
    law = find_law("random_search", {}, world, protocol(world), TARGET, np.array([1, 2]))
    assert_allclose(10 * law.median(), [1, 1])
    assert_allclose(100 * law.sd() ** 2, [14 / 4 - 1.5**2, (5 + 12 + 9) / 16 - (14 / 16) ** 2])
    assert_allclose(law.at_optimum(), [1 / 4, 7 / 16])
    assert_allclose(law.mean_log(0.15), [(np.log10(0.15) * 2 + np.log10(0.2) + np.log10(0.3)) / 4,
                                         (np.log10(0.15) * 12 + 3 * np.log10(0.2) + np.log10(0.3)) / 16])  # fmt: skip


@pytest.mark.parametrize(
    ("full", "end", "evaluations", "to_best"),
    [(False, [1 / 2, 0, 0, 1 / 2], 3.5, 5), (True, [3 / 4, 0, 0, 1 / 4], 4, 3)],
)
def test_the_first_climb(world, full, end, evaluations, to_best):
    landscape = find_landscape(world, protocol(world))
    climb = first_climb(landscape, 1, full=full)
    assert_allclose(climb.end, end)
    assert_allclose([climb.moves, climb.evaluations], [1 / 2, evaluations])
    assert_allclose(climb.evaluations_to_best(landscape.observed), to_best)
    assert_allclose(best_of_design(landscape.observed, np.array([2]))[0], [1 / 2, 1 / 6, 0, 1 / 3])


@pytest.mark.parametrize(("full", "by_hand"), [(False, [1.5, 0.5, 0.5, 0.4375]), (True, [1.5, 0.5, 0.25, 0.1875])])
def test_local_search_without_memory(world, full, by_hand):
    found = means(world, "local_search", [1, 2, 3, 4], initial=1, memory=False, query_full_neighbourhood=full)
    assert_allclose(found, by_hand)


def test_successive_halving(world):
    # The ranks at the lowest fidelity are reversed; a bracket trains two networks, then the better one.
    assert_allclose(means(world, "successive_halving", [1, 2, 3, 5, 6], eta=2), [1.5, 1.75, 1.75, 1.75, 314 / 256])


def test_the_lowest_repeat_may_belong_to_a_worse_architecture():
    # Means 0.3, 0.2, 0.9, 0.85. One draw sees 0.1 with probability 1/8 and 0.2 with 1/4; the optimum is the second.
    noisy = make_world([[0.1, 0.5], [0.2, 0.2], [0.9, np.nan], [0.8, 0.9]], repeats=2)
    law = find_law("random_search", {}, noisy, protocol(noisy, signal="repeat"), TARGET, np.array([1, 2]))
    assert_allclose(law.at_optimum(), [1 / 4, (7 / 8) ** 2 - (5 / 8) ** 2])
    assert_allclose(law.probability[1, 0], 1 - (7 / 8) ** 2)
    assert_allclose(law.probability[0, -3], 1 / 4)  # the third architecture has a single repeat


@pytest.mark.parametrize(
    ("use", "parameters", "fields", "words"),
    [
        ("regularized_evolution", {}, {}, "there is no exact answer"),
        ("local_search", {}, {}, "expected memory = false, got true"),
        ("random_search", {}, {"workers": 2}, "expected 1 worker, got 2"),
        ("successive_halving", {}, {"incumbent": "any"}, "expected incumbent = 'highest', got 'any'"),
        ("local_search", {"memory": False}, {"duplicates": "cached"}, "they cost nothing"),
    ],
)
def test_what_is_not_known_is_refused_with_a_reason(world, use, parameters, fields, words):
    with pytest.raises(NotExactError, match=words):
        find_law(use, parameters, world, protocol(world, **fields), TARGET, np.array([1]))


def test_repeats_are_refused_where_they_matter():
    noisy = make_world([[0.1, 0.5], [0.2, 0.2], [0.9, 0.8], [0.8, 0.9]], repeats=2)
    rules = protocol(noisy, signal="repeat")
    for use, parameters in (("random_search", {"replacement": False}), ("local_search", {"memory": False})):
        with pytest.raises(NotExactError, match="expected signal = 'mean', got 'repeat'"):
            find_law(use, parameters, noisy, rules, TARGET, np.array([1]))
    timed = rules.model_copy(update={"budget": Budget(seconds=5.0)})
    with pytest.raises(NotExactError, match="expected a budget in evaluations, got 5 s"):
        find_law("random_search", {}, noisy, timed, TARGET, np.array([1]))

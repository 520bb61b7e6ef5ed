"""Regularized evolution, compared with its definition: parents, their frequency, and mutations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from driving import begun, drive, rugged
from scipy import stats

from algorithms import Pause
from algorithms.regularized_evolution import RegularizedEvolution
from benchmarks import Architecture, ChoiceSpace
from benchmarks.nasbench201.space import NASBench201Space


class Genealogy(ChoiceSpace):
    """A space that remembers every pair (parent, child)."""

    def __init__(self, cardinalities):
        super().__init__("genealogy", {f"p{i}": range(c) for i, c in enumerate(cardinalities)})
        self._hold(births=[])

    def mutate(self, architecture, rng):
        child = super().mutate(architecture, rng)
        self.births.append((architecture, child))
        return child


def numbered(space: ChoiceSpace) -> Callable[[Architecture], float]:
    """Return errors that are all different and unrelated to the neighbourhood."""
    ranks = np.random.default_rng(8).permutation(space.size or 0)
    return lambda architecture: float(ranks[space.index(architecture)])


def evolve(n, cardinalities=(40, 30, 20), seed=0, **parameters):
    """Return the space with its births, and the errors and architectures in the order of the tells."""
    space = Genealogy(cardinalities)
    error = numbered(space)
    asked = drive(begun(RegularizedEvolution(**parameters), space, seed), error, n)
    return space, asked, [error(architecture) for architecture in asked]


def test_presets_are_those_published_and_the_tuned_one():
    assert RegularizedEvolution.presets == {
        "real2019": {"population": 100, "sample": 25},
        "nasbench101": {"population": 100, "sample": 10},
        "nasbench201": {"population": 10, "sample": 3, "mutation": "node_then_edge"},
        "naszilla": {"population": 29, "sample": 10, "initial": 10, "mutation": "each_position"},
        "tuned": {"population": 10, "sample": 10},
    }
    assert RegularizedEvolution() == RegularizedEvolution(population=100, sample=25, initial=None, mutation="one_edit")


def births(preset, n=25_000):
    """Return the initial architectures on NAS-Bench-201, and every parent and child of a preset, ``(n, 6)`` each.

    The first architecture has the least error and the population is refilled with nothing else, so it is the parent.
    """
    space = NASBench201Space()
    search = begun(RegularizedEvolution(**RegularizedEvolution.presets[preset]), space)
    initial = []
    while not isinstance(query := search.ask(), Pause):
        initial.append(query)
    search.tell(initial[0], 0.1)
    children = [search.ask().architecture for _ in range(n)]
    return initial, np.array(initial[0].architecture), np.array(children)


@pytest.mark.parametrize(
    ("preset", "initial", "edges"),
    [
        ("real2019", 100, [1 / 6] * 6),
        ("nasbench101", 100, [1 / 6] * 6),
        ("nasbench201", 10, [1 / 3, 1 / 6, 1 / 6, 1 / 9, 1 / 9, 1 / 9]),
    ],
)
def test_presets_with_one_edit_start_and_mutate_as_the_code_that_they_are_named_after(preset, initial, edges):
    first, parent, children = births(preset)
    assert len(first) == initial
    changed = children != parent
    assert np.all(changed.sum(axis=1) == 1)
    assert stats.chisquare(changed.sum(axis=0), np.array(edges) * len(children)).pvalue > 1e-4


def test_naszilla_starts_from_ten_and_changes_each_operation_with_probability_one_quarter():
    first, parent, children = births("naszilla")
    assert len(first) == 10
    changed = children != parent
    expected = stats.binom.pmf(np.arange(7), 6, 1 / 4) * len(children)
    assert stats.chisquare(np.bincount(changed.sum(axis=1), minlength=7), expected).pvalue > 1e-4
    assert stats.chisquare(changed.sum(axis=0)).pvalue > 1e-4


def test_a_population_that_starts_small_grows_to_its_size_before_the_oldest_dies():
    space, asked, errors = evolve(300, population=20, sample=2_000, initial=4)
    assert [child for _, child in space.births] == asked[4:]
    for birth, (parent, _) in enumerate(space.births):
        alive = range(max(0, birth + 4 - 20), birth + 4)
        assert parent == asked[min(alive, key=errors.__getitem__)]


@pytest.mark.parametrize("preset", ["nasbench201", "naszilla"])
def test_a_space_without_the_operator_is_rejected_before_the_start(preset):
    search = RegularizedEvolution(**RegularizedEvolution.presets[preset])
    search.check_fits(NASBench201Space(), (200.0,), (0.0, 1.0))
    with pytest.raises(ValueError, match=r"unknown mutation of space 'rugged' '\w+'\. Known: one_edit"):
        search.check_fits(rugged((3, 3), 0)[0], (200.0,), (0.0, 1.0))


def test_the_initial_population_comes_from_the_design_stream_and_is_not_mutated():
    space, asked, _ = evolve(60, population=50, sample=5)
    rng = np.random.default_rng([0, 1])
    assert asked[:50] == [space.sample(rng) for _ in range(50)]
    assert [child for _, child in space.births] == asked[50:]


def test_every_child_differs_in_one_position_uniformly_drawn():
    space, _, _ = evolve(6_000, population=20, sample=4)
    parents, children = np.array(space.births).transpose(1, 0, 2)
    changed = parents != children
    assert np.all(changed.sum(axis=1) == 1)
    assert stats.chisquare(changed.sum(axis=0)).pvalue > 1e-4


def test_a_mutated_position_takes_any_other_value():
    space, _, _ = evolve(6_000, cardinalities=(6, 6, 6), population=20, sample=4)
    parents, children = np.array(space.births).transpose(1, 0, 2)
    position = np.argmax(parents != children, axis=1)
    rows = np.arange(len(parents))
    step = (children[rows, position] - parents[rows, position]) % 6
    assert stats.chisquare(np.bincount(step, minlength=6)[1:]).pvalue > 1e-4


def test_the_oldest_dies_not_the_worst():
    # A tournament of 1,000 among 5 misses nobody, so the parent is the best of the last 5 told, however good the dead.
    space, asked, errors = evolve(300, population=5, sample=1_000)
    for birth, (parent, _) in enumerate(space.births):
        alive = range(birth, birth + 5)
        assert parent == asked[min(alive, key=errors.__getitem__)]
    deaths_of_the_best = sum(min(errors[i : i + 6]) == errors[i] for i in range(295))
    assert deaths_of_the_best > 20


def test_the_parent_is_the_best_of_a_random_sample_with_replacement():
    population, sample = 10, 3
    space, asked, errors = evolve(8_000, population=population, sample=sample)
    ranks = []
    for birth, (parent, _) in enumerate(space.births):
        alive = range(birth, birth + population)
        if len({errors[i] for i in alive}) == population:  # twins share a rank
            ranks.append(sorted(errors[i] for i in alive).index(errors[asked.index(parent)]))
    assert len(ranks) > 4_000
    k = np.arange(population)
    expected = ((population - k) / population) ** sample - ((population - k - 1) / population) ** sample
    counts = np.bincount(ranks, minlength=population)
    assert counts[-1] < counts[0]
    together = [*range(population - 2), population - 2]  # the two rarest ranks in one cell
    observed = np.add.reduceat(counts, together)
    assert stats.chisquare(observed, np.add.reduceat(expected, together) * counts.sum()).pvalue > 1e-4


def test_a_tournament_of_one_is_a_uniform_choice():
    space, asked, errors = evolve(5_000, population=8, sample=1)
    ages = []
    for birth, (parent, _) in enumerate(space.births):
        alive = asked[birth : birth + 8]
        if len(set(alive)) == 8:
            ages.append(alive.index(parent))
    assert len(ages) > 2_000
    assert len(errors) == 5_000
    assert stats.chisquare(np.bincount(ages, minlength=8)).pvalue > 1e-4


def test_it_waits_only_while_nothing_is_known():
    space, error = rugged((5, 5), seed=2)
    search = begun(RegularizedEvolution(population=3, sample=2), space)
    initial = [search.ask() for _ in range(3)]
    assert search.ask() is Pause.WAIT
    assert search.ask() is Pause.WAIT
    search.tell(initial[1], error(initial[1].architecture))
    children = [search.ask() for _ in range(4)]
    assert all(child.architecture in space.neighbours(initial[1].architecture) for child in children)


def test_with_several_workers_the_oldest_is_the_first_one_told():
    space = Genealogy((40, 30))
    search = begun(RegularizedEvolution(population=2, sample=500), space)
    first, second = search.ask(), search.ask()
    search.tell(second, 0.1)
    search.tell(first, 0.2)
    third = search.ask()
    assert space.births[-1][0] == second.architecture
    search.tell(third, 0.3)
    search.ask()
    assert space.births[-1][0] == first.architecture


def test_a_space_of_one_architecture_ends_the_search():
    space, error = rugged((1, 1), seed=0)
    search = begun(RegularizedEvolution(population=4, sample=2), space)
    assert drive(search, error, 100) == [(0, 0)] * 4
    assert search.ask() is Pause.DONE


@pytest.mark.parametrize(
    ("population", "sample", "initial"), [(100, 25, None), (100, 10, None), (10, 3, 10), (29, 10, 10)]
)
def test_it_finds_the_optimum_of_an_easy_space_sooner_than_chance(population, sample, initial):
    space = ChoiceSpace("easy", {f"p{i}": range(10) for i in range(4)})
    found = []
    for seed in range(10):
        search = begun(RegularizedEvolution(population, sample, initial), space, seed)
        found.append(min(map(sum, drive(search, lambda architecture: sum(architecture) / 36, 400))))
    assert np.mean(found) < 2.5  # the best of 400 random ones has a sum of about 5

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


def test_presets_are_those_published():
    assert RegularizedEvolution.presets == {
        "real2019": {"population": 100, "sample": 25},
        "nasbench101": {"population": 100, "sample": 10},
        "nasbench201": {"population": 10, "sample": 3},
        "naszilla": {"population": 30, "sample": 10},
    }
    assert RegularizedEvolution() == RegularizedEvolution(population=100, sample=25)


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


@pytest.mark.parametrize("preset", RegularizedEvolution.presets)
def test_it_finds_the_optimum_of_an_easy_space_sooner_than_chance(preset):
    space = ChoiceSpace("easy", {f"p{i}": range(10) for i in range(4)})
    found = []
    for seed in range(10):
        search = begun(RegularizedEvolution(**RegularizedEvolution.presets[preset]), space, seed)
        found.append(min(map(sum, drive(search, lambda architecture: sum(architecture) / 36, 400))))
    assert np.mean(found) < 2.5  # the best of 400 random ones has a sum of about 5

"""Local search, compared with its definition: the queries that are allowed at every step."""

from __future__ import annotations

import numpy as np
import pytest
from driving import begun, drive, rugged
from scipy import stats

from algorithms import Pause, algorithm_class
from algorithms.local_search import LocalSearch
from benchmarks import ChoiceSpace, load_benchmark
from harness.entries.hyperparameters import changed_parameters
from harness.simulation.protocols import Budget, Protocol
from harness.simulation.trial import run_trial

MODES = [
    {"query_full_neighbourhood": full, "stop_at_minimum": stop} for full in (False, True) for stop in (True, False)
]


def follow(asked, space, error, *, initial, query_full_neighbourhood, stop_at_minimum):
    """Check every query against the definition. Return the moves, and the local optima left in each way."""
    seen, expanded, moves, restarts, detours = set(), set(), [], 0, 0
    current, allowed, batch, to_draw = None, set(), [], initial
    for architecture in asked:
        assert architecture not in seen
        while not to_draw and not allowed:
            best = min(batch, key=error) if batch else None
            unexpanded = seen - expanded
            if best is not None and (current is None or error(best) < error(current)):
                current = best
                moves.append(current)
            elif not stop_at_minimum and unexpanded:
                current, detours = min(unexpanded, key=error), detours + 1
            else:
                current, restarts, to_draw = None, restarts + 1, initial
            batch = []
            if current is not None:
                expanded.add(current)
                allowed = set(space.neighbours(current)) - seen
        seen.add(architecture)
        batch.append(architecture)
        if to_draw:
            to_draw -= 1
            continue
        assert architecture in allowed, f"{architecture} is not a new neighbour of {current}"
        allowed.remove(architecture)
        if not query_full_neighbourhood and error(architecture) < error(current):
            current, batch = architecture, []
            moves.append(current)
            expanded.add(current)
            allowed = set(space.neighbours(current)) - seen
    return moves, restarts, detours


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: "-".join(k for k, v in mode.items() if v) or "neither")
@pytest.mark.parametrize("seed", range(6))
def test_every_query_follows_the_definition(mode, seed):
    space, error = rugged((5, 4, 4, 3), seed)
    asked = drive(begun(LocalSearch(initial=4, **mode), space, seed), error, 10_000)
    moves, restarts, detours = follow(asked, space, error, initial=4, **mode)
    assert len(asked) == space.size == 240
    assert len(moves) > 5
    assert (restarts > 0, detours > 0) == (mode["stop_at_minimum"], not mode["stop_at_minimum"])


def test_it_moves_at_the_first_better_neighbour():
    space = ChoiceSpace("line", {"x": range(10), "y": range(10)})
    asked = drive(begun(LocalSearch(initial=1), space, seed=4), lambda a: (a[0] + a[1]) / 20, 40)
    current = asked[0]
    for architecture in asked[1:20]:
        assert architecture in space.neighbours(current)
        if sum(architecture) < sum(current):
            current = architecture
    assert sum(current) < sum(asked[0]) - 5


def test_the_full_neighbourhood_is_asked_before_it_moves_to_the_best():
    space = ChoiceSpace("plane", {"x": range(5), "y": range(5)})
    asked = drive(begun(LocalSearch(initial=1, query_full_neighbourhood=True), space, seed=1), lambda a: sum(a) / 9, 20)
    first = space.neighbours(asked[0])
    assert set(asked[1:9]) == set(first)
    best = min(first, key=sum)
    fresh = set(space.neighbours(best)) - set(asked[:9])
    assert set(asked[9 : 9 + len(fresh)]) == fresh


def test_at_a_local_optimum_it_restarts_with_initial_random_architectures():
    space = ChoiceSpace("flat", {"x": range(50), "y": range(4), "z": range(4)})
    asked = drive(begun(LocalSearch(initial=7), space, seed=3), lambda a: 0.5, 300)
    rng = np.random.default_rng([3, 1])
    design = []
    for start in (0, 7 + 55):  # nothing is ever better: 7 random ones, the 55 neighbours of the first, 7 random ones
        while len(design) < 7 + (start > 0) * 7:
            architecture = space.sample(rng)
            if architecture not in asked[:start] and architecture not in design:
                design.append(architecture)
    assert asked[:7] == design[:7]
    near = [a for a in space.neighbours(asked[0]) if a not in asked[:7]]
    assert sorted(asked[7 : 7 + len(near)]) == sorted(near)
    assert len(near) == 55
    assert asked[62:69] == design[7:]


def test_neighbours_are_asked_in_random_order():
    space = ChoiceSpace("plane", {"x": range(4), "y": range(4)})
    places = []
    for seed in range(1_500):
        asked = drive(begun(LocalSearch(initial=1), space, seed), lambda a: 0.5, 7)
        order = [space.neighbours(asked[0]).index(a) for a in asked[1:]]
        places.append((order[0], order[5]))
    for column in np.array(places).T:
        assert stats.chisquare(np.bincount(column, minlength=6)).pvalue > 1e-4


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: "-".join(k for k, v in mode.items() if v) or "neither")
@pytest.mark.parametrize("workers", [1, 4])
def test_no_architecture_is_asked_twice_and_all_are_asked_in_the_end(mode, workers):
    benchmark = load_benchmark("synthetic")
    protocol = Protocol(budget=Budget(evaluations=600), fidelities=(27.0,), workers=workers, report=("validation@27",))
    trial = run_trial(LocalSearch(**mode), "local_search", benchmark, protocol, 1, 0)
    assert trial.ended == "done"
    assert len(np.unique(trial.columns["architecture"], axis=0)) == len(trial.columns["number"]) == 480


def test_with_several_workers_a_better_neighbour_moves_the_search_at_once():
    space, _ = rugged((9, 9, 9), seed=5)
    search = begun(LocalSearch(initial=1), space)
    start = search.ask()
    search.tell(start, 0.5)
    running = [search.ask() for _ in range(4)]
    assert all(query.architecture in space.neighbours(start.architecture) for query in running)
    search.tell(running[2], 0.4)
    following = search.ask()
    assert following.architecture in space.neighbours(running[2].architecture)
    search.tell(running[0], 0.45)  # better than the start, not than where the search is now
    assert search.ask().architecture in space.neighbours(running[2].architecture)
    search.tell(running[1], 0.3)
    assert search.ask().architecture in space.neighbours(running[1].architecture)


def test_it_waits_for_the_whole_design_and_for_the_last_neighbour():
    space = ChoiceSpace("plane", {"x": range(3), "y": range(3)})
    search = begun(LocalSearch(initial=2), space, seed=0)
    first, second = search.ask(), search.ask()
    assert search.ask() is Pause.WAIT
    search.tell(second, 0.4)
    assert search.ask() is Pause.WAIT
    search.tell(first, 0.5)
    near = [a for a in space.neighbours(second.architecture) if a != first.architecture]
    running = [search.ask() for _ in near]
    assert sorted(query.architecture for query in running) == sorted(near)
    assert search.ask() is Pause.WAIT
    for query in running:
        search.tell(query, 0.9)
    assert search.ask().architecture not in [first.architecture, second.architecture, *near]


def test_done_means_that_everything_was_asked_even_while_it_runs():
    space, error = rugged((2, 2), seed=0)
    search = begun(LocalSearch(initial=4), space)
    running = [search.ask() for _ in range(4)]
    assert search.ask() is Pause.DONE
    for query in running:
        search.tell(query, error(query.architecture))
    assert search.ask() is Pause.DONE


@pytest.mark.parametrize("name", ["nasbench201-cifar10", "fcnet-naval"])
def test_all_algorithms_of_a_trial_start_from_the_same_architectures(name):
    benchmark = load_benchmark(name)
    (fidelity,) = benchmark.facts.fidelities
    (report,) = benchmark.facts.targets
    protocol = Protocol(budget=Budget(evaluations=12), fidelities=(fidelity,), report=(report,))

    def design(use, trial, seed=1, **parameters):
        run = run_trial(algorithm_class(use)(**parameters), use, benchmark, protocol, seed, trial)
        return run.columns["architecture"][:10].tolist()

    starts = [
        [
            design("local_search", trial),
            design("local_search", trial, query_full_neighbourhood=True),
            design("regularized_evolution", trial),
            design("regularized_evolution", trial, population=10, sample=3),
        ]
        for trial in range(3)
    ]
    assert all(start == starts[trial][0] for trial in range(3) for start in starts[trial])
    assert starts[0][0] != starts[1][0] != starts[2][0]
    assert design("local_search", 0, seed=2) != starts[0][0]


def test_without_memory_it_asks_again_and_restarts_from_all_architectures():
    space, error = rugged((3, 3), seed=2)
    asked = drive(begun(LocalSearch(initial=2, memory=False), space, seed=2), error, 400)
    assert set(asked) == set(map(tuple, space.enumerate().tolist()))
    place, climbs = 0, 0
    while place < 350:
        design = asked[place : place + 2]
        assert design[0] != design[1]
        current, place, climbs = min(design, key=error), place + 2, climbs + 1
        left = set(space.neighbours(current))
        while left:
            left.remove(asked[place])
            if error(asked[place]) < error(current):
                current, left = asked[place], set(space.neighbours(asked[place]))
            place += 1
    assert climbs > 20


@pytest.mark.parametrize("initial", [9, 20])
def test_without_memory_a_design_is_at_most_the_whole_space(initial):
    space, error = rugged((3, 3), seed=2)
    asked = drive(begun(LocalSearch(initial=initial, memory=False), space), error, 100)
    best = min(asked[:9], key=error)
    assert len(set(asked[:9])) == 9
    assert set(asked[9:13]) == set(space.neighbours(best))
    assert len(set(asked[13:22])) == 9


def test_a_search_that_continues_needs_its_memory():
    space = ChoiceSpace("plane", {"x": range(3), "y": range(3)})
    with pytest.raises(ValueError, match="expected stop_at_minimum = true, got false"):
        LocalSearch(memory=False, stop_at_minimum=False).check_fits(space, (1.0,), (0.0, 1.0))


def test_memory_is_the_default_and_changes_no_cell():
    assert changed_parameters(LocalSearch, {"initial": 10, "memory": True}) == {}
    assert changed_parameters(LocalSearch, {"memory": False}) == {"memory": False}

"""The predictor sampler: the selection rules of its papers, and its pools."""

from __future__ import annotations

import numpy as np
import pytest
from driving import begun, drive, rugged

from algorithms import Pause
from algorithms.candidates import everything
from algorithms.models.predictors import Prediction, Predictor
from algorithms.predictor_sampler import PredictorSampler
from benchmarks import ChoiceSpace, load_benchmark
from harness.simulation.protocols import Budget, Protocol
from harness.simulation.trial import run_trial

CARDINALITIES = (20, 20, 5)


class Oracle(Predictor):
    """Predicts the row in the list of all architectures, so that the order is known."""

    def fit(self, x, y):
        self.n = len(y)

    def predict(self, x):
        rows = np.rint(x * np.array([19, 19, 4])) @ np.array([100, 5, 1])
        return Prediction(rows, np.zeros(len(x)))


@pytest.fixture
def oracle(monkeypatch):
    monkeypatch.setattr("algorithms.rounds.make_predictor", lambda name, rng: Oracle(rng))


def rounds(n, **parameters):
    """Return the initial design and the rows asked for in each round, in the oracle's order."""
    space, error = rugged(CARDINALITIES, seed=1)
    search = begun(PredictorSampler(encoding="ordinal", **parameters), space)
    rows = space.indices(drive(search, error, n)).tolist()
    initial, picks = search.initial, search.picks
    return rows[:initial], [rows[start : start + picks] for start in range(initial, n, picks)]


def unasked(rows):
    return [row for row in range(2_000) if row not in rows]


def test_presets():
    presets = {name: PredictorSampler(**given) for name, given in PredictorSampler.presets.items()}
    assert presets["neural_predictor"] == PredictorSampler(initial=172, picks=20, selection="top", pool="full")
    assert presets["weaknas_nasbench201"] == PredictorSampler(initial=10, picks=10, selection="sample", top=100)
    assert presets["weaknas_nasbench101"] == PredictorSampler(initial=100, picks=10, selection="sample", top=100)
    assert presets["brp_nas"].predictor == "binary_relation"
    assert presets["brp_nas"].selection == "halves"
    assert [presets[pool].pool for pool in ("full", "random_subset", "mutate_best", "evolve_proxy")] == [
        "full", "random_subset", "mutate_best", "evolve_proxy",
    ]  # fmt: skip


def test_the_best_predicted_are_asked_best_first(oracle):
    initial, later = rounds(80, initial=30, picks=10)
    assert len(set(initial)) == 30
    free = unasked(initial)
    for number, asked in enumerate(later):
        assert asked == free[10 * number : 10 * number + 10]


def test_weaknas_draws_uniformly_from_the_unasked_of_the_top_100(oracle):
    initial, later = rounds(60, initial=20, picks=10, selection="sample", top=100)
    known = set(initial)
    for asked in later:
        assert len(set(asked)) == 10
        assert set(asked) <= set(range(100)) - known
        known |= set(asked)
    spread = [row for seed_round in later for row in seed_round]
    assert max(spread) > 70
    assert spread != sorted(spread)


def test_weaknas_continues_in_order_when_the_top_is_used_up(oracle):
    initial, later = rounds(50, initial=20, picks=10, selection="sample", top=12)
    free = unasked(initial)
    left = [row for row in range(12) if row not in initial]
    before = set(later[0]) | set(later[1])
    assert set(left) <= before
    assert later[2] == [row for row in free if row not in before][:10]


def test_brp_nas_takes_half_from_the_top_and_half_from_a_shrinking_share(oracle):
    initial, later = rounds(20 + 8 * 20, initial=20, picks=20, selection="halves")
    known = set(initial)
    for number, asked in enumerate(later, start=1):
        free = [row for row in range(2_000) if row not in known]
        assert asked[:10] == free[:10]
        share = 2_000 >> number
        others = [row for row in free[10:] if row < share]
        if len(others) >= 10:
            assert set(asked[10:]) <= set(others)
        else:
            assert set(asked[10:]) == set(free[10:20])
        known |= set(asked)
    assert max(later[0][10:]) > 500


def test_an_odd_number_of_picks_gives_the_top_one_more(oracle):
    _, later = rounds(20 + 5, initial=20, picks=5, selection="halves")
    assert later[0][:3] == sorted(later[0][:3])


def test_equal_predictions_are_taken_in_random_order(monkeypatch):
    class Indifferent(Oracle):
        def predict(self, x):
            return Prediction(np.zeros(len(x)), np.zeros(len(x)))

    monkeypatch.setattr("algorithms.rounds.make_predictor", lambda name, rng: Indifferent(rng))
    _, (asked,) = rounds(120, initial=20, picks=100)
    assert 700 < np.mean(asked) < 1_300


def test_a_fixed_subset_is_used_up_before_another_is_drawn_and_a_redrawn_is_not(oracle, monkeypatch):
    drawn = []
    space, error = rugged(CARDINALITIES, seed=1)

    def subset(space, asked, n, rng):
        rows = rng.permutation([row for row in range(2_000) if tuple(space.enumerate()[row].tolist()) not in asked])[:n]
        drawn.append([tuple(space.enumerate()[row].tolist()) for row in rows.tolist()])
        return drawn[-1]

    monkeypatch.setattr("algorithms.predictor_sampler.random_subset", subset)
    given = {"encoding": "ordinal", "initial": 10, "picks": 10, "pool": "random_subset", "pool_size": 30}
    asked = drive(begun(PredictorSampler(redraw=False, **given), space), error, 70)
    assert set(asked[10:40]) == set(drawn[0])
    assert set(asked[40:70]) == set(drawn[1])
    assert asked[10:20] == sorted(drawn[0])[:10]
    drawn.clear()
    asked = drive(begun(PredictorSampler(redraw=True, **given), space), error, 70)
    assert len(drawn) == 6
    assert asked[20:30] == sorted(drawn[1])[:10]


@pytest.mark.parametrize("pool", ["full", "random_subset", "mutate_best", "evolve_proxy"])
@pytest.mark.parametrize("selection", ["top", "sample", "halves"])
def test_every_architecture_of_a_small_space_is_asked_for_once(pool, selection):
    for cardinalities in ((1,), (4,), (2, 2), (3, 1, 2), (5, 5)):
        space, error = rugged(cardinalities, seed=3)
        for redraw in (True, False):
            given = {"pool": pool, "selection": selection, "redraw": redraw, "pool_size": 7, "predictor": "ridge"}
            search = begun(PredictorSampler(initial=5, picks=3, **given), space)
            assert sorted(drive(search, error, 1_000)) == sorted(map(tuple, space.enumerate().tolist()))
            assert search.ask() is Pause.DONE


def test_the_first_round_waits_for_the_design_and_later_ones_do_not_wait():
    space, error = rugged((9, 9, 9), seed=4)
    search = begun(PredictorSampler(initial=4, picks=3, predictor="ridge"), space)
    design = [search.ask() for _ in range(4)]
    for query in design:
        assert search.ask() is Pause.WAIT
        search.tell(query, error(query.architecture))
    later = [search.ask() for _ in range(8)]
    assert len({query.architecture for query in design + later}) == 12


def test_a_full_pool_of_a_large_space_is_refused():
    large = ChoiceSpace("large", {f"p{i}": range(10) for i in range(6)})
    with pytest.raises(ValueError, match="'mutate_best', 'evolve_proxy' or 'random_subset'"):
        PredictorSampler().check_fits(large, (1.0,), (0.0, 1.0))
    for pool in ("random_subset", "mutate_best", "evolve_proxy"):
        search = begun(PredictorSampler(initial=10, pool=pool, predictor="ridge"), large)
        assert len(set(drive(search, lambda architecture: sum(architecture), 60))) == 60


def test_the_pool_is_made_once_for_all_trials():
    space = load_benchmark("nasbench201-cifar100").space
    before = everything(space, "one_hot")
    search = begun(PredictorSampler(initial=10, predictor="ridge"), space)
    drive(search, lambda architecture: sum(architecture) / 24, 40)
    assert everything(space, "one_hot")[0] is before[0]


@pytest.mark.slow
def test_a_greedy_forest_finds_one_of_the_best_four_far_sooner_than_chance():
    table = load_benchmark("nasbench201-cifar100")
    protocol = Protocol(budget=Budget(evaluations=150), fidelities=(200.0,), report=("validation@200",))
    fourth = np.sort(table.true_errors(table.space.enumerate(), "validation@200"))[3]
    found = 0
    for trial in range(16):
        search = PredictorSampler(**PredictorSampler.presets["full"])
        record = run_trial(search, "predictor_sampler", table, protocol, 7, trial)
        found += np.any(table.true_errors(record.columns["architecture"], "validation@200") <= fourth)
    assert found >= 5  # 9 were seen; random search finds one in 4 % of the trials

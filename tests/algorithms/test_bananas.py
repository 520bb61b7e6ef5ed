"""BANANAS: the order of its queries, its acquisition functions and its mutants."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from driving import begun, drive, rugged
from scipy import stats

from algorithms import Pause, candidates
from algorithms.bananas import ACQUISITIONS, Bananas
from algorithms.models.predictors import Prediction, Predictor
from benchmarks import ChoiceSpace, SearchSpace, UnknownNameError
from benchmarks.nasbench201.space import NASBench201Space

QUICK = {"predictor": "ridge"}


class Oracle(Predictor):
    """Predicts the first column of the encoding without uncertainty, and remembers what it was fitted to."""

    fits: list[tuple[np.ndarray, np.ndarray]]

    def fit(self, x, y):
        self.fits.append((x, y))

    def predict(self, x):
        return Prediction(x @ np.arange(x.shape[1]), np.zeros(len(x)))


@pytest.fixture
def oracle(monkeypatch):
    """Replace all predictors by the oracle."""
    Oracle.fits = []
    monkeypatch.setattr("algorithms.rounds.make_predictor", lambda name, rng: Oracle(rng))
    return Oracle


def apart(a, b):
    return sum(x != y for x, y in zip(a, b, strict=True))


def test_the_preset_is_the_paper():
    assert Bananas(**Bananas.presets["white2021"]) == Bananas(
        initial=10, picks=10, candidates=100, predictor="mlp_ensemble", encoding=None, acquisition="its", target="none"
    )


@pytest.mark.parametrize(
    ("preset", "probabilities"),
    [("white2021", [0, 1, 0, 0, 0, 0, 0]), ("naszilla", stats.binom.pmf(np.arange(7), 6, 1 / 4))],
)
def test_presets_mutate_with_the_operator_of_what_they_are_named_after(oracle, monkeypatch, preset, probabilities):
    given = []

    def mutants(*arguments):
        given.append(arguments[-1])
        return candidates.mutants(*arguments)

    monkeypatch.setattr("algorithms.bananas.mutants", mutants)
    space, parent, n = NASBench201Space(), (0, 1, 2, 3, 4, 0), 10_000
    drive(begun(Bananas(**Bananas.presets[preset]), space), lambda architecture: space.index(architecture) / 2e4, 11)
    rng = np.random.default_rng(5)
    children = [candidates.mutants(space, [(0.1, parent)], set(), 1, 1, rng, given[0])[0] for _ in range(n)]
    changed = np.array(children) != np.array(parent)
    possible = np.array(probabilities) > 0
    distances = np.bincount(changed.sum(axis=1), minlength=7)
    assert distances[~possible].sum() == 0
    assert possible.sum() == 1 or stats.chisquare(distances, n * np.array(probabilities)).pvalue > 1e-4
    assert stats.chisquare(changed.sum(axis=0)).pvalue > 1e-4


def test_a_space_without_the_operator_is_rejected_before_the_start():
    with pytest.raises(UnknownNameError, match="unknown mutation of space 'rugged'"):
        Bananas(mutation="each_position").check_fits(rugged((3, 3), 0)[0], (200.0,), (0.0, 1.0))


def test_the_initial_design_is_of_the_shared_stream_and_distinct():
    space, error = rugged((3, 4), seed=0)
    asked = drive(begun(Bananas(initial=11, **QUICK), space), error, 11)
    rng = np.random.default_rng([0, 1])
    expected = list(dict.fromkeys(space.sample(rng) for _ in range(200)))[:11]
    assert asked == expected


@pytest.mark.parametrize("predictor", ["ridge", "mlp_ensemble"])
def test_every_later_one_is_a_mutation_of_a_known_one_and_new(predictor):
    space, error = rugged((6, 6, 6, 6), seed=1)
    asked = drive(begun(Bananas(predictor=predictor), space), error, 60)
    assert len(set(asked)) == 60
    for number in range(10, 60):
        known = asked[: 10 * (number // 10)]
        assert min(apart(asked[number], old) for old in known) == 1


def test_a_round_is_fitted_to_all_that_was_told_and_its_best_are_asked_best_first(oracle):
    space, error = rugged((9, 9, 9), seed=2)
    search = begun(Bananas(encoding="ordinal", acquisition="mean"), space)
    asked = drive(search, error, 40)
    assert [len(y) for _, y in oracle.fits] == [10, 20, 30]
    for x, y in oracle.fits:
        np.testing.assert_array_equal(x, space.encode(asked[: len(x)], "ordinal"))
        np.testing.assert_array_equal(y, [error(architecture) for architecture in asked[: len(y)]])
    for start in (10, 20, 30):
        values = space.encode(asked[start : start + 10], "ordinal") @ np.arange(3)
        assert np.all(np.diff(values) >= 0)


def test_the_target_transform_reaches_the_predictor(oracle):
    space, error = rugged((9, 9, 9), seed=2)
    drive(begun(Bananas(target="rank"), space), error, 11)
    np.testing.assert_array_equal(np.sort(oracle.fits[0][1]), np.arange(10) / 9)


def test_every_architecture_of_a_small_space_is_asked_for_once():
    for cardinalities in ((1,), (4,), (2, 2), (3, 1, 2), (5, 5)):
        space, error = rugged(cardinalities, seed=3)
        for acquisition in ACQUISITIONS:
            search = begun(Bananas(acquisition=acquisition, **QUICK), space)
            asked = drive(search, error, 1_000)
            assert sorted(asked) == sorted(map(tuple, space.enumerate().tolist()))
            assert search.ask() is Pause.DONE


def test_the_first_round_waits_for_the_design_and_later_ones_do_not_wait():
    space, error = rugged((9, 9, 9), seed=4)
    search = begun(Bananas(initial=4, picks=3, **QUICK), space)
    design = [search.ask() for _ in range(4)]
    for query in design:
        assert search.ask() is Pause.WAIT
        search.tell(query, error(query.architecture))
    later = [search.ask() for _ in range(8)]
    assert len({query.architecture for query in design + later}) == 12


def test_the_encoding_is_that_of_paths_where_there_is_one():
    def encoding(space: SearchSpace, given: str | None = None) -> str:
        return begun(Bananas(encoding=given), space)._encoding

    assert encoding(NASBench201Space()) == "path"
    assert encoding(NASBench201Space(), "one_hot") == "one_hot"
    assert encoding(rugged((3, 3), 0)[0]) == "one_hot"
    with pytest.raises(UnknownNameError, match="encoding of space 'rugged' 'path'"):
        encoding(rugged((3, 3), 0)[0], "path")


def test_expected_improvement_rejects_a_predictor_of_an_order():
    with pytest.raises(ValueError, match="expected a predictor of errors, got predictor = 'binary_relation'"):
        Bananas(predictor="binary_relation", acquisition="ei").check_fits(NASBench201Space(), (200.0,), (0.0, 1.0))


class TestAcquisitions:
    predicted = Prediction(np.array([0.3, 0.2, 0.5, 0.2]), np.array([0.1, 0.0, 0.4, 0.2]))

    def test_there_is_one_for_every_choice(self):
        choices = {field.name: field for field in dataclasses.fields(Bananas)}["acquisition"]
        assert all(f"'{name}'" in str(choices.type) or f'"{name}"' in str(choices.type) for name in ACQUISITIONS)

    def test_mean_and_lower_bound_are_their_formulas(self):
        rng = np.random.default_rng(0)
        np.testing.assert_array_equal(ACQUISITIONS["mean"](self.predicted, 0.25, rng), self.predicted.mean)
        np.testing.assert_allclose(ACQUISITIONS["ucb"](self.predicted, 0.25, rng), [0.25, 0.2, 0.3, 0.1])

    def test_the_expected_improvement_is_that_of_draws_with_a_fifth_of_the_deviation(self):
        values = -ACQUISITIONS["ei"](self.predicted, 0.25, np.random.default_rng(0))
        draws = np.random.default_rng(1).normal(self.predicted.mean, self.predicted.sd / 5, (400_000, 4))
        np.testing.assert_allclose(values, np.maximum(0.25 - draws, 0.0).mean(axis=0), atol=2e-4)

    def test_thompson_draws_are_independent_between_candidates_and_normal(self):
        mean, sd = np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.0, 2.0])
        rng = np.random.default_rng(2)
        draws = np.array([ACQUISITIONS["its"](Prediction(mean, sd), 0.0, rng) for _ in range(20_000)])
        np.testing.assert_allclose(np.corrcoef(draws.T), np.eye(3), atol=0.03)
        for column, m, s in zip(draws.T, mean, sd, strict=True):
            assert stats.kstest(column, stats.norm(m, s).cdf).pvalue > 1e-4

    def test_without_uncertainty_all_choose_the_lowest_mean(self):
        sure = Prediction(np.array([0.3, 0.1, 0.2]), np.zeros(3))
        for acquire in ACQUISITIONS.values():
            assert np.argmin(acquire(sure, 0.25, np.random.default_rng(0))) == 1


class TestCandidates:
    space = ChoiceSpace("rugged", {f"p{i}": range(5) for i in range(4)})

    def told(self, n=12):
        rng = np.random.default_rng(0)
        known = list(dict.fromkeys(self.space.sample(rng) for _ in range(2 * n)))[:n]
        return list(zip(rng.random(n).tolist(), known, strict=True))

    def test_mutants_are_new_distinct_and_begin_with_the_best_parents(self):
        told = self.told()
        asked = {architecture for _, architecture in told}
        found = candidates.mutants(self.space, told, asked, 30, 1, np.random.default_rng(1))
        assert len(found) == len(set(found)) == 30
        assert not asked & set(found)
        ranked = [architecture for _, architecture in sorted(told)]
        parent = [min(i for i, old in enumerate(ranked) if apart(child, old) == 1) for child in found]
        assert parent.count(0) >= 10  # of 16 neighbours, after 30 draws
        assert max(parent) < 6

    def test_more_parents_share_the_mutants(self):
        told = self.told()
        asked = {architecture for _, architecture in told}
        found = candidates.mutants(self.space, told, asked, 30, 10, np.random.default_rng(1))
        ranked = [architecture for _, architecture in sorted(told)]
        assert sum(apart(child, ranked[0]) == 1 for child in found) <= 6
        assert min(apart(child, ranked[8]) for child in found) == 1

    def test_where_all_neighbours_were_asked_one_random_architecture_is_found(self):
        best = (0, 0, 0, 0)
        asked = {best, *self.space.neighbours(best)}
        (found,) = candidates.mutants(self.space, [(0.1, best)], asked, 30, 1, np.random.default_rng(1))
        assert found not in asked

    def test_a_random_subset_is_new_and_never_empty(self):
        everything = list(map(tuple, self.space.enumerate().tolist()))
        asked = set(everything[:-1])
        assert candidates.random_subset(self.space, asked, 3, np.random.default_rng(0)) == everything[-1:]
        subset = candidates.random_subset(self.space, set(everything[:300]), 100, np.random.default_rng(0))
        assert len(subset) == len(set(subset))
        assert not set(subset) & set(everything[:300])

    def test_evolution_descends_the_predictor(self):
        space = ChoiceSpace("easy", {f"p{i}": range(10) for i in range(4)})
        rng = np.random.default_rng(0)
        told = [(float(sum(a)), a) for a in {space.sample(rng) for _ in range(10)}]
        asked = {architecture for _, architecture in told}
        found = candidates.evolved(space, told, asked, 400, lambda some: np.array(some).sum(axis=1), rng)
        assert not asked & set(found)
        assert len(found) <= 400
        assert min(map(sum, found)) <= 2

    def test_everything_is_enumerated_once_and_cannot_be_changed(self):
        space = NASBench201Space()
        genotypes, features = candidates.everything(space, "path")
        assert features.shape == (15_625, 30)
        assert candidates.everything(space, "path")[0] is genotypes
        for array in (genotypes, features):
            with pytest.raises(ValueError, match="read-only"):
                array[0, 0] = 1

    def test_a_space_too_large_is_rejected_with_a_remedy(self):
        large = ChoiceSpace("large", {f"p{i}": range(10) for i in range(6)})
        message = "at most 200,000 architectures, got 'large' with 1,000,000; use pool = 'mutate_best'"
        with pytest.raises(ValueError, match=message):
            candidates.check_full(large)

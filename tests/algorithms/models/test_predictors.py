"""The predictors: shapes, units, seeds, quality; and that target transforms keep the order."""

from __future__ import annotations

import inspect
import typing

import numpy as np
import pytest
from scipy import special, stats

from algorithms.models.mlp_ensemble import BinaryRelation, MLPEnsemble
from algorithms.models.predictors import (
    PREDICTORS,
    PredictorName,
    TargetName,
    make_predictor,
    standardised,
    transformed,
)
from benchmarks import load_benchmark

NAMES = list(PREDICTORS)
QUICK_NAMES = [pytest.param(name, marks=pytest.mark.slow if name == "gradient_boosting" else ()) for name in NAMES]
"""All predictors. Gradient boosting takes half of the time, so that most of its tests are slow ones."""


def sample(n, seed=0, benchmark="nasbench201-cifar100", encoding="one_hot", repeat=0):
    """Return encoded architectures with one recorded error each."""
    table = load_benchmark(benchmark)
    rows = np.random.default_rng(seed).permutation(table.space.size)[:n]
    genotypes = table.space.enumerate()[rows]
    errors = table.errors(genotypes, 200.0)
    return table.space.encode(genotypes, encoding), errors[:, repeat] if repeat is not None else np.nanmean(errors, 1)


def fitted(name, x, y, seed=0):
    predictor = make_predictor(name, np.random.default_rng(seed))
    predictor.fit(x, y)
    return predictor


def test_the_names_are_those_of_the_registry():
    assert list(typing.get_args(PredictorName)) == NAMES
    for reference in PREDICTORS.values():
        assert reference.startswith("algorithms.")


@pytest.mark.parametrize("name", NAMES)
def test_mean_and_sd_have_a_value_for_every_architecture(name):
    x, y = sample(60)
    predicted = fitted(name, x[:40], y[:40]).predict(x)
    assert predicted.mean.shape == predicted.sd.shape == (60,)
    assert predicted.mean.dtype == predicted.sd.dtype == np.float64
    assert np.all(np.isfinite(predicted.mean))
    assert np.all(predicted.sd >= 0.0)
    assert np.ptp(predicted.sd) > 0.0


@pytest.mark.parametrize("name", QUICK_NAMES)
@pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.slow), 3])
def test_a_few_observations_or_equal_ones_are_enough_to_fit(name, n):
    x, y = sample(20)
    for targets in (y[:n], np.full(n, 0.25), np.zeros(n)):
        predicted = fitted(name, x[:n], targets).predict(x)
        assert np.all(np.isfinite(predicted.mean))
        assert np.all(np.isfinite(predicted.sd))


@pytest.mark.parametrize("name", QUICK_NAMES)
def test_the_same_seed_predicts_the_same_and_another_may_not(name):
    x, y = sample(60)
    first, again, other = (fitted(name, x, y, seed).predict(x) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    if name not in ("gaussian_process", "ridge"):
        assert np.any(first.mean != other.mean)


@pytest.mark.parametrize("name", NAMES)
def test_arguments_stay_as_they_are_and_nothing_is_drawn_globally(name):
    x, y = sample(40)
    kept, state = (x.copy(), y.copy()), np.random.get_state()[1].copy()  # noqa: NPY002
    x.setflags(write=False)
    y.setflags(write=False)
    fitted(name, x, y).predict(x)
    np.testing.assert_array_equal(x, kept[0])
    np.testing.assert_array_equal(y, kept[1])
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


@pytest.mark.parametrize("name", [name for name in NAMES if name != "binary_relation"])
def test_predictions_are_in_the_unit_of_the_targets(name):
    x, y = sample(150)
    small, large = (fitted(name, x, scale * y + offset).predict(x) for scale, offset in ((1.0, 0.0), (1e6, 5e6)))
    np.testing.assert_allclose((large.mean - 5e6) / 1e6, small.mean, atol=0.05)
    np.testing.assert_allclose(large.sd / 1e6, small.sd, atol=0.05)
    assert abs(np.mean(small.mean - y)) < 0.05


@pytest.mark.parametrize("name", NAMES)
def test_held_out_architectures_are_ranked(name):
    x, y = sample(150)
    held_out, truth = sample(2_000, seed=1, repeat=None)
    predicted = fitted(name, x, y).predict(held_out)
    assert stats.spearmanr(predicted.mean, truth).statistic > 0.7


@pytest.mark.parametrize("cls", [MLPEnsemble, BinaryRelation])
def test_the_mean_and_spread_are_those_of_the_members(cls):
    x, y = sample(50)
    predictor = cls(np.random.default_rng(0))
    predictor.fit(x, y)
    members, predicted = predictor.predict_members(x), predictor.predict(x)
    assert members.shape == (cls.members, 50)
    np.testing.assert_allclose(predicted.mean, members.mean(axis=0))
    np.testing.assert_allclose(predicted.sd, members.std(axis=0))


def test_the_forest_is_scikit_learns_and_its_spread_that_of_the_trees():
    x, y = sample(60)
    predictor = fitted("random_forest", x, y)
    trees = np.array([tree.predict(x) for tree in predictor._forest.estimators_])
    predicted = predictor.predict(x)
    np.testing.assert_allclose(predicted.mean, predictor._forest.predict(x), rtol=1e-12)
    np.testing.assert_allclose(predicted.sd, trees.std(axis=0), atol=1e-7)


def test_the_gaussian_process_is_certain_at_observations():
    x, y = sample(200)
    predicted = fitted("gaussian_process", x[:100], y[:100]).predict(x)
    assert predicted.sd[:100].mean() < predicted.sd[100:].mean()


def test_many_rows_are_predicted_as_few_are():
    x, y = sample(5_000)
    for name in ("mlp_ensemble", "gaussian_process"):
        predictor = fitted(name, x[:50], y[:50])
        np.testing.assert_allclose(
            predictor.predict(x).mean[1_000:1_100], predictor.predict(x[1_000:1_100]).mean, atol=1e-5
        )


class TestTargets:
    errors = np.array([0.3, 0.05, 0.9, 0.3, 0.7])

    def test_each_is_its_formula(self):
        np.testing.assert_array_equal(transformed(self.errors, "none"), self.errors)
        np.testing.assert_allclose(transformed(self.errors, "log_error"), np.log(self.errors))
        np.testing.assert_allclose(transformed(self.errors, "logit"), special.logit(self.errors))
        np.testing.assert_allclose(transformed(self.errors, "rank"), (stats.rankdata(self.errors) - 1) / 4)

    @pytest.mark.parametrize("target", typing.get_args(TargetName))
    def test_the_order_stays(self, target):
        errors = np.random.default_rng(3).random(50)
        np.testing.assert_array_equal(np.argsort(transformed(errors, target)), np.argsort(errors))

    @pytest.mark.parametrize("target", typing.get_args(TargetName))
    def test_one_error_is_enough(self, target):
        assert np.all(np.isfinite(transformed([0.5], target)))

    def test_the_ends_of_the_logit_are_finite(self):
        np.testing.assert_allclose(transformed([0.0, 1.0], "logit"), [-np.log(1e6 - 1), np.log(1e6 - 1)], rtol=1e-6)

    def test_an_error_of_0_is_half_of_the_smallest_positive_one_before_its_logarithm_is_taken(self):
        np.testing.assert_allclose(transformed([0.0, 8.0, 2.0, 0.0], "log_error"), np.log([1.0, 8.0, 2.0, 1.0]))
        np.testing.assert_array_equal(transformed([0.0, 0.0], "log_error"), [0.0, 0.0])

    @pytest.mark.parametrize(
        ("target", "errors", "message"),
        [
            ("log_error", [0.5, -1.0], "expected errors of at least 0, got errors from -1.0; use 'rank'"),
            ("logit", [0.5, 8.7e7], "to 87000000.0; use 'rank' or 'none', or 'log_error'"),
            ("logit", [-0.5, 1.0], "expected errors in .0, 1., got errors from -0.5 to 1.0"),
        ],
    )
    def test_errors_without_a_transform_are_refused(self, target, errors, message):
        with pytest.raises(ValueError, match=message):
            transformed(errors, target)

    def test_standardised_targets_have_mean_0_and_sd_1_and_come_back(self):
        y = np.random.default_rng(0).lognormal(size=30) * 1e7
        targets, offset, scale = standardised(y)
        np.testing.assert_allclose((targets.mean(), targets.std()), (0.0, 1.0), atol=1e-12)
        np.testing.assert_allclose(offset + scale * targets, y)

    def test_equal_targets_are_all_zero(self):
        np.testing.assert_array_equal(standardised(np.full(5, 0.1))[0], np.zeros(5))


def test_importing_the_algorithms_does_not_import_scikit_learn():
    import algorithms.models.predictors

    source = inspect.getsource(algorithms.models.predictors)
    assert not [line for line in source.splitlines() if line.startswith(("import sklearn", "from sklearn"))]

"""The ensemble of perceptrons: gradients and finite differences, steps and a plain loop, quality of fit."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import stats

from algorithms.models.adam import Adam
from algorithms.models.mlp_ensemble import BinaryRelation, MLPEnsemble, _Pass, _runs, _views, _with_constant
from benchmarks import load_benchmark


class Small(MLPEnsemble):
    members = 2
    hidden = (6, 5)


class SmallRelation(BinaryRelation):
    members = 2
    hidden = (6, 5)


def begun(cls, n_inputs, seed=0):
    ensemble = cls(np.random.default_rng(seed))
    ensemble._initialise(n_inputs)
    ensemble._offset, ensemble._scale = 0.0, 1.0
    return ensemble


def trainable(ensemble, n_inputs):
    """Return which of the flat weights are neither fixed nor padding."""
    mask = np.zeros(ensemble._flat.shape, dtype=bool)
    widths = (n_inputs, *ensemble.hidden, 1)
    for i, part in enumerate(_views(mask, [weights.shape for weights in ensemble._weights])):
        part[:, : widths[i] + 1, : widths[i + 1]] = True
    return mask


def loss(ensemble, x, y):
    """Return the mean loss of each member over the batch (or its pairs), in double precision: ``(members,)``."""
    activations = np.broadcast_to(_with_constant(x).astype(np.float64), (ensemble.members, len(x), 8))
    for weights in ensemble._weights[:-1]:
        activations = np.maximum(activations @ weights.astype(np.float64), 0.0)
    predicted = (activations @ ensemble._weights[-1].astype(np.float64))[:, :, 0]
    if isinstance(ensemble, BinaryRelation):
        believed = 1.0 / (1.0 + np.exp(-(predicted[:, :, None] - predicted[:, None, :])))
        larger = np.where(y[:, None] > y, 1.0, np.where(y[:, None] < y, 0.0, 0.5))
        return -(larger * np.log(believed) + (1.0 - larger) * np.log(1.0 - believed)).mean(axis=(1, 2))
    return np.abs(predicted - y).mean(axis=1)


@pytest.mark.parametrize("cls", [Small, SmallRelation])
def test_gradients_are_the_finite_differences(cls):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(9, 5)).astype(np.float32), rng.normal(size=9).astype(np.float32)
    y[1] = y[0]  # a tie
    ensemble = begun(cls, 5)
    gradient = np.full_like(ensemble._flat, np.nan)
    net = _Pass(ensemble._weights, gradient, ensemble.hidden, 9)
    predicted = net.forward(np.stack([_with_constant(x)] * 2))
    wanted = np.stack([y] * 2)
    net.backward(ensemble.slope(predicted, wanted))
    trained = trainable(ensemble, 5)
    np.testing.assert_array_equal(gradient[~trained], 0.0)
    step = 1e-4
    for i in np.flatnonzero(trained)[::3]:
        kept = ensemble._flat[i]
        ensemble._flat[i] = kept + step
        above = loss(ensemble, x, y).sum()
        ensemble._flat[i] = kept - step
        below = loss(ensemble, x, y).sum()
        ensemble._flat[i] = kept
        assert gradient[i] == pytest.approx((above - below) / (2 * step), abs=2e-3)


@pytest.mark.parametrize("hidden", [(4,), (6, 5), (8, 8, 12, 12, 8), (20,) * 10])
@pytest.mark.parametrize("rows", [1, 9])
def test_a_pass_has_every_bit_of_one_product_per_layer(hidden, rows):
    class Other(MLPEnsemble):
        pass

    Other.hidden = hidden
    rng = np.random.default_rng(3)
    ensemble = begun(Other, 7)
    inputs = np.stack([_with_constant(x) for x in rng.normal(size=(5, rows, 7))])
    gradient = np.full_like(ensemble._flat, np.nan)
    net = _Pass(ensemble._weights, gradient, hidden, rows)
    predicted = net.forward(inputs).copy()
    slope = rng.normal(size=predicted.shape).astype(np.float32)
    net.backward(slope)
    activations = [inputs]
    for weights in ensemble._weights[:-1]:
        activations.append(np.maximum(activations[-1] @ weights, 0.0))
    np.testing.assert_array_equal(predicted, (activations[-1] @ ensemble._weights[-1])[:, :, 0])
    slopes, expected = slope[:, :, None], []
    for weights, before in zip(ensemble._weights[::-1], activations[::-1], strict=True):
        expected.append(before.transpose(0, 2, 1) @ slopes)
        slopes = (slopes @ weights.transpose(0, 2, 1)) * (before > 0.0)
    found = np.where(trainable(ensemble, 7), np.concatenate([part.ravel() for part in expected[::-1]]), 0.0)
    np.testing.assert_array_equal(gradient, found)


def test_runs_of_equal_shapes():
    assert _runs([]) == []
    assert _runs([(1, 2)]) == [(0, 1)]
    assert _runs([(1, 2), (1, 2), (3, 4), (1, 2)]) == [(0, 2), (2, 3), (3, 4)]


def test_initial_weights_are_glorots_and_biases_zero():
    ensemble = begun(MLPEnsemble, 30)
    first, *between, last = ensemble._weights
    assert len(between) == 9
    for weights, inputs, outputs in ((first, 30, 20), (between[0], 20, 20), (last, 20, 1)):
        limit = np.sqrt(6.0 / (inputs + outputs))
        drawn = weights[:, :inputs, :outputs]
        assert np.abs(drawn).max() <= limit
        assert np.abs(drawn).max() > 0.9 * limit
        assert not weights[:, inputs, :outputs].any()
        assert not weights[:, inputs + 1 :].any()
    assert trainable(ensemble, 30).sum() == 5 * (31 * 20 + 9 * 21 * 20 + 21)


def test_padding_and_the_constant_unit_never_move():
    rng = np.random.default_rng(0)
    ensemble = Small(rng)
    ensemble.fit(rng.normal(size=(40, 5)).astype(np.float32), rng.normal(size=40))
    for weights, (inputs, outputs) in zip(ensemble._weights[:-1], ((5, 6), (6, 5)), strict=True):
        np.testing.assert_array_equal(weights[:, : inputs + 1, outputs:][:, :inputs], 0.0)
        np.testing.assert_array_equal(weights[:, inputs, outputs], 1.0)
        np.testing.assert_array_equal(weights[:, inputs, outputs + 1 :], 0.0)
        np.testing.assert_array_equal(weights[:, inputs + 1 :], 0.0)


def test_training_equals_that_of_a_plain_loop():
    """One member, one hidden layer, full batches: the same numbers as a plain loop with Adam."""

    class One(MLPEnsemble):
        members, hidden, epochs, batch = 1, (4,), 7, 64

    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(20, 3)).astype(np.float32), rng.normal(size=20)
    ensemble = One(np.random.default_rng(2))
    ensemble.fit(x, y)
    start = One(np.random.default_rng(2))
    start._initialise(3)
    w, v = (weights[0].astype(np.float64) for weights in start._weights)
    w, b, v, c = w[:3, :4], w[3, :4], v[:4, 0], v[4, :1]
    targets = (y - y.mean()) / y.std()
    means, squares = ([np.zeros_like(p) for p in (w, b, v, c)] for _ in range(2))
    for t in range(1, 8):
        hidden = np.maximum(x @ w + b, 0.0)
        slope = np.sign(hidden @ v + c - targets) / 20
        back = slope[:, None] * v * (hidden > 0.0)
        for i, (p, g) in enumerate(
            zip((w, b, v, c), (x.T @ back, back.sum(0), hidden.T @ slope, slope.sum()), strict=True)
        ):
            means[i] = 0.9 * means[i] + 0.1 * g
            squares[i] = 0.99 * squares[i] + 0.01 * g**2
            p -= 0.01 * means[i] / (1 - 0.9**t) / (np.sqrt(squares[i] / (1 - 0.99**t)) + 1e-7)
    expected = y.mean() + y.std() * (np.maximum(x @ w + b, 0.0) @ v + c)
    np.testing.assert_allclose(ensemble.predict(x).mean, expected, atol=1e-4)


def test_members_differ_and_see_batches_in_different_orders():
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 2, (70, 8)).astype(np.float32), rng.normal(size=70)
    ensemble = MLPEnsemble(np.random.default_rng(1))
    ensemble.fit(x, y)
    assert len(np.unique(ensemble.predict_members(x).round(6), axis=0)) == 5


def test_adam_follows_the_paper():
    rng = np.random.default_rng(0)
    parameters = rng.normal(size=6)
    expected, mean, square = parameters.copy(), np.zeros(6), np.zeros(6)
    adam = Adam(parameters, 0.05)
    for t in range(1, 20):
        gradient = rng.normal(size=6)
        adam.step(gradient)
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        expected -= 0.05 * (mean / (1 - 0.9**t)) / (np.sqrt(square / (1 - 0.999**t)) + 1e-8)
        np.testing.assert_allclose(parameters, expected, rtol=1e-10)


def test_negligible_moments_are_set_to_zero_without_effect_on_weights(monkeypatch):
    def trained(flush_every):
        monkeypatch.setattr("algorithms.models.adam.FLUSH_EVERY", flush_every)
        parameters = np.full(2, 0.5, dtype=np.float32)
        adam = Adam(parameters, 0.01)
        for step in range(1_000):
            adam.step(np.array([0.1 * (step < 50), 0.1 * (-1) ** step], dtype=np.float32))
        return parameters, adam

    (flushed, adam), (kept, slow) = trained(64), trained(10**9)
    assert 0 < slow._mean[0] < np.finfo(np.float32).tiny
    assert adam._mean[0] == 0
    assert flushed.tobytes() == kept.tobytes()


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [2, 4])
def test_it_ranks_held_out_architectures_no_worse_than_scikit_learn(seeds):
    from sklearn.neural_network import MLPRegressor

    table = load_benchmark("nasbench201-cifar10")
    genotypes = table.space.enumerate()
    x, errors = table.space.encode(genotypes, "one_hot"), table.errors(genotypes, 200.0)
    ours, theirs = [], []
    for seed in range(seeds):
        rng = np.random.default_rng([seed, 9])
        rows = rng.permutation(len(x))
        train, test = rows[:40], rows[40:3_040]
        ensemble = MLPEnsemble(rng)
        ensemble.fit(x[train], errors[train, 0])
        targets = stats.zscore(errors[train, 0])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            models = [
                MLPRegressor(
                    hidden_layer_sizes=(20,) * 10, batch_size=32, learning_rate_init=0.01, max_iter=150, tol=0.0,
                    n_iter_no_change=150, random_state=5 * seed + member,
                ).fit(x[train], targets)
                for member in range(5)
            ]  # fmt: skip
        truth = np.nanmean(errors[test], axis=1)
        ours.append(stats.spearmanr(ensemble.predict(x[test]).mean, truth).statistic)
        theirs.append(stats.spearmanr(np.mean([m.predict(x[test]) for m in models], axis=0), truth).statistic)
    difference = np.subtract(ours, theirs)
    assert difference.mean() > -0.02 - 2.0 * difference.std(ddof=1) / np.sqrt(seeds)

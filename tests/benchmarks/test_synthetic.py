"""The synthetic benchmark: comparison with its formula."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import load_benchmark
from benchmarks.synthetic import FIDELITIES, LOWEST_ERROR


@pytest.fixture(scope="module")
def table():
    return load_benchmark("synthetic")


@pytest.fixture(scope="module")
def formula(table):
    """Return the means of the formula: the final errors, and the errors of the learning curve by fidelity."""
    space = table.space
    cells = space.enumerate()
    rng = np.random.default_rng(20201)
    onehot = np.concatenate([np.eye(c)[cells[:, i]] for i, c in enumerate(space.cardinalities)], axis=1)
    interactions = rng.normal(0.0, 0.35, (onehot.shape[1],) * 2)
    raw = onehot @ rng.normal(0.0, 1.0, onehot.shape[1]) + ((onehot @ interactions) * onehot).sum(axis=1)
    final = 0.05 + 0.5 * ((raw - raw.min()) / (raw.max() - raw.min())) ** 1.5
    exponent = 0.5 + 0.5 * rng.random(len(cells))
    return {f: final + (0.9 - final) * (f**-exponent - 27.0**-exponent) for f in (1.0, 3.0, 9.0, 27.0)}


def test_the_optimum_is_known_exactly_and_unique(table):
    errors = table.true_errors(table.space.enumerate(), "validation@27")
    assert LOWEST_ERROR == 0.05
    assert table.facts.targets["validation@27"].optimum == errors.min() == pytest.approx(0.05, abs=1e-15)
    assert np.sum(errors < 0.05 + 1e-6) == 1


@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_the_mean_of_the_repeats_is_the_formula_s(table, formula, fidelity):
    errors = table.errors(table.space.enumerate(), fidelity)
    assert errors.shape == (480, 3)
    assert np.allclose(errors.mean(axis=1), np.round(formula[fidelity], 6), rtol=0, atol=1e-12)
    assert np.all(np.ptp(errors, axis=1) > 0)


def test_learning_curves_fall_to_the_final_error_and_their_ranks_cross(table, formula):
    curves = np.array([formula[f] for f in FIDELITIES])
    assert np.all(np.diff(curves, axis=0) < 0)
    ranks = curves.argsort(axis=1).argsort(axis=1)
    assert [np.corrcoef(r, ranks[-1])[0, 1] for r in ranks] == pytest.approx([0.20, 0.94, 0.98, 1.0], abs=0.01)


def test_training_can_be_resumed_and_costs_time_in_proportion_to_epochs(table):
    assert table.facts.continuable
    assert table.facts.fidelities == (1.0, 3.0, 9.0, 27.0)
    assert table.facts.provenance == "synthetic"
    epoch = table.seconds(table.space.enumerate(), 1.0)
    assert epoch.min() >= 4.0
    for fidelity in FIDELITIES:
        assert np.allclose(table.seconds(table.space.enumerate(), fidelity), epoch * fidelity, rtol=1e-15)


def test_a_network_keeps_most_of_its_luck_from_one_fidelity_to_the_next(table):
    errors = [table.errors(table.space.enumerate(), fidelity) for fidelity in (9.0, 27.0)]
    early, late = (e - e.mean(axis=1, keepdims=True) for e in errors)
    assert np.corrcoef(early.ravel(), late.ravel())[0, 1] > 0.5

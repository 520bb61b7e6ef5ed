"""Tests (c) and (d) of surrogates: regions that nobody else searched, and architectures that are hard to predict."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from planted_tables import planted, product

from benchmarks.nasbench101.space import NASBench101Space
from benchmarks.nasbench201.space import NASBench201Space
from benchmarks.nasbench301.space import DARTSSpace
from benchmarks.transnasbench101 import MacroSpace, MicroSpace
from harness.surrogates.fitting import Recipe
from harness.surrogates.left_out import FEWEST, leave_one_optimizer_out
from harness.surrogates.parameter_free import errors_by_parameter_free
from plots.figures.surrogate_predictions import left_out_figure, parameter_free_figure

SPACE = product(5, 4)
GENOTYPES = SPACE.enumerate()
FAR = GENOTYPES[:, 0] == 3
RECIPE = Recipe("ridge", train=150)
DARTS_V2 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1),"
    " ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5],"
    " reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0),"
    " ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=[2, 3, 4, 5])"
)


def searched(**rows):
    """Curves of algorithms that searched given rows, twice."""
    frames = [
        pd.DataFrame({"benchmark": "table", "algorithm": label, "row": np.tile(own, 2)}) for label, own in rows.items()
    ]
    surrogate = pd.DataFrame({"benchmark": "surrogate", "algorithm": "native", "row": np.flatnonzero(FAR)})
    return pd.concat([*frames, surrogate], ignore_index=True)


@pytest.fixture(scope="module")
def found():
    effects = GENOTYPES[:, 1:] @ np.array([0.04, 0.03, 0.02, 0.01])
    table = planted(SPACE, 0.1 + np.where(FAR, 0.3 - effects, effects))
    rng = np.random.default_rng(0)
    near = rng.permutation(np.flatnonzero(~FAR))
    curves = searched(native=near[:200], other=near[150:350], stranger=rng.permutation(np.flatnonzero(FAR))[:30])
    return leave_one_optimizer_out(table, RECIPE, curves)


def test_what_nobody_else_searched_is_not_predicted(found):
    stranger = found["stranger"]
    assert (stranger.tested, stranger.fitted, stranger.shared) == (30, 150, 0.0)
    assert stranger.trajectories.kendall < -0.5
    assert stranger.difference < 0
    assert stranger.difference_high < 0


def test_what_others_searched_as_well_is_predicted(found):
    native = found["native"]
    assert native.trajectories.kendall > 0.6
    assert native.shared == 0.25
    assert 150 <= native.tested <= 200
    assert native.difference == pytest.approx(native.trajectories.kendall - native.random.kendall)
    assert native.difference_low <= native.difference <= native.difference_high


def test_an_algorithm_without_own_architectures_is_not_judged():
    table = planted(SPACE, np.linspace(0.1, 0.9, SPACE.size))
    curves = searched(a=np.arange(200), b=np.arange(200 + FEWEST - 1))
    assert list(leave_one_optimizer_out(table, Recipe("ridge"), curves)) == []
    figure, data = left_out_figure([{"table": "t", "left_out": {}}])
    assert data.empty
    assert "no algorithm has" in figure.get_label()


def test_equal_errors_have_no_correlation():
    errors = np.full(SPACE.size, 0.2)
    errors[:400] = np.linspace(0.1, 0.2, 400)
    curves = searched(a=np.arange(400), b=np.arange(500, 600))
    left = leave_one_optimizer_out(planted(SPACE, errors), Recipe("ridge"), curves)["b"]
    assert (left.difference, left.difference_low, left.trajectories.kendall) == (None, None, None)


def test_operations_without_weights_are_counted():
    space = NASBench201Space()
    rows = [space.from_string(text) for text in ("000000", "222222", "333333", "444444", "102340")]
    assert space.operations(rows).parameter_free().tolist() == [6, 0, 0, 6, 4]
    assert MicroSpace().operations([[0, 1, 2, 3, 0, 1]]).parameter_free().tolist() == [4]
    used = "0110000 0001000 0000001 0000000 0000000 0000000 0000000".replace(" ", "")
    poolings = ",".join(["input", *["maxpool3x3"] * 5, "output"])
    cell = NASBench101Space().from_string(f"{used};{poolings}")
    assert NASBench101Space().operations([cell]).parameter_free().tolist() == [1]  # the others lead to no output
    # DARTS-V2 has two skip connections in the normal cell, and three besides five poolings in the reduction cell.
    assert DARTSSpace().operations([DARTSSpace().from_string(DARTS_V2)]).parameter_free().tolist() == [10]


def test_spaces_without_such_operations_are_not_judged():
    assert SPACE.operations(GENOTYPES).parameter_free() is None
    assert MacroSpace().operations([[1, 2, 3, 4, 0, 0]]).parameter_free() is None
    assert errors_by_parameter_free(planted(SPACE, np.linspace(0.1, 0.9, SPACE.size)), RECIPE) is None


@pytest.mark.parametrize("erratic", [True, False])
def test_errors_rise_where_they_are_planted_and_not_elsewhere(erratic):
    space, rng = MicroSpace(), np.random.default_rng(1)
    genotypes = space.enumerate()
    counts = space.operations(genotypes).parameter_free()
    noise = rng.normal(0, 0.05, space.size) * (counts >= 4 if erratic else 1)
    table = planted(space, np.exp(-2 + 0.1 * counts + noise), provenance="recorded")
    levels = errors_by_parameter_free(table, Recipe("ridge", train=500))
    assert [level.operations for level in levels] == list(range(7))
    assert sum(level.architectures for level in levels) == space.size - 500
    assert sum(level.fitted for level in levels) == 500
    relative = [level.mean_absolute_error / level.error for level in levels]
    assert (relative[5] > 5 * relative[1]) == erratic
    assert levels[3].error == pytest.approx(np.exp(-1.7), rel=0.02)
    report = {"table": "t", "title": "T", "unit": "fraction", "model": "ridge", "train": 500, "seed": 0}
    figure, data = parameter_free_figure([report | {"parameter_free": [vars(level) for level in levels]}])
    assert data["predicted"].to_list() == [level.predicted for level in levels]
    assert len(figure.axes) == 1

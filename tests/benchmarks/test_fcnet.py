"""The FCNet tables: comparison with published facts."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import BenchmarkError, load_benchmark

# Lowest mean validation error according to HPOBench.
BEST = {"naval": 3.1911e-05, "parkinsons": 0.0067059, "protein": 0.2213789, "slice": 0.00019160}
HIGHEST = {"naval": 2.8107e4, "parkinsons": 2.1142e4, "protein": 1.9510e3, "slice": 8.7004e7}
BEST_SLICE = (
    "activation_fn_1=relu,activation_fn_2=tanh,batch_size=16,dropout_1=0.0,dropout_2=0.0,init_lr=0.0005,"
    "lr_schedule=cosine,n_units_1=256,n_units_2=512"
)


@pytest.fixture(scope="module", params=BEST)
def dataset(request):
    return request.param


@pytest.fixture(scope="module")
def table(dataset):
    return load_benchmark(f"fcnet-{dataset}")


def test_there_are_62208_configurations_with_four_repeats(table):
    errors = table.errors(table.space.enumerate(), 100.0)
    assert errors.shape == (62_208, 4)
    assert np.isfinite(errors).all()
    assert table.facts.repeats == (4, 4)


def test_lowest_and_highest_errors(table, dataset):
    assert table.facts.targets["validation@100"].optimum == pytest.approx(BEST[dataset], rel=1e-4)
    assert table.errors(table.space.enumerate(), 100.0).max() == pytest.approx(HIGHEST[dataset], rel=1e-4)
    assert table.facts.valid_range == (0.0, float("inf"))


def test_every_configuration_has_26_neighbours(table):
    space = table.space
    assert len(space.neighbours((0,) * 9)) == sum(space.cardinalities) - 9 == 1 + 1 + 3 + 2 + 2 + 5 + 1 + 5 + 5


def test_a_repeat_is_charged_its_own_time(table):
    observed = [table.observe((0,) * 9, 100.0, draw).seconds for draw in range(4)]
    assert len(set(observed)) == 4


def test_the_best_configuration_of_slice_by_name():
    table = load_benchmark("fcnet-slice")
    best = table.space.from_string(BEST_SLICE)
    assert table.true_errors([best], "validation@100")[0] == table.facts.targets["validation@100"].optimum


def test_a_validation_pass_has_no_known_time(table):
    with pytest.raises(BenchmarkError, match="validation pass is not known"):
        table.validation_seconds((0,) * 9, 100.0)

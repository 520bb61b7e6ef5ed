"""The facts that follow from the arrays of a table, on arrays small enough to check by hand."""

from __future__ import annotations

import numpy as np
import pytest
import toys

from benchmarks import BenchmarkError, ChoiceSpace, load_benchmark
from benchmarks.table import build_table, noise_floor, recorded_first

NAN = np.nan


def build(errors, seconds, tests=None):
    facts = toys.make_table().facts
    return build_table(facts, ChoiceSpace("toy", {"x": range(len(errors))}), {1.0: errors}, {1.0: seconds}, tests)


def test_recorded_repeats_come_first_in_their_order_with_their_values():
    errors = np.array([[NAN, 2.0, 3.0], [1.0, NAN, 3.0], [1.0, 2.0, 3.0]])
    moved = recorded_first(errors, errors)
    assert np.array_equal(moved, [[2, 3, NAN], [1, 3, NAN], [1, 2, 3]], equal_nan=True)
    numbers = recorded_first(errors, np.arange(9.0).reshape(3, 3))
    assert np.array_equal(numbers, [[1, 2, NAN], [3, 5, NAN], [6, 7, 8]], equal_nan=True)


def test_the_floor_is_the_median_standard_error_among_the_best_percent():
    rng = np.random.default_rng(3)
    errors = np.linspace(0.1, 0.9, 300)[:, None] + rng.normal(0, 1e-5, (300, 3))
    errors[:3] = [[0.08, 0.1, 0.12], [0.1, 0.1, 0.1], [0.09, 0.11, NAN]]
    by_hand = [0.02 / np.sqrt(3), 0.0, np.sqrt(2) * 0.01 / np.sqrt(2)]
    assert noise_floor(errors) == pytest.approx(np.median(by_hand))


def test_single_repeats_carry_no_information_on_noise():
    errors = np.array([[0.1, NAN], [0.2, 0.4], [0.5, 0.5]])
    assert noise_floor(errors) == pytest.approx(0.1)
    assert noise_floor(errors[:, :1]) == 0.0


def test_targets_and_repeats_are_computed():
    errors = np.array([[0.4, NAN], [0.1, 0.3], [0.6, 0.8], [0.9, 0.9]])
    table = build(errors, np.array([[1.0], [2.0], [3.0], [4.0]]), {1.0: np.array([0.5, 0.6, 0.3, 0.7])})
    assert table.facts.repeats == (1, 2)
    validation, test = table.facts.targets["validation@1"], table.facts.targets["test@1"]
    assert (validation.optimum, validation.median) == pytest.approx((0.2, 0.55))
    assert (test.optimum, test.median) == pytest.approx((0.3, 0.55))
    assert validation.floor == test.floor == pytest.approx(0.1)


def test_a_fidelity_with_one_repeat_has_the_floor_of_the_highest_fidelity():
    facts = toys.make_table().facts
    errors = {1.0: np.array([[0.5], [0.6]]), 2.0: np.array([[0.1, 0.3], [0.5, 0.5]])}
    table = build_table(facts, ChoiceSpace("toy", {"x": range(2)}), errors, {})
    assert {target: known.floor for target, known in table.facts.targets.items()} == pytest.approx(
        {"validation@1": 0.1, "validation@2": 0.1}
    )


def test_the_seconds_of_a_repeat_move_with_its_error():
    errors = np.array([[NAN, 0.2, 0.3], [0.4, 0.5, 0.6]])
    table = build(errors, np.array([[10.0, 20.0, 30.0], [40.0, 50.0, 60.0]]))
    assert [table.observe((0,), 1.0, draw) for draw in range(2)] == [(0.2, 20.0, 0), (0.3, 30.0, 1)]
    assert table.observe((0,), 1.0, None)[:2] == pytest.approx((0.25, 25.0))
    assert [table.observe((1,), 1.0, draw).seconds for draw in range(3)] == [40.0, 50.0, 60.0]
    assert table.seconds([(0,), (1,)], 1.0).tolist() == [25.0, 50.0]


def test_building_does_not_change_its_arguments():
    errors, seconds = np.array([[NAN, 0.2], [0.1, 0.3]]), np.array([[1.0, 2.0], [3.0, 4.0]])
    errors.flags.writeable = seconds.flags.writeable = False
    before = errors.tobytes(), seconds.tobytes()
    build(errors, seconds)
    assert (errors.tobytes(), seconds.tobytes()) == before


def test_huge_draws_select_a_repeat():
    table = load_benchmark("synthetic")
    assert table.observe((0,) * 5, 27.0, 2**64 - 1).repeat == (2**64 - 1) % 3


def test_a_validation_pass_is_a_share_of_an_epoch():
    table = toys.make_table(epoch_seconds=(10.0, 30.0), validation_share=0.1)
    assert table.validation_seconds((1,), 9.0) == pytest.approx(3.0)
    with pytest.raises(BenchmarkError, match="not known"):
        toys.make_table(validation_share=None).validation_seconds((1,), 9.0)


def test_a_table_of_equal_errors_is_rejected_because_regret_has_no_scale():
    table = toys.make_table()
    equal = {fidelity: np.full((table.space.size, 2), 0.3) for fidelity in table.facts.fidelities}
    seconds = {fidelity: np.full((table.space.size, 1), fidelity) for fidelity in table.facts.fidelities}
    with pytest.raises(BenchmarkError, match=r"have the lowest validation@\d error 0\.3, and the noise is unknown"):
        build_table(table.facts, table.space, equal, seconds)

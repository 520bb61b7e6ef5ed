from __future__ import annotations

import dataclasses
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from results.anytime.curves import default_axis, first_completion, incumbent_error, resolve_horizon
from results.anytime.regret import end_regret
from results.storage.study import INCUMBENT, Cell

NAN = np.nan
TARGET = "validation@200"


@pytest.fixture
def cell(studies: ModuleType) -> Any:
    return studies.cell


def values(cell: Cell, axis: Any, grid: list[float]) -> list[list[float]]:
    return incumbent_error(cell, TARGET, axis, grid).to_numpy().tolist()


def test_curves_are_right_continuous_steps(cell: Any) -> None:
    steps = cell({0: [(10, 0.3), (20, 0.2)], 4: [(15, 0.5)]}, {"seconds": 100})
    curve = incumbent_error(steps, TARGET, "seconds", [5, 10, 19.999, 20, 100])
    assert_array_equal(curve.to_numpy(), [[NAN, 0.3, 0.3, 0.2, 0.2], [NAN, NAN, 0.5, 0.5, 0.5]])
    assert curve.index.tolist() == [0, 4]
    assert curve.index.name == "trial"


def test_a_true_error_that_rises_is_returned_rising(cell: Any) -> None:
    steps = cell({0: [(1, 0.2), (2, 0.4), (3, 0.1), (4, 0.3)]}, {"evaluations": 4})
    assert values(steps, "evaluations", [1, 2, 3, 4]) == [[0.2, 0.4, 0.1, 0.3]]
    assert values(steps, "seconds", [1, 2, 3, 4]) == [[0.2, 0.4, 0.1, 0.3]]


def test_of_several_completions_at_one_instant_the_last_counts(cell: Any) -> None:
    steps = cell({0: [(1, 0.5), (7, 0.4), (7, 0.2), (7, 0.3)]}, {"seconds": 10})
    assert values(steps, "seconds", [6.9, 7]) == [[0.5, 0.3]]


def test_the_order_is_that_of_completion_not_of_submission(cell: Any) -> None:
    steps = cell({0: [(9, 0.1), (3, 0.5), (5, 0.2)]}, {"evaluations": 3})
    assert values(steps, "evaluations", [1, 2, 3]) == [[0.5, 0.2, 0.1]]


def test_truncated_evaluations_do_not_count(cell: Any) -> None:
    steps = cell({0: [(1, 0.5), (8, NAN)]}, {"seconds": 5})
    steps.evaluations.loc[1, "status"] = "truncated"
    assert values(steps, "seconds", [1, 5, 9]) == [[0.5, 0.5, 0.5]]
    assert values(steps, "evaluations", [1, 2]) == [[0.5, 0.5]]


def test_an_evaluation_kept_beyond_the_budget_counts_in_the_end_value(cell: Any, studies: ModuleType) -> None:
    steps = cell({0: [(1, 0.5), (8, 0.15)]}, {"seconds": 5}, overshoot="keep")
    assert values(steps, "seconds", [4.99, 5]) == [[0.5, 0.15]]
    assert_allclose(end_regret(steps, studies.study(steps), TARGET), [0.10])


def test_cached_duplicates_do_not_advance_the_count(cell: Any) -> None:
    for rule, expected in (("cached", [0.5, 0.3]), ("recharge", [0.5, 0.5]), ("count", [0.5, 0.5])):
        steps = cell({0: [(1, 0.5), (1, 0.5), (2, 0.3)]}, {"evaluations": 10}, duplicates=rule)
        steps.evaluations["duplicate"] = [False, True, False]
        assert values(steps, "evaluations", [1, 2]) == [expected]


def test_no_trials_and_trials_without_completions(cell: Any) -> None:
    assert incumbent_error(cell({}, {"seconds": 5}), TARGET, "seconds", [1, 2]).shape == (0, 2)
    steps = cell({0: [], 1: [(2, 0.4)], 2: []}, {"seconds": 5})
    assert_array_equal(incumbent_error(steps, TARGET, "seconds", [1, 2]), [[NAN, NAN], [NAN, 0.4], [NAN, NAN]])
    assert_array_equal(first_completion(steps, TARGET, "seconds"), [NAN, 2, NAN])


trial_steps = st.lists(st.tuples(st.floats(0.125, 100).map(lambda x: round(x, 1)), st.floats(0.05, 1)), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.integers(0, 30), trial_steps, max_size=5),
    st.lists(st.floats(0, 120).map(lambda x: round(x, 1)), min_size=1, max_size=12).map(sorted),
)
def test_every_value_is_that_of_the_last_completion_by_then(
    studies: ModuleType, trials: dict[int, list[tuple[float, float]]], grid: list[float]
) -> None:
    steps = studies.cell(trials, {"seconds": 1000})
    shuffled = dataclasses.replace(steps, evaluations=steps.evaluations.iloc[::-1])
    curve = incumbent_error(shuffled, TARGET, "seconds", grid)
    counts = incumbent_error(shuffled, TARGET, "evaluations", grid)
    assert curve.index.tolist() == counts.index.tolist() == sorted(trials)
    for trial, rows in trials.items():
        told = sorted(((end, number, error) for number, (end, error) in enumerate(rows)))
        by_time = [[error for end, _, error in told if end <= x] for x in grid]
        by_count = [[error for _, _, error in told][: int(x)] for x in grid]
        for found, known in ((curve, by_time), (counts, by_count)):
            assert_array_equal(found.loc[trial], [errors[-1] if errors else NAN for errors in known])


def test_contradictions_are_errors(cell: Any) -> None:
    steps = cell({0: [(1, 0.5)]}, {"seconds": 5})
    with pytest.raises(ValueError, match=r"'test@200'; it reports validation@200$"):
        incumbent_error(steps, "test@200", "seconds", [1])
    with pytest.raises(ValueError, match="expected a one-dimensional, ascending grid"):
        incumbent_error(steps, TARGET, "seconds", [2, 1])
    with pytest.raises(ValueError, match="got evaluations of unknown trials"):
        incumbent_error(dataclasses.replace(steps, trials=steps.trials.iloc[:0]), TARGET, "seconds", [1])
    steps.evaluations[INCUMBENT + TARGET] = NAN
    with pytest.raises(ValueError, match="got some without it"):
        incumbent_error(steps, TARGET, "seconds", [1])


def test_axes_and_horizons() -> None:
    seconds = {"budget": {"seconds": 50}}
    assert default_axis(seconds) == "seconds"
    assert resolve_horizon(seconds, "seconds") == 50
    assert resolve_horizon(seconds, "seconds", 20) == 20
    assert resolve_horizon(seconds, "evaluations", 300) == 300
    with pytest.raises(ValueError, match="give the horizon"):
        resolve_horizon(seconds, "evaluations")
    with pytest.raises(ValueError, match="up to the budget of 50 seconds, got 51"):
        resolve_horizon(seconds, "seconds", 51)
    with pytest.raises(ValueError, match="expected a positive, finite horizon, got 0"):
        resolve_horizon(seconds, "seconds", 0)
    with pytest.raises(ValueError, match="expected exactly one"):
        default_axis({"budget": {}})
    with pytest.raises(ValueError, match="must be one of"):
        resolve_horizon(seconds, "hours", 1)  # type: ignore[arg-type]

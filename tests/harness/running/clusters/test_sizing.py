"""The number of trials of a task follows from measured times, and the last tasks are divided evenly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.running.clusters.sizing import FIRST, LARGEST, TARGET, TaskSizes


def measured(trials, seconds, size=1000):
    sizes = TaskSizes()
    sizes.note("cell", trials, seconds, size)
    return sizes


@given(st.integers(1, 10**6), st.integers(0, 2000), st.floats(0, 1e5), st.integers(0, 10**9))
def test_a_task_has_a_trial_at_least_and_no_more_than_wait(waiting, threads, seconds, size):
    for sizes in (TaskSizes(), measured(10, seconds, size)):
        assert 1 <= sizes.trials("cell", waiting, threads) <= waiting


@pytest.mark.parametrize(("seconds", "expected"), [(0.01, 3000), (1.0, 30), (45.0, 1), (4000.0, 1)])
def test_a_task_is_expected_to_take_thirty_seconds(seconds, expected):
    assert TARGET == 30.0
    assert measured(4, 4 * seconds).trials("cell", 10**6, 8) == expected


def test_a_task_returns_a_limited_number_of_bytes():
    assert measured(1, 0.001, LARGEST // 10).trials("cell", 10**6, 8) == 10


def test_the_waiting_trials_are_divided_among_all_threads():
    sizes = measured(1, 0.01)
    assert sizes.trials("cell", 160, 8) == 10
    assert sizes.trials("cell", 7, 8) == 1
    assert TaskSizes().trials("cell", 10**6, 8) == FIRST
    assert TaskSizes().trials("cell", 16, 8) == 1


def test_the_estimate_follows_the_measurements_and_each_cell_has_its_own():
    sizes = measured(1, 1.0)
    sizes.note("slow", 1, 10.0, 1)
    assert sizes.trials("slow", 10**6, 1) == 3
    for _ in range(20):
        sizes.note("cell", 100, 1.0, 1)
    assert sizes.trials("cell", 10**6, 1) == pytest.approx(3000, rel=0.01)

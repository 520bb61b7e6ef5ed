from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from results.anytime.runtimes import expected_running_time, log_efficiency, runtimes, share_reached, target_ladder

INF, NAN = np.inf, np.nan
TARGET = "validation@200"
OPTIMUM = 0.05
FACTS = {"optimum": 0.05, "floor": 0.002, "median": 0.25}


@pytest.fixture
def cell(studies: ModuleType) -> Any:
    return studies.cell


def times(studies: ModuleType, cell: Any, horizon: float, regrets: list[float], axis: Any = "seconds") -> pd.DataFrame:
    return runtimes(cell, studies.study(cell), TARGET, axis, horizon, regrets)


def frame(*rows: list[float]) -> pd.DataFrame:
    return pd.DataFrame(rows)


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_a_runtime_is_when_the_target_is_reached_and_kept(cell: Any, studies: ModuleType) -> None:
    steps = cell(
        {
            0: [(1, 0.25), (4, 0.10), (6, 0.06)],
            1: [(2, 0.10), (3, 0.30), (5, 0.10)],  # leaves 0.05 again and comes back
            2: [(2, 0.10), (9, 0.30)],  # leaves it for good
            3: [],
        },
        {"seconds": 10},
    )
    found = times(studies, steps, 10, [0.05, 0.2, 0.001])
    assert_array_equal(found.to_numpy(), [[4, 1, INF], [5, 5, INF], [INF, INF, INF], [INF, INF, INF]])
    assert found.index.tolist() == [0, 1, 2, 3]
    assert_array_equal(times(studies, steps, 10, [0.05], "evaluations").to_numpy().ravel(), [2, 3, INF, INF])


def test_what_happens_after_the_horizon_is_not_known(cell: Any, studies: ModuleType) -> None:
    steps = cell({0: [(2, 0.06), (9, 0.30)], 1: [(1, 0.30), (8, 0.06)]}, {"seconds": 10})
    assert_array_equal(times(studies, steps, 8.5, [0.05]).to_numpy().ravel(), [2, 8])
    assert_array_equal(times(studies, steps, 7, [0.05]).to_numpy().ravel(), [2, INF])


def test_a_target_that_is_met_exactly_is_reached(cell: Any, studies: ModuleType) -> None:
    steps = cell({0: [(2, 0.05), (3, 0.05)]}, {"seconds": 10})
    assert_array_equal(times(studies, steps, 10, [0.0]).to_numpy(), [[2]])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(1, 30), st.floats(0, 0.5)), max_size=10).map(sorted),
    st.lists(st.floats(0, 0.6), min_size=1, max_size=5),
    st.integers(1, 35),
)
def test_a_runtime_by_its_definition(
    studies: ModuleType, steps: list[tuple[int, float]], regrets: list[float], horizon: int
) -> None:
    cell = studies.cell({0: [(x, OPTIMUM + regret) for x, regret in steps]}, {"seconds": 100})
    known = [(x, cell.evaluations["incumbent_error:" + TARGET].iloc[i] - OPTIMUM) for i, (x, _) in enumerate(steps)]
    known = [(x, max(regret, 0.0)) for x, regret in known if x <= horizon]
    for regret, found in zip(regrets, times(studies, cell, horizon, regrets).to_numpy()[0], strict=True):
        kept = [known[i][0] for i in range(len(known)) if all(later <= regret for _, later in known[i:])]
        assert found == min(kept, default=INF)


def test_the_ladder_of_targets_follows_from_the_facts() -> None:
    ladder = target_ladder(FACTS, 3)
    assert_allclose(ladder, [0.2, 0.02, 0.002])


def test_the_distribution_of_runtimes_by_hand() -> None:
    reached = frame([1, 4, INF], [2, INF, INF])
    shares = share_reached(reached, [0.5, 1, 2, 4, 100])
    assert_allclose(shares.to_numpy(), [[0, 1 / 3, 1 / 3, 2 / 3, 2 / 3], [0, 0, 1 / 3, 1 / 3, 1 / 3]])
    assert_allclose(shares.mean().to_numpy(), [0, 1 / 6, 1 / 3, 1 / 2, 1 / 2])  # #{T <= x} / 6
    assert share_reached(reached.iloc[:0], [1, 2]).shape == (0, 2)


def test_expected_running_time_by_hand() -> None:
    # Two of three trials succeed after 10 and 20; the third spends all of 100: 130 / 2.
    band = expected_running_time(frame([10, INF, 5], [20, INF, 5], [INF, INF, 5]), 100, rng())
    assert_array_equal(band.centre, [65, INF, 5])
    assert band.low[0] < 65 < band.high[0]
    assert band.high[0] == INF  # 1 of 27 resamples holds no success: more than 2.5 %
    assert (band.low[1], band.low[2], band.high[2]) == (INF, 5, 5)
    single = expected_running_time(frame([10.0]), 100, rng())
    assert single.centre.item() == 10
    assert np.isnan([single.low, single.high]).all()
    assert np.isnan(expected_running_time(frame([1.0]).iloc[:0], 100, rng())).all()


def test_expected_running_time_is_that_of_restarts() -> None:
    # A quarter of the trials succeed, after 10, the others are given up after 40: 3 failures come before a success.
    some = pd.DataFrame(rng().permutation([10.0, INF, INF, INF] * 100))
    assert_allclose(expected_running_time(some, 40, rng()).centre, 3 * 40 + 10)


def test_log_efficiency_by_hand() -> None:
    slow = frame([100, 1000, INF, INF])
    assert_allclose(log_efficiency(slow, frame([10, 10, 500, INF]), 1000, rng()).centre, 2)  # of 1, 2, infinite
    assert_allclose(log_efficiency(frame([10, 10]), frame([100, 1000]), 1000, rng()).centre, -1.5)
    assert log_efficiency(frame([INF, INF]), frame([1, 1]), 10, rng()).centre == INF
    assert np.isnan(log_efficiency(frame([INF]), frame([INF]), 10, rng()).centre)
    assert np.isnan(log_efficiency(frame([1.0]), frame([1.0]).rename({0: 7}), 10, rng()).centre)


def test_log_efficiency_against_oneself_is_zero_surely() -> None:
    own = pd.DataFrame(rng().gamma(2, 10, (30, 5)))
    assert_array_equal(np.array(log_efficiency(own, own, 1000, rng())), 0)
    band = log_efficiency(own, own / 10, 1000, rng())
    assert_allclose(np.array(band), 1)

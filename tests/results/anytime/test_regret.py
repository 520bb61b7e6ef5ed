from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from results.anytime.regret import (
    area_under_log_regret,
    areas_by_floor,
    end_regret,
    log_grid,
    normalised_regret,
    regret_curves,
    regret_floor,
    to_regret,
)
from results.storage.study import INCUMBENT

NAN = np.nan
TARGET = "validation@200"


@pytest.fixture
def cell(studies: ModuleType) -> Any:
    return studies.cell


def test_the_grid_is_log_spaced_from_a_hundredth_to_the_budget() -> None:
    grid = log_grid(300)
    assert (len(grid), grid[0], grid[-1]) == (100, 3, 300)
    assert_allclose(grid[1:] / grid[:-1], 100 ** (1 / 99))


def test_only_a_surrogate_may_be_beaten() -> None:
    regret, clipped = to_regret(np.array([0.04, 0.05, 0.07, NAN]), 0.05, "surrogate")
    assert_allclose(regret, [0, 0, 0.02, NAN])
    assert clipped == 1
    for provenance in ("recorded", "synthetic"):
        with pytest.raises(ValueError, match="are below the optimum"):
            to_regret(np.array([0.05 - 2e-12]), 0.05, provenance)
    assert to_regret(np.array([0.05 - 5e-13]), 0.05, "recorded") == (np.array([0.0]), 0)


def test_a_sister_target_has_its_own_facts(cell: Any, studies: ModuleType) -> None:
    here = cell({0: [(1, 0.5)]}, {"seconds": 5}, report=[TARGET])
    there = cell({0: [(1, 0.5)]}, {"seconds": 5}, benchmark="sister", report=[TARGET])
    study = studies.study(here, there)
    study.benchmarks["sister"]["targets"][TARGET]["optimum"] = 0.25
    here.evaluations[f"{INCUMBENT}sister/{TARGET}"] = 0.75
    assert_allclose(end_regret(here, study, f"sister/{TARGET}"), [0.5])
    assert_allclose(end_regret(here, study, TARGET), [0.45])


def test_seconds_are_refused_where_none_are_recorded(cell: Any, studies: ModuleType) -> None:
    steps = cell({0: [(1, 0.5)]}, {"evaluations": 5})
    with pytest.raises(ValueError, match="no recorded times"):
        regret_curves(steps, studies.study(steps, has_seconds=False), TARGET, "seconds", [1])


def test_area_by_hand(cell: Any, studies: ModuleType) -> None:
    # 100 points from 1 to 100; log10 of them is k * 2 / 99. The first completion at 10 lies at k = 49.5.
    steps = cell({0: [(10, 0.15)], 1: [(1, 0.05)], 2: []}, {"seconds": 100})
    area = area_under_log_regret(steps, studies.study(steps), TARGET, "seconds")
    start, floor = np.log10(0.2), np.log10(0.001)
    assert_allclose(area, [(50 * start + 50 * np.log10(0.1)) / 100, floor, start])
    assert area.index.tolist() == [0, 1, 2]
    short = area_under_log_regret(steps, studies.study(steps), TARGET, "seconds", horizon=5)
    assert_allclose(short.iloc[0], start)


def test_area_ignores_what_lies_below_the_floor(cell: Any, studies: ModuleType) -> None:
    near = cell({0: [(0.5, 0.0502)]}, {"seconds": 100})
    best = cell({0: [(0.5, 0.05)]}, {"seconds": 100})
    areas = [area_under_log_regret(c, studies.study(c), TARGET, "seconds").item() for c in (near, best)]
    assert_allclose(areas, -3)


def test_an_unknown_floor_is_a_hundredth_of_the_median_regret() -> None:
    assert regret_floor({"optimum": 0.1, "floor": 0.002, "median": 0.3}) == (0.002, False)
    floor, assumed = regret_floor({"optimum": 0.1, "floor": 0.0, "median": 0.3})
    assert_allclose(floor, 0.002)
    assert assumed
    for facts in ({"optimum": 0.3, "floor": 0.0, "median": 0.3}, {"optimum": 0.1, "floor": NAN, "median": 0.3}):
        with pytest.raises(ValueError, match="no floor"):
            regret_floor(facts)


def test_end_regret_is_that_of_the_final_incumbent_and_of_the_median_without_one(
    cell: Any, studies: ModuleType
) -> None:
    steps = cell({0: [(1, 0.06), (2, 0.09)], 1: []}, {"evaluations": 2})
    regret = end_regret(steps, studies.study(steps), TARGET)
    assert isinstance(regret, pd.Series)
    assert_allclose(regret, [0.04, 0.2])


def test_the_area_depends_on_the_floor_where_regret_is_below_it(cell: Any, studies: ModuleType) -> None:
    low, high = (cell({0: [(0.5, 0.05 + regret)]}, {"seconds": 100}) for regret in (0.0015, 0.02))
    areas = [areas_by_floor(c, studies.study(c), TARGET, "seconds", None, (1, 2, 3)) for c in (low, high)]
    assert_allclose(areas[0].to_numpy(), [np.log10([0.0015, 0.002, 0.003])])
    assert_allclose(areas[1].to_numpy(), np.log10(0.02))


def test_normalised_regret_is_a_share_of_the_median_architectures() -> None:
    facts = {"optimum": 0.05, "median": 0.25, "floor": 0.001}
    assert_allclose(normalised_regret([0.0, 0.1, 0.2, 0.4], facts), [0, 0.5, 1, 2])
    with pytest.raises(ValueError, match="cannot be normalised"):
        normalised_regret([0.1], facts | {"median": 0.05})

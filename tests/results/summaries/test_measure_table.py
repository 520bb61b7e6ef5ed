from __future__ import annotations

import dataclasses
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from results.summaries.measure_table import busy_share, duplicate_share, floor_sensitivity, measures
from results.summaries.summary import summarize

BUDGET = {"evaluations": 2}


def steady(studies: ModuleType, regrets: list[float], **fields: Any) -> Any:
    """Trials that have these regrets from the first evaluation on."""
    return studies.cell({i: [(1, 0.05 + r), (2, 0.05 + r)] for i, r in enumerate(regrets)}, BUDGET, **fields)


def test_measures_by_hand(studies: ModuleType) -> None:
    first = steady(studies, [0.01, 0.02, 0.03, 0.10], label="first")
    second = steady(studies, [0.0005, 0.0005, 0.0005, 0.0005], label="second")
    second.evaluations["duplicate"] = [False, True] * 4
    table = measures(studies.study(first, second, studies.cell({}, BUDGET, label="none"))).set_index("label")
    assert_allclose(table.loc["first", "mean_regret"], 0.04)
    assert_allclose(table.loc["first", "sd_regret"], np.std([0.01, 0.02, 0.03, 0.10], ddof=1))
    assert_allclose(table.loc["first", "median_regret"], 0.025)
    assert_allclose(table.loc["first", "iqm_regret"], 0.025)
    assert_allclose(table.loc["first", "normalised_regret"], 0.2)
    assert_allclose(table.loc[["first", "second"], "rank"], [2, 1])
    assert_allclose(table.loc[["first", "second"], "running_time"], [np.inf, 1])
    assert table.loc["second", "share_reached"] == 1
    assert table.loc["first", "log_efficiency"] == 0
    # Of 51 targets the middle one is 0.014: `first` spends 1 + 3 * 2 for its one success, `second` 1 for each.
    assert_allclose(table.loc["second", "log_efficiency"], np.log10(7))
    assert table["duplicates"].fillna(-1).tolist() == [0, 0.5, -1]
    assert table.loc["none", "trials"] == 0
    assert table.loc["none"].drop(["benchmark", "target", "axis", "horizon", "trials"]).isna().all()


def test_the_share_of_two_workers_is_the_time_of_evaluations_within_the_budget(studies: ModuleType) -> None:
    budget = {"seconds": 10}
    cell = studies.cell({0: [(4, 0.1), (12, 0.1)], 1: [(3, 0.1)], 2: []}, budget, workers=2)
    rows = cell.evaluations.assign(start=[0, 2, 0])
    cell = dataclasses.replace(cell, evaluations=rows)
    assert_allclose(busy_share(cell, timed=True), (4 + 8 + 3) / (2 * 30))
    table = measures(studies.study(cell, has_seconds=True))
    summary = summarize(studies.study(cell, has_seconds=True))
    assert table["busy"].tolist() == [summary.benchmarks[0].algorithms[0].busy] == [0.25]
    counted = dataclasses.replace(cell, protocol=cell.protocol | {"budget": {"evaluations": 2}})
    assert_allclose(busy_share(counted, timed=True), (4 + 10 + 3) / (2 * (12 + 3)))
    assert np.isnan(busy_share(cell, timed=False))
    assert np.isnan(busy_share(dataclasses.replace(cell, protocol=cell.protocol | {"workers": 1}), timed=True))


def test_measures_are_those_of_the_summary(studies: ModuleType) -> None:
    study = studies.realistic(benchmarks=("one", "two"), trials=9, evaluations=40)
    table = measures(study).set_index(["benchmark", "label"])
    for benchmark in summarize(study).benchmarks:
        for algorithm in benchmark.algorithms:
            row = table.loc[benchmark.benchmark, algorithm.label]
            expected = [algorithm.mean_end_regret.value, algorithm.area.value, algorithm.rank, algorithm.duplicates]
            assert_allclose(row[["mean_regret", "area", "rank", "duplicates"]].tolist(), expected)


def test_another_algorithm_changes_no_number_but_ranks(studies: ModuleType) -> None:
    study = studies.realistic(labels=("a", "b", "c"), benchmarks=("one",), trials=9, evaluations=40)
    fewer = dataclasses.replace(study, cells=study.cells[:2])
    everything = measures(study)
    kept = everything[everything["label"] != "c"].reset_index(drop=True)
    pd.testing.assert_frame_equal(measures(fewer).drop(columns="rank"), kept.drop(columns="rank"))


def test_log_efficiency_compares_with_the_named_reference(studies: ModuleType) -> None:
    study = studies.realistic(labels=("a", "b"), benchmarks=("one",), trials=9, evaluations=60)
    forth, back = (measures(study, reference=label)["log_efficiency"] for label in "ab")
    assert_allclose(forth, [0, forth[1]])
    assert_allclose(back, [-forth[1], 0])
    with pytest.raises(ValueError, match=r"'c'; the labels are a, b$"):
        measures(study, reference="c")


def test_the_share_of_duplicates_is_over_all_trials(studies: ModuleType) -> None:
    cell = studies.cell({0: [(1, 0.2)], 1: [(1, 0.2), (2, 0.2), (3, 0.2)]}, {"evaluations": 3})
    cell.evaluations["duplicate"] = [False, False, True, False]
    assert duplicate_share(cell) == 0.25
    assert np.isnan(duplicate_share(studies.cell({}, BUDGET)))


def test_an_order_that_the_floor_decides_shows(studies: ModuleType) -> None:
    # `even` is at 0.0012 always; `lucky` mostly lower, and sometimes much higher.
    even = steady(studies, [0.0012] * 4, label="even")
    lucky = steady(studies, [0.0002, 0.0002, 0.0002, 0.005], label="lucky")
    table = floor_sensitivity(studies.study(even, lucky), factors=(0.1, 2)).set_index(["factor", "label"])
    assert table["place"].to_dict() == {(0.1, "even"): 2, (0.1, "lucky"): 1, (2, "even"): 1, (2, "lucky"): 2}
    # 15 of the 100 points from 0.02 to 2 lie beyond the first completion at 1; before it the median's 0.2 counts.
    before = 0.85 * np.log10(0.2)
    assert_allclose(table.loc[(2, "even"), ["floor", "area"]].tolist(), [0.002, before + 0.15 * np.log10(0.002)])
    lucky_mean = np.log10([0.0002, 0.0002, 0.0002, 0.005]).mean()
    assert_allclose(table.loc[(0.1, "lucky"), "area"], before + 0.15 * lucky_mean)

"""The numbers behind the figures, by hand."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from plots.figures.critical_difference import critical_difference_data, critical_difference_figure
from plots.figures.ecdf import ecdf_data
from plots.figures.end_regret import end_regret_data
from plots.figures.errors import errors_data
from plots.figures.rank import rank_data
from plots.figures.target import target_data
from results.storage.study import Study
from results.summaries.fidelity_table import fidelity_data

BUDGET = {"evaluations": 2}


def two(studies: ModuleType) -> Study:
    """`a` is better first, `b` at the end, in both trials."""
    a = studies.cell({0: [(1, 0.10), (2, 0.10)], 1: [(1, 0.10), (2, 0.10)]}, BUDGET, label="a")
    b = studies.cell({0: [(1, 0.20), (2, 0.06)], 1: [(1, 0.20), (2, 0.06)]}, BUDGET, label="b")
    made: Study = studies.study(a, b)
    return made


def test_ranks_over_time(studies: ModuleType) -> None:
    data = rank_data(two(studies))
    assert data.groupby("label")["centre"].apply(list).to_dict() == {"a": [1, 2], "b": [2, 1]}
    assert set(data["x"]) == {1, 2}
    assert set(data["n_trials"]) == {2}


def test_ranks_begin_where_everybody_has_an_incumbent(studies: ModuleType) -> None:
    early = studies.cell({0: [(1, 0.1)], 1: [(2, 0.1)]}, {"seconds": 50}, label="early")
    late = studies.cell({0: [(30, 0.1)], 1: [(20, 0.1)]}, {"seconds": 50}, label="late")
    assert rank_data(studies.study(early, late))["x"].min() == 30
    assert rank_data(studies.study(early, studies.cell({0: []}, {"seconds": 50}, label="never"))).empty


def test_shares_of_targets(studies: ModuleType) -> None:
    # Targets: 51 log-spaced from 0.2 to 0.001; at most 0.05 are those from the 14th on, at most 0.01 from the 30th.
    data = ecdf_data(two(studies))
    shares = data.groupby("label")["centre"].apply(list).to_dict()
    ladder = np.geomspace(0.2, 0.001, 51)
    assert shares["a"] == [np.mean(ladder >= 0.05)] * 2
    assert shares["b"] == [np.mean(ladder >= 0.15), np.mean(ladder >= 0.0099999)]


def test_running_times(studies: ModuleType) -> None:
    data = target_data(two(studies)).set_index(["label", "regret"])
    easy, hard = 0.2, 0.001
    assert data.loc[("a", easy), ["centre", "reached"]].tolist() == [1, 1]
    assert np.isinf(data.loc["a"]["centre"].iloc[-1])
    assert data.loc["a"]["reached"].iloc[-1] == 0
    assert_allclose(data.loc["b"].index[[0, -1]], [easy, hard])


def test_end_regrets(studies: ModuleType) -> None:
    data = end_regret_data(two(studies))
    assert data["trial"].tolist() == [0, 1, 0, 1]
    assert_allclose(data["regret"], [0.05, 0.05, 0.01, 0.01])


def fidelities(studies: ModuleType, budget: dict[str, float], **facts: Any) -> Study:
    cell = studies.complete(studies.cell({0: [(10, 0.3), (30, 0.2), (100, 0.1)], 1: [(40, 0.2)]}, budget))
    cell.evaluations["fidelity_to"] = [12.0, 12.0, 200.0, 200.0]
    made: Study = studies.study(cell, **facts)
    return made


def test_what_was_spent_at_each_fidelity(studies: ModuleType) -> None:
    data = fidelity_data(fidelities(studies, {"evaluations": 3})).set_index("fidelity")
    assert_allclose(data["seconds"], [30 / 2, (70 + 40) / 2])
    assert_allclose(data["evaluations"], [1, 1])
    assert_allclose(data["share"], [30 / 140, 110 / 140])


def test_what_lies_beyond_the_budget_is_not_spent(studies: ModuleType) -> None:
    data = fidelity_data(fidelities(studies, {"seconds": 80}, has_seconds=True)).set_index("fidelity")
    assert_allclose(data["seconds"], [30 / 2, (50 + 40) / 2])


def test_where_no_times_are_recorded_evaluations_are_shared(studies: ModuleType) -> None:
    data = fidelity_data(fidelities(studies, {"evaluations": 3}, has_seconds=False))
    assert_allclose(data["share"], [0.5, 0.5])
    assert data["seconds"].isna().all()


def test_where_algorithms_looked(studies: ModuleType) -> None:
    cell = studies.complete(studies.cell({0: [(1, 0.1), (2, 0.1), (3, 0.1)], 1: [(1, 0.1)]}, {"evaluations": 3}))
    cell.evaluations["observed_error"] = [0.04, 0.06, 0.25, 0.15]  # the first below the optimum of 0.05, by noise
    data = errors_data(studies.study(cell))
    assert data["x"].iloc[0] == 0.0005  # half of the floor
    share = np.interp([0.0005, 0.012, 0.11, 0.3], data["x"], data["centre"])
    assert_allclose(share, [1 / 6, 2 / 6, 5 / 6, 1])
    assert set(data["fidelity"]) == {200}


def test_where_algorithms_looked_at_a_fidelity_of_unknown_optimum(studies: ModuleType) -> None:
    study = fidelities(studies, {"evaluations": 3})
    study.cells[0].protocol["fidelities"] = [12.0, 50.0]
    with pytest.raises(
        ValueError, match="the optimum of validation@50 is unknown; the known targets are validation@200"
    ):
        errors_data(study)


def test_where_an_algorithm_looked_does_not_depend_on_the_others(studies: ModuleType) -> None:
    near, far = (studies.complete(studies.cell({0: [(1, error)]}, BUDGET, label=str(error))) for error in (0.1, 0.9))
    alone, beside = errors_data(studies.study(near)), errors_data(studies.study(near, far))
    assert_array_equal(beside.loc[beside["label"] == "0.1", "x"], alone["x"])


def test_an_algorithm_that_never_asked_at_the_highest_fidelity_has_no_curve(studies: ModuleType) -> None:
    study = fidelities(studies, {"evaluations": 3})
    study.cells[0].evaluations["fidelity_to"] = 12.0
    study.benchmarks["bench"]["targets"]["validation@200"]["floor"] = 0.001
    assert errors_data(study)["centre"].isna().all()


def test_ranks_over_benchmarks_and_the_table_where_they_are_few(studies: ModuleType) -> None:
    study = studies.realistic(labels=("a", "b", "c"), benchmarks=("X, one", "X, two"), trials=8, evaluations=40)
    study.benchmarks["X, two"]["space"] = "X, one"
    data = critical_difference_data(study)
    assert data.groupby("benchmark")["rank"].apply(sorted).tolist() == [[1, 2, 3], [1, 2, 3]]
    figure = critical_difference_figure(study)
    assert (
        "Descriptive only; nothing is tested: 1 independent block (search spaces), 10 are needed." in figure.get_label()
    )
    words = [text.get_text() for text in figure.axes[0].get_xticklabels()]
    assert words == ["one", "two", "average"]


def test_the_diagram_where_there_are_enough_spaces(studies: ModuleType) -> None:
    study = studies.realistic(
        labels=("a", "b", "c", "d"), benchmarks=[f"space {i}" for i in range(12)], trials=8, evaluations=60
    )
    figure = critical_difference_figure(study)
    assert "Friedman's test over 12 search spaces" in figure.get_label()
    assert "Nemenyi's critical difference at level 0.05, 1.35" in figure.get_label()
    bars = [line for line in figure.axes[0].get_lines() if line.get_linewidth() > 2]
    assert bars
    assert_array_equal([len(set(bar.get_ydata())) for bar in bars], 1)

from __future__ import annotations

import dataclasses
import json
from types import ModuleType

import pytest

from results.statistics.power import spread_interval, trials_needed
from results.summaries.planning import plan
from results.summaries.summary import summarize


def test_a_plan_agrees_with_the_summary(studies: ModuleType) -> None:
    study = studies.realistic(labels=("a", "b", "c"), benchmarks=("x", "y"), trials=20, evaluations=30)
    found, summary = plan(study, 0.05), summarize(study)
    assert json.loads(json.dumps(dataclasses.asdict(found), allow_nan=False))["difference"] == 0.05
    for planned, panel in zip(found.benchmarks, summary.benchmarks, strict=True):
        assert [pair.resolution for pair in planned.pairs] == [pair.resolution for pair in panel.pairs]
        for pair in planned.pairs:
            assert pair.needed_low is not None
            assert pair.needed is not None
            assert pair.needed_high is not None
            assert pair.needed_low < pair.needed < pair.needed_high
            assert pair.needed == trials_needed(pair.spread or 0, 0.05, planned.level)
            assert pair.enough == (pair.needed <= 20)
        told = [[(pair.median_difference, pair.low, pair.high) for pair in of] for of in (planned.pairs, panel.pairs)]
        assert told[0] == told[1]
        assert planned.needed == max(pair.needed or 0 for pair in planned.pairs)
        at_resolution = plan(study, panel.resolution.difference or 0).benchmarks
        assert 20 in [one.needed for one in at_resolution]


def test_more_power_and_smaller_differences_need_more_trials(studies: ModuleType) -> None:
    study = studies.realistic(labels=("a", "b"), benchmarks=("x",), trials=10, evaluations=30)
    needed = [plan(study, difference, power).benchmarks[0].needed for difference, power in
              ((0.2, 0.8), (0.1, 0.8), (0.1, 0.9), (0.01, 0.9))]  # fmt: skip
    assert needed == sorted(needed, key=lambda n: n or 0)
    assert plan(study, 1e-6).benchmarks[0].needed is None
    assert not plan(study, 1e-6).empty


def test_what_cannot_be_planned_says_why(studies: ModuleType) -> None:
    study = studies.realistic(labels=("a", "b"), benchmarks=("x",), trials=5, evaluations=30)
    found = plan(study, 0.1)
    assert found.empty
    (refused,) = found.benchmarks[0].pairs
    assert refused.refusal == "5 common trials, 8 are needed"
    assert refused.median_difference == summarize(study).benchmarks[0].pairs[0].median_difference
    assert (refused.low, refused.high, refused.enough) == (None, None, False)
    assert found.benchmarks[0].needed is None
    equal = [studies.cell({t: [(1, 0.06)] for t in range(9)}, {"evaluations": 1}, label=label) for label in "ab"]
    assert plan(studies.study(*equal), 0.1).benchmarks[0].pairs[0].refusal == "the differences do not vary"
    alone = plan(studies.study(equal[0]), 0.1)
    assert alone.benchmarks[0].pairs == []
    assert alone.empty
    for wrong in ({"difference": 0.0}, {"difference": float("nan")}, {"difference": 0.1, "power": 1.0}):
        with pytest.raises(ValueError, match="expected a "):
            plan(study, **wrong)


def test_the_interval_is_that_of_the_spread(studies: ModuleType) -> None:
    study = studies.realistic(labels=("a", "b"), benchmarks=("x",), trials=30, evaluations=30)
    (pair,) = plan(study, 0.05).benchmarks[0].pairs
    from results.anytime.comparisons import comparisons
    from results.anytime.regret import area_under_log_regret

    (comparison,) = comparisons(study)
    a, b = (area_under_log_regret(cell, study, comparison.target, comparison.axis) for cell in comparison.cells)
    ends = [trials_needed(spread, 0.05, 0.05) for spread in spread_interval(a - b)]
    assert [pair.needed_low, pair.needed_high] == ends

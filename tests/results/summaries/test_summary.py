from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from numpy.testing import assert_allclose

from results.storage.records import ResultsError
from results.storage.study import Study
from results.summaries.summary import summarize
from results.summaries.types import AlgorithmSummary, Summary

TARGET = "validation@200"
BUDGET = {"evaluations": 2}


def steady(studies: ModuleType, error: float, trials: int, **fields: Any) -> Any:
    """Every trial has this error from the first evaluation on, a little worse from trial to trial."""
    rows = {trial: [(1, error + trial / 1e4), (2, error + trial / 1e4)] for trial in range(trials)}
    return studies.cell(rows, BUDGET, **fields)


def algorithms(summary: Summary) -> dict[str, AlgorithmSummary]:
    return {algorithm.label: algorithm for algorithm in summary.benchmarks[0].algorithms}


def test_a_summary_by_hand(studies: ModuleType) -> None:
    good, bad = steady(studies, 0.06, 10, label="good"), steady(studies, 0.15, 10, label="bad")
    bad.evaluations["duplicate"] = [False, True] * 10
    summary = summarize(studies.study(good, bad))
    assert summary.missing == []
    benchmark = summary.benchmarks[0]
    assert (benchmark.target, benchmark.axis, benchmark.horizon) == (TARGET, "evaluations", 2)
    by_label = algorithms(summary)
    assert_allclose(by_label["good"].mean_end_regret.value or 0, 0.01045)
    assert_allclose(by_label["good"].median_end_regret.value or 0, 0.01045)
    assert (by_label["good"].rank, by_label["bad"].rank, benchmark.rank_trials) == (1, 2, 10)
    assert (by_label["good"].duplicates, by_label["bad"].duplicates) == (0, 0.5)
    (pair,) = benchmark.pairs
    assert pair.verdict == "good beats bad"
    assert (pair.winner, pair.loser, pair.trials) == ("good", "bad", 10)
    assert_allclose(pair.p_holm or 0, 2 / 2**10)
    assert pair.median_difference is not None
    assert pair.median_difference < 0


def test_it_is_json(studies: ModuleType) -> None:
    study = studies.study(steady(studies, 0.06, 1, label="one", wanted=3), studies.cell({}, BUDGET, label="none"))
    json.dumps(dataclasses.asdict(summarize(study)), allow_nan=False)


def test_a_partial_grid_is_summarized_and_named(studies: ModuleType) -> None:
    stalled = steady(studies, 0.07, 9, label="stalled")
    stalled.trials.loc[3, "ended"] = "stalled"
    study = studies.study(
        steady(studies, 0.06, 10, label="full"),
        steady(studies, 0.08, 7, label="partial", wanted=10, failed=(8,)),
        studies.cell({}, BUDGET, label="empty", wanted=10),
        stalled,
    )
    summary = summarize(dataclasses.replace(study, notes=["00000-00024.parquet is truncated"]))
    assert summary.warnings == ["00000-00024.parquet is truncated"]
    assert summary.missing == [
        "bench: partial has 7 of 10 trials (3 missing, 1 of them failed)",
        "bench: empty has 0 of 10 trials (10 missing)",
        "bench: stalled stalled in 1 trial, before the budget was spent",
    ]
    verdicts = {(pair.a, pair.b): pair.verdict for pair in summary.benchmarks[0].pairs}
    refusals = {(pair.a, pair.b): pair.refusal for pair in summary.benchmarks[0].pairs}
    assert refusals["full", "partial"] == "7 common trials, 8 are needed"
    assert refusals["full", "stalled"] is None
    assert verdicts["full", "partial"] == "refused: 7 common trials, 8 are needed"
    assert verdicts["full", "empty"] == "refused: no common trials"
    assert verdicts["full", "stalled"] == "full beats stalled"
    assert summary.benchmarks[0].rank_trials == 7
    assert algorithms(summary)["empty"].area.value is None
    assert algorithms(summary)["empty"].rank is None


def test_holm_counts_the_tested_pairs_alone(studies: ModuleType) -> None:
    cells = [steady(studies, error, 10, label=label) for label, error in (("a", 0.06), ("b", 0.07))]
    alone = summarize(studies.study(*cells)).benchmarks[0].pairs[0]
    beside = summarize(studies.study(*cells, steady(studies, 0.08, 3, label="c"))).benchmarks[0].pairs[0]
    assert alone.p_holm == beside.p_holm


def test_another_algorithm_changes_no_number_of_the_others(studies: ModuleType) -> None:
    study: Study = studies.realistic(labels=("a", "b", "c"), benchmarks=("x",), trials=12, evaluations=40)
    without = algorithms(summarize(dataclasses.replace(study, cells=study.cells[:2])))
    for label, before in without.items():
        after = dataclasses.replace(algorithms(summarize(study))[label], rank=before.rank)
        assert after == before


def test_an_empty_study_says_so(studies: ModuleType) -> None:
    nothing = Study("mine", Path("runs/mine"), [], {})
    for study in (nothing, studies.study(studies.cell({}, BUDGET, wanted=2))):
        summary = summarize(study)
        assert "no completed trials yet" in summary.missing[0]
        assert summary.empty


def test_a_target_that_only_some_report(studies: ModuleType) -> None:
    here = steady(studies, 0.06, 3, label="a", benchmark="here")
    there = steady(studies, 0.06, 3, label="a", benchmark="there", report=["test@200"])
    summary = summarize(studies.study(here, there), target=TARGET)
    assert [benchmark.benchmark for benchmark in summary.benchmarks] == ["here"]
    assert summary.missing == ["there: does not report 'validation@200'"]
    assert summary.left_out == {"there": "does not report 'validation@200'"}
    with pytest.raises(ValueError, match=r"the reported targets are test@200, validation@200$"):
        summarize(studies.study(here, there), target="nonsense")


def test_a_sister_names_the_target_that_the_benchmark_itself_calls_its_own(studies: ModuleType) -> None:
    own = steady(studies, 0.06, 3, label="a", benchmark="one", report=[TARGET])
    sister = steady(studies, 0.06, 3, label="a", benchmark="two", report=[TARGET, f"one/{TARGET}"])
    sister.evaluations[f"incumbent_error:one/{TARGET}"] = 0.15
    summary = summarize(studies.study(own, sister), target=f"one/{TARGET}")
    assert summary.missing == []
    assert [(b.benchmark, b.target) for b in summary.benchmarks] == [("one", TARGET), ("two", f"one/{TARGET}")]
    assert_allclose([b.algorithms[0].mean_end_regret.value or 0 for b in summary.benchmarks], [0.0101, 0.1])


def test_cells_that_cannot_be_compared_are_refused(studies: ModuleType) -> None:
    a = steady(studies, 0.06, 3, label="a")
    with pytest.raises(ValueError, match="differ in budget"):
        summarize(studies.study(a, studies.cell({}, {"evaluations": 5}, label="b")))
    with pytest.raises(ValueError, match="same label"):
        summarize(studies.study(a, a))


def test_another_axis_ends_where_every_trial_reaches(studies: ModuleType) -> None:
    quick = studies.cell({0: [(1, 0.2), (5, 0.1)], 1: [(2, 0.2), (7, 0.1)]}, {"evaluations": 2}, label="quick")
    slow = studies.cell({0: [(3, 0.2), (9, 0.1)], 1: []}, {"evaluations": 2}, label="slow")
    study = studies.study(quick, slow)
    assert summarize(study).benchmarks[0].horizon == 2
    assert summarize(study, axis="seconds").benchmarks[0].horizon == 5
    assert summarize(study, axis="seconds", horizon=3).benchmarks[0].horizon == 3
    with pytest.raises(ResultsError, match="no trial has completed an evaluation yet"):
        summarize(studies.study(studies.cell({}, {"evaluations": 2})), axis="seconds")


def test_clipped_trials_of_a_surrogate_are_counted(studies: ModuleType) -> None:
    study = studies.study(steady(studies, 0.0495, 8), provenance="surrogate")
    assert algorithms(summarize(study))["mine"].clipped == 5


def test_unbounded_errors_are_shown_by_their_median(studies: ModuleType) -> None:
    study = studies.study(steady(studies, 0.06, 3), unit="mean squared error")
    assert summarize(study).benchmarks[0].statistic == "median"


def test_trials_without_completions_are_named(studies: ModuleType) -> None:
    summary = summarize(studies.study(studies.cell({0: [], 1: [(1, 0.2)]}, BUDGET)))
    assert summary.missing == ["bench: mine completed no evaluation in 1 trial"]

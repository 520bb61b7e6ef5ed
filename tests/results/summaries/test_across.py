"""One verdict over many benchmarks: what is averaged, what is claimed, and what is refused."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from spaces import one_space_each, study_of

from results.statistics.over_spaces import over_spaces
from results.storage.stopping import StoppingRule
from results.storage.study import Stopping
from results.summaries.across import PairAcross, independent_space, summarize_across


def pair_of(differences: list[float]) -> PairAcross:
    (pair,) = summarize_across(one_space_each(differences)).pairs
    return pair


def test_a_pair_has_the_numbers_of_over_spaces() -> None:
    pair, found = pair_of([-0.1, -0.2, -0.3]), over_spaces([-0.1, -0.2, -0.3])
    assert_allclose(list(pair.by_space.values()), [-0.1, -0.2, -0.3])
    for name in ("low", "high", "predicted_low", "predicted_high", "least", "greatest"):
        assert_allclose(getattr(pair, name), getattr(found, name), atol=1e-9)
    assert_allclose([pair.difference, pair.p_holm], [found.mean, found.p_value])
    assert (pair.winner, pair.refusal, pair.verdict) == (None, None, "no significant difference")


def test_tables_of_a_data_set_and_data_sets_of_a_space_count_once() -> None:
    areas = {
        "recorded": {"p": [-1.0], "q": [-1.3]},
        "curves": {"p": [-1.0], "q": [-1.1]},
        "other": {"p": [-1.0], "q": [-0.6]},
        "far": {"p": [-1.0], "q": [-1.0]},
    }
    places = {"recorded": ("s", "x"), "curves": ("s", "x"), "other": ("s", "y"), "far": ("z", "x")}
    across = summarize_across(study_of(areas, places))
    assert [(one.space, one.data_sets, one.benchmarks) for one in across.spaces] == [
        ("s", ["x", "y"], ["recorded", "curves", "other"]), ("z", ["x"], ["far"]),
    ]  # fmt: skip
    assert across.pairs[0].by_space == pytest.approx({"s": (0.2 - 0.4) / 2, "z": 0.0})
    assert across.pairs[0].by_benchmark == pytest.approx({"recorded": 0.3, "curves": 0.1, "other": -0.4, "far": 0.0})


def test_pools_and_parts_count_in_the_space_that_they_are_of() -> None:
    spaces = ["nasbench101", "nasbench101-pool", "nasbench1shot1-2-pool", "nasbench101-4v", "nasbench201", "mine-pool"]
    assert [independent_space({"space": space}) for space in spaces] == [*["nasbench101"] * 4, "nasbench201", "mine"]


@pytest.mark.parametrize(("k", "refusal", "wide"), [
    (1, "1 search space, 3 are needed", None), (2, "2 search spaces, 3 are needed", None),
    (3, None, "wide: 3 spaces"), (5, None, "wide: 5 spaces"), (6, None, None),
])  # fmt: skip
def test_few_spaces_are_refused_or_called_wide(k: int, refusal: str | None, wide: str | None) -> None:
    across = summarize_across(one_space_each([0.1 * i for i in range(k)]))
    assert (across.refusal, across.wide, across.pairs[0].refusal) == (refusal, wide, refusal)
    assert (across.pairs[0].low is None) == bool(refusal)
    assert_allclose(across.pairs[0].difference, 0.05 * (k - 1), atol=1e-9)


def test_a_winner_and_a_winner_also_on_another_space() -> None:
    everywhere = pair_of([-0.30, -0.31, -0.29, -0.30])
    assert (everywhere.winner, everywhere.predicted_winner) == ("p", "p")
    assert everywhere.verdict == "p beats q, also on a space not raced"
    on_average = pair_of([0.5, 0.1, 0.2, 0.4, 0.3, 0.2])
    assert (on_average.winner, on_average.loser, on_average.predicted_winner) == ("q", "p", None)
    assert on_average.verdict == "q beats p, on average over spaces"
    assert on_average.predicted_low is not None
    assert on_average.predicted_low < 0


def test_p_values_are_adjusted_over_the_pairs() -> None:
    rng = np.random.default_rng(0)
    areas = {f"b{i}": {label: [rng.normal()] for label in "pqr"} for i in range(5)}
    across = summarize_across(study_of(areas, {name: (name, name) for name in areas}))
    raw = {pair.a + pair.b: over_spaces(list(pair.by_space.values())).p_value for pair in across.pairs}
    adjusted = {pair.a + pair.b: pair.p_holm for pair in across.pairs}
    assert list(adjusted) == ["pq", "pr", "qr"]
    least = min(raw, key=lambda name: raw[name])
    assert_allclose(adjusted[least], min(3 * raw[least], 1))


def test_equal_results_are_not_a_difference() -> None:
    pair = pair_of([0.0] * 4)
    assert (pair.difference, pair.low, pair.predicted_high, pair.p_holm, pair.winner) == (0, 0, 0, 1, None)
    assert [one.best_spaces for one in summarize_across(one_space_each([0.0] * 3)).algorithms] == [0.5, 0.5]


def test_a_partial_grid_compares_what_both_have_and_names_the_rest() -> None:
    areas = {
        "a": {"p": [-1.0, -1.2], "q": [-1.5], "r": []},
        "b": {"p": [-1.0], "q": [-1.5, -9.0], "r": [-1.0]},
        "c": {"p": [-1.0], "q": [], "r": [-1.1]},
        "d": {"p": [], "q": [], "r": []},
    }
    across = summarize_across(study_of(areas, {name: (name, name) for name in areas}, wanted=2))
    pairs = {pair.a + pair.b: pair for pair in across.pairs}
    assert pairs["pq"].by_benchmark == pytest.approx({"a": 0.5, "b": 0.5})  # common trials alone
    assert pairs["pr"].by_benchmark == pytest.approx({"b": 0.0, "c": 0.1})
    assert pairs["qr"].refusal == "1 search space, 3 are needed"
    assert across.benchmarks == ["a", "b", "c"]
    assert (across.incomplete, across.missing) == (["a", "c"], 24 - 9)
    assert {one.label: one.best_data_sets for one in across.algorithms} == {"p": 0, "q": 1, "r": 0}
    assert json.loads(json.dumps(asdict(across), allow_nan=False))["pairs"][0]["low"] is None


def test_nothing_has_completed_and_one_algorithm_alone() -> None:
    empty = summarize_across(study_of({"a": {"p": [], "q": []}}, {"a": ("a", "a")}, wanted=3))
    assert (empty.empty, empty.missing, empty.pairs[0].difference) == (True, 6, None)
    alone = summarize_across(study_of({"a": {"p": [-1.0]}}, {"a": ("a", "a")}))
    assert (alone.empty, alone.pairs, alone.algorithms[0].best_spaces) == (False, [], 1.0)


def test_a_folder_that_was_run_until_decided_gets_differences_alone() -> None:
    study = replace(one_space_each([-0.30, -0.31, -0.29, -0.30]), stopping=Stopping(StoppingRule(), 0, {}))
    across = summarize_across(study)
    assert across.refusal is not None
    assert "until decided" in across.refusal
    for pair in across.pairs:
        assert pair.difference is not None
        assert (pair.low, pair.predicted_low, pair.p_holm, pair.winner) == (None, None, None, None)

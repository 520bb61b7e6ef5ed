"""The matrices of the report: the tests of the summary, and equal results are equal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

from plots.figures.ecdf import ecdf_data
from plots.report.matrix import factor, rank_matrix, share_matrix, verdict_entries, verdict_matrix
from results.storage.loading import load
from results.summaries.summary import summarize
from results.summaries.types import BenchmarkSummary, Summary


def panel_of(studies: ModuleType, errors: dict[str, float], trials: int = 9) -> BenchmarkSummary:
    """The summary of a benchmark on which every algorithm has one error in all of its trials."""
    cells = [
        studies.cell({t: [(1, error + 1e-4 * t)] for t in range(trials)}, {"evaluations": 1}, label=label)
        for label, error in errors.items()
    ]
    (panel,) = summarize(studies.study(*cells)).benchmarks
    return panel


def texts(panel: BenchmarkSummary) -> dict[str, tuple[str, str]]:
    return {label: (entry.text, entry.note) for label, entry in verdict_entries(panel).items() if entry}


def test_every_entry_is_the_test_against_the_best(folder: Path) -> None:
    summary = summarize(load(folder))
    matrix = verdict_matrix(summary)
    assert [column.benchmark for column in matrix.columns] == [panel.benchmark for panel in summary.benchmarks]
    for i, panel in enumerate(summary.benchmarks):
        areas = {found.label: found.area.value or 0.0 for found in panel.algorithms}
        for row in matrix.rows:
            entry = row.entries[i]
            assert entry is not None
            against = [pair for pair in panel.pairs if row.label in (pair.a, pair.b)]
            if entry.text == "win":
                assert all(pair.winner == row.label for pair in against)
            elif entry.text == "loss":
                winner = next(pair.winner for pair in against if pair.loser == row.label)
                assert winner is not None
                assert areas[winner] < areas[row.label]
            else:
                assert entry.text == "tie"
    best = rank_matrix(summary).rows[0]
    assert matrix.rows[0].label == best.label
    assert best.total.key == min(row.total.key or 0.0 for row in rank_matrix(summary).rows)


def test_a_win_has_the_regret_of_the_closest_and_a_loss_its_own(studies: ModuleType) -> None:
    panel = panel_of(studies, {"a": 0.15, "b": 0.2, "c": 0.3})
    differences = dict(zip(["ab", "ac", "bc"], [pair.median_difference or 0.0 for pair in panel.pairs], strict=True))
    behind = {"b": factor(-differences["ab"]), "c": factor(-differences["ac"])}
    assert texts(panel) == {"a": ("win", behind["b"]), "b": ("loss", behind["b"]), "c": ("loss", behind["c"])}
    wider = [replace(pair, median_difference=10 * (pair.median_difference or 0.0)) for pair in panel.pairs]
    assert texts(replace(panel, pairs=wider))["c"] == ("loss", factor(-10 * differences["ac"]))


def test_equal_results_are_equal(studies: ModuleType) -> None:
    found = verdict_entries(panel_of(studies, {"a": 0.2, "b": 0.2}))
    assert found["a"] is not None
    assert found["b"] is not None
    assert (found["a"].text, found["a"].note, found["a"].kind) == (found["b"].text, found["b"].note, found["b"].kind)
    assert found["a"].text == "tie"
    assert texts(panel_of(studies, {"a": 0.3, "b": 0.2, "c": 0.2}))["a"][0] == "loss"


def test_where_nothing_was_tested_nothing_is_claimed(studies: ModuleType) -> None:
    assert {words for words, _ in texts(panel_of(studies, {"a": 0.2, "b": 0.3}, trials=3)).values()} == {"not tested"}
    assert texts(panel_of(studies, {"a": 0.2})) == {"a": ("alone", "")}
    assert texts(panel_of(studies, {"a": 0.2}, trials=0)) == {"a": ("–", "")}
    whole = panel_of(studies, {"a": 0.2, "b": 0.3})
    lacking = replace(whole.algorithms[1], trials=0, area=replace(whole.algorithms[1].area, value=None))
    assert texts(replace(whole, algorithms=[whole.algorithms[0], lacking], pairs=whole.pairs))["b"] == ("–", "")


def test_of_a_cycle_nobody_wins(studies: ModuleType) -> None:
    panel = panel_of(studies, {"a": 0.2, "b": 0.21, "c": 0.22})
    sides = [("b", "a"), ("a", "c"), ("c", "b")]  # of the pairs ab, ac, bc
    pairs = [replace(pair, winner=w, loser=x) for pair, (w, x) in zip(panel.pairs, sides, strict=True)]
    found = texts(replace(panel, pairs=pairs))
    assert (found["a"][0], found["b"][0], found["c"][0]) == ("loss", "win", "loss")


def test_shares_are_the_ends_of_the_curves(folder: Path) -> None:
    study = load(folder)
    data = ecdf_data(study)
    matrix = share_matrix(study, summarize(study))
    for row in matrix.rows:
        for column, entry in zip(matrix.columns, row.entries, strict=True):
            curve = data[(data["benchmark"] == column.benchmark) & (data["label"] == row.label)]
            assert entry is not None
            assert entry.key == -curve["centre"].iloc[-1]


def test_an_empty_grid_has_matrices(empty_folder: Path) -> None:
    study = load(empty_folder)
    summary = summarize(study)
    for matrix in (verdict_matrix(summary), rank_matrix(summary), share_matrix(study, summary)):
        assert len(matrix.rows) == 3
    assert verdict_matrix(Summary("none", [], [])).rows == []


def test_ratios_have_few_digits() -> None:
    assert [factor(dex) for dex in (0.0, 0.01, 0.3, 1.0, -0.05)] == ["1.00×", "1.02×", "2.00×", "10×", "0.89×"]

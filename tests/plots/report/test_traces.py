"""The trials and evaluations in the page: exactly those of the results folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from pages import Page, counts, lines, unpacked

from benchmarks.loading import load_benchmark
from harness.reporting.drawings import SpaceDrawings
from plots.report import traces as module
from plots.report.packing import pack_counts, pack_lines, pack_numbers
from plots.report.traces import trace_data
from results.anytime.regret import area_under_log_regret, end_regret
from results.storage.loading import load, read_genotypes
from results.storage.study import INCUMBENT, Study
from results.summaries.summary import summarize


@pytest.fixture(scope="module")
def study(folder: Path) -> Study:
    return load(folder)


def test_numbers_survive_exactly() -> None:
    rng = np.random.default_rng(3)
    values = np.concatenate([rng.normal(size=50), [np.nan, -0.0, 0.0, np.inf, 5e-324], np.repeat(0.1, 20)])
    assert_array_equal(unpacked(pack_numbers(values)).view("<u8"), values.view("<u8"))
    assert_array_equal(counts(pack_counts([0, 1, 255, 256, 2**32 - 1])), [0, 1, 255, 256, 2**32 - 1])
    assert lines(pack_lines(["|a~0|", "é"])) == ["|a~0|", "é"]
    assert len(unpacked(pack_numbers([]))) == 0


def evaluations(found: dict[str, Any]) -> dict[str, np.ndarray]:
    """The columns of all evaluations of a benchmark, as the page puts them together."""
    distinct = counts(found["distinct"])
    columns = {name: unpacked(found[name])[distinct] for name in ("fidelity", "observed", "charged")}
    texts = np.array(lines(found["texts"]))
    return columns | {"text": texts[counts(found["architecture"])[distinct]]}


@pytest.mark.parametrize("benchmark", ["synthetic", "nasbench201-cifar10"])
def test_evaluations_are_those_of_the_folder(folder: Path, study: Study, benchmark: str) -> None:
    found = Page((folder / "report.html").read_text()).traces["benchmarks"][benchmark]
    columns, space = evaluations(found), load_benchmark(benchmark).space
    first, change, trial_at = 0, 0, 0
    numbers, places, incumbents = unpacked(found["numbers"]), counts(found["places"]), counts(found["incumbents"])
    for cell, described in zip([c for c in study.cells if c.benchmark == benchmark], found["cells"], strict=True):
        rows, target = cell.evaluations, cell.protocol["report"][0]
        part = slice(first, first + len(rows))
        assert_array_equal(columns["observed"][part], rows["observed_error"])
        assert_array_equal(columns["fidelity"][part], rows["fidelity_to"])
        genotypes = read_genotypes(folder, cell)
        assert genotypes is not None
        assert columns["text"][part].tolist() == [space.to_string(tuple(g)) for g in genotypes.tolist()]
        first += len(rows)
        area, end = described["area"][target], described["end"][target]
        n = len(cell.trials)
        assert_array_equal(numbers[area : area + n], area_under_log_regret(cell, study, target, "evaluations"))
        assert_array_equal(numbers[end : end + n], end_regret(cell, study, target))
        for trial in described["trials"]:
            its = rows[rows["trial"] == trial]
            assert found["rows"][trial_at] == len(its)
            held = np.full(len(its), -1)
            for i in range(change, change + found["changes"][trial_at]):
                held[places[i] :] = incumbents[i]
                error = unpacked(found["errors"][target])[i]
                assert error == its[INCUMBENT + target].iloc[places[i]]
            assert_array_equal(held, its["incumbent"])
            change += found["changes"][trial_at]
            trial_at += 1
    clock = np.concatenate(
        [np.add.accumulate(part) for part in np.split(columns["charged"], np.cumsum(found["rows"])[:-1])]
    )
    ends = np.concatenate([cell.evaluations["end"] for cell in study.cells if cell.benchmark == benchmark])
    assert found["times"] is None
    assert_array_equal(clock, ends)


def test_of_a_large_study_the_page_has_three_trials_per_cell(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_EVALUATIONS", 100)
    found = trace_data(study, summarize(study))
    assert not found["complete"]
    for benchmark, its in found["benchmarks"].items():
        cells = [cell for cell in study.cells if cell.benchmark == benchmark]
        for cell, described in zip(cells, its["cells"], strict=True):
            areas = area_under_log_regret(cell, study, cell.protocol["report"][0], "evaluations")
            by_mark = {mark: int(trial) for trial, mark in described["kept"].items()}
            assert areas[by_mark["best"]] == areas.min()
            assert areas[by_mark["worst"]] == areas.max()
            assert areas[by_mark["median"]] == areas.median()  # of nine trials
            assert len(described["trials"]) == 9
        assert len(its["rows"]) == sum(len(described["kept"]) for described in its["cells"])
        assert lines(its["texts"])[0].startswith("(")  # without drawings, genotypes


def test_final_incumbents_are_drawn(folder: Path) -> None:
    for found in Page((folder / "report.html").read_text()).traces["benchmarks"].values():
        drawn = lines(found["pictures"]["drawings"])
        assert 1 <= len(drawn) == len(found["pictures"]["numbers"]) <= module.MOST_PICTURES
        assert all(text.startswith("<svg") for text in drawn)


def test_without_the_data_architectures_are_genotypes(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    facts = {name: found | {"space": f"lost-{name}"} for name, found in study.benchmarks.items()}
    lost = replace(study, benchmarks={f"lost-{name}": found for name, found in facts.items()})
    drawings = SpaceDrawings(lost)
    genotypes = np.array([[1, 2], [3, 4]], dtype=np.int16)
    assert drawings.texts("lost-synthetic", genotypes) == ["(1, 2)", "(3, 4)"]
    assert drawings.picture("lost-synthetic", [1, 2]) is None
    assert len(drawings.refusals) == 1

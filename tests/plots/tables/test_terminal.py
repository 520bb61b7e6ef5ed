from __future__ import annotations

import io
from pathlib import Path
from types import ModuleType

import pytest
from rich.console import Console

from plots.tables.terminal import summary_table
from results.storage.study import Study
from results.summaries.summary import summarize


def rendered(study: Study, width: int = 100) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, color_system=None).print(summary_table(summarize(study)))
    return stream.getvalue()


def test_a_table_by_hand(studies: ModuleType) -> None:
    good = studies.cell({t: [(1, 0.06)] for t in range(10)}, {"evaluations": 1}, label="good")
    bad = studies.cell({t: [(1, 0.15 + t / 1e4)] for t in range(10)}, {"evaluations": 1}, label="bad")
    text = rendered(studies.study(bad, good))
    rows = text.splitlines()
    assert rows[0].split() == ["bench", "(recorded", "errors)"]
    assert "validation@200, 1 evaluations; regret in percentage points, floor 0.1" in rows[1]
    assert rows[3].split() == ["*", "good", "10", "1.00", "[1.00,", "1.00]", *rows[3].split()[6:]]
    assert rows[4].split()[:3] == ["bad", "10", "10.0"]
    assert "good beats bad by 0.01 dex" in " ".join(text.split())
    assert text.count("* lowest area; the tests are of the area") == 1


def test_a_small_difference_is_not_called_equivalent_beside_its_winner(studies: ModuleType) -> None:
    one = studies.cell({t: [(1, 0.060 + t / 1e5)] for t in range(20)}, {"evaluations": 1}, label="one")
    two = studies.cell({t: [(1, 0.061 + t / 1e5)] for t in range(20)}, {"evaluations": 1}, label="two")
    text = " ".join(rendered(studies.study(one, two)).split())
    assert "one beats two by 0.00041 dex a small difference, at most 0.1 dex: one vs two" in text
    assert "equivalent" not in text


def test_equal_algorithms_have_no_asterisk_and_those_without_evaluations_no_test(studies: ModuleType) -> None:
    late = {t: [(5, 0.06)] for t in range(10)}
    cells = [studies.cell(late, {"seconds": 1}, label=label) for label in ("one", "two")]
    for cell in cells:
        cell.evaluations["status"] = "truncated"
    text = " ".join(rendered(studies.study(*cells, has_seconds=True)).split())
    assert "no test for one vs two (no evaluation of either was completed within the budget)" in text
    assert "equivalent" not in text
    assert "* one" not in text


def test_without_an_asterisk_it_is_not_explained(studies: ModuleType) -> None:
    part = studies.cell({t: [(1, 0.06)] for t in range(3)}, {"evaluations": 1}, label="part", wanted=9)
    assert "*" not in rendered(studies.study(part))


def test_it_fits_100_columns_and_one_screen(studies: ModuleType) -> None:
    rows = rendered(studies.realistic(trials=10, evaluations=40)).splitlines()
    assert len(rows) <= 40
    assert max(map(len, rows)) <= 100
    assert any("regularized_evolution" in row for row in rows)


@pytest.mark.parametrize("unit", ["fraction", "mean squared error"])
def test_on_80_columns_the_labels_and_the_heading_stay_whole(studies: ModuleType, unit: str) -> None:
    long = "regularized evolution 100/25"
    study = studies.realistic(labels=("random search", long), benchmarks=("one",), trials=10, evaluations=40)
    study.benchmarks["one"]["unit"] = unit
    rows = rendered(study, width=80).splitlines()
    assert max(map(len, rows)) <= 80
    assert rows[1].strip().startswith("validation@200, 40 evaluations; regret in")
    assert sorted(row[2:].split("  ")[0] for row in rows[3:5]) == ["random search", long]


def test_a_narrow_table_keeps_what_is_missing(studies: ModuleType) -> None:
    full = studies.cell({t: [(1, 0.06)] for t in range(9)}, {"evaluations": 1}, label="full" * 7)
    part = studies.cell({t: [(1, 0.06)] for t in range(3)}, {"evaluations": 1}, label="part", wanted=9)
    assert "3 of 9" in rendered(studies.study(full, part), width=60)


def test_labels_are_text(studies: ModuleType) -> None:
    labels = ("[bold]", "[/red]", "<script>", "$x_{")
    study = studies.realistic(labels=labels, benchmarks=("[link=x]b[/link]",), trials=4, evaluations=20)
    text = rendered(study)
    assert all(label in text for label in (*labels, "[link=x]b[/link]"))


def test_missing_trials_are_named(studies: ModuleType) -> None:
    full = studies.cell({t: [(1, 0.06)] for t in range(9)}, {"evaluations": 1}, label="full")
    part = studies.cell({t: [(1, 0.06)] for t in range(3)}, {"evaluations": 1}, label="part", wanted=9)
    text = rendered(studies.study(full, part, studies.cell({}, {"evaluations": 1}, label="none", wanted=9)))
    assert "3 of 9" in text
    assert "bench: none has 0 of 9 trials (9 missing)" in text
    assert "no test for full vs part (3 common trials, 8 are needed)" in text
    assert "ranks over the 3 common trials" in text


def test_untested_pairs_share_a_line(studies: ModuleType) -> None:
    cells = {label: studies.cell({0: [(1, 0.06)]}, {"evaluations": 1}, label=label) for label in "abcd"}
    text = rendered(studies.study(*cells.values()))
    assert text.count("no test for") == 1
    assert "no test for 6 of 6 pairs (1 common trial, 8 are needed)" in text
    text = rendered(studies.study(cells["a"], cells["b"], cells["c"]))
    assert "no test for a vs b, a vs c, b vs c (1 common trial, 8 are needed)" in text


def test_an_empty_study_gives_a_message() -> None:
    assert "no completed trials yet" in rendered(Study("mine", Path("runs/mine"), [], {}))

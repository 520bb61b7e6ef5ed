"""The comparison over search spaces in words: the numbers of the summary, and no claim that they do not support."""

from __future__ import annotations

import re

import pytest
from spaces import one_space_each, study_of

from plots.figures.across import MOST_PAIRS, across_data, drawn_pairs
from plots.report.across import across_section, across_sections
from results.summaries.across import summarize_across


def text_of(differences: list[float]) -> str:
    return " ".join(across_section(summarize_across(one_space_each(differences))).sentences)


def test_the_tables_have_the_numbers_of_the_summary_with_the_better_algorithm_first() -> None:
    study = one_space_each([0.1, 0.2, 0.3])
    (pair,) = summarize_across(study).pairs
    pairs, by_space, shares = across_section(summarize_across(study)).tables
    assert pairs.rows == [
        ("q vs p", "3", "-0.200 [-0.448, +0.048]", "[-0.697, +0.297]", "[-0.250, -0.150]", f"{pair.p_holm:.2g}")
    ]
    assert by_space.headings == ("algorithms", "sb0", "sb1", "sb2")
    assert by_space.rows == [("q vs p", "-0.100", "-0.200", "-0.300")]
    assert shares.rows == [("p", "0% [0%, 0%]", "0% [0%, 0%]"), ("q", "100% [100%, 100%]", "100% [100%, 100%]")]
    data = across_data(study)
    mean = data[data["space"] == ""].iloc[0]
    assert (mean["difference"], mean["low"], mean["predicted_high"]) == (pair.difference, pair.low, pair.predicted_high)
    assert data.loc[data["space"] != "", "difference"].to_list() == list(pair.by_space.values())


def test_a_single_space_has_no_table() -> None:
    areas = {name: {"p": [-1.0, -1.1], "q": [-1.5, -1.6]} for name in "ab"}
    section = across_section(summarize_across(study_of(areas, {name: ("only", name) for name in areas})))
    assert section.tables == []
    assert "No claim over spaces: 1 search space, 3 are needed." in section.sentences


def test_what_is_said_of_winners_of_open_pairs_and_of_few_spaces() -> None:
    assert (
        "No significant difference for p vs q; this is not evidence of equality. The intervals are wide: 3 spaces."
        in (text_of([0.1, 0.2, 0.3]))
    )
    sure = text_of([0.3, 0.31, 0.29, 0.3, 0.3, 0.3])
    assert "On average over spaces, q beats p." in sure
    assert "The winner is also predicted to be ahead on a space that was not raced: q vs p." in sure
    assert "wide" not in sure
    average = text_of([0.5, 0.1, 0.2, 0.4, 0.3, 0.2])
    assert "No winner is predicted to be ahead on a space that was not raced" in average
    refused = text_of([0.3, 0.3])
    assert "No claim over spaces: 2 search spaces, 3 are needed." in refused
    assert "beats" not in refused


def test_incomplete_and_empty_grids_are_named() -> None:
    areas = {name: {"p": [-1.0, -1.1], "q": [-1.5] if name != "a" else []} for name in "abcd"}
    study = study_of(areas, {name: (name, name) for name in areas}, wanted=2)
    text = " ".join(across_section(summarize_across(study)).sentences)
    assert "No common trial of all algorithms, so not in the shares: a." in text
    assert "Incomplete: 5 trials missing." in text
    empty = study_of({"a": {"p": [], "q": []}}, {"a": ("a", "a")}, wanted=2)
    assert across_section(summarize_across(empty)).tables == []
    assert across_sections(empty) == []


@pytest.mark.parametrize(("benchmarks", "sections"), [(1, 0), (2, 1)])
def test_the_report_has_the_section_if_there_are_several_benchmarks(benchmarks: int, sections: int) -> None:
    assert len(across_sections(one_space_each([0.1] * benchmarks))) == sections


def test_of_many_pairs_the_figure_has_those_of_the_leader() -> None:
    labels = "abcdefg"
    areas = {f"s{i}": {label: [-1.0 - 0.1 * (j == 4)] for j, label in enumerate(labels)} for i in range(3)}
    across = summarize_across(study_of(areas, {name: (name, name) for name in areas}))
    assert len(across.pairs) == 21 > MOST_PAIRS
    assert {pair.a + pair.b for pair in drawn_pairs(across)} == {"ae", "be", "ce", "de", "ef", "eg"}
    assert all(re.fullmatch(r"e vs \w", row[0]) for row in across_section(across).tables[0].rows if "e" in row[0])

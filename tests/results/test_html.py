"""Studies and summaries in a notebook: complete, escaped, and with the numbers of the summary."""

from __future__ import annotations

import re
from dataclasses import replace
from types import ModuleType

from results.html import bulleted
from results.storage.study import Study
from results.summaries.summary import summarize

EVIL = "<script>alert('&')</script>"


def fields(page: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", page)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def test_the_grid_of_a_study_shows_what_is_missing_and_what_failed(studies: ModuleType) -> None:
    steps = {trial: [(1, 0.1)] for trial in range(3)}
    whole = studies.cell(steps, {"evaluations": 1}, label="whole", benchmark="one")
    part = studies.cell(steps, {"evaluations": 1}, label=EVIL, benchmark="one", wanted=5, failed=(4,))
    other = studies.cell(steps, {"evaluations": 1}, label="whole", benchmark="two")
    study: Study = replace(studies.study(whole, part, other), notes=[EVIL])
    page = study._repr_html_()
    assert "<script" not in page
    assert fields(page) == [
        ["trials", "one", "two"],
        ["whole", "3", "3"],
        ["&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;", "3 of 5, 1 failed", "–"],
    ]
    assert "2 algorithms, 2 benchmarks, 9 of 11 trials" in page
    assert "0 algorithms" in Study("mine", study.directory, [], {})._repr_html_()


def test_the_verdicts_of_a_summary_are_those_of_its_pairs(studies: ModuleType) -> None:
    errors = {"worse": 0.10, EVIL: 0.08, "better": 0.06}
    cells = [
        studies.cell({trial: [(1, error + 0.001 * trial)] for trial in range(12)}, {"evaluations": 1}, label=label)
        for label, error in errors.items()
    ]
    summary = summarize(studies.study(*cells))
    page = summary._repr_html_()
    assert "<script" not in page
    shown = {row[0]: row[1] for row in fields(page)}
    assert shown["better"] == "wins"
    (panel,) = summary.benchmarks
    pair = next(pair for pair in panel.pairs if (pair.a, pair.b) == ("worse", "better"))
    assert pair.winner == "better"
    assert shown["worse"] == f"{pair.median_difference:+.2f} dex, loss"
    untested = summarize(studies.realistic(labels=("a", "b"), trials=3, evaluations=20))
    assert "not tested" in untested._repr_html_()
    alone = summarize(studies.realistic(labels=("a",), trials=3, evaluations=20))
    assert "only one" in alone._repr_html_()


def test_long_lists_are_counted() -> None:
    assert bulleted([]) == ""
    assert bulleted(["a", "b", "c"], most=2) == "<ul><li>a</li><li>b</li><li>and 1 more</li></ul>"

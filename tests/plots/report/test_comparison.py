"""Two results folders side by side: the verdicts of `regretta compare`, and both curves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from browser import Browser, find_chromium
from pages import SCRIPT, Page, race

from harness.commands.gate.compare import compare_command
from harness.commands.report import comparison_command, report_command
from harness.errors import ConfigurationError
from plots.report.comparison import headline
from results.gate.check import compare
from results.gate.snapshots import take_snapshot
from results.gate.verdicts import GateReport
from results.storage.loading import load
from results.summaries.summary import summarize

CHROMIUM = find_chromium()


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The race of `folder` on one benchmark, with another seed and without one of its algorithms."""
    folder = tmp_path_factory.mktemp("other")
    algorithms = {SCRIPT: {"use": "random_search"}, "local": {"use": "local_search"}}
    return race(folder, seed=6, benchmarks=["synthetic"], algorithms=algorithms)


def test_the_page_has_the_verdicts_of_compare(folder: Path, other: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert comparison_command(folder, other) == 0
    file = other / "comparison.html"
    assert capsys.readouterr().out.splitlines()[-1] == str(file)
    page = Page(file.read_text())
    compare_command(folder, other, as_json=True)
    cells = json.loads(capsys.readouterr().out)["cells"]
    verdicts = {(cell["label"], cell["benchmark"]): cell for cell in cells}
    assert len(verdicts) == 6
    for cell in verdicts.values():
        assert cell["verdict"] in page.text
    report = compare(take_snapshot(other), take_snapshot(folder))
    assert headline(report).startswith("Of 6 cells: ")
    assert "5 not comparable" in headline(report)
    assert page.text.count("only new") == 1
    for side, directory in (("old", folder), ("new", other)):
        assert [panel["benchmark"] for panel in page.data[side]["benchmarks"]] == [
            panel.benchmark for panel in summarize(load(directory)).benchmarks
        ]
    first = file.read_bytes()
    comparison_command(folder, other)
    assert file.read_bytes() == first


def test_the_same_results_are_the_same(folder: Path) -> None:
    report = compare(take_snapshot(folder), take_snapshot(folder))
    assert headline(report) == "Of 6 cells: 6 same."
    assert headline(GateReport("x", [], [], [])) == "Nothing to compare: neither side has a cell."


def test_wrong_requests_are_refused(folder: Path, other: Path) -> None:
    with pytest.raises(ConfigurationError, match="expected two different results folders"):
        comparison_command(folder, folder)
    with pytest.raises(ConfigurationError, match="--exact: has no effect on a comparison"):
        comparison_command(folder, other, exact=True)


def test_an_empty_side_is_compared_too(folder: Path, empty_folder: Path) -> None:
    assert comparison_command(folder, empty_folder) == 4
    assert "6 not comparable" in Page((empty_folder / "comparison.html").read_text()).text
    report_command(empty_folder)


@pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium on the path; apt-get install chromium, or name one in $CHROMIUM"
)
@pytest.mark.slow
def test_both_curves_are_drawn(folder: Path, other: Path) -> None:
    comparison_command(folder, other)
    assert CHROMIUM is not None
    with Browser(CHROMIUM) as browser:
        browser.size(1280)
        browser.open(other / "comparison.html")
        ready = "document.documentElement.dataset.ready ? done(true) : setTimeout(look, 10)"
        browser.value(f"new Promise((done) => {{const look = () => {ready}; look();}})")
        counts = (
            "[...document.querySelectorAll('.pair-of-curves')].map((card) => card.querySelectorAll('.curve').length)"
        )
        assert browser.value(counts) == [2, 1, 1, 1]
        assert "Only the new results have this curve." in browser.value("document.body.innerText")
        before = browser.value("document.querySelector('.pair-of-curves .curve').getAttribute('d')")
        browser.click("document.querySelector('input[name=axis][value=seconds]')")
        assert browser.value("document.querySelector('.pair-of-curves .curve').getAttribute('d')") != before
        assert "axis=seconds" in browser.value("location.hash")
        browser.size(360)
        assert browser.value("document.documentElement.scrollWidth") == 360
        assert browser.complaints == []

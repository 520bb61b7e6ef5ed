"""The report in a real browser; skipped where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Browser, find_chromium
from pages import IMAGE, SCRIPT, race, read_exactly

from harness.commands.results import plot_command
from plots.figures.regret import regret_data
from results.storage.loading import load
from results.summaries.summary import summarize

PLOT = "document.querySelector('[data-part=plot]')"
CURVES = "[...document.querySelectorAll('.curve')].map((path) => path.getAttribute('d'))"
TEXT = "document.body.innerText"
WIDTH = "document.documentElement.scrollWidth"


CHROMIUM = find_chromium()
if CHROMIUM is None:
    pytest.skip("no chromium on the path; apt-get install chromium, or name one in $CHROMIUM", allow_module_level=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser(CHROMIUM) as found:
        yield found


@pytest.fixture
def page(browser: Browser, folder: Path) -> Iterator[Browser]:
    browser.size(1280)
    browser.open(folder / "report.html")
    yield browser
    assert browser.complaints == []


def radio(name: str, value: str) -> str:
    return f"document.querySelector('input[name={name}][value={value}]')"


def rows(part: str) -> str:
    """The texts of a table, and the exact numbers behind them."""
    return (
        f"[...document.querySelectorAll('[data-part={part}] tbody tr')].map((row) => [...row.cells].map((cell) =>"
        " [cell.textContent, ...[...cell.querySelectorAll('data')].map((found) => Number(found.value))]))"
    )


def legend(page: Browser) -> dict[str, list[Any]]:
    """By label, the values at the cursor: as text, and exactly the centre, low, high."""
    return {
        cells[0][0]: cells[1][1:]
        for cells in page.value(rows("legend").replace("data-part=legend] tbody", "data-part=legend]"))
    }


def cursor(page: Browser) -> float:
    return float(page.value("Number(document.querySelector('[data-part=at] data').value)"))


def choose(page: Browser, name: str, value: str) -> None:
    page.value(
        f"{{const box = document.querySelector('select[name={name}]'); box.value = '{value}';"
        " box.dispatchEvent(new Event('change', { bubbles: true }));}"
    )
    page.settle()


def test_it_opens_from_a_file_without_network_or_complaint(page: Browser, folder: Path) -> None:
    assert page.requests == [(folder / "report.html").resolve().as_uri()]
    assert page.value("document.querySelectorAll('.curve').length") == 3


@pytest.mark.parametrize(
    ("name", "value"), [("axis", "seconds"), ("statistic", "median"), ("x", "linear"), ("y", "linear")]
)
def test_each_switch_changes_the_curves_and_back(page: Browser, name: str, value: str) -> None:
    before = page.value(CURVES)
    other = page.value(f"document.querySelector('input[name={name}]:checked').value")
    page.click(radio(name, value))
    changed = page.value(CURVES)
    assert len(changed) == 3
    assert all(a != b for a, b in zip(before, changed, strict=True))
    page.click(radio(name, other))
    assert page.value(CURVES) == before


def test_the_benchmark_is_chosen(page: Browser) -> None:
    before = page.value(CURVES)
    choose(page, "benchmark", "nasbench201-cifar10")
    assert page.value(CURVES) != before
    assert "NAS-Bench-201, CIFAR-10" in page.value("document.querySelector('article h3').textContent")
    assert "optimum" in page.value("document.querySelector('figcaption').textContent")
    assert page.value("document.querySelector('select[name=target]').closest('label').hidden")
    choose(page, "benchmark", "synthetic")
    assert page.value(CURVES) == before


def test_the_error_is_chosen_where_several_are_reported(browser: Browser, tmp_path: Path) -> None:
    targets = ["validation@200", "nasbench201-cifar100/validation@200"]
    reporting = {"protocol": {"report": targets}, "benchmarks": ["nasbench201-cifar10"], "budget": {"evaluations": 20}}
    browser.size(1280)
    browser.open(race(tmp_path, **reporting) / "report.html")
    before, area = browser.value(CURVES), browser.value(rows("ranking"))[0][3]
    assert browser.value("[...document.querySelector('select[name=target]').options].map((o) => o.value)") == targets
    choose(browser, "target", targets[1])
    assert browser.value(CURVES) != before
    assert browser.value(rows("ranking"))[0][3] != area
    assert f"({targets[1]}) minus the optimum" in browser.value("document.querySelector('figcaption').textContent")
    assert browser.complaints == []


def test_the_legend_takes_curves_away_and_brings_them_back(page: Browser) -> None:
    before = page.value(CURVES)
    page.click("document.querySelectorAll('[data-part=legend] input')[1]")
    assert len(page.value(CURVES)) == 2
    assert legend(page)[IMAGE] == []
    assert page.value("document.activeElement.type") == "checkbox"
    page.press(" ")
    assert page.value(CURVES) == before
    for _ in range(3):
        page.click("document.querySelector('[data-part=legend] input:checked')")
    assert page.value(CURVES) == []
    page.click("document.querySelector('[data-part=all]')")
    assert page.value(CURVES) == before


@pytest.mark.parametrize(("axis", "statistic"), [("evaluations", "mean"), ("seconds", "median")])
def test_values_on_hover_are_those_of_the_figure(page: Browser, folder: Path, axis: Any, statistic: Any) -> None:
    data = regret_data(load(folder), axis=axis, statistic=statistic)
    data = data[data["benchmark"] == "synthetic"]
    page.click(radio("axis", axis))
    page.click(radio("statistic", statistic))
    page.value(f"{PLOT}.scrollIntoView({{block: 'center'}})")
    box = page.value(f"{PLOT}.getBoundingClientRect().toJSON()")
    seen = set()
    for part in (0.3, 0.5, 0.64, 0.8, 0.97):
        page.mouse("mouseMoved", box["x"] + part * box["width"], box["y"] + 0.4 * box["height"])
        page.settle()
        x = cursor(page)
        seen.add(x)
        assert x in set(data["x"])
        for label, shown in legend(page).items():
            its = data[(data["label"] == label) & (data["x"] <= x)]
            assert shown == ([] if its.empty else its.iloc[-1][["centre", "low", "high"]].tolist())
    assert len(seen) == 5
    shown = page.value("document.querySelector('[data-part=legend] .value data')")
    value, text = page.value(
        "(() => {const found = document.querySelector('[data-part=legend] .value data');"
        " return [Number(found.value), found.textContent];})()"
    )
    assert shown is not None
    assert float(text.replace(",", "")) == pytest.approx(100 * value, rel=6e-4)  # four digits of percentage points


def test_the_keyboard_goes_along_the_curves(page: Browser) -> None:
    page.value("document.querySelector('input[name=x]:checked').focus()")
    page.press("Tab")
    assert page.value(f"document.activeElement === {PLOT} && {PLOT}.matches(':focus-visible')")
    assert page.value(f"getComputedStyle({PLOT}).outlineStyle") == "solid"
    page.press("ArrowLeft")
    assert cursor(page) == 39
    first = page.value(f"{PLOT}.getAttribute('aria-valuetext')")
    assert first.startswith("39 evaluations: ")
    assert SCRIPT in first
    page.press("Home")
    assert cursor(page) == 1
    page.press("ArrowRight")
    assert cursor(page) == 2
    chosen = "document.querySelector('[data-part=legend] .chosen').dataset.label"
    assert page.value(chosen) == SCRIPT
    page.press("ArrowDown")
    assert page.value(chosen) == IMAGE
    page.press("Escape")
    assert cursor(page) == 40


def test_the_ranking_sorts_and_shows_the_summary(page: Browser, folder: Path) -> None:
    panel = summarize(load(folder)).benchmarks[0]
    by_area = sorted(panel.algorithms, key=lambda found: found.area.value or 0)
    table = page.value(rows("ranking"))
    assert [row[0][0] for row in table] == [found.label for found in by_area]
    for row, found in zip(table, by_area, strict=True):
        end = found.mean_end_regret
        assert row[1][1:] == [found.trials]
        assert row[2][1:] == [end.value, end.low, end.high]
        assert row[3][1:] == [found.area.value, found.area.low, found.area.high]
        assert row[5][1:] == [found.rank]
        assert row[6][1:] == [found.duplicates]
    for column, at in (("duplicates", 6), ("end", 2), ("rank", 5)):
        head = f"document.querySelector('[data-part=ranking] [data-column={column}]')"
        page.click(f"{head}.querySelector('button')")
        up = [row[at][1] for row in page.value(rows("ranking"))]
        assert up == sorted(up)
        assert page.value(f"{head}.getAttribute('aria-sort')") == "ascending"
        page.press("Enter")  # the focus stayed in the head
        assert [row[at][1] for row in page.value(rows("ranking"))] == sorted(up, reverse=True)
        assert page.value(f"{head}.getAttribute('aria-sort')") == "descending"
    page.click("document.querySelector('[data-part=ranking] [data-column=algorithm] button')")
    assert {row[0][0] for row in page.value(rows("ranking"))} == {found.label for found in by_area}


def test_the_tests_are_those_of_the_summary(page: Browser, folder: Path) -> None:
    panel = summarize(load(folder)).benchmarks[0]
    for row, pair in zip(page.value(rows("tests")), panel.pairs, strict=True):
        assert [row[0][0], row[7][0]] == [pair.a + pair.b, pair.verdict]
        assert row[1][1:] == [pair.trials]
        assert row[2][1] == pair.median_difference
        assert row[5][1:] == [pair.p_holm]
        assert row[6][1:] == [pair.resolution]


def test_names_show_as_text(page: Browser) -> None:
    text = page.value(TEXT)
    assert SCRIPT in text
    assert IMAGE in text
    assert page.value("document.scripts.length") == 2
    assert page.value("document.images.length") == 0


def test_the_numbers_can_be_saved(page: Browser, folder: Path, tmp_path: Path) -> None:
    plot_command(folder, "regret", tmp_path)
    csv = read_exactly(tmp_path / "regret.csv")
    page.value("URL.createObjectURL = (blob) => { window.saved = blob; return 'about:blank#'; }")
    page.value("HTMLAnchorElement.prototype.click = function () { window.savedAs = this.download; }")
    page.click("document.querySelector('[data-part=save]')")
    assert page.value("savedAs") == "regret-synthetic-evaluations-mean.csv"
    (tmp_path / "saved.csv").write_text(page.value("saved.text()"))
    saved = read_exactly(tmp_path / "saved.csv")
    assert saved.equals(csv[csv["benchmark"] == "synthetic"].reset_index(drop=True))


def test_light_and_dark(page: Browser) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    assert page.value(paper) == "rgb(255, 255, 255)"
    page.size(1280, dark=True)
    dark = page.value(paper)
    assert dark != "rgb(255, 255, 255)"
    assert page.value("document.getElementById('theme').textContent") == "Light"
    page.click("document.getElementById('theme')")
    assert page.value(paper) == "rgb(255, 255, 255)"
    page.click("document.getElementById('theme')")
    assert page.value(paper) == dark


@pytest.mark.parametrize("which", ["folder", "partial_folder", "empty_folder"])
def test_it_fits_a_phone(browser: Browser, request: pytest.FixtureRequest, which: str) -> None:
    browser.size(360)
    browser.open(request.getfixturevalue(which) / "report.html")
    assert browser.value(WIDTH) == 360
    assert browser.complaints == []


def test_a_partial_grid_renders(browser: Browser, partial_folder: Path) -> None:
    browser.size(1280)
    browser.open(partial_folder / "report.html")
    choose(browser, "benchmark", "nasbench201-cifar10")
    assert browser.value("document.querySelectorAll('.curve').length") == 2
    assert len(browser.value(rows("ranking"))) == 3
    assert "0 of 9" in browser.value("document.querySelector('[data-part=ranking]').textContent")
    assert "has 0 of 9 trials (9 missing)" in browser.value(TEXT)
    assert browser.complaints == []


def test_an_empty_grid_renders(browser: Browser, empty_folder: Path) -> None:
    browser.size(1280)
    browser.open(empty_folder / "report.html")
    text = browser.value(TEXT)
    assert "No conclusion yet: no trial is complete." in text
    assert "No curve yet" in text
    for name, value in (("axis", "seconds"), ("y", "linear"), ("statistic", "median")):
        browser.click(radio(name, value))
        assert browser.value("document.querySelectorAll('.curve').length") == 0
        assert browser.value("document.querySelector('[data-part=why]').offsetHeight") > 0
    assert browser.complaints == []


@pytest.mark.slow
def test_on_paper_every_benchmark_is_shown(page: Browser) -> None:
    page.value("dispatchEvent(new Event('beforeprint'))")
    page.size(700, media="print")
    assert page.value("document.querySelectorAll('article').length") == 2
    assert page.value(
        "[...document.querySelectorAll('figure')].map((one) => one.querySelectorAll('.curve').length)"
    ) == [3, 3]
    assert page.value("getComputedStyle(document.getElementById('controls')).display") == "none"
    page.value("dispatchEvent(new Event('afterprint'))")
    assert page.value("document.querySelectorAll('article').length") == 1

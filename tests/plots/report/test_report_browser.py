"""The report in a real browser; skipped where there is none."""

from __future__ import annotations

import base64
import csv
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import matplotlib.image
import pytest
from browser import Browser, find_chromium
from pages import IMAGE, SCRIPT, race, read_exactly

from plots.report.page import report_page
from results.anytime.regret import area_under_log_regret, end_regret
from results.storage.loading import load
from results.summaries.curve_table import regret_data
from results.summaries.summary import summarize

PLOT = "document.querySelector('[data-part=plot]')"
CURVES = "[...document.querySelectorAll('[data-part=plot] .curve')].map((path) => path.getAttribute('d'))"
TEXT = "document.body.innerText"
READY = (
    "new Promise((done) => {const look = () => document.documentElement.dataset.ready ? done(true) :"
    " setTimeout(look, 10); look();})"
)
WIDTH = "document.documentElement.scrollWidth"


AXE = os.environ.get("AXE")
"""The file of axe-core, which checks pages for screen readers; not a dependency."""
PATIENCE = 3
"""Factor of the time limits, for busy machines."""
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
    opened(browser, folder / "report.html")
    yield browser
    assert browser.complaints == []


def opened(browser: Browser, file: Path, hash_: str = "") -> None:
    """Open a report, and wait until its numbers are decoded and drawn."""
    browser.do("Page.navigate", url="about:blank")
    browser.open(file, hash_)
    browser.value(READY)
    browser.settle()


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
    return dict(
        page.value(
            "[...document.querySelectorAll('[data-part=legend] tr')].map((row) => [row.dataset.label,"
            " [...row.querySelectorAll('td data')].map((found) => Number(found.value))])"
        )
    )


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
    assert page.value("document.querySelectorAll('[data-part=plot] .curve').length") == 3


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
    assert "optimum" in page.value("document.querySelector('[data-part=caption]').textContent")
    assert page.value("document.querySelector('select[name=target]').closest('label').hidden")
    choose(page, "benchmark", "synthetic")
    assert page.value(CURVES) == before


def test_the_error_is_chosen_where_several_are_reported(browser: Browser, tmp_path: Path) -> None:
    targets = ["validation@200", "nasbench201-cifar100/validation@200"]
    reporting = {"protocol": {"report": targets}, "benchmarks": ["nasbench201-cifar10"], "budget": {"evaluations": 20}}
    browser.size(1280)
    opened(browser, race(tmp_path, **reporting) / "report.html")
    before, area = browser.value(CURVES), browser.value(rows("ranking"))[0][3]
    assert browser.value("[...document.querySelector('select[name=target]').options].map((o) => o.value)") == targets
    choose(browser, "target", targets[1])
    assert browser.value(CURVES) != before
    assert browser.value(rows("ranking"))[0][3] != area
    assert f"({targets[1]}) minus the optimum" in browser.value(
        "document.querySelector('[data-part=caption]').textContent"
    )
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
    page.value("[...document.querySelectorAll('.maps button')].at(-1).focus()")
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
    assert page.value("document.scripts.length") == 3
    assert page.value("document.images.length") == 0


SAVED = (
    "{window.blobs = [];"
    " const make = URL.createObjectURL; URL.createObjectURL = (blob) => {blobs.push(blob);"
    " return make.call(URL, blob);};"
    " HTMLAnchorElement.prototype.click = function () {window.savedAs = this.download;};}"
)


def saved(page: Browser, button: str) -> tuple[str, bytes]:
    """Press a button that saves something; returns the name of the file, and its content in base64."""
    page.value(SAVED)
    page.click(button)
    page.value(
        "new Promise((done) => {const look = () => window.savedAs ? done(true) : setTimeout(look, 10); look();})"
    )
    content = page.value(
        "(async () => {const bytes = new Uint8Array(await blobs.at(-1).arrayBuffer()); let text = '';"
        " for (const byte of bytes) text += String.fromCharCode(byte); const name = savedAs; delete window.savedAs;"
        " return [name, btoa(text)];})()"
    )
    return content[0], base64.b64decode(content[1])


def save_button(part: str, name: str) -> str:
    return (
        f"[...document.querySelectorAll('[data-part={part}] .save')].find((button) => button.textContent === '{name}')"
    )


def test_the_numbers_can_be_saved_in_the_unit_shown(page: Browser, folder: Path, tmp_path: Path) -> None:
    data = regret_data(load(folder), axis="evaluations", statistic="mean")
    data = data[data["benchmark"] == "synthetic"].reset_index(drop=True)
    name, content = saved(page, save_button("downloads", "CSV"))
    assert name == "regret-synthetic-evaluations-mean.csv"
    (tmp_path / name).write_bytes(content)
    found = read_exactly(tmp_path / name)
    assert set(found["unit"]) == {"percentage points"}
    assert found["label"].tolist() == data["label"].tolist()
    assert found["x"].tolist() == data["x"].tolist()
    for column in ("centre", "low", "high"):
        assert found[column].tolist() == (100 * data[column]).tolist()


def test_figures_are_saved_as_svg_and_png(page: Browser) -> None:
    name, svg = saved(page, save_button("downloads", "SVG"))
    assert name == "regret-synthetic-evaluations-mean.svg"
    root = ElementTree.fromstring(svg)
    texts = [found.text for found in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "completed evaluations" in texts
    assert SCRIPT in texts
    assert b"class=" not in svg
    name, png = saved(page, save_button("downloads", "PNG"))
    assert name.endswith(".png")
    picture = matplotlib.image.imread(BytesIO(png))
    assert picture.shape[1] == 3 * float(root.attrib["width"])
    assert picture[..., :3].std() > 0.05


def test_tables_are_saved_as_csv_and_latex(page: Browser, folder: Path) -> None:
    name, content = saved(page, save_button("ranking", "CSV"))
    assert name == "ranking-synthetic.csv"
    rows = list(csv.reader(StringIO(content.decode())))
    best = min(summarize(load(folder)).benchmarks[0].algorithms, key=lambda found: found.area.value or 0.0)
    assert rows[0][:3] == ["Algorithm", "Trials", "Mean end regret [95 %]"]
    assert rows[1][:2] == [best.label, "9"]
    assert float(rows[1][2].split()[0]) == pytest.approx(100 * (best.mean_end_regret.value or 0.0), rel=5e-3)
    name, content = saved(page, save_button("ranking", "LaTeX"))
    assert name == "ranking-synthetic.tex"
    text = content.decode()
    assert text.count("\\\\") == 4
    assert "evolution \\& " in text
    assert "[95 \\%]" in text


def test_the_matrix_sorts_and_its_chips_have_lines(page: Browser) -> None:
    labels = "[...document.querySelectorAll('#verdict-matrix tbody tr')].map((row) => row.dataset.label)"
    keys = "[...document.querySelectorAll('#verdict-matrix tbody tr')].map((row) => Number(row.cells[3].dataset.key))"
    start = page.value(labels)
    assert page.value("document.querySelectorAll('#verdict-matrix .chip svg').length") == 3
    head = "document.querySelectorAll('#verdict-matrix thead tr:last-child th')[3]"
    page.click(f"{head}.querySelector('button')")
    assert page.value(keys) == sorted(page.value(keys))
    assert page.value(f"{head}.getAttribute('aria-sort')") == "ascending"
    page.click(f"{head}.querySelector('button')")
    assert page.value(keys) == sorted(page.value(keys), reverse=True)
    turned = page.value(labels)
    address = page.value("location.hash")
    page.value("document.querySelector('#verdict-matrix thead tr:last-child th button').click()")
    assert page.value(labels) == sorted(page.value(labels), key=str.casefold) or page.value(labels) != start
    page.value(f"location.hash = '{address}'")
    page.settle()
    assert page.value(labels) == turned


def test_the_address_has_the_whole_state(page: Browser, folder: Path) -> None:
    choose(page, "benchmark", "nasbench201-cifar10")
    for name, value in (("axis", "seconds"), ("statistic", "median"), ("y", "linear")):
        page.click(radio(name, value))
    page.click("document.querySelectorAll('[data-part=legend] input')[1]")
    page.click("document.querySelector('[data-part=ranking] [data-column=rank] button')")
    page.click("document.querySelectorAll('[data-part=legend] .trials')[0]")
    page.value(DRILLED)
    page.click("document.querySelectorAll('[data-part=trial-table] button[aria-pressed]')[4]")
    page.value(DRILLED)
    state = (CURVES, rows("ranking"), rows("legend"), "document.querySelector('[data-part=drill]').textContent")
    before = [page.value(expression) for expression in state]
    assert len(before[0]) == 2
    address = page.value("location.hash")
    opened(page, folder / "report.html", address)
    page.value(DRILLED)
    assert [page.value(expression) for expression in state] == before
    assert page.value("location.hash") == address
    opened(page, folder / "report.html", "#nowhere&benchmark=x&axis=y&hide=z&curve=w&trial=-1&sort=%3F")
    assert page.value("document.querySelectorAll('[data-part=plot] .curve').length") == 3


def test_a_contents_link_goes_to_its_section_and_keeps_the_state(page: Browser) -> None:
    page.click(radio("axis", "seconds"))
    page.click("document.querySelector('#contents a[href=\"#protocol\"]')")
    assert page.value("location.hash") == "#protocol&axis=seconds"
    top = page.value("document.getElementById('protocol').getBoundingClientRect().top")
    assert 0 < top < 400
    assert page.value("document.getElementById('contents').getBoundingClientRect().top") == 0
    page.value("history.back()")
    page.settle()
    assert page.value("document.querySelector('input[name=axis]:checked').value") == "seconds"


DRILLED = (
    "new Promise((done) => {const look = () => document.querySelector('.drill [data-part=trial-table]') ? done(true) :"
    " setTimeout(look, 10); look();})"
)


def test_from_a_curve_to_its_trials_and_evaluations(page: Browser, folder: Path) -> None:
    study = load(folder)
    cell = next(found for found in study.cells if (found.label, found.benchmark) == (SCRIPT, "synthetic"))
    page.click("document.querySelector('[data-part=legend] .trials')")
    page.value(DRILLED)
    target = cell.protocol["report"][0]
    areas = area_under_log_regret(cell, study, target, "evaluations").sort_values(kind="stable")
    ends = end_regret(cell, study, target)
    shown = page.value(rows("trial-table"))
    assert [row[0][0] for row in shown] == [str(trial) for trial in areas.index]
    assert [row[2][1] for row in shown] == areas.tolist()
    assert [row[1][1] for row in shown] == [ends[trial] for trial in areas.index]
    assert page.value("document.querySelectorAll('.drill .plot .curve').length") == 9
    page.click("document.querySelectorAll('[data-part=trial-table] button[aria-pressed]')[0]")
    page.value(DRILLED)
    page.click("document.querySelector('.drill .check input')")
    page.value(DRILLED)
    evaluations = page.value(
        "[...document.querySelectorAll('.drill [aria-label=Evaluations] tbody tr')].map((row) => [...row.cells].map("
        "(cell) => cell.querySelector('data') ? Number(cell.querySelector('data').value) : cell.textContent))"
    )
    its = cell.evaluations[cell.evaluations["trial"] == areas.index[0]]
    assert [row[0] for row in evaluations] == [str(number) for number in its["number"]]
    assert [row[1] for row in evaluations] == its["start"].tolist()
    assert [row[2] for row in evaluations] == its["end"].tolist()
    assert [row[4] for row in evaluations] == its["observed_error"].tolist()
    held = [row[5] for row in evaluations if row[-1] == "yes"]
    assert held == its[f"incumbent_error:{target}"][its["incumbent"] == its["number"]].tolist()
    assert page.value("document.querySelectorAll('.drill .final svg').length") == 1


def test_pairs_are_shaded_where_they_were_tested(page: Browser, folder: Path) -> None:
    panel = summarize(load(folder)).benchmarks[0]
    found = page.value(
        "[...document.querySelectorAll('[data-part=pairs] tbody td')].map((cell) => [cell.className, cell.title,"
        " cell.querySelector('data') && Number(cell.querySelector('data').value)])"
    )
    assert len(found) == 9
    for pair in panel.pairs:
        (kind, _, value), (back, _, other) = (
            next(cell for cell in found if cell[1].startswith(f"{a} − {b}: "))
            for a, b in ((pair.a, pair.b), (pair.b, pair.a))
        )
        assert (value, other) == (pair.median_difference, -(pair.median_difference or 0.0))
        assert (kind.split()[0], back.split()[0]) == (
            ("level", "level")
            if not pair.winner
            else ("better", "worse")
            if pair.winner == pair.a
            else ("worse", "better")
        )


def test_pairs_name_their_unit_and_numbers_stand_apart_from_names(page: Browser) -> None:
    assert "Pairs: difference in area [dex]" in page.value("document.querySelector('.two').innerText")
    place, chip = "querySelector('[data-part=pairs] tbody .place')", "querySelector('[data-part=pairs] tbody .chip')"
    gap = f"document.{chip}.getBoundingClientRect().left - document.{place}.getBoundingClientRect().right"
    assert page.value(gap) >= 4


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
    opened(browser, request.getfixturevalue(which) / "report.html")
    assert browser.value(WIDTH) == 360
    assert browser.complaints == []


def test_a_partial_grid_renders(browser: Browser, partial_folder: Path) -> None:
    browser.size(1280)
    opened(browser, partial_folder / "report.html")
    choose(browser, "benchmark", "nasbench201-cifar10")
    assert browser.value("document.querySelectorAll('[data-part=plot] .curve').length") == 2
    assert len(browser.value(rows("ranking"))) == 3
    assert "0 of 9" in browser.value("document.querySelector('[data-part=ranking]').textContent")
    assert "has 0 of 9 trials (9 missing)" in browser.value(TEXT)
    assert browser.complaints == []


def test_an_empty_grid_renders(browser: Browser, empty_folder: Path) -> None:
    browser.size(1280)
    opened(browser, empty_folder / "report.html")
    text = browser.value(TEXT)
    assert "No conclusion yet: no trial is complete." in text
    assert "No curve yet" in text
    for name, value in (("axis", "seconds"), ("y", "linear"), ("statistic", "median")):
        browser.click(radio(name, value))
        assert browser.value("document.querySelectorAll('[data-part=plot] .curve').length") == 0
        assert browser.value("document.querySelector('[data-part=why]').offsetHeight") > 0
    assert browser.complaints == []


@pytest.mark.slow
def test_on_paper_every_benchmark_is_shown(page: Browser) -> None:
    page.click("document.querySelector('[data-part=legend] .trials')")
    page.value("dispatchEvent(new Event('beforeprint'))")
    page.size(700, media="print")
    assert page.value("document.querySelectorAll('article').length") == 2
    assert page.value(
        "[...document.querySelectorAll('figure[data-part=figure]')].map((one) => one.querySelectorAll('.curve').length)"
    ) == [3, 3]
    assert page.value("getComputedStyle(document.getElementById('controls')).display") == "none"
    assert page.value("document.querySelector('.drill').offsetHeight") == 0
    page.value("dispatchEvent(new Event('afterprint'))")
    assert page.value("document.querySelectorAll('article').length") == 1


@pytest.mark.slow
def test_three_benchmarks_are_at_most_six_pages(browser: Browser, tmp_path: Path) -> None:
    names = ["nasbench201-cifar10", "nasbench201-cifar100", "nasbench201-imagenet16-120"]
    opened(browser, race(tmp_path, benchmarks=names) / "report.html")
    assert len(re.findall(rb"/Type\s*/Page\b", browser.pdf())) <= 6


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("which", ["folder", "partial_folder", "empty_folder"])
def test_axe_finds_nothing(browser: Browser, request: pytest.FixtureRequest, which: str, dark: bool) -> None:
    if not AXE:
        pytest.skip("no axe-core; name its axe.min.js in $AXE")
    browser.size(1280, dark=dark)
    opened(browser, request.getfixturevalue(which) / "report.html", f"#&curve={quote(SCRIPT)}")
    browser.value(f"{Path(AXE).read_text()};0")
    found = browser.value("axe.run().then((found) => found.violations.map((one) => [one.id, one.nodes[0].html]))")
    assert found == []


@pytest.mark.slow
def test_fifteen_by_twenty_opens_and_toggles_in_a_second(browser: Browser, studies: ModuleType, tmp_path: Path) -> None:
    labels, benchmarks = [f"algorithm {i}" for i in range(15)], tuple(f"benchmark {i}" for i in range(20))
    study = studies.realistic(benchmarks=benchmarks, labels=labels, trials=20, evaluations=60)
    added = {"fidelity_to": 200.0, "start": 0.0, "charged_seconds": 1.0, "observed_error": 0.1}
    cells = [
        replace(cell, evaluations=cell.evaluations.assign(incumbent=cell.evaluations["number"], **added))
        for cell in study.cells
    ]
    (tmp_path / "report.html").write_text(report_page(replace(study, cells=cells), {"seed": 1, "trials": [0, 20]}, []))
    browser.size(1280)
    opened(browser, tmp_path / "report.html")
    assert browser.value("performance.getEntriesByType('navigation')[0].duration") < 1000 * PATIENCE
    assert browser.value("document.querySelectorAll('#verdict-matrix tbody td').length") == 15 * 21
    for name, value in (("statistic", "median"), ("y", "linear")):
        spent = browser.value(
            f"(async () => {{const start = performance.now(); {radio(name, value)}.click(); await new Promise((done) =>"
            " requestAnimationFrame(() => requestAnimationFrame(done))); return performance.now() - start;})()"
        )
        assert spent < 1000 * PATIENCE
    assert browser.complaints == []

"""Promises that every figure keeps."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from framed import assert_within
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from plots.drawing.colours import label_styles
from plots.drawing.export import save
from plots.drawing.style import lacking_glyphs, style_context
from plots.figures.registry import FIGURES, RELATIVE, draw
from results.storage.study import Study

WIDTHS = ("page", "column")
LABELS = ("<script>", "$x_{", "[bold]", "_hidden")

QUICK = {"regret", "critical-difference"}
"""Figures that are saved twice also in the quick tests; all are written by the same function."""

WITHOUT_LINES = {"fidelity", "ranks", "critical-difference", "across", "end-regret"}
WITHOUT_LINES |= {"pairs", "architectures", "trajectories"}
NUMBERED = {"pairs", "trajectories"}
"""Figures whose labels stand beside a number or the name of a benchmark."""
TABLES = {"ranks", "critical-difference"}


@pytest.fixture(scope="module")
def make(studies: ModuleType) -> Any:
    """A realistic study with all the columns that any figure needs."""

    def make(**given: Any) -> Study:
        study: Study = studies.realistic(**({"benchmarks": ("one", "two"), "trials": 9, "evaluations": 60} | given))
        for cell in study.cells:
            studies.complete(cell)
        return study

    return make


@pytest.fixture(scope="module")
def study(make: Any) -> Study:
    return make()


@pytest.fixture(scope="module")
def drawn(study: Study) -> Callable[[str], tuple[Figure, pd.DataFrame]]:
    """Each kind of figure of the study with its numbers, drawn once."""
    return cache(lambda kind: draw(kind, study))


def numbers(kind: str, study: Study) -> pd.DataFrame:
    """The numbers behind a figure, without drawing it."""
    module, _, stem = FIGURES[kind].partition(":")
    data: pd.DataFrame = getattr(import_module(module), f"{stem}_data")(study)
    return data


def svg_of(figure: Figure) -> str:
    with io.StringIO() as file, style_context():
        figure.savefig(file, format="svg")
        return file.getvalue()


@pytest.mark.parametrize(
    "kind", [kind if kind in QUICK else pytest.param(kind, marks=pytest.mark.slow) for kind in FIGURES]
)
def test_saved_twice_the_bytes_are_equal_the_csv_is_exact_and_settings_neither_leak_in_nor_out(
    make: Any, tmp_path: Path, kind: str
) -> None:
    study = make(benchmarks=("one",), trials=3, evaluations=20)
    figure, data = draw(kind, study)
    files = save(figure, data, tmp_path / "first" / kind)
    assert [file.suffix for file in files] == [".pdf", ".svg", ".png", ".csv", ".txt"]
    assert set((tmp_path / "first").iterdir()) == set(files)
    assert files[-1].read_text() == f"{figure.get_label()}\n"
    back = pd.read_csv(files[3])
    assert not data.empty
    for name in data.select_dtypes("number"):
        assert_allclose(back[name], data[name], rtol=1e-12)
    first = [file.read_bytes() for file in files]
    before, shown = dict(mpl.rcParams), plt.get_fignums()
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "savefig.dpi": 10, "svg.hashsalt": "other"}):
        again = save(*draw(kind, study), tmp_path / "second" / "other")
    assert [file.read_bytes() for file in again] == first
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == shown


@pytest.mark.parametrize("kind", FIGURES)
@pytest.mark.parametrize("width", [pytest.param("page", marks=pytest.mark.slow), "column"])
@pytest.mark.parametrize("panels", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (3, 4, 5))])
def test_everything_lies_within_the_figure_and_nothing_on_something_else(
    make: Any, kind: str, width: str, panels: int
) -> None:
    labels = ("random search", "regularized evolution 100/25", "BANANAS", "local search", "Hyperband")
    benchmarks = [f"NAS-Bench-201, data set {i}, recorded runs" for i in range(panels)]
    figure, _ = draw(kind, make(labels=labels, benchmarks=benchmarks, trials=3, evaluations=200), width=width)
    assert figure.get_figwidth() == 3.3 if width == "column" else figure.get_figwidth() <= 7
    assert figure.get_figheight() < 9.5  # a page
    assert_within(figure)
    with style_context():
        for axes in figure.axes:
            for spans in (spans_of(axes.xaxis, "intervalx"), spans_of(axes.yaxis, "intervaly")):
                assert all(end <= start for (_, end), (start, _) in pairwise(sorted(spans)))
        caption = figure.texts[-1].get_window_extent()
        assert all(axes.get_tightbbox().y0 >= caption.y1 for axes in figure.axes if axes.axison)


@pytest.mark.parametrize("kind", FIGURES)
@pytest.mark.parametrize("width", [pytest.param("page", marks=pytest.mark.slow), "column"])
def test_very_long_labels_are_wrapped_and_lie_within_the_figure(make: Any, kind: str, width: str) -> None:
    long = ("y" * 143, "regularized evolution, " * 6 + "100/25")
    study = make(labels=(*long, "short"), benchmarks=("one",), trials=3, evaluations=60)
    figure, _ = draw(kind, study, width=width)
    assert_within(figure)
    words = ["".join(text.get_text().split()) for text in figure.findobj(mpl.text.Text)]
    for label in long:
        assert any("".join(label.split()) in text for text in words)


@pytest.mark.parametrize("width", WIDTHS)
def test_very_long_labels_lie_within_the_diagram_of_critical_differences(make: Any, width: str) -> None:
    benchmarks = [f"space {i}" for i in range(10)]
    study = make(labels=("y" * 143, "short", "z" * 60), benchmarks=benchmarks, trials=2, evaluations=30)
    figure, _ = draw("critical-difference", study, width=width)
    assert "Friedman" in figure.get_label()
    assert_within(figure)


@pytest.mark.filterwarnings("error")
@pytest.mark.slow
def test_letters_that_the_typeface_lacks_are_counted_and_never_warned_of(make: Any, tmp_path: Path) -> None:
    study = make(labels=("随机 search", "random 搜索"), benchmarks=("随",), trials=2, evaluations=20)
    assert lacking_glyphs(study) == "随机搜索"
    save(*draw("regret", study), tmp_path / "figure")
    assert lacking_glyphs(make(benchmarks=("é ± –",), trials=2, evaluations=20)) == ""


def spans_of(axis: Any, side: str) -> list[list[float]]:
    """Where the labels of the ticks begin and end along their axis [pixels]; slanted ones are left out."""
    low, high = sorted(axis.get_view_interval())
    labels = [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    upright = [label for label in labels if label.get_text() and label.get_visible() and label.get_rotation() == 0]
    return [getattr(label.get_window_extent(), side).tolist() for label in upright]


@pytest.mark.parametrize("kind", [kind for kind in FIGURES if kind not in WITHOUT_LINES])
def test_an_algorithm_has_its_colour_and_marker_in_every_figure(study: Study, drawn: Any, kind: str) -> None:
    figure, _ = drawn(kind)
    looks = [(style.colour, style.marker) for style in label_styles(study).values()]
    handles = figure.legends[0].legend_handles
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(label_styles(study))
    assert [(to_rgb(handle.get_color()), handle.get_marker()) for handle in handles] == looks
    for axes in figure.axes:
        lines = {(to_rgb(line.get_color()), line.get_marker()) for line in axes.get_lines()}
        assert set(looks) <= lines


@pytest.mark.parametrize("kind", FIGURES)
def test_labels_are_text_and_nothing_else(make: Any, kind: str) -> None:
    figure, _ = draw(kind, make(labels=LABELS, benchmarks=("$b_{", "<b>"), trials=2, evaluations=20))
    svg = svg_of(figure)
    assert "<script" not in svg
    assert "<b>" not in svg
    words = {text.get_text() for text in figure.findobj(mpl.text.Text)}
    if kind == "trajectories":
        assert {f"{benchmark}: {label}" for benchmark in ("$b_{", "<b>") for label in LABELS} <= words
    elif kind not in TABLES:
        assert {"$b_{", "<b>"} <= words
    if kind == "across":
        assert all(any(label in word.split(" vs ") for word in words) for label in LABELS)
    elif kind in NUMBERED:
        assert all(any(label in word for word in words) for label in LABELS)
    elif kind != "fidelity":
        assert set(LABELS) <= words


@pytest.mark.parametrize("kind", FIGURES)
def test_a_partial_grid_is_drawn_and_named(make: Any, studies: ModuleType, kind: str) -> None:
    study = make(labels=("full", "part", "none"), benchmarks=("one", "two", "later"), evaluations=20)
    for i, cell in enumerate(study.cells):
        have = 9 if cell.label == "full" else 4
        if cell.label == "none" or cell.benchmark == "later":
            have = 0
        study.cells[i] = studies.first_trials(cell, have)
    figure, data = draw(kind, study)
    below = figure.texts[-1].get_text().replace("\n", " ")
    if kind in TABLES:
        assert below == "no benchmark has trials of all algorithms yet"
        return
    for words in ("part on one 4 of 9", "none on one 0 of 9", "full on later 0 of 9"):
        assert words in figure.get_label()
    assert "incomplete: 7 cells of 9" in below
    if kind == "across":
        assert set(data["a"]) | set(data["b"]) == {"full", "part"}
        assert set(data["space"]) == {"one", "two", ""}
        return
    assert set(data["label"]) == {"full", "part"}
    assert set(data["benchmark"]) == {"one", "two"}


@pytest.mark.parametrize("kind", ["regret", "rank", "ecdf", "target", "ranks"])
def test_over_seconds_what_has_no_recorded_times_is_left_out_and_named(make: Any, kind: str) -> None:
    study = make(benchmarks=("timed", "untimed"), trials=3, evaluations=20)
    study.benchmarks["untimed"]["has_seconds"] = False
    for cell in study.cells:
        if cell.benchmark == "untimed":
            cell.evaluations["end"] = 0.0
    figure, data = draw(kind, study, axis="seconds")
    assert set(data["benchmark"]) == {"timed"}
    assert "Left out (no recorded times): untimed." in figure.get_label()
    study.benchmarks["timed"]["has_seconds"] = False
    with pytest.raises(ValueError, match=r"no recorded times on any benchmark of 'example'.*--axis evaluations"):
        draw(kind, study, axis="seconds")


@pytest.mark.parametrize("kind", FIGURES)
@pytest.mark.parametrize("width", WIDTHS)
def test_an_empty_study_gives_a_message(studies: ModuleType, kind: str, width: str) -> None:
    for study in (
        Study("mine", Path("runs/mine"), [], {}),
        studies.study(studies.complete(studies.cell({}, {"evaluations": 2}, wanted=2))),
    ):
        figure, data = draw(kind, study, width=width)
        assert data.empty or kind in TABLES
        assert "no" in " ".join(text.get_text() for text in figure.findobj(mpl.text.Text))


@pytest.mark.parametrize("kind", [kind for kind in FIGURES if kind not in RELATIVE])
def test_another_algorithm_changes_no_number_of_the_others(study: Study, kind: str) -> None:
    fewer = dataclasses.replace(study, cells=[cell for cell in study.cells if cell.label != "random_search"])
    everything = numbers(kind, study)
    kept = everything[everything["label"] != "random_search"].reset_index(drop=True)
    pd.testing.assert_frame_equal(numbers(kind, fewer), kept)


@pytest.mark.parametrize("kind", sorted(QUICK))
def test_without_a_caption_the_panels_are_the_same_and_the_label_stays(study: Study, kind: str) -> None:
    whole, data = draw(kind, study)
    plain, same = draw(kind, study, caption=False)
    pd.testing.assert_frame_equal(data, same)
    assert plain.get_label() == whole.get_label()
    assert plain.get_figwidth() == whole.get_figwidth()
    assert plain.get_figheight() < whole.get_figheight()
    words, fewer = ([text.get_text() for text in figure.texts] for figure in (whole, plain))
    assert fewer == words[:-1]
    sizes = [[axes.get_window_extent().height for axes in figure.axes] for figure in (whole, plain)]
    assert_allclose(sizes[0], sizes[1], rtol=0.02)


@pytest.mark.parametrize("kind", FIGURES)
def test_every_figure_names_its_test_or_says_that_it_has_none(drawn: Any, kind: str) -> None:
    caption = drawn(kind)[0].get_label()
    assert ("Paired Wilcoxon tests of the" in caption) != ("nothing is tested" in caption)


def test_an_option_that_a_figure_does_not_have_is_an_error(study: Study) -> None:
    with pytest.raises(
        ValueError,
        match="'rank' does not depend on statistic; its options are algorithms, axis",
    ):
        draw("rank", study, statistic="mean")
    draw("critical-difference", study, statistic=None)

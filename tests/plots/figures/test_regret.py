from __future__ import annotations

import dataclasses
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose, assert_array_equal

from plots.drawing.caption import leader_words, short_names
from plots.drawing.colours import label_styles
from plots.drawing.export import save
from plots.drawing.lines import plain, power
from plots.drawing.style import text_width, wrap
from plots.drawing.units import time_unit
from plots.figures.registry import draw
from plots.figures.regret import regret_figure
from results.storage.study import Study
from results.summaries.curve_table import regret_data
from results.summaries.summary import summarize

LABELS = ("<script>", "$x_{", "[bold]", "_hidden")


@pytest.fixture(scope="module")
def study(studies: ModuleType) -> Study:
    return studies.realistic(benchmarks=("one $x_{", "two"), trials=9, evaluations=60)


def texts(figure: Figure) -> str:
    """The full caption."""
    return str(figure.get_label())


def shown(figure: Figure) -> str:
    """The caption below the figure."""
    return figure.texts[-1].get_text().replace("\n", " ")


def lines(figure: Figure, panel: int = 0) -> list[Any]:
    return list(figure.axes[panel].get_lines())


def test_a_rising_true_error_is_drawn_rising(studies: ModuleType) -> None:
    cell = studies.cell({t: [(1, 0.15), (2, 0.25), (3, 0.35)] for t in range(3)}, {"evaluations": 3})
    (line,) = lines(regret_figure(studies.study(cell)))
    assert_array_equal(line.get_xdata(), [1, 2, 3])
    assert_allclose(line.get_ydata(), [10, 20, 30])  # percentage points above the optimum of 0.05
    assert line.get_drawstyle() == "steps-post"


def test_a_curve_begins_where_all_trials_have_an_incumbent(studies: ModuleType) -> None:
    slow = studies.cell({0: [(1, 0.2)], 1: [(40, 0.3)]}, {"seconds": 100}, label="slow")
    never = studies.cell({0: [(1, 0.2)], 1: []}, {"seconds": 100}, label="never")
    study = studies.study(slow, never)
    data = regret_data(study)
    assert set(data["label"]) == {"slow"}
    assert data["x"].min() == 40
    assert not data["centre"].isna().any()
    assert len(lines(regret_figure(study))) == 1


def test_the_numbers_behind_the_figure(study: Study) -> None:
    data = regret_data(study)
    assert list(data.columns[:7]) == ["benchmark", "label", "x", "centre", "low", "high", "n_trials"]
    last = data[(data["benchmark"] == "two") & (data["label"] == "bananas")].iloc[-1]
    assert last["x"] == 60
    summary = next(b for b in summarize(study).benchmarks if b.benchmark == "two")
    end = next(a for a in summary.algorithms if a.label == "bananas").mean_end_regret
    assert_allclose([last["centre"], last["low"], last["high"]], [end.value, end.low, end.high])


def test_an_algorithm_looks_the_same_in_every_panel(study: Study) -> None:
    figure = regret_figure(study)
    first, second = ([(line.get_color(), line.get_marker()) for line in lines(figure, i)] for i in (0, 1))
    assert first == second
    assert len(set(first)) == 4
    styles = list(label_styles(study).values())
    assert [style.colour for style in styles] == [colour for colour, _ in first]


def test_the_name_of_the_noise_floor_has_room(studies: ModuleType) -> None:
    for high in (0.06, 0.9):
        cell = studies.cell({t: [(1, high), (2, 0.0515)] for t in range(3)}, {"evaluations": 2})
        axes = regret_figure(studies.study(cell), width="column").axes[0]
        (name,) = [text for text in axes.texts if text.get_text() == "noise floor"]
        assert name.get_window_extent().y0 >= axes.bbox.y0


def test_four_panels_are_two_by_two(studies: ModuleType) -> None:
    study = studies.realistic(labels=("a",), benchmarks=("p", "q", "r", "s"), trials=2, evaluations=20)
    places = [axes.get_position() for axes in regret_figure(study).axes]
    assert len(places) == 4
    assert len({round(place.x0, 3) for place in places}) == len({round(place.y0, 3) for place in places}) == 2


def test_panels_are_named_by_what_tells_them_apart(studies: ModuleType) -> None:
    study = studies.realistic(labels=("a",), benchmarks=("X, one, rest", "X, two, rest"), trials=2, evaluations=20)
    assert short_names(summarize(study)) == {"X, one, rest": "one", "X, two, rest": "two"}
    study = studies.realistic(labels=("a",), benchmarks=("X", "X, two"), trials=2, evaluations=20)
    assert short_names(summarize(study)) == {"X": "X", "X, two": "X, two"}


def test_a_partial_grid_is_drawn_and_named(studies: ModuleType) -> None:
    full = studies.cell({t: [(1, 0.2)] for t in range(9)}, {"evaluations": 1}, label="full")
    part = studies.cell({t: [(1, 0.3)] for t in range(4)}, {"evaluations": 1}, label="part", wanted=9)
    none = studies.cell({}, {"evaluations": 1}, label="none", wanted=9)
    other = studies.cell({}, {"evaluations": 1}, label="full", benchmark="later", wanted=9)
    figure = regret_figure(studies.study(full, part, none, other))
    assert "9 trials per curve, incomplete: 3 cells of 4" in shown(figure)
    notes = [text.get_text() for text in figure.axes[0].texts]
    assert "part: 4 of 9 trials; no trials: none" in " ".join(notes).replace("\n", " ")
    caption = texts(figure)
    assert "part on bench 4 of 9" in caption
    assert "none on bench 0 of 9" in caption
    assert "no test for full vs part (4 common trials, 8 are needed)" in caption  # `none` has nothing to test
    assert [text.get_text() for text in figure.axes[1].texts] == ["no curve yet"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["full", "part", "none (no trials)"]


def test_an_empty_study_gives_a_message() -> None:
    figure = regret_figure(Study("mine", Path("runs/mine"), [], {}))
    assert "no completed trials yet" in texts(figure)


def test_the_caption_states_the_rules(studies: ModuleType) -> None:
    study = studies.realistic(benchmarks=("one",), trials=9, evaluations=60, budget={"seconds": 12_000})
    study.benchmarks["one"]["provenance"] = "surrogate"
    figure = regret_figure(study)
    caption, short = texts(figure), shown(figure)
    for words in (
        "Mean regret",
        "validation@200",
        "data: surrogate",
        "budget: 12,000 s (3.33 hours)",
        "9 trials per curve",
        "95 % bootstrap",
        "noise floor (0.1 percentage points)",
        "Paired Wilcoxon tests of the area under log regret, Holm-adjusted",
    ):
        assert words in caption
    assert short == (
        "Mean regret of the incumbent (validation@200) with 95 % bootstrap bands. 9 trials per curve; shaded: below the"
        " noise floor."
    )
    for words in ("one random repeat is observed", "duplicates are trained and charged again", "1 worker"):
        assert words in caption
        assert words not in short


def test_panels_of_equal_title_are_told_apart(studies: ModuleType) -> None:
    study = studies.realistic(benchmarks=("one", "two"), trials=8, evaluations=20)
    for facts, provenance in zip(study.benchmarks.values(), ("recorded", "surrogate"), strict=True):
        facts |= {"title": "same", "provenance": provenance}
    figure = regret_figure(study)
    assert [axes.get_title() for axes in figure.axes] == ["same (one)", "same (two)"]
    assert "data: same (one): recorded; same (two): surrogate" in texts(figure)


def test_the_caption_names_what_regret_is_above(studies: ModuleType) -> None:
    study = studies.realistic(benchmarks=("one", "two"), trials=8, evaluations=20)
    assert "minus the optimum." in texts(regret_figure(study))
    study.benchmarks["two"]["reference"] = 1
    caption = texts(regret_figure(study))
    assert (
        "minus the lowest known error (one: the optimum; two: the reference value (version 1; the optimum is unknown))"
        in caption
    )


def test_the_caption_gives_every_panel_its_floor(studies: ModuleType) -> None:
    study = studies.realistic(benchmarks=("one", "two"), trials=8, evaluations=20)
    study.benchmarks["two"]["targets"]["validation@200"] |= {"floor": 0.0}
    why = "assumed for 1 of 2 panels, because no architecture was trained twice"
    assert f"floor (0.1 / 0.2 percentage points, by panel; {why})" in texts(regret_figure(study))
    study.benchmarks["two"]["unit"] = "mean squared error"
    floors = f"0.1 percentage points / 0.002 mean squared error, by panel; {why}"
    assert f"floor ({floors})" in texts(regret_figure(study))


def test_claims_are_those_of_the_tests(studies: ModuleType) -> None:
    study = studies.realistic(benchmarks=("one",), trials=30, evaluations=60)
    summary = summarize(study)
    caption = texts(regret_figure(study))
    benchmark = summary.benchmarks[0]
    assert leader_words(benchmark) in caption
    for pair in benchmark.pairs:
        if pair.winner == "bananas":
            assert "bananas beats" in caption
    undecided = [
        dataclasses.replace(pair, winner=None, loser=None, verdict="no significant difference")
        for pair in benchmark.pairs
    ]
    words = leader_words(dataclasses.replace(benchmark, pairs=undecided))
    assert words == "no significant difference for bananas vs all 3 others"


def test_regret_of_zero_and_a_single_trial_can_be_drawn(studies: ModuleType, tmp_path: Path) -> None:
    cell = studies.cell({0: [(1, 0.05), (2, 0.05)]}, {"evaluations": 2})
    study = studies.study(cell, unit="mean squared error")
    save(regret_figure(study), regret_data(study), tmp_path / "figure")


def test_median_and_interquartile_mean(study: Study) -> None:
    assert texts(regret_figure(study, statistic="median")).startswith("Panels: one $x_{; two. Median regret of the")
    assert set(regret_data(study, statistic="iqm")["statistic"]) == {"iqm"}


def test_the_caption_begins_with_the_benchmarks_and_says_where_other_pairs_are(studies: ModuleType) -> None:
    study = studies.realistic(labels=("a", "b", "c"), trials=8, evaluations=20)
    names = "NAS-Bench-201, CIFAR-10; CIFAR-100; ImageNet16-120."
    assert texts(regret_figure(study)).startswith(f"Panels: {names} Mean regret")
    assert texts(regret_figure(study)).endswith(" Other pairs: see `regretta summary`.")
    assert texts(draw("ranks", study)[0]).startswith(f"Benchmarks: {names} Ranks")
    assert "Panels" not in shown(regret_figure(study))
    apart = studies.realistic(labels=("a", "b"), benchmarks=("A, x, 1", "B, y, 1"), trials=8, evaluations=20)
    assert texts(regret_figure(apart)).startswith("Panels: A, x, 1; B, y, 1. ")
    assert "Other pairs" not in texts(regret_figure(apart))
    alone = studies.realistic(labels=("a", "b"), benchmarks=("A, x",), trials=8, evaluations=20)
    assert texts(regret_figure(alone)).startswith("Panel: A, x. ")


def test_many_algorithms_and_partial_cells_are_counted_not_listed(studies: ModuleType) -> None:
    cells = [
        studies.cell({t: [(1, 0.2)] for t in range(9)}, {"evaluations": 1}, label=f"a{i}", wanted=10 if i else 9)
        for i in range(7)
    ]
    figure = regret_figure(studies.study(*cells))
    caption = shown(figure)
    assert "9 or 10 trials per curve, incomplete: 6 cells of 7;" in caption
    assert "a6 on bench 9 of 10;" in texts(figure)
    assert "no significant difference for a0 vs all 6 others" in texts(figure)


def test_units_and_wrapping() -> None:
    assert [plain(x) for x in (0.0005, 1, 2000)] == ["0.0005", "1", "2,000"]
    assert [power(x) for x in (2e5, 1e-6, 1)] == [r"$2 \times 10^{5}$", "$10^{-6}$", "$10^{0}$"]
    assert [time_unit(x)[1] for x in (90, 600, 12_000, 1e6)] == ["s", "minutes", "hours", "days"]
    wrapped = wrap("word " * 40, 6, 2.0)
    assert " ".join(wrapped).split() == ["word"] * 40
    assert all(text_width(line, 6) <= 2 for line in wrapped)
    assert np.isclose(text_width("word", 12), 2 * text_width("word", 6), rtol=0.1)

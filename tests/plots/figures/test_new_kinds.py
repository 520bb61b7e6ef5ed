"""Pairs, architectures and trajectories: their numbers, what fits on a page, and figures in given axes."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from plots.drawing.page import shown_labels, shown_words
from plots.drawing.style import shortened
from plots.figures.architectures import architectures_data
from plots.figures.pairs import _sizes, pairs_data
from plots.figures.registry import draw
from plots.figures.trajectories import trajectories_data
from results.storage.study import Study
from results.summaries.curve_table import regret_data
from results.summaries.summary import summarize


@pytest.fixture(scope="module")
def study(studies: ModuleType) -> Any:
    made = studies.realistic(benchmarks=("one", "two"), trials=9, evaluations=40)
    for cell in made.cells:
        studies.complete(cell)
    return made


def test_pairs_are_those_of_the_summary_from_both_sides(study: Study) -> None:
    data = pairs_data(study).set_index(["benchmark", "label", "other"])
    for panel in summarize(study).benchmarks:
        for pair in panel.pairs:
            forth, back = (data.loc[(panel.benchmark, *names)] for names in ((pair.a, pair.b), (pair.b, pair.a)))
            assert forth["difference"] == pair.median_difference == -back["difference"]
            assert (forth["low"], forth["high"]) == (pair.low, pair.high) == (-back["high"], -back["low"])
            assert forth["p_holm"] == back["p_holm"] == pair.p_holm
            assert forth["winner"] == (pair.winner or "")
    assert set(data["unit"]) == {"dex"}
    assert len(data) == 2 * 2 * 6


def test_only_tested_pairs_are_shaded(studies: ModuleType, study: Study) -> None:
    study = studies.study(*study.cells[:3])
    few = studies.study(*(studies.first_trials(cell, 5) for cell in study.cells))
    assert not pairs_data(few)["tested"].any()
    shades = [draw("pairs", one)[0].axes[0].collections[0].get_array() for one in (study, few)]
    n = len(shades[0])
    tested, untested = (set(np.asarray(shade)[~np.eye(n, dtype=bool)].tolist()) for shade in shades)
    assert tested <= set(range(5))
    assert untested == {5}  # white


def test_trajectories_hold_every_trial_and_the_mean_of_the_regret_figure(study: Study) -> None:
    data, regret = trajectories_data(study), regret_data(study)
    for (benchmark, label), rows in data.groupby(["benchmark", "label"]):
        mean = rows[rows["curve"] == "mean"]
        own = regret[(regret["benchmark"] == benchmark) & (regret["label"] == label)].set_index("x")["centre"]
        assert_allclose(mean["regret"], own.loc[mean["x"]])
        assert own.iloc[-1] == mean["regret"].iloc[-1]
        trials = rows[rows["curve"] == "trial"]
        assert trials["trial"].nunique() == 9
        assert_allclose(trials.groupby("trial")["regret"].last().mean(), mean["regret"].iloc[-1])


def test_the_best_architecture_is_the_final_incumbent_that_most_trials_ended_with(studies: ModuleType) -> None:
    steps = {trial: [(1, 0.2), (2, error)] for trial, error in enumerate((0.10, 0.08, 0.08, 0.08))}
    cell = studies.complete(studies.cell(steps, {"evaluations": 2}))
    finals = {0: (9, 9), 1: (1, 1), 2: (1, 2), 3: (1, 2)}
    numbers = zip(cell.evaluations["trial"], cell.evaluations["number"], strict=True)
    cell.evaluations["architecture"] = [finals[trial] if number else (0, 0) for trial, number in numbers]
    (row,) = architectures_data(studies.study(cell)).to_dict("records")
    assert (row["genotype"], row["error"], row["found"], row["n_trials"]) == ("1 2", 0.08, 2, 4)
    assert np.isnan(row["rank"])


def test_a_page_shows_the_best_algorithms_of_every_benchmark(study: Study) -> None:
    summary = summarize(study)
    every = {panel.benchmark: [a.label for a in panel.algorithms] for panel in summary.benchmarks}
    assert shown_labels(summary, 8) == every
    assert shown_words(summary, every) == []
    some = shown_labels(summary, 5)
    assert [len(labels) for labels in some.values()] == [2, 2]
    for panel in summary.benchmarks:
        area = {a.label: a.area.value for a in panel.algorithms}
        assert set(some[panel.benchmark]) == set(sorted(area, key=lambda label: area[label] or 0.0)[:2])
    (sentence,) = shown_words(summary, some)
    assert sentence == "Only the 2 algorithms with the lowest mean area on each benchmark are shown."
    assert shown_words(summary, shown_labels(summary, 1))[1] == "Not shown, for lack of room or trials: two."


def test_the_panels_of_a_figure_are_drawn_into_given_axes(studies: ModuleType) -> None:
    kind, own = "regret", Figure()
    study = studies.realistic(("a", "_b"), ("one", "two"), trials=3, evaluations=20)
    axes = own.subplots(1, 2)
    figure, _ = draw(kind, study, ax=axes)
    assert figure is own
    assert [one.get_title() for one in axes] == ["one", "two"]
    assert all(len(one.lines) == 2 for one in axes)
    assert [text.get_text() for text in axes[-1].get_legend().get_texts()] == ["a", "_b"]
    with pytest.raises(ValueError, match="expected 2 axes, one per panel, got 1; the panels are one, two"):
        draw(kind, study, ax=axes[0])
    with pytest.raises(ValueError, match="expected ax to be matplotlib Axes, or several of them, got 3"):
        draw(kind, study, ax=3)  # type: ignore[arg-type]


def test_a_message_is_drawn_into_given_axes_and_a_figure_shows_itself_in_a_notebook(studies: ModuleType) -> None:
    alone = studies.study(studies.complete(studies.cell({0: [(1, 0.1)]}, {"evaluations": 1})))
    axes = Figure().subplots()
    draw("pairs", alone, ax=axes)
    assert "single algorithm" in axes.texts[0].get_text()
    figure, _ = draw("pairs", alone)
    assert figure._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]
    assert mpl.rcParams["svg.hashsalt"] is None


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["pairs", "architectures", "trajectories"])
@pytest.mark.parametrize(("algorithms", "benchmarks"), [(1, 20), (8, 20), (15, 3), (15, 20), (15, 38)])
def test_no_figure_is_taller_than_a_page(studies: ModuleType, kind: str, algorithms: int, benchmarks: int) -> None:
    labels = [f"algorithm {number}" for number in range(algorithms)]
    made = studies.realistic(labels, [f"space, data {number}" for number in range(benchmarks)], 3, 30)
    for cell in made.cells:
        studies.complete(cell)
    figure, _ = draw(kind, made)
    assert figure.get_figheight() < 9.5
    assert figure.get_figwidth() <= 7


@pytest.mark.parametrize("label", ["local_search", "a", "regularized evolution 10/3", "i" * 9, "W" * 12])
def test_a_name_that_has_room_is_not_shortened(label: str) -> None:
    sizes = _sizes([label, "b"], 1, "page")
    assert shortened(label, sizes.text, sizes.room) == label

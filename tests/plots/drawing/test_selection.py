"""Selections change what is shown, and no number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from plots.drawing.colours import label_styles
from plots.drawing.frame import PAGE_HEIGHT, pages_of
from plots.drawing.selection import Selection, area_ranks, leaders, shared_summaries, summary_of, view
from plots.figures.registry import draw
from results.storage.records import ResultsError
from results.summaries.summary import summarize

MANY = tuple(f"a{i}" for i in range(11))


@pytest.fixture(scope="module")
def crowd(studies):
    """Eleven algorithms on two benchmarks, the later ones better, and random search the worst."""
    labels = ("random_search", *MANY)
    with shared_summaries():
        yield studies.realistic(labels=labels, benchmarks=("X, one", "Y, two"), trials=4, evaluations=40)


def test_by_default_the_best_and_random_search_are_highlighted(crowd):
    shown = view(crowd)
    highlighted = [label for label, style in shown.styles.items() if not style.faded]
    ranks = area_ranks(summary_of(crowd).benchmarks, crowd)
    best = sorted(ranks, key=lambda label: ranks[label])[:5]
    assert set(highlighted) == {*best, "random_search"}
    assert highlighted == leaders(summary_of(crowd).benchmarks, crowd)
    assert shown.crowded


def test_patterns_orders_and_highlights(crowd):
    shown = view(crowd, selection=Selection(algorithms=["a1*", "random_search"], benchmarks=["Y*"], order="name"))
    assert list(shown.styles) == ["a1", "a10", "random_search"]
    assert [panel.benchmark for panel in shown.summary.benchmarks] == ["Y, two"]
    styles = label_styles(crowd)
    assert {label: style.marker for label, style in shown.styles.items()} == {k: styles[k].marker for k in shown.styles}
    by_area = list(view(crowd, selection=Selection(order="area")).styles)
    ranks = area_ranks(summary_of(crowd).benchmarks, crowd)
    assert [ranks[label] for label in by_area] == sorted(ranks.values())
    faded = view(crowd, selection=Selection(highlight=["a3"])).styles
    assert [label for label, style in faded.items() if not style.faded] == ["a3"]


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ({"algorithms": ["randomsearch"]}, "'randomsearch'; did you mean 'random_search'"),
        ({"benchmarks": ["Z*"]}, "known benchmark or a pattern that matches one, got 'Z\\*'"),
        ({"highlight": ["*"]}, "expected at most 8 highlighted algorithms.*got 12"),
        ({"order": "best"}, "expected an order out of experiment, name, area, got 'best'"),
        ({"algorithms": ["a1"], "highlight": ["a2"]}, "highlighted algorithm"),
    ],
)
def test_nonsense_is_an_error(crowd, selection, message):
    with pytest.raises(ResultsError, match=message):
        view(crowd, selection=Selection(**selection))


@pytest.mark.parametrize("kind", ["regret", "rank", "end-regret", "ranks"])
def test_a_selection_changes_no_number(crowd, kind):
    _, everything = draw(kind, crowd)
    figure, some = draw(kind, crowd, algorithms=["a1", "a9"], benchmarks=["Y, two"])
    kept = everything[everything["label"].isin(["a1", "a9"]) & (everything["benchmark"] == "Y, two")]
    pd.testing.assert_frame_equal(some.reset_index(drop=True), kept.reset_index(drop=True))
    assert "Shown: 2 of 12 algorithms; ranks and adjusted tests are those of all 12." in figure.get_label()


def test_curves_of_a_crowd_are_named_at_their_ends_and_only_some_have_bands(crowd):
    figure, _ = draw("regret", crowd)
    assert figure.legends == []
    for axes in figure.axes:
        names = [text for text in axes.texts if text.get_text() in ("random_search", *MANY)]
        assert len(names) == 12
        heights = sorted(text.get_window_extent().y0 for text in names)
        assert (np.diff(heights) > 0.9 * names[0].get_window_extent().height * 0.7).all()
        assert len(axes.collections) == 6  # bands


def test_the_numbers_are_those_of_the_summary_in_the_units_of_the_figure(crowd):
    _, data = draw("regret", crowd)
    ends = data.groupby(["benchmark", "label"], sort=False).tail(1).set_index(["benchmark", "label"])
    assert set(data["unit"]) == {"percentage points"}
    for panel in summary_of(crowd).benchmarks:
        for found in panel.algorithms:
            row, mean = ends.loc[(panel.benchmark, found.label)], found.mean_end_regret
            wanted = [100 * value for value in (mean.value, mean.low, mean.high)]
            assert_array_equal(row[["centre", "low", "high"]].tolist(), wanted)


@pytest.mark.slow
def test_many_benchmarks_are_small_multiples_in_one_unit_on_pages(studies):
    study = studies.realistic(
        labels=("random_search", "b"),
        benchmarks=[f"family {i % 3}, set {i}" for i in range(38)],
        trials=2,
        evaluations=12,
    )
    figure, data = draw("regret", study)
    pages = pages_of(figure)
    assert len(pages) > 1
    assert all(page.get_figheight() <= PAGE_HEIGHT + 0.2 for page in pages)
    titles = [axes.get_title().replace("\n", " ") for page in pages for axes in page.axes]
    assert titles[0] == "Geometric mean over 38 benchmarks of 38 search spaces"
    assert titles[1:4] == ["family 0, set 0", "family 0, set 3", "family 0, set 6"]
    assert set(data["unit"]) == {"share of the median architecture's regret"}
    summary = summarize(study).benchmarks[0]
    end = data[(data["benchmark"] == summary.benchmark) & (data["label"] == "b")]["centre"].iloc[-1]
    start = summary.median - summary.optimum
    assert end == pytest.approx(summary.algorithms[1].mean_end_regret.value / start, rel=1e-12)
    ends = [(panel.algorithms[1].mean_end_regret.value, panel.floor) for panel in summarize(study).benchmarks]
    floored = [np.log10(max(end) / start) for end in ends]
    average = data[(data["benchmark"] == "") & (data["label"] == "b")]["centre"].iloc[-1]
    assert average == pytest.approx(10 ** np.mean(floored), rel=1e-9)

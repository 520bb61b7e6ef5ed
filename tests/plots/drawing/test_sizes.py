"""Every figure of studies of eight sizes fits on its pages, and no tick label touches another."""

from __future__ import annotations

from itertools import pairwise

import pytest
import sizes
from framed import assert_within

from harness import run
from plots.drawing.frame import PAGE_HEIGHT, pages_of
from plots.drawing.selection import shared_summaries
from plots.drawing.style import style_context
from plots.figures.registry import draw

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return run(sizes.experiment(n_trials=2, evaluations=25), out=tmp_path_factory.mktemp("sizes"), jobs=1)


def spans_of(axis, side):
    low, high = sorted(axis.get_view_interval())
    labels = [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    upright = [label for label in labels if label.get_text() and label.get_visible() and label.get_rotation() == 0]
    return sorted(getattr(label.get_window_extent(), side).tolist() for label in upright)


@pytest.mark.parametrize("size", sizes.SIZES)
def test_every_page_is_whole(whole, size):
    study = sizes.sized(whole, *sizes.SIZES[size])
    with shared_summaries():
        for kind in sizes.drawn_kinds(study):
            for page in pages_of(draw(kind, study)[0]):
                assert_within(page)
                assert page.get_figheight() <= PAGE_HEIGHT + 0.3, kind
                with style_context():
                    for axes in page.axes:
                        for spans in (spans_of(axes.xaxis, "intervalx"), spans_of(axes.yaxis, "intervaly")):
                            assert all(end <= start for (_, end), (start, _) in pairwise(spans)), (
                                kind,
                                axes.get_title(),
                            )


def test_what_is_missing_is_said_in_the_panel_and_the_legend(whole):
    study = sizes.partial(sizes.sized(whole, 4, 3))
    figure, _ = draw("regret", study)
    assert "evolution 10/3 (no trials)" in [text.get_text() for text in figure.legends[0].get_texts()]
    notes = " ".join(text.get_text() for axes in figure.axes for text in axes.texts)
    assert "no trials: evolution 10/3" in notes.replace("\n", " ")

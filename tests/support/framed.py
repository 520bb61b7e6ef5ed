"""Check that nothing of a figure is cut off."""

from __future__ import annotations

from matplotlib.figure import Figure

from plots.drawing.style import style_context


def assert_within(figure: Figure) -> None:
    with style_context():
        figure.draw_without_rendering()
        drawn = figure.get_tightbbox()
    assert min(drawn.x0, drawn.y0) >= -0.01
    assert drawn.x1 <= figure.get_figwidth() + 0.01
    assert drawn.y1 <= figure.get_figheight() + 0.01

"""Figures of panels: what is around the panels has room."""

from __future__ import annotations

from itertools import pairwise

from plots.drawing.frame import Caption, Panel, panel_figure


def test_long_labels_of_neighbouring_panels_do_not_touch():
    labels = [f"observed error above the optimum of the benchmark [{unit}]" for unit in ("points", "squared", "nats")]
    panels = [Panel(f"panel {i}", label, "share", lambda axes: None) for i, label in enumerate(labels)]
    figure = panel_figure(panels, {}, Caption("short", "full"))
    extents = [axes.xaxis.label.get_window_extent() for axes in figure.axes]
    assert len(extents) == 3
    assert all(left.x1 < right.x0 for left, right in pairwise(extents))

"""Figures in axes that are given, for example in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.drawing.frame import PanelFigure
from plots.drawing.style import LEGEND_SIZE, literal, style_context
from results.storage.records import ResultsError


def draw_into(axes: Sequence[Axes], figure: Figure) -> None:
    """Draw the panels of a figure into axes, with its titles, labels and legend, but without its caption.

    Parameters
    ----------
    axes : sequence of Axes
        One per panel.
    figure : Figure
        From `panel_figure`, or a message, which is written into the first axes.

    Raises
    ------
    ResultsError
        If the number of axes is not that of the panels.
    """
    if not isinstance(figure, PanelFigure) or not figure.panels:
        place: dict[str, Any] = {"ha": "center", "va": "center", "transform": axes[0].transAxes, "wrap": True}
        literal([axes[0].text(0.5, 0.5, str(figure.get_label()), **place)])
        return
    if len(axes) != len(figure.panels):
        raise ResultsError(
            f"expected {len(figure.panels)} axes, one per panel, got {len(axes)}; the panels are"
            f" {', '.join(panel.title or 'untitled' for panel in figure.panels)}"
        )
    for panel, target in zip(figure.panels, axes, strict=True):
        literal([target.set_title(panel.title)])
        with style_context():
            panel.draw(target)
            if panel.finish:
                panel.finish(target)
        literal([target.xaxis.label, target.yaxis.label])
        target.set(xlabel=panel.x_label, ylabel=panel.y_label)
    if figure.entries:
        handles = [handle() for handle in figure.entries.values()]
        numbers = [str(number) for number in range(len(handles))]  # labels that begin with "_" would be left out
        legend = axes[-1].legend(
            handles, numbers, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=LEGEND_SIZE
        )
        literal(legend.get_texts())
        for text, label in zip(legend.get_texts(), figure.entries, strict=True):
            text.set_text(label)

"""The frame of every figure: panels in a grid, a legend above them, and the caption below."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from plots.drawing.caption import Caption as Caption
from plots.drawing.style import (
    COLUMN_WIDTH,
    LABEL_SIZE,
    LEGEND_SIZE,
    PAGE_WIDTHS,
    TITLE_SIZE,
    LabelStyle,
    Width,
    literal,
    style_context,
    text_width,
    wrap,
)
from results.storage.records import ResultsError

PANEL_HEIGHTS: dict[Width, float] = {"page": 1.85, "column": 1.2}
"""Height of a row of panels, without a second line of its title [in]."""

MOST_STACKED = 4
"""The largest number of panels in one column. More panels are drawn in two columns."""

LABEL_HEIGHT = 0.15
"""Height of the shared label of the x axes [in]."""

LEGEND_LABEL_WIDTH = 2.4
"""Largest width of a label in the legend [in]. Longer labels are wrapped."""

HANDLE_WIDTH = 6 * LEGEND_SIZE / 72
"""Width of a legend entry without its label [in]."""

NOTEBOOK_DPI = 120
CAPTION_SIZE = 6.0
MARGIN = 0.06
TICK_WIDTH = 0.25
"""Width of the tick labels of a y axis [in]."""
_LINE_HEIGHT = 1.3 * CAPTION_SIZE / 72  # [in]


@dataclass(frozen=True)
class Panel:
    """A panel: its title (user text, drawn literally), its axis labels, and a function that draws it."""

    title: str
    x_label: str
    y_label: str
    draw: Callable[[Axes], None]


class PanelFigure(Figure):
    """A figure that knows its panels and the entries of its legend, so that `draw_into` can draw them elsewhere."""

    panels: tuple[Panel, ...] = ()
    entries: Mapping[str, Callable[[], Artist]] = MappingProxyType({})

    def _repr_png_(self) -> bytes:
        """Show the figure in a notebook, whether or not pyplot was imported there."""
        with style_context(), io.BytesIO() as stream:
            self.savefig(stream, format="png", dpi=NOTEBOOK_DPI)
            return stream.getvalue()


def panel_figure(
    panels: Sequence[Panel],
    legend: Mapping[str, Callable[[], Artist]],
    caption: Caption,
    width: Width = "page",
    panel_height: float | None = None,
    handle_length: float = 3.2,
    tick_width: float = TICK_WIDTH,
    columns: int | None = None,
) -> Figure:
    """Make a figure of panels.

    Parameters
    ----------
    panels : sequence of Panel
        At least one. An axis label that all panels share is drawn once for the whole figure.
    legend : mapping
        By label: a function that makes its handle. Empty for no legend.
    caption : Caption
        The full caption becomes the figure's label.
    width : {"page", "column"}
        3.3 in for a column, up to 7 in (three panels per row) for a page.
    panel_height : float, optional
        Height of a row [in]. Default: `PANEL_HEIGHTS`.
    handle_length : float
        Length of the legend's handles, in font sizes.
    tick_width : float
        Width of the tick labels of the y axis in the first panel of a row [in]. Titles are wrapped to the rest.
    columns : int, optional
        Number of panels per row. Default: up to three, so that the rows are filled evenly.

    Returns
    -------
    Figure
        Not registered with pyplot. Its layout is computed once and fixed, so that all formats are equal.
    """
    inches = COLUMN_WIDTH if width == "column" else PAGE_WIDTHS[3 if columns else _columns(len(panels), width)]
    columns = columns or _columns(len(panels), width)
    rows = -(-len(panels) // columns)
    text = wrap(caption.short, CAPTION_SIZE, inches - 2 * MARGIN)
    caption_height = (len(text) + 0.7) * _LINE_HEIGHT
    first_width = (inches - tick_width) / columns
    if width == "column":
        first_width = min(first_width, inches / columns - TICK_WIDTH)  # every narrow panel has its own ticks
    titles = [wrap(panel.title, TITLE_SIZE, first_width - 0.15) for panel in panels]
    texts = [wrap(label, LEGEND_SIZE, min(LEGEND_LABEL_WIDTH, inches - HANDLE_WIDTH)) for label in legend]
    legend_columns = _legend_columns(texts, inches)
    legend_height = _legend_height(texts, legend_columns)
    one_row = (panel_height or PANEL_HEIGHTS[width]) + (max(map(len, titles)) - 1) * TITLE_SIZE / 60
    height = rows * one_row + legend_height + LABEL_HEIGHT + caption_height
    below = caption_height / height
    with style_context():
        layout = ConstrainedLayoutEngine(rect=(0, below, 1, 1 - below), w_pad=MARGIN, wspace=0.03)
        figure = PanelFigure(figsize=(inches, height), layout=layout)
        figure.panels, figure.entries = tuple(panels), dict(legend)
        figure.set_label(caption.full)
        grid = figure.subplots(rows, columns, squeeze=False)
        for panel, title, axes in zip(panels, titles, grid.flat, strict=False):
            literal([axes.set_title("\n".join(title))])
            panel.draw(axes)
        for axes in grid.flat[len(panels) :]:
            axes.set_axis_off()
        _axis_labels(figure, panels, one_row)
        _legend(figure, list(legend.values()), texts, legend_columns, handle_length)
        place = (MARGIN / inches, 0.3 * _LINE_HEIGHT / height)
        literal([figure.text(*place, "\n".join(text), va="bottom", size=CAPTION_SIZE, color="0.25", linespacing=1.3)])
        layout.execute(figure)  # makes the ticks within the style context
        figure.set_layout_engine("none")
        _centre_labels(figure, len(panels), below)
    return figure


def _centre_labels(figure: Figure, n_panels: int, below: float) -> None:
    """Centre the shared labels on the axes, above the caption, which the layout engine does not know."""
    boxes = [axes.get_position() for axes in figure.axes[:n_panels]]
    left, right = min(box.x0 for box in boxes), max(box.x1 for box in boxes)
    bottom, top = min(box.y0 for box in boxes), max(box.y1 for box in boxes)
    if figure.get_supxlabel():
        figure.supxlabel(figure.get_supxlabel(), x=(left + right) / 2, y=below + 0.05 / figure.get_figheight())
    if figure.get_supylabel():
        figure.supylabel(figure.get_supylabel(), y=(bottom + top) / 2)


def _axis_labels(figure: Figure, panels: Sequence[Panel], row_height: float) -> None:
    """Label the axes, once for all panels with equal labels."""
    if len({panel.x_label for panel in panels}) == 1:
        literal([figure.supxlabel(panels[0].x_label)])
    else:
        literal(axes.set_xlabel(panel.x_label) for axes, panel in zip(figure.axes, panels, strict=False))
    if len({panel.y_label for panel in panels}) == 1:
        literal([figure.supylabel(panels[0].y_label)])
    else:
        for axes, panel in zip(figure.axes, panels, strict=False):
            literal([axes.set_ylabel("\n".join(wrap(panel.y_label, LABEL_SIZE, 0.7 * row_height)))])


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


def message_figure(text: str, width: Width = "page") -> Figure:
    """Make a figure that shows only a message, for example that no trial has completed yet."""
    inches = COLUMN_WIDTH if width == "column" else PAGE_WIDTHS[1]
    with style_context():
        figure = PanelFigure(figsize=(inches, 1.0))
        figure.set_label(text)
        literal([figure.text(0.5, 0.5, "\n".join(wrap(text, 7, inches - 0.3)), ha="center", va="center")])
    return figure


def _columns(panels: int, width: Width) -> int:
    """Return the number of panels per row. Rows are filled evenly, so that four panels are two by two."""
    if width == "column":
        return 1 if panels <= MOST_STACKED else 2
    return 2 if panels == 4 else min(panels, max(PAGE_WIDTHS))


def _legend_columns(texts: Sequence[Sequence[str]], width: float) -> int:
    widest = max((text_width(line, LEGEND_SIZE) for lines in texts for line in lines), default=0.0)
    fitting = max(1, min(len(texts), int(width / (widest + HANDLE_WIDTH))))
    rows = -(-len(texts) // fitting)
    return -(-len(texts) // max(rows, 1)) or 1  # fill rows evenly: four entries in two rows are two by two


def _legend_height(texts: Sequence[Sequence[str]], columns: int) -> float:
    """Return the height of the tallest column [in]. Matplotlib fills the columns one after another."""
    heights = [0.16 + (len(lines) - 1) * LEGEND_SIZE / 60 for lines in texts]
    return max(float(column.sum()) for column in np.array_split(heights, columns))


def _legend(
    figure: Figure,
    handles: Sequence[Callable[[], Artist]],
    texts: Sequence[Sequence[str]],
    columns: int,
    handle_length: float,
) -> None:
    if not handles:
        return
    # Matplotlib leaves out labels that begin with "_", so the texts are set afterwards.
    numbers = [str(i) for i in range(len(handles))]
    made = [handle() for handle in handles]
    legend = figure.legend(made, numbers, loc="outside upper center", ncols=columns, handlelength=handle_length)
    literal(legend.get_texts())
    for text, lines in zip(legend.get_texts(), texts, strict=True):
        text.set_text("\n".join(lines))


def label_handles(
    styles: Mapping[str, LabelStyle], handle: Callable[[LabelStyle], Artist], shown: Collection[str]
) -> dict[str, Callable[[], Artist]]:
    """Return the legend's entries of the algorithms that are shown."""
    return {label: partial(handle, style) for label, style in styles.items() if label in shown}

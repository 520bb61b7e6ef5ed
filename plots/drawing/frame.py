"""The frame of every figure: panels in a grid, a legend above them, and the caption below, on one page or several."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from plots.drawing.caption import Caption as Caption
from plots.drawing.layout import Room, place_panels, separate_ticks
from plots.drawing.legend import draw_legend, legend_height, legend_texts
from plots.drawing.style import COLUMN_WIDTH, LABEL_SIZE, PAGE_WIDTHS, TITLE_SIZE, Width, literal, style_context, wrap

PANEL_HEIGHTS: dict[Width, float] = {"page": 1.85, "column": 1.2}
"""Height of a row of panels, without a second line of its title [in]."""

PAGE_HEIGHT = 9.0
"""Largest height of a figure [in]. Panels that do not fit are on further pages."""

MOST_STACKED = 4
"""The largest number of panels in one column. More panels are drawn in two columns."""

LABEL_HEIGHT = 0.15
"""Height of the shared label of the x axes [in]."""

DPI, NOTEBOOK_DPI = 200, 120
"""Dots per inch, in files and in notebooks. Texts are measured with 200, because they are wider with fewer."""

NO_LIGATURES = ("-liga",)
"""Ligatures would be a second font in a PDF, which takes as long to embed as the first."""

CAPTION_SIZE = 6.0
MARGIN = 0.06
TICK_WIDTH = 0.25
"""Width of the tick labels of a y axis [in]."""
_LINE_HEIGHT = 1.3 * CAPTION_SIZE / 72  # [in]

_captioned: ContextVar[bool] = ContextVar("captioned", default=True)


@contextmanager
def captioned(shown: bool) -> Iterator[None]:
    """Return a context in which figures have a caption in the picture or not. Their label has the full caption."""
    before = _captioned.set(shown)
    try:
        yield
    finally:
        _captioned.reset(before)


@dataclass(frozen=True)
class Panel:
    """A panel of a figure.

    Attributes
    ----------
    title, x_label, y_label : str
        User text, drawn literally. A label that all panels share is drawn once for the whole page.
    draw : callable
        Draws into the axes.
    finish : callable, optional
        Adds what depends on the final size of the axes.
    right : float
        Room at the right of the axes, for what `finish` adds [in].
    left : float
        Width of names at the left of the axes [in], in which the title has no place.
    """

    title: str
    x_label: str
    y_label: str
    draw: Callable[[Axes], None]
    finish: Callable[[Axes], None] | None = None
    right: float = 0.0
    left: float = 0.0


@dataclass(frozen=True)
class Lead:
    """A panel as wide as the page, above the others, with its height [in]."""

    panel: Panel
    height: float


class PanelFigure(Figure):
    """A figure whose panels may continue on further pages, and that can be drawn elsewhere by `draw_into`.

    Attributes
    ----------
    panels : tuple of Panel
        All panels, of all pages.
    entries : mapping
        By label: the function that makes the legend's handle.
    following : tuple of Figure
        The further pages.
    kind : str
        The kind of figure that it is, if that is not the one that was asked for.
    data : DataFrame or None
        The numbers that are drawn, in the units of the figure, with columns that name the units.
    """

    panels: tuple[Panel, ...] = ()
    entries: Mapping[str, Callable[[], Artist]] = MappingProxyType({})
    following: tuple[Figure, ...] = ()
    kind: str = ""
    data: pd.DataFrame | None = None

    def _repr_png_(self) -> bytes:
        """Show the figure in a notebook, whether or not pyplot was imported there."""
        with style_context(), io.BytesIO() as stream:
            self.savefig(stream, format="png", dpi=NOTEBOOK_DPI)
            return stream.getvalue()


def pages_of(figure: Figure) -> list[Figure]:
    """Return all pages of a figure, the first of which is the figure itself."""
    return [figure, *getattr(figure, "following", ())]


class _Frame(NamedTuple):
    """Layout shared by all pages of a figure; lengths in inches."""

    inches: float
    columns: int
    row: float
    titles: Sequence[Sequence[str]]
    legend: Mapping[str, Callable[[], Artist]]
    texts: Sequence[Sequence[str]]
    handle_length: float
    caption: Caption
    shared_axes: bool


def panel_figure(
    panels: Sequence[Panel],
    legend: Mapping[str, Callable[[], Artist]],
    caption: Caption,
    width: Width = "page",
    panel_height: float | None = None,
    handle_length: float = 3.2,
    tick_width: float = TICK_WIDTH,
    columns: int | None = None,
    lead: Lead | None = None,
    shared_axes: bool = False,
) -> PanelFigure:
    """Make a figure of panels.

    Parameters
    ----------
    panels : sequence of Panel
        At least one. Those that do not fit on a page are on further pages.
    legend : mapping
        By label: a function that makes its handle. Empty for no legend.
    caption : Caption
        The full caption becomes the figure's label.
    width : {"page", "column"}
        3.3 in for a column, up to 7 in for a page.
    panel_height : float, optional
        Height of a row [in]. Default: `PANEL_HEIGHTS`.
    handle_length : float
        Length of the legend's handles, in font sizes.
    tick_width : float
        Width of the tick labels of the y axis in the first panel of a row [in]. Titles are wrapped to the rest.
    columns : int, optional
        Number of panels per row. Default: up to three, so that the rows are filled evenly.
    lead : Lead, optional
        A panel above the others.
    shared_axes : bool
        Whether all panels have the same axes, so that only the outer ones need tick labels.

    Returns
    -------
    PanelFigure
        Not registered with pyplot. Its layout is computed once and fixed, so that all formats are equal.
    """
    inches = COLUMN_WIDTH if width == "column" else PAGE_WIDTHS[3]
    if columns is None:
        columns = _columns(len(panels), width)
        inches = COLUMN_WIDTH if width == "column" else PAGE_WIDTHS[3 if lead else columns]
    first_width = min((inches - tick_width) / columns, inches / columns - TICK_WIDTH)  # every panel may have ticks
    titles = [wrap(panel.title, TITLE_SIZE, first_width - 0.15 - panel.right - panel.left) for panel in panels]
    texts = legend_texts(legend, inches)
    row = (panel_height or PANEL_HEIGHTS[width]) + (max(map(len, titles)) - 1) * TITLE_SIZE / 60
    frame = _Frame(inches, columns, row, titles, legend, texts, handle_length, caption, shared_axes)
    with style_context():
        parts = _paginated(len(panels), frame, lead)
        pages = [
            _page(panels, part, frame, lead if number == 0 else None, (number, len(parts)))
            for number, part in enumerate(parts)
        ]
        pages[0].following = tuple(pages[1:])
        pages[0].panels, pages[0].entries = tuple(panels), dict(legend)
    return pages[0]


def _paginated(n_panels: int, frame: _Frame, lead: Lead | None) -> list[range]:
    """Distribute panels over pages, row by row. Pages but the first are filled evenly."""
    room = PAGE_HEIGHT - _around(frame, (0, 2))
    rows = -(-n_panels // frame.columns)
    first = max(1, int((room - (lead.height if lead else 0.0)) / frame.row))
    each = max(1, int(room / frame.row))
    counts = [min(first, rows)]
    if rest := rows - counts[0]:
        more = -(-rest // each)
        counts += [len(part) for part in np.array_split(np.arange(rest), more)]
    ends = np.minimum(np.cumsum(counts) * frame.columns, n_panels)
    return [range(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def _around(frame: _Frame, page: tuple[int, int]) -> float:
    """Return the height of what is not a panel [in]."""
    return legend_height(frame.texts, frame.inches) + LABEL_HEIGHT + _caption_height(_caption_lines(frame, page))


def _caption_lines(frame: _Frame, page: tuple[int, int]) -> list[str]:
    number, of = page
    if not _captioned.get():
        return []
    text = frame.caption.short + (f" Page {number + 1} of {of}." if of > 1 else "")
    return wrap(text, CAPTION_SIZE, frame.inches - 2 * MARGIN)


def _caption_height(lines: Sequence[str]) -> float:
    return (len(lines) + 0.7) * _LINE_HEIGHT


def _page(panels: Sequence[Panel], part: range, frame: _Frame, lead: Lead | None, page: tuple[int, int]) -> PanelFigure:
    """Make one page with some of the panels."""
    lines, shown = _caption_lines(frame, page), [panels[i] for i in part]
    height = -(-len(part) // frame.columns) * frame.row + (lead.height if lead else 0.0) + _around(frame, page)
    figure = PanelFigure(figsize=(frame.inches, height), dpi=DPI)
    figure.set_label(frame.caption.full)
    room = Room(MARGIN, frame.inches - MARGIN, _caption_height(lines), height - 0.03)
    legend = draw_legend(figure, frame.legend, frame.texts, frame.handle_length)
    room = room.below(legend.get_window_extent().height / figure.dpi + 0.02 if legend else 0.0)
    if lead:
        _grid(figure, [lead.panel], [[lead.panel.title]], 1, room.top_part(lead.height))
        room = room.below(lead.height)
    _grid(figure, shown, [frame.titles[i] for i in part], frame.columns, room, shared_axes=frame.shared_axes)
    if lines:
        corner = (MARGIN / frame.inches, 0.3 * _LINE_HEIGHT / height)
        look: dict[str, Any] = {"size": CAPTION_SIZE, "color": "0.25", "linespacing": 1.3}
        literal([figure.text(*corner, "\n".join(lines), va="bottom", **look)])
    for text in figure.findobj(Text):
        text.set_fontfeatures(NO_LIGATURES)
    return figure


def _grid(
    figure: Figure,
    panels: Sequence[Panel],
    titles: Sequence[Sequence[str]],
    columns: int,
    room: Room,
    *,
    shared_axes: bool = False,
) -> None:
    """Draw panels into a part of a page."""
    axes = _drawn(figure, panels, titles, columns, room)
    if shared_axes:
        _hide_inner_labels(axes, columns)
    rows = -(-len(panels) // columns)
    size = (room.right - room.left) / columns, (room.top - room.bottom) / rows
    x_label, y_label = _axis_labels(axes, panels, size)
    inner = room._replace(
        left=room.left + (LABEL_HEIGHT if y_label else 0.0), bottom=room.bottom + (LABEL_HEIGHT if x_label else 0.0)
    )
    right = [panel.right for panel in panels]
    place_panels(figure, axes, columns, inner, right)
    if any(label.get_rotation() for one in axes for label in one.get_xticklabels()):
        place_panels(figure, axes, columns, inner, right)  # slanted names reach further beyond smaller axes
    _shared_labels(figure, axes, room, x_label, y_label)
    for one, panel in zip(axes, panels, strict=True):
        separate_ticks(one)
        if panel.finish:
            panel.finish(one)


def _drawn(
    figure: Figure, panels: Sequence[Panel], titles: Sequence[Sequence[str]], columns: int, room: Room
) -> list[Axes]:
    """Draw panels at provisional places."""
    rows = -(-len(panels) // columns)
    axes = []
    for i, (panel, title) in enumerate(zip(panels, titles, strict=True)):
        one = figure.add_axes(room.cell(figure, i, rows, columns, panel.right))
        literal([one.set_title("\n".join(title), y=1.0)])  # else the title's place is sought at every drawing
        panel.draw(one)
        axes.append(one)
    return axes


def _hide_inner_labels(axes: Sequence[Axes], columns: int) -> None:
    for i, one in enumerate(axes):
        one.tick_params(labelleft=i % columns == 0, labelbottom=i + columns >= len(axes), which="both")


def _axis_labels(axes: Sequence[Axes], panels: Sequence[Panel], size: tuple[float, float]) -> tuple[str, str]:
    """Label the axes, unless all panels have the same label. Return the labels that they share.

    Labels are wrapped to a share of the width and height of a panel with what is around it [in].
    """
    x_labels = list(dict.fromkeys(panel.x_label for panel in panels))
    y_labels = list(dict.fromkeys(panel.y_label for panel in panels))
    for one, panel in zip(axes, panels, strict=True):
        if len(x_labels) > 1:
            one.set_xlabel("\n".join(wrap(panel.x_label, LABEL_SIZE, 0.75 * size[0])))
        else:
            one.xaxis.set_label_coords(0.5, 0.0)  # else the place of the empty label is sought at every drawing
        if len(y_labels) > 1:
            one.set_ylabel("\n".join(wrap(panel.y_label, LABEL_SIZE, 0.7 * size[1])))
        else:
            one.yaxis.set_label_coords(0.0, 0.5)
        literal([one.xaxis.label, one.yaxis.label])
    return x_labels[0] if len(x_labels) == 1 else "", y_labels[0] if len(y_labels) == 1 else ""


def _shared_labels(figure: Figure, axes: Sequence[Axes], room: Room, x_label: str, y_label: str) -> None:
    """Write the shared labels beside the axes, at their centre."""
    boxes = [one.get_position() for one in axes]
    x = (min(box.x0 for box in boxes) + max(box.x1 for box in boxes)) / 2
    y = (min(box.y0 for box in boxes) + max(box.y1 for box in boxes)) / 2
    width, height = figure.get_figwidth(), figure.get_figheight()
    look: dict[str, Any] = {"size": LABEL_SIZE, "parse_math": False}
    if x_label:
        figure.text(x, (room.bottom + 0.02) / height, x_label, ha="center", va="bottom", **look)
    if y_label:
        text = "\n".join(wrap(y_label, LABEL_SIZE, room.top - room.bottom))
        figure.text(room.left / width, y, text, ha="left", va="center", rotation="vertical", ma="center", **look)


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

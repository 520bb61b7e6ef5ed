"""The places of panels on a page, and ticks that do not collide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator
from numpy.typing import ArrayLike, NDArray

GAPS = (0.08, 0.06)
"""Distance between the panels of a row, and between rows [in]."""
TICK_GAP = 0.03
"""Least distance between two tick labels of an axis [in]."""

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]
"""Left, bottom, width, height."""


class Numbers(FixedLocator):
    """Numbers at fixed places, some of which may be left out, unlike the names that a `FixedLocator` places."""


class Room(NamedTuple):
    """A rectangle on a page [in]."""

    left: float
    right: float
    bottom: float
    top: float

    def below(self, height: float) -> Room:
        """Return the rectangle without the uppermost part of a height."""
        return self._replace(top=self.top - height)

    def top_part(self, height: float) -> Room:
        """Return the uppermost part of a height."""
        return self._replace(bottom=self.top - height)

    def cell(self, figure: Figure, number: int, rows: int, columns: int, right: float) -> Box:
        """Return a provisional place for the axes of a panel of a grid: left, bottom, width, height (shares)."""
        width, height = (self.right - self.left) / columns, (self.top - self.bottom) / rows
        row, column = divmod(number, columns)
        x, y = self.left + column * width + 0.3, self.top - (row + 1) * height + 0.2
        inches = (x, y, max(width - 0.4 - right, 0.2), max(height - 0.4, 0.2))
        return _shares(figure, inches)


def _shares(figure: Figure, inches: Box) -> Box:
    width, height = figure.get_figwidth(), figure.get_figheight()
    return inches[0] / width, inches[1] / height, inches[2] / width, inches[3] / height


def place_panels(figure: Figure, axes: Sequence[Axes], columns: int, room: Room, right: Sequence[float]) -> None:
    """Give the axes of all panels of a grid the same size, with room for what is written around them.

    Parameters
    ----------
    figure : Figure
    axes : sequence of Axes
        Drawn, row by row.
    columns : int
    room : Room
    right : sequence of float
        Additional room at the right of each of the axes [in].
    """
    rows = -(-len(axes) // columns)
    margins = np.zeros((4, rows, columns))
    for i, (one, more) in enumerate(zip(axes, right, strict=True)):
        margins[:, i // columns, i % columns] = _around(one)
        margins[1, i // columns, i % columns] += more
    left, beyond = margins[0].max(axis=0), margins[1].max(axis=0)
    below, above = margins[2].max(axis=1), margins[3].max(axis=1)
    gap_x, gap_y = GAPS
    free = room.right - room.left - left.sum() - beyond.sum() - gap_x * (columns - 1)
    width = max(free / columns, 0.1)
    free = room.top - room.bottom - below.sum() - above.sum() - gap_y * (rows - 1)
    height = max(free / rows, 0.1)
    for i, one in enumerate(axes):
        row, column = divmod(i, columns)
        x = room.left + left[: column + 1].sum() + beyond[:column].sum() + column * (width + gap_x)
        y = room.top - above[: row + 1].sum() - below[:row].sum() - row * (height + gap_y) - height
        one.set_position(_shares(figure, (x, y, width, height)))


def _around(axes: Axes) -> tuple[float, ...]:
    """Return how far what is drawn reaches beyond the axes: left, right, below, above [in]."""
    dpi, box, tight = axes.figure.dpi, axes.bbox, axes.get_tightbbox()
    if tight is None:
        return (0.0,) * 4
    ends = (box.x0 - tight.x0, tight.x1 - box.x1, box.y0 - tight.y0, tight.y1 - box.y1)
    return tuple(max(end / dpi, 0.0) for end in ends)


def separate_ticks(axes: Axes) -> None:
    """Leave out numbers of both axes until none touches another. Names are never left out."""
    for axis, side in ((axes.xaxis, "x"), (axes.yaxis, "y")):
        if type(axis.get_major_locator()) is FixedLocator:
            continue
        spans = _spans(axis, side)
        if _apart(spans):
            continue
        places = np.array([span[2] for span in spans])
        for kept in _thinned(places, log=axis.get_scale() == "log"):
            if _apart([span for span, stays in zip(spans, kept, strict=True) if stays]):
                axis.set_major_locator(Numbers(places[kept].tolist()))
                break


def _spans(axis: Axis, side: str) -> list[tuple[float, float, float]]:
    """Return where each visible tick label begins and ends [in], and its number, in the order of the axis."""
    low, high = sorted(axis.get_view_interval())
    spans = []
    for label in axis.get_majorticklabels():
        place = float(label.get_position()[0 if side == "x" else 1])
        if low <= place <= high and label.get_text():
            ends = getattr(label.get_window_extent(), f"interval{side}") / axis.figure.dpi
            spans.append((float(min(ends)), float(max(ends)), place))
    return sorted(spans)


def _apart(spans: Sequence[tuple[float, float, float]]) -> bool:
    return all(end + TICK_GAP <= start for (_, end, _), (start, _, _) in pairwise(spans))


def _thinned(places: Floats, *, log: bool) -> Iterator[NDArray[np.bool_]]:
    """Yield which numbers to keep, fewer and fewer: on a log axis the decades first, then every second, third, ..."""
    everything = np.ones(len(places), dtype=bool)
    decades = np.isclose(np.log10(np.abs(places), where=places != 0, out=np.full(len(places), 0.5)) % 1, 0)
    for chosen in [decades, everything] if log and decades.sum() > 1 else [everything]:
        indices = np.flatnonzero(chosen)
        for step in range(1, max(len(indices), 2)):
            kept = np.zeros(len(places), dtype=bool)
            kept[indices[::step]] = True
            yield kept


def spread_out(wanted: ArrayLike, distance: float, low: float, high: float) -> Floats:
    """Move places apart as little as possible.

    Minimizes the sum of squared displacements under the constraint that sorted places are at least a distance apart,
    which is an isotonic regression of ``wanted_i - i distance`` (Best and Chakravarti 1990, "Active set algorithms for
    isotonic regression", Mathematical Programming 47).

    Parameters
    ----------
    wanted : (n,) array_like
    distance : float
        Least distance. It shrinks if there is not enough room.
    low, high : float
        The ends of the room.

    Returns
    -------
    (n,) array
        In the order of `wanted`.
    """
    from scipy.optimize import isotonic_regression  # slow to import, and few figures have many curves

    places = np.asarray(wanted, dtype=np.float64)
    if not len(places):
        return places
    distance = min(distance, (high - low) / max(len(places) - 1, 1))
    order = np.argsort(places, kind="stable")
    steps = distance * np.arange(len(places))
    fitted = np.clip(isotonic_regression(places[order] - steps).x, low, max(high - steps[-1], low))
    spread = np.empty_like(places)
    spread[order] = fitted + steps
    return spread

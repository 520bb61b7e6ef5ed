"""Pictures of architectures on matplotlib axes. The pictures themselves come from the search spaces."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from plots.drawing.style import FONT, style_context

INK = "0.1"
LINE_WIDTH = 0.7
"""Width of lines at the natural size of a picture [pt]."""


class Picture(Protocol):
    """What `SearchSpace.picture` returns: marks with places in points, from the upper left corner."""

    @property
    def width(self) -> float:
        """In points, at a font size of 8 points."""
        ...

    @property
    def height(self) -> float:
        """In points, at a font size of 8 points."""
        ...

    @property
    def marks(self) -> Iterable[Any]:
        """Curves, arrowheads, boxes and labels, in the order in which they are drawn."""
        ...


def draw_picture(axes: Axes, picture: Picture, line_width: float = LINE_WIDTH) -> None:
    """Draw a picture so that it fills the axes, in its own proportions.

    Text is drawn as outlines, so that it scales with the axes like everything else.

    Parameters
    ----------
    axes : Axes
        Its limits and aspect are set, and its frame is hidden.
    picture : Picture
    line_width : float
        Of all lines [pt].
    """
    axes.set_xlim(0, max(picture.width, 1.0))
    axes.set_ylim(max(picture.height, 1.0), 0)
    axes.set_aspect("equal")
    axes.set_axis_off()
    with style_context():
        for order, mark in enumerate(picture.marks):
            artist = _ARTISTS[type(mark).__name__](mark, line_width)
            artist.set_zorder(2 + order / 1000)
            axes.add_artist(artist)


def _curve(mark: Any, line_width: float) -> Artist:
    codes = [Path.MOVETO, *[Path.CURVE4] * (len(mark.points) - 1)]
    return PathPatch(
        Path(list(mark.points), codes),
        fill=False,
        edgecolor=INK,
        alpha=mark.strength,
        linewidth=line_width,
        linestyle=(0, (2.5, 2.5)) if mark.dashed else "solid",
        capstyle="butt",
    )


def _arrowhead(mark: Any, line_width: float) -> Artist:
    return Polygon(list(mark.points), facecolor=INK, linewidth=0, alpha=mark.strength)


def _box(mark: Any, line_width: float) -> Artist:
    radius = min(mark.radius, mark.width / 2, mark.height / 2)
    return FancyBboxPatch(
        (mark.x, mark.y),
        mark.width,
        mark.height,
        boxstyle=f"round,pad=0,rounding_size={radius}" if radius else "square,pad=0",
        facecolor=mark.fill,
        edgecolor="0.45",
        linewidth=0.6 * line_width if mark.outlined else 0,
    )


def _label(mark: Any, line_width: float) -> Artist:
    outline = TextPath((0, 0), mark.text.replace("$", r"\$"), size=mark.size, prop=FontProperties(family=FONT))
    width = outline.get_extents().x1 if len(outline.vertices) else 0.0
    left = mark.x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[mark.anchor]
    place = Affine2D().scale(1, -1).translate(left, mark.y + 0.36 * mark.size)
    return PathPatch(place.transform_path(outline), facecolor=INK, linewidth=0, alpha=mark.strength)


_ARTISTS: dict[str, Callable[[Any, float], Artist]] = {
    "Curve": _curve,
    "Arrowhead": _arrowhead,
    "Box": _box,
    "Label": _label,
}
"""By the name of a mark: the function that makes its artist."""

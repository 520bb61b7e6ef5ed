"""Pictures of architectures on matplotlib axes. The pictures themselves come from the search spaces."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from typing import Any, Literal, NamedTuple, Protocol

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from plots.drawing.style import FONT, style_context

INK = "0.1"
KAPPA = 0.5523
"""Distance of the control points of a cubic Bezier curve close to a quarter of a circle, in radii."""
LINE_WIDTH = 0.7
"""Width of lines at the natural size of a picture [pt]."""


class Picture(Protocol):
    """The result of `SearchSpace.picture`: marks with places in points, from the upper left corner."""

    @property
    def width(self) -> float:
        """In points, at a font size of 8 points."""
        ...

    @property
    def height(self) -> float:
        """In points, at a font size of 8 points."""
        ...

    @property
    def title(self) -> str:
        """The architecture in the notation of its space."""
        ...

    @property
    def marks(self) -> Iterable[Any]:
        """Curves, arrowheads, boxes and labels, in the order in which they are drawn."""
        ...


class Label(NamedTuple):
    """A line of text, as in a picture."""

    x: float
    y: float
    text: str
    anchor: Literal["start", "middle", "end"] = "middle"
    strength: float = 1.0
    size: float = 8.0


class TextPicture(NamedTuple):
    """A picture of lines of text."""

    width: float
    height: float
    marks: tuple[Label, ...]
    title: str


def text_picture(text: str, line: int = 16) -> TextPicture:
    """Make a picture of a text, such as a genotype, with at most so many characters per line."""
    lines = textwrap.wrap(text, line) or [""]
    labels = [Label(4.0 * line / 2 + 4, 10.0 * number + 6, words) for number, words in enumerate(lines)]
    return TextPicture(4.0 * line + 8, 10.0 * len(lines) + 4, tuple(labels), text)


def draw_picture(axes: Axes, picture: Picture, line_width: float = LINE_WIDTH) -> None:
    """Draw a picture so that it fills the axes, in its own proportions.

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
    add_picture(axes, picture, 0.0, 0.0, 1.0, line_width)


def add_picture(axes: Axes, picture: Picture, x: float, y: float, scale: float, line_width: float = LINE_WIDTH) -> None:
    """Draw a picture on axes whose y axis points downwards.

    Text is drawn as outlines, so that it scales with the axes like everything else.

    Parameters
    ----------
    axes : Axes
    picture : Picture
    x, y : float
        Place of its upper left corner.
    scale : float
        Size of a point of the picture, in the units of the axes.
    line_width : float
        Of all lines [pt].
    """
    transform = Affine2D().scale(scale).translate(x, y) + axes.transData
    with style_context():
        for order, mark in enumerate(picture.marks):
            artist = _ARTISTS[type(mark).__name__](mark, line_width)
            artist.set(transform=transform, zorder=2 + order / 1000)
            axes.add_artist(artist)


def draw_text(
    axes: Axes, x: float, y: float, text: str, size: float, anchor: Literal["start", "middle", "end"] = "start"
) -> None:
    """Write a line of text of a size in the units of the axes, whose y axis points downwards; `y` is its middle."""
    axes.add_artist(_label(Label(x, y, text, anchor, 1.0, size), LINE_WIDTH)).set_transform(axes.transData)


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
    return PathPatch(
        _rounded(mark.x, mark.y, mark.width, mark.height, min(mark.radius, mark.width / 2, mark.height / 2)),
        facecolor=mark.fill,
        edgecolor="0.45",
        linewidth=0.6 * line_width if mark.outlined else 0,
    )


def _rounded(x: float, y: float, width: float, height: float, radius: float) -> Path:
    """Return a rectangle with corners that are quarters of circles."""
    flat, bend = radius, radius * (1 - KAPPA)
    right, low = x + width, y + height
    corners = (
        ((x + flat, y), (right - flat, y), (right - bend, y), (right, y + bend), (right, y + flat)),
        ((right, y + flat), (right, low - flat), (right, low - bend), (right - bend, low), (right - flat, low)),
        ((right - flat, low), (x + flat, low), (x + bend, low), (x, low - bend), (x, low - flat)),
        ((x, low - flat), (x, y + flat), (x, y + bend), (x + bend, y), (x + flat, y)),
    )
    points = [corners[0][0], *(point for corner in corners for point in corner[1:])]
    codes = [Path.MOVETO, *([Path.LINETO, *[Path.CURVE4] * 3] * 4)]
    return Path([*points, points[0]], [*codes, Path.CLOSEPOLY])


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

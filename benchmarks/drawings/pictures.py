"""Pictures: the marks of a drawing with their places, and their SVG."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Literal, NamedTuple

Point = tuple[float, float]

FONT_SIZE = 8.0
"""Size of the text of a picture, in its unit."""
LINE_HEIGHT = 1.2
"""Distance of lines of text, in font sizes."""
DARK = "#1a1a1a"
"""Colour of text on a fill. Everything else has the colour of the surrounding text, on a light or dark page."""
FAINT = 0.45
"""Strength of what is not used."""

_NARROW = dict.fromkeys("iIjl|!.,:;'` ", 0.34) | dict.fromkeys('frt()[]{}-/\\"', 0.42)
_WIDE = dict.fromkeys("mwMWOQG@%×+=<>~#", 0.88) | dict.fromkeys("ABCDEHKNRUVXYZ&", 0.74)
_WIDTHS = _NARROW | _WIDE


class Curve(NamedTuple):
    """A line of cubic Bezier curves: a start, and then three points per curve."""

    points: tuple[Point, ...]
    strength: float = 1.0
    dashed: bool = False


class Arrowhead(NamedTuple):
    """A filled triangle."""

    points: tuple[Point, Point, Point]
    strength: float = 1.0


class Box(NamedTuple):
    """A rectangle with rounded corners. `x` and `y` are those of its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    radius: float = 2.5
    outlined: bool = True


class Label(NamedTuple):
    """A line of text. `y` is that of its middle. Text that is not on a fill has the colour of its surroundings."""

    x: float
    y: float
    text: str
    anchor: Literal["start", "middle", "end"] = "middle"
    on_fill: bool = False
    strength: float = 1.0
    size: float = FONT_SIZE


Mark = Curve | Arrowhead | Box | Label


@dataclass(frozen=True)
class Picture:
    """A drawing of an architecture.

    Attributes
    ----------
    width, height : float
        In points, at a font size of 8 points. The origin is the upper left corner.
    marks : tuple of Mark
        In the order in which they are drawn.
    title : str
        What is drawn, as text: the architecture in the notation of its space.
    """

    width: float
    height: float
    marks: tuple[Mark, ...]
    title: str = ""

    def svg(self, scale: float = 1.0) -> str:
        """Write the picture as an SVG element, which has no styles, scripts or identifiers.

        Lines and text take the colour of the surrounding text, so that the picture can stand on a light or dark page.
        The same picture gives the same text.

        Parameters
        ----------
        scale : float
            Size, relative to a font size of 8 pixels.
        """
        width, height = (_number(scale * length) for length in (self.width, self.height))
        box = f"0 0 {_number(self.width)} {_number(self.height)}"
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="{width}" height="{height}" role="img"'
            f' font-family="sans-serif" fill="none" stroke-linecap="round">'
        )
        title = f"<title>{escape(self.title)}</title>" if self.title else ""
        return f"{head}{title}{''.join(map(_svg, self.marks))}</svg>"

    def _repr_svg_(self) -> str:
        return self.svg()

    def _repr_html_(self) -> str:
        text = f'<div style="font-size:85%;overflow-wrap:anywhere"><code>{escape(self.title)}</code></div>'
        return f"<div>{self.svg(1.4)}{text if self.title else ''}</div>"


def text_width(text: str, size: float = FONT_SIZE) -> float:
    """Return an upper estimate of the width of a line of text in a common sans-serif font."""
    return size * sum(
        1.0 if unicodedata.east_asian_width(letter) in "WF" else _WIDTHS.get(letter, 0.65) for letter in text
    )


def shortened(text: str, width: float, size: float = FONT_SIZE) -> str:
    """Return a text, or its beginning and an ellipsis if it is wider than a width."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def moved(marks: Iterable[Mark], dx: float, dy: float) -> list[Mark]:
    """Return marks, moved to another place."""
    found: list[Mark] = []
    for mark in marks:
        if isinstance(mark, Box | Label):
            found.append(mark._replace(x=mark.x + dx, y=mark.y + dy))
        elif isinstance(mark, Curve):
            found.append(mark._replace(points=tuple((x + dx, y + dy) for x, y in mark.points)))
        else:
            one, two, three = ((x + dx, y + dy) for x, y in mark.points)
            found.append(mark._replace(points=(one, two, three)))
    return found


def side_by_side(pictures: Sequence[Picture], gap: float, *, stacked: bool = False) -> Picture:
    """Join pictures from left to right, or one below the other."""
    marks: list[Mark] = []
    at = 0.0
    for picture in pictures:
        marks += moved(picture.marks, *((0.0, at) if stacked else (at, 0.0)))
        at += (picture.height if stacked else picture.width) + gap
    widths, heights = [p.width for p in pictures], [p.height for p in pictures]
    size = (max(widths), at - gap) if stacked else (at - gap, max(heights))
    return Picture(*size, tuple(marks))


def titled(picture: Picture, title: str) -> Picture:
    """Return a picture with a title, which is not drawn."""
    return replace(picture, title=title)


def _number(value: float) -> str:
    return f"{value + 0.0:.1f}".removesuffix(".0").replace("-0", "-0" if value <= -0.05 else "0")


def _svg(mark: Mark) -> str:
    if isinstance(mark, Curve):
        start, *rest = (f"{_number(x)} {_number(y)}" for x, y in mark.points)
        dashes = ' stroke-dasharray="2.5 2.5"' if mark.dashed else ""
        return f'<path d="M{start}C{" ".join(rest)}" stroke="currentColor"{_opacity(mark.strength)}{dashes}/>'
    if isinstance(mark, Arrowhead):
        points = " ".join(f"{_number(x)},{_number(y)}" for x, y in mark.points)
        return f'<polygon points="{points}" fill="currentColor"{_opacity(mark.strength)}/>'
    if isinstance(mark, Box):
        x, y, width, height, radius = map(_number, (mark.x, mark.y, mark.width, mark.height, mark.radius))
        outline = ' stroke="#777" stroke-width="0.6"' if mark.outlined else ""
        return (
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" fill="{escape(mark.fill)}"'
            f"{outline}/>"
        )
    fill = DARK if mark.on_fill else "currentColor"
    place = f'x="{_number(mark.x)}" y="{_number(mark.y + 0.36 * mark.size)}" font-size="{_number(mark.size)}"'
    anchor = "" if mark.anchor == "start" else f' text-anchor="{mark.anchor}"'
    return f'<text {place}{anchor} fill="{fill}"{_opacity(mark.strength)}>{escape(mark.text)}</text>'


def _opacity(strength: float) -> str:
    return "" if strength == 1 else f' opacity="{strength:g}"'

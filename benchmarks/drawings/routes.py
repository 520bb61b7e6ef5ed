"""Lines of a drawing: smooth curves through the points of a route, and their arrowheads."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from benchmarks.drawings.pictures import Arrowhead, Curve, Mark, Point

HEAD = 4.0
"""Length of an arrowhead."""


def smooth(
    route: Sequence[Point],
    start: float,
    end: float,
    *,
    sideways: bool,
    strength: float = 1.0,
    dashed: bool = False,
    arrow: bool = True,
) -> list[Mark]:
    """Draw a line along a route, which leaves and reaches its ends in the direction of the layout.

    Parameters
    ----------
    route : sequence of (float, float)
        Points along and across the direction.
    start, end : float
        Where the line begins and ends, along the direction.
    sideways : bool
        Whether the direction is to the right instead of downwards.
    strength, dashed, arrow
        The look of the line, and whether it has an arrowhead.
    """
    last = (end - (HEAD if arrow else 0.0), route[-1][1])
    points = [(start, route[0][1]), *route, last]
    bent = [points[0]]
    for (a, b), (c, d) in pairwise(points):
        middle = (a + c) / 2
        bent += [(middle, b), (middle, d), (c, d)]
    marks: list[Mark] = [Curve(tuple(_turned(point, sideways=sideways) for point in bent), strength, dashed)]
    if arrow:
        corners = ((end, last[1]), (last[0], last[1] - 0.45 * HEAD), (last[0], last[1] + 0.45 * HEAD))
        one, two, three = (_turned(corner, sideways=sideways) for corner in corners)
        marks.append(Arrowhead((one, two, three), strength))
    return marks


def _turned(point: Point, *, sideways: bool) -> Point:
    return point if sideways else (point[1], point[0])

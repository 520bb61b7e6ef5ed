"""The points of a recorded trajectory, as the readers of the formats yield them."""

from __future__ import annotations

import math
from typing import NamedTuple

from results.words import shortened


class Point(NamedTuple):
    """The choice of a method at one moment of a run.

    Attributes
    ----------
    place : str
        The file and the line that it was read from.
    epoch : int or None
        Number of completed epochs of the search. None if it is not recorded.
    seconds : float or None
        Time since the beginning of the run [s]. None if it is not recorded.
    architecture : str
        In the notation of the literature.
    observed_error : float
        Error of the shared weights on the validation data, a fraction in [0, 1]. NaN if it is not recorded.
    run : str
        The run, in a file of several runs.
    """

    place: str
    epoch: int | None
    seconds: float | None
    architecture: str
    observed_error: float = math.nan
    run: str = ""


class Invalid(NamedTuple):
    """A part of a run that cannot be used: the file and the line, and the reason."""

    place: str
    reason: str


def number_of(name: str, text: str) -> float:
    """Read a number.

    Raises
    ------
    ValueError
        If it is not one. The message has the name.
    """
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{name}: expected a number, got {shortened(repr(text.strip()), 60)}") from None


def error_of_percent(name: str, text: str) -> float:
    """Convert an accuracy in percent to an error, a fraction in [0, 1]. ``nan`` stays NaN.

    Raises
    ------
    ValueError
        If it is not a number between 0 and 100. The message has the name.
    """
    accuracy = number_of(name, text)
    if not (math.isnan(accuracy) or 0 <= accuracy <= 100):
        raise ValueError(f"{name}: expected an accuracy from 0 to 100 percent, got {text.strip()}")
    return 1 - accuracy / 100

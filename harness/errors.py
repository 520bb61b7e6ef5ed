"""Errors of the harness that the user can correct."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from pydantic import ValidationError


class ConfigurationError(ValueError):
    """A configuration with mistakes, all of which are listed.

    Attributes
    ----------
    problems : tuple of str
        One text per mistake, with its place, the value got and the values allowed.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class StopNow(BaseException):
    """The user stops the run immediately. It is a BaseException, so that no handler of algorithm errors catches it."""


class FolderInUseError(RuntimeError):
    """Another run is using the results folder."""


class TrialsMissingError(RuntimeError):
    """Some trials of a run have no result."""


def validation_problems(
    place: str, error: ValidationError, known: Mapping[str, Iterable[str]] | None = None
) -> list[str]:
    """Convert an error of pydantic into texts of one form: place, problem, value got.

    Parameters
    ----------
    place : str
        Section of the value, such as ``protocol``. Empty for the top level.
    error : ValidationError
    known : mapping, optional
        The allowed keys by section, to suggest the nearest one for an unknown key. The top level has an empty name.
    """
    from benchmarks.errors import unknown_name

    problems = []
    for found in error.errors():
        *table, key = (place, *found["loc"]) if place else found["loc"] or ("",)
        where = ".".join(str(part) for part in (*table, key))
        if found["type"] == "extra_forbidden":
            names = (known or {}).get(str(table[0]) if table else "", ())
            at = ".".join(str(part) for part in table) or "experiment"
            problems.append(f"{at}: {unknown_name('key', str(key), names)}")
        elif found["type"] == "missing":
            problems.append(f"{where}: is required and missing")
        else:
            message = found["msg"].removeprefix("Value error, ")
            problems.append(f"{where}: {message[0].lower()}{message[1:]}; got {found['input']!r}")
    return problems


def shown(value: object) -> str:
    """Return the repr of a value. Numbers of numpy are written as plain numbers."""
    return repr(value.item() if isinstance(value, np.generic) else value)


def numbers(values: Iterable[float]) -> str:
    """Join numbers: ``1, 3, 9``."""
    return ", ".join(f"{value:g}" for value in values)

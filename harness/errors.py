"""Errors of the harness that a user can mend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from pydantic import ValidationError


class ConfigurationError(ValueError):
    """An experiment that cannot be run, with every reason found.

    Attributes
    ----------
    problems : tuple of str
        Each names its place, what was got, what is allowed.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class StopNow(BaseException):
    """The user wants the run to end at once; nothing that catches an algorithm's errors may catch it."""


class FolderInUseError(RuntimeError):
    """Another run is at work in the result folder."""


class TrialsMissingError(RuntimeError):
    """Some trials of a run have no result."""


def validation_problems(
    place: str, error: ValidationError, known: Mapping[str, Iterable[str]] | None = None
) -> list[str]:
    """Write the problems that pydantic found in one voice: place, what is wrong, what was got.

    Parameters
    ----------
    place : str
        Where the value stands, such as ``protocol``; may be empty.
    error : ValidationError
    known : mapping, optional
        For an unknown key, the names that are allowed, by the first part of where it stands (empty for the top).
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
    """Write a value that somebody's code gave; a number of numpy as the plain number that it is."""
    return repr(value.item() if isinstance(value, np.generic) else value)


def numbers(values: Iterable[float]) -> str:
    """List numbers: ``1, 3, 9``."""
    return ", ".join(f"{value:g}" for value in values)

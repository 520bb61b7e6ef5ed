"""Errors that a user can correct, and helpers that write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from pydantic import ValidationError


class ConfigurationError(ValueError):
    """An experiment cannot be run.

    Attributes
    ----------
    problems : tuple of str
        All reasons. Each says where the problem is, what was expected and what was given.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class StopNow(BaseException):
    """The user wants the run to end at once. Code that catches an algorithm's errors must not catch this one."""


class FolderInUseError(RuntimeError):
    """Another run is using the results folder."""


class SchedulerLostError(RuntimeError):
    """The connection to the scheduler of a cluster was lost during a run."""


class TrialsMissingError(RuntimeError):
    """Some trials of a run have no result."""


def validation_problems(
    place: str, error: ValidationError, known: Mapping[str, Iterable[str]] | None = None
) -> list[str]:
    """Convert an error of pydantic to one message per problem: the place, what is wrong, and the value.

    Parameters
    ----------
    place : str
        Where the value was given, such as ``protocol``; may be empty.
    error : ValidationError
    known : mapping, optional
        Names that are allowed for keys, by table; the empty string is the top level.
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
    """Return the representation of a value that custom code gave, with numpy's numbers as plain ones."""
    return repr(value.item() if isinstance(value, np.generic) else value)


def numbers(values: Iterable[float]) -> str:
    """Format numbers as a list: ``1, 3, 9``."""
    return ", ".join(f"{value:g}" for value in values)

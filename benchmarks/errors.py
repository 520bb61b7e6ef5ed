"""Errors that a user can fix. Each message says what was given, what is allowed, and what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

MOST_NAMES = 20
"""The largest number of known names in a message."""


class BenchmarkError(ValueError):
    """An invalid benchmark, search space or data file.

    Control characters in the message, which may come from a file, are escaped.
    """

    def __init__(self, message: str) -> None:
        super().__init__(
            "".join(letter if letter.isprintable() or letter == "\n" else ascii(letter)[1:-1] for letter in message)
        )


class UnknownNameError(BenchmarkError):
    """A name that is not registered."""


class DataAbsentError(BenchmarkError):
    """A known benchmark whose data is missing on this machine. The message says how to get it."""


def unknown_name(kind: str, got: str, known: Iterable[str]) -> str:
    """Return the sentence that reports an unknown name and suggests the nearest known one.

    Examples
    --------
    >>> unknown_name("algorithm", "random_serch", ["random_search", "local_search"])
    "unknown algorithm 'random_serch'; did you mean 'random_search'? Known: local_search, random_search"
    """
    names = sorted(known)
    return f"unknown {kind} {got!r}{nearest(got, names) or '.'} Known: {few(names, MOST_NAMES) or 'none'}"


def nearest(got: str, known: Iterable[str]) -> str:
    """Return the suggestion of the known name that is nearest to a wrong one; empty if none is near."""
    near = difflib.get_close_matches(got, sorted(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


def few(values: Sequence[object], most: int = 5) -> str:
    """Return the first values, each of at most 60 characters, and how many more there are."""
    more = f" and {len(values) - most:,} more" if len(values) > most else ""
    return ", ".join(str(value)[:60] for value in values[:most]) + more

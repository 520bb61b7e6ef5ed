"""Errors that a user can mend: each says what was got, what is allowed, and what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class BenchmarkError(ValueError):
    """Something about a benchmark, a space or its data is not as it must be."""


class UnknownNameError(BenchmarkError):
    """A name that no registry holds."""


class DataAbsentError(BenchmarkError):
    """A known benchmark whose data is not on this machine; the message says how to get it."""


def unknown_name(kind: str, got: str, known: Iterable[str]) -> str:
    """Return the sentence that reports an unknown name, with the nearest known one.

    Examples
    --------
    >>> unknown_name("algorithm", "random_serch", ["random_search", "local_search"])
    "unknown algorithm 'random_serch'; did you mean 'random_search'? Known: local_search, random_search"
    """
    names = sorted(known)
    near = difflib.get_close_matches(got, names, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    return f"unknown {kind} {got!r}{hint} Known: {', '.join(names) or 'none'}"

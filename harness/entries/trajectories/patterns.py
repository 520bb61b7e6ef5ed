"""Find the files of recorded runs by a pattern with named fields, such as ``logs/drop{drop}_seed{trial}.txt``."""

from __future__ import annotations

import glob
import re
import string
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from harness.errors import ConfigurationError

TRIAL = "trial"
"""The field of a pattern that tells the runs of an entry apart. The others tell entries apart."""
LARGEST_TRIAL = 10**6


class FoundRun(NamedTuple):
    """A file or folder that fits a pattern: its path, the values of the fields, and the run's name or number."""

    path: Path
    fields: dict[str, str]
    trial: str


def fields_of(pattern: str) -> list[str]:
    """Return the names of a pattern's fields, in their order.

    Raises
    ------
    ConfigurationError
        If a field has no name, or a format.
    """
    try:
        parts = [part[1:] for part in string.Formatter().parse(pattern) if part[1] is not None]
    except ValueError as error:
        raise ConfigurationError([f"the pattern {pattern!r} is not valid ({error}); write {{{{ for a brace"]) from None
    if wrong := [name for name, form, conversion in parts if form or conversion or not str(name).isidentifier()]:
        raise ConfigurationError(
            [
                f"the pattern {pattern!r}: expected names as fields, as in drop{{drop}}_seed{{trial}}.txt, got"
                f" {wrong[0]!r}"
            ]
        )
    return list(dict.fromkeys(str(name) for name, _, _ in parts))


def find_runs(pattern: str, folder: Path) -> list[FoundRun]:
    """Find the files and folders that fit a pattern, sorted by name with numbers by value.

    A field stands for one or more characters other than ``/``. A field that occurs twice has the same value.

    Parameters
    ----------
    pattern : str
    folder : Path
        Folder that relative patterns start from.

    Raises
    ------
    ConfigurationError
        If the pattern is not valid, or nothing fits.
    """
    fields_of(pattern)
    shell = expression = ""
    seen: set[str] = set()
    for literal, name, _, _ in string.Formatter().parse(pattern):
        shell += glob.escape(literal)
        expression += re.escape(literal)
        if name is not None:
            shell += "*"
            expression += f"(?P={name})" if name in seen else f"(?P<{name}>[^/]+?)"
            seen.add(name)
    found = []
    for text in glob.glob(shell, root_dir=folder):
        if match := re.fullmatch(expression, text):
            fields = match.groupdict()
            found.append(FoundRun(folder / text, fields, fields.pop(TRIAL, "")))
    if not found:
        raise ConfigurationError([f"nothing fits the pattern {pattern!r} in {folder.resolve()}"])
    return sorted(found, key=lambda run: natural(str(run.path)))


def natural(text: str) -> list[tuple[int, str]]:
    """Return a key that sorts numbers in texts by value."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text, flags=re.ASCII)]


def trial_numbers(names: Iterable[str]) -> list[int]:
    """Number runs: by their names if all are different whole numbers, or else from 0 in their order."""
    given = list(names)
    if all(re.fullmatch("[0-9]{1,7}", name, re.ASCII) for name in given):
        numbers = [int(name) for name in given]
        if len(set(numbers)) == len(numbers) and max(numbers, default=0) <= LARGEST_TRIAL:
            return numbers
    return list(range(len(given)))

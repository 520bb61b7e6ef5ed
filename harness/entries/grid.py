"""The algorithms of an experiment: each table expanded into its labelled entrants."""

from __future__ import annotations

import itertools
import re
import string
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.errors import unknown_name
from harness.entries.sources import Contender, find_contender, hyperparameters
from harness.errors import ConfigurationError

_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode's categories of control characters, lone surrogates, and separators of lines and paragraphs."""


@dataclass(frozen=True)
class Entrant:
    """An algorithm with all its hyperparameters, under its label."""

    label: str
    contender: Contender
    parameters: dict[str, Any]


def expand(template: str, table: dict[str, Any], folder: Path, problems: list[str]) -> list[Entrant]:
    """Return one entrant a combination of ``grid`` and ``zip``.

    Parameters
    ----------
    template : str
        The table's name: the label, with hyperparameters in braces.
    table : dict
        As the experiment file has it.
    folder : Path
        What relative paths of guests start from.
    problems : list of str
        Every mistake is added; what it spoils is left out.
    """
    place = f"algorithms.{template if template.isprintable() else repr(template)}"
    fixed = dict(table)
    combinations = list(_combinations(fixed.pop("grid", {}), fixed.pop("zip", {}), place, problems))
    try:
        contender = find_contender(fixed.pop("use", template), folder)
    except ConfigurationError as error:
        problems += [f"{place}: {problem}" for problem in error.problems]
        return []
    entrants = []
    for combination in combinations:
        try:
            parameters = hyperparameters(contender.load(), fixed | combination, place)
            entrants.append(Entrant(_label(template, parameters, place), contender, parameters))
        except ConfigurationError as error:
            problems += error.problems
    return entrants


def _combinations(grid: Any, zipped: Any, place: str, problems: list[str]) -> Iterator[dict[str, Any]]:
    """Every choice of the grid's values with every position of the zipped lists."""
    grid = _lists(grid, f"{place}.grid", problems)
    zipped = _lists(zipped, f"{place}.zip", problems)
    if len({len(values) for values in zipped.values()}) > 1:
        problems.append(f"{place}.zip: the lists differ in length: {zipped!r}")
    if both := sorted(grid.keys() & zipped.keys()):
        problems.append(f"{place}: {', '.join(both)} stands in grid and in zip")
    rows = [dict(zip(zipped, values, strict=True)) for values in zip(*zipped.values(), strict=False)] or [{}]
    for row in rows:
        for values in itertools.product(*grid.values()):
            yield row | dict(zip(grid, values, strict=True))


def _lists(table: Any, place: str, problems: list[str]) -> dict[str, list[Any]]:
    """The entries of a table that are lists of at least one value."""
    entries = table if isinstance(table, dict) else {}
    right = {name: values for name, values in entries.items() if isinstance(values, list) and values}
    if not isinstance(table, dict) or len(right) < len(table):
        problems.append(f"{place}: wanted is a table of lists with at least one value; got {table!r}")
    return right


def _label(template: str, parameters: dict[str, Any], place: str) -> str:
    try:
        for _, name, form, _ in string.Formatter().parse(template):
            if name is not None and name not in parameters:
                raise ConfigurationError([f"{place}: {unknown_name('hyperparameter in the label', name, parameters)}"])
            if form and re.search(r"[{}]|\d{3}", form):
                raise ValueError(f"{form!r} after a colon is no short format")
        label = template.format_map(parameters)
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        raise ConfigurationError([f"{place}: the label is no template ({error}); write {{{{ for a brace"]) from None
    if not label.strip() or any(unicodedata.category(character) in _UNPRINTABLE for character in label):
        allowed = "one line of text that is not blank, without control characters"
        raise ConfigurationError([f"{place}: the label is {label!r}; allowed is {allowed}"])
    return label

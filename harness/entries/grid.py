"""Expand the algorithm tables of an experiment into labelled entries."""

from __future__ import annotations

import itertools
import math
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.errors import unknown_name
from harness.entries.hyperparameters import declared_hyperparameters, hyperparameters
from harness.entries.programs import TIME_LIMIT
from harness.entries.sources import AlgorithmSource, find_source
from harness.entries.trajectories.source import TrajectorySource
from harness.errors import ConfigurationError
from results.storage.experiment_record import unsafe_characters

MOST_ENTRIES = 100_000
"""Largest number of entries of an experiment, and of its cells."""
LIMIT_KEY = "time_limit"


@dataclass(frozen=True)
class Entry:
    """An algorithm with all its hyperparameters, or recorded runs, under its label.

    Attributes
    ----------
    label : str
    source : AlgorithmSource or TrajectorySource
    parameters : dict
    time_limit : float or None
        For every call of a custom class [s]. None for registered algorithms, and for programs, which keep their own.
    """

    label: str
    source: AlgorithmSource | TrajectorySource
    parameters: dict[str, Any]
    time_limit: float | None = None


def expand(template: str, table: dict[str, Any], folder: Path, problems: list[str]) -> list[Entry]:
    """Expand a table into one entry per combination of ``grid`` and ``zip``.

    Parameters
    ----------
    template : str
        The table's name, which is the template of the label: it may hold hyperparameters in braces.
    table : dict
        The table's content in the experiment file.
    folder : Path
        Folder that relative paths of custom classes and programs start from.
    problems : list of str
        Every mistake is added to it. Entries that a mistake affects are left out.
    """
    place = f"algorithms.{template if template.isprintable() else repr(template)}"
    fixed = dict(table)
    combinations = list(_combinations(fixed.pop("grid", {}), fixed.pop("zip", {}), place, problems))
    try:
        source = find_source(fixed.pop("use", template), folder)
    except ConfigurationError as error:
        problems += [f"{place}: {problem}" for problem in error.problems]
        return []
    limit = _time_limit(fixed, source, place, problems)
    entries = []
    for combination in combinations:
        try:
            parameters = hyperparameters(source.load(), fixed | combination, place)
            entries.append(Entry(label_of(template, parameters, place), source, parameters, limit))
        except ConfigurationError as error:
            problems += error.problems
    return entries


def _time_limit(table: dict[str, Any], source: AlgorithmSource, place: str, problems: list[str]) -> float | None:
    """Take the time limit of a custom class out of its table."""
    if not source.is_custom_class:
        return None
    limit = table.pop(LIMIT_KEY, TIME_LIMIT)
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not 0 < limit < float("inf"):
        problems.append(f"{place}.{LIMIT_KEY}: expected a positive number of seconds, got {limit!r}")
        return TIME_LIMIT
    if LIMIT_KEY in declared_hyperparameters(source.load()):
        problems.append(
            f"{place}: {LIMIT_KEY!r} is the time limit of every custom class, and cannot be one of its hyperparameters;"
            " rename the field"
        )
    return float(limit)


def _combinations(grid: Any, zipped: Any, place: str, problems: list[str]) -> Iterator[dict[str, Any]]:
    """Yield every choice of the grid's values with every position of the zipped lists."""
    grid = _lists(grid, f"{place}.grid", problems)
    zipped = _lists(zipped, f"{place}.zip", problems)
    if len({len(values) for values in zipped.values()}) > 1:
        problems.append(f"{place}.zip: expected lists of equal length, got {zipped!r}")
    if both := sorted(grid.keys() & zipped.keys()):
        problems.append(f"{place}: {', '.join(both)}: given in grid and in zip; remove one of the two")
    rows = [dict(zip(zipped, values, strict=True)) for values in zip(*zipped.values(), strict=False)] or [{}]
    count = len(rows) * math.prod(map(len, grid.values()))
    if count > MOST_ENTRIES:
        problems.append(f"{place}.grid: expected at most {MOST_ENTRIES:,} combinations, got {count:,}")
        return
    for row in rows:
        for values in itertools.product(*grid.values()):
            yield row | dict(zip(grid, values, strict=True))


def _lists(table: Any, place: str, problems: list[str]) -> dict[str, list[Any]]:
    """Return the entries of a table that are lists of at least one value, and report the others."""
    entries = table if isinstance(table, dict) else {}
    right = {name: values for name, values in entries.items() if isinstance(values, list) and values}
    if not isinstance(table, dict) or len(right) < len(table):
        problems.append(f"{place}: expected a table of lists with at least one value, got {table!r}")
    return right


def label_of(template: str, parameters: dict[str, Any], place: str) -> str:
    """Return the label of an entry: the template, with its hyperparameters in place of their names in braces.

    Raises
    ------
    ConfigurationError
        If the template is not valid, names a hyperparameter that does not exist, or gives a label that is not one line.
    """
    try:
        for _, name, form, _ in string.Formatter().parse(template):
            if name is not None and name not in parameters:
                raise ConfigurationError([f"{place}: {unknown_name('hyperparameter in the label', name, parameters)}"])
            if form and re.search(r"[{}]|\d{3}", form):
                raise ValueError(f"{form!r} after a colon is not a short format")
        label = template.format_map(parameters)
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        raise ConfigurationError(
            [f"{place}: the label is not a valid template ({error}); write {{{{ for a brace"]
        ) from None
    if not label.strip() or set(label) & {"\n", "\t"} or unsafe_characters(label):
        expected = "expected a label of one line, not blank and without control characters"
        raise ConfigurationError([f"{place}: {expected}; got {label!r}"])
    return label

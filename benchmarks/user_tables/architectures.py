"""Find the architecture of each row of a table, and the space that the architectures belong to."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError, few
from benchmarks.registry import NUMBERED, load_space, resolve
from benchmarks.spaces.base import Architecture, ChoiceSpace, Genotypes, SearchSpace
from benchmarks.spaces.pool import PoolSpace
from benchmarks.spaces.structured import StructuredChoiceSpace
from benchmarks.user_tables.reading import Rows
from benchmarks.user_tables.specification import TableSpec

MOST_CHOICES = int(np.iinfo(np.int16).max)
"""The largest number of choices of a position: genotypes are 16-bit integers."""
RESERVED = (",", "=")
"""Marks of the notation of architectures, which a value must not contain."""


class _Level(NamedTuple):
    """The values of a choice: as texts in their order, and the place of each code of the column among them."""

    texts: list[str]
    places: NDArray[np.int64]


def architectures(rows: Rows, spec: TableSpec) -> tuple[SearchSpace, Genotypes]:
    """Return the space, and the genotype of each row, ``(n, n_positions)``.

    Raises
    ------
    BenchmarkError
        If a row names no architecture of the space, or a column cannot be a choice.
    """
    return _choice_space(rows, spec) if spec.choices else _known_space(rows, spec)


def recorded_space(
    spec: TableSpec, space: SearchSpace, found: Genotypes, file: Path
) -> tuple[SearchSpace, NDArray[np.int64]]:
    """Return the space of the recorded architectures, and the place of each of them in it, ``(n,)``.

    It is the whole space if every architecture of it was recorded, otherwise a pool.

    Parameters
    ----------
    spec : TableSpec
    space : SearchSpace
    found : array of int16, ``(n, n_positions)``
        The different recorded architectures, in lexicographic order.
    file : Path
    """
    if len(found) == space.size:
        return space, space.indices(found)
    if spec.official:
        have = {tuple(row) for row in found.tolist()}
        absent = next(row for row in map(tuple, space.enumerate().tolist()) if row not in have)
        raise BenchmarkError(
            f"{file}: {space.size - len(found) if space.size else 'some'} of the {space.size} architectures of space"
            f" {space.name!r} are missing, the first is {space.to_string(absent)}; give a complete table"
        )
    return PoolSpace(spec.name, space, found), np.arange(len(found))


def unordered_notes(spec: TableSpec, space: SearchSpace) -> Iterator[str]:
    """Yield the note on choices of more than two numbers that were not said to have an order, if there are any."""
    whole = space.of if isinstance(space, PoolSpace) else space
    if not isinstance(whole, ChoiceSpace):
        return
    ordered, absent = {order.choice for order in spec.ordered}, spec.absent or ""
    values = {key: [v for v in whole.choices[key] if v != absent] for key in spec.choices if key not in ordered}
    if names := [key for key, own in values.items() if len(own) > 2 and all(map(_is_number, own))]:
        option = f"--ordered {shlex.quote(','.join(names))}"
        yield f"the numbers in {few(names)} are unordered; {option} orders them, for neighbours and encodings"


def genotype_codes(space: SearchSpace, genotypes: Genotypes) -> NDArray[np.int64]:
    """Return a number for each genotype, in lexicographic order, ``(n,)``.

    It is below 2 ** 40, so that it can be combined with the numbers of repeats and fidelities.
    """
    if math.prod(space.cardinalities) < 2**40:
        codes = np.zeros(len(genotypes), dtype=np.int64)
        for position, count in enumerate(space.cardinalities):
            codes = codes * count + genotypes[:, position]
        return codes
    return np.unique(genotypes, axis=0, return_inverse=True)[1].ravel().astype(np.int64)


def _known_space(rows: Rows, spec: TableSpec) -> tuple[SearchSpace, Genotypes]:
    space = load_space(spec.space)
    column = rows.texts[spec.architecture]
    read = _by_index(space) if spec.architecture_index else space.from_string
    found: list[tuple[int, ...]] = []
    for code, text in enumerate([*column.levels, ""]):
        try:
            found.append(read(text))
        except BenchmarkError as error:
            wrong = np.flatnonzero(column.codes == (code if code < len(column.levels) else -1))
            if len(wrong):
                raise BenchmarkError(f"{rows.place(int(wrong[0]))}: {spec.architecture}: {error}") from None
            found.append((0,) * len(space.cardinalities))
    return space, np.array(found, dtype=np.int16)[column.codes]


def _by_index(space: SearchSpace) -> Callable[[str], Architecture]:
    """Return a function that reads the official number of an architecture."""
    if space.name not in NUMBERED:
        raise BenchmarkError(
            f"--architecture-index: the numbers of space {space.name!r} are not known, only those of"
            f" {', '.join(NUMBERED)}; give the architectures themselves with --architecture"
        )
    order: Genotypes = resolve(NUMBERED[space.name])(space)

    def read(text: str) -> tuple[int, ...]:
        try:
            number = int(float(text)) if float(text).is_integer() else -1
        except ValueError:
            number = -1
        if not 0 <= number < len(order):
            raise BenchmarkError(f"expected the number of an architecture from 0 to {len(order) - 1:,}, got {text!r}")
        return tuple(order[number].tolist())

    return read


def _choice_space(rows: Rows, spec: TableSpec) -> tuple[SearchSpace, Genotypes]:
    """Return a space of the values in the columns, sorted, and the genotype of each row."""
    choices: dict[str, list[str]] = {}
    genotypes = np.empty((rows.n, len(spec.choices)), dtype=np.int16)
    for position, column in enumerate(spec.choices):
        level = _level(rows, spec, column)
        genotypes[:, position] = level.places[rows.texts[column].codes]
        choices[column] = level.texts
    name = f"{spec.name}-choices"
    conditions = _conditions(rows, spec, choices, genotypes)
    if not (spec.ordered or conditions):
        return ChoiceSpace(name, choices), genotypes
    space = StructuredChoiceSpace(
        name, choices, [order.choice for order in spec.ordered], conditions, spec.absent or ""
    )
    wrong = np.flatnonzero(~space.valid(genotypes))
    if len(wrong):
        row = int(wrong[0])
        told = {key: choices[key][genotypes[row, i]] for i, key in enumerate(spec.choices)}
        raise BenchmarkError(
            f"{rows.place(row)}: {_contradiction(told, conditions, spec)}; correct the row, or the condition. Rows like"
            f" it: {len(wrong):,}"
        )
    return space, genotypes


def _contradiction(
    told: Mapping[str, str], conditions: Mapping[str, tuple[str, tuple[str, ...]]], spec: TableSpec
) -> str:
    """Say which choice of a row contradicts its condition, and how."""
    absent = spec.absent or ""
    for key, (other, values) in conditions.items():
        applies = told[other] in values
        if applies and told[key] == absent:
            return (
                f"{key} is {absent!r}, but {other} is {told[other]}; {key} applies if {other} is in {{{few(values)}}}"
            )
        if not applies and told[key] != absent:
            only = f"{key} applies only if {other} is in {{{few(values)}}}"
            return f"{key} is {told[key]!r}, but {other} is {told[other]!r}; {only}"
    raise AssertionError("a row without a contradiction")


def _level(rows: Rows, spec: TableSpec, column: str) -> _Level:
    text = rows.texts[column]
    used = np.zeros(len(text.levels) + 1, dtype=np.bool_)
    used[text.codes] = True  # -1 is the last
    levels = [level.strip() for level in text.levels]
    absent = spec.absent if spec.absent is not None else "" if spec.conditions else None
    empty = [code for code, level in enumerate(levels) if not level and used[code]] + ([-1] if used[-1] else [])
    if empty and absent != "":
        row = int(np.flatnonzero(np.isin(text.codes, empty))[0])
        raise BenchmarkError(
            f"{rows.place(row)}: {column} is missing; if the choice does not apply there, say so with --absent '', or"
            f" when it applies with --conditional '{column} if OTHER>=VALUE'"
        )
    recorded = [level for level, one in zip(levels, used, strict=False) if one and level]
    listed = next((order.values for order in spec.ordered if order.choice == column), ())
    names, order = _listed_levels(rows, column, recorded, listed, absent) if listed else _sorted_levels(recorded)
    if empty:
        order[""] = len(names)
        names.append("")
    words = [name for name in names if name != absent and not _is_number(name)]
    if words and any(order.choice == column and not order.values for order in spec.ordered):
        raise BenchmarkError(
            f"{rows.file}: --ordered {column}: expected numbers, whose order is known, got {few(words)}; state the"
            f" order, as in --ordered '{column}:{'<'.join(words[:3])}'"
        )
    for name in names:
        if any(mark in name for mark in RESERVED):
            raise BenchmarkError(
                f"{rows.file}: {column} has the value {name!r}; ',' and '=' belong to the notation of architectures,"
                " replace them"
            )
    if len(names) > MOST_CHOICES:
        raise BenchmarkError(
            f"{rows.file}: {column} has {len(names):,} different values; expected at most {MOST_CHOICES:,}. Is it a"
            " measurement, or the name of a row? Leave it out of --space columns:..."
        )
    places = [order.get(level, 0) for level in levels] + [order.get("", 0)]
    return _Level(names, np.array(places, dtype=np.int64))


def _listed_levels(
    rows: Rows, column: str, recorded: Sequence[str], listed: Sequence[str], absent: str | None
) -> tuple[list[str], dict[str, int]]:
    """Return the recorded values in the stated order, and the place of each."""
    other = sorted(set(recorded) - set(listed) - {absent})
    if other:
        raise BenchmarkError(
            f"{rows.file}: --ordered {column}: the stated order lacks {few(other)}; the recorded values are"
            f" {few(sorted(set(recorded)))}"
        )
    names = [value for value in (*listed, *([absent] if absent else [])) if value in recorded]
    return names, {name: place for place, name in enumerate(names)}


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _sorted_levels(levels: Sequence[str]) -> tuple[list[str], dict[str, int]]:
    """Return the values in order, and the place of each text: by number if all are numbers, otherwise by text."""
    different = sorted(set(levels))
    try:
        numbers = {level: float(level) for level in different}
    except ValueError:
        numbers = {}
    if not numbers or not all(map(math.isfinite, numbers.values())):
        return different, {level: place for place, level in enumerate(different)}
    whole = all(level.lstrip("+-").isdigit() for level in different)
    values = sorted(set(numbers.values()))
    names = [str(int(value)) if whole else f"{value:g}" for value in values]
    if len(set(names)) < len(names):
        names = [repr(value) for value in values]
    place = {value: place for place, value in enumerate(values)}
    return names, {level: place[number] for level, number in numbers.items()}


def _conditions(
    rows: Rows, spec: TableSpec, choices: dict[str, list[str]], genotypes: Genotypes
) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the conditions: those that were given, and those that the table shows for the others that are absent."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    absent = spec.absent or ""
    for condition in spec.conditions:
        values = tuple(v for v in choices[condition.other] if v != absent and condition.holds(v))
        found[condition.choice] = (condition.other, values)
    if spec.absent is None:
        return found
    for key in spec.choices:
        if key in found or absent not in choices[key]:
            continue
        shown = _shown_condition(spec, choices, genotypes, key)
        if shown is None:
            raise BenchmarkError(
                f"{rows.file}: {key} is {absent!r} in some rows, and no other choice tells in which; say when it"
                f" applies with --conditional '{key} if OTHER>=VALUE'"
            )
        found[key] = shown
    return found


def _shown_condition(
    spec: TableSpec, choices: dict[str, list[str]], genotypes: Genotypes, key: str
) -> tuple[str, tuple[str, ...]] | None:
    """Find a choice whose value tells in every row whether another one is absent."""
    columns = dict(zip(spec.choices, genotypes.T, strict=True))
    is_absent = columns[key] == choices[key].index(spec.absent or "")
    for other in spec.choices:
        if other == key:
            continue
        texts = choices[other]
        share = np.bincount(columns[other], weights=is_absent, minlength=len(texts))
        count = np.bincount(columns[other], minlength=len(texts))
        if np.isin(share[count > 0] / count[count > 0], (0.0, 1.0)).all():
            return other, tuple(text for place, text in enumerate(texts) if count[place] and not share[place])
    return None

"""The training runs of a table as one long list, and their arrangement by architecture, fidelity and repeat."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError, few, unknown_name
from benchmarks.user_tables.differences import way_out
from benchmarks.user_tables.notation import PLACE, Array, ColumnSpec
from benchmarks.user_tables.reading import Rows
from benchmarks.user_tables.specification import TableSpec

Index = NDArray[np.int64]


@dataclass
class Values:
    """Values of one quantity, one after another.

    Attributes
    ----------
    row : array of int32, ``(n,)``
        Row of the file.
    column : array of int16, ``(n,)``
        Place among the columns that hold repeats.
    fidelity : array, ``(n,)``
        NaN if the row does not tell it.
    value : array, ``(n,)``
    name : str
        For messages.
    """

    row: NDArray[np.int32]
    column: NDArray[np.int16]
    fidelity: Array
    value: Array
    name: str

    def chosen(self, which: NDArray[np.bool_] | Index) -> Values:
        """Return some of the values."""
        return Values(self.row[which], self.column[which], self.fidelity[which], self.value[which], self.name)


def expanded(parts: Sequence[ColumnSpec], names: Sequence[str]) -> tuple[ColumnSpec, ...]:
    """Replace a pattern by the columns of the file that match it, with their fidelities.

    Raises
    ------
    BenchmarkError
        If no column matches.
    """
    found: list[ColumnSpec] = []
    for part in parts:
        if not part.is_pattern:
            found.append(part)
            continue
        (pattern,) = part.columns
        expression = re.escape(pattern).replace(re.escape(PLACE), r"(\d+(?:\.\d+)?)", 1)
        matches = [(match, name) for name in names if (match := re.fullmatch(expression, name))]
        if not matches:
            raise BenchmarkError(f"no column matches {pattern!r}: {unknown_name('column', pattern, names)}")
        by_fidelity = {float(match[1]): name for match, name in matches}
        found += [ColumnSpec((name,), fidelity, part.factor) for fidelity, name in sorted(by_fidelity.items())]
    return tuple(found)


def values_of(parts: Sequence[ColumnSpec], rows: Rows, spec: TableSpec) -> Values:
    """Collect the values of the columns of a quantity.

    A cell with a list holds the values at the fidelities 1, 2, ..., or at those of a list in the column of fidelities.

    Raises
    ------
    BenchmarkError
        If a list has another length than the list of its fidelities.
    """
    name = few(list(iterate_columns(parts)))
    pieces = [_piece(part, j, column, rows, spec) for part in parts for j, column in enumerate(part.columns)]
    if len(pieces) == 1:
        return Values(*pieces[0], name)
    row, place, fidelity, value = (np.concatenate(arrays) for arrays in zip(*pieces, strict=True))
    return Values(row, place, fidelity, value, name)


def columns_of(values: Values, places: Index, parts: Sequence[ColumnSpec]) -> list[str]:
    """Return the columns that hold the values at these places, each once."""
    names = []
    for place, fidelity in zip(values.column[places].tolist(), values.fidelity[places].tolist(), strict=True):
        told = [part for part in parts if part.fidelity == fidelity]
        part = (told or [part for part in parts if part.fidelity is None])[0]
        names.append(part.columns[place])
    return list(dict.fromkeys(names))


def are_missing(columns: Sequence[str]) -> str:
    """Return that these columns have no value, as the beginning of a message."""
    return f"{few(columns)} {'is' if len(columns) == 1 else 'are'} missing"


def _piece(
    part: ColumnSpec, place: int, column: str, rows: Rows, spec: TableSpec
) -> tuple[NDArray[np.int32], NDArray[np.int16], Array, Array]:
    cells = rows.numbers[column]
    if not isinstance(cells, list):
        fidelity = _fidelities(part, rows, spec)
        with np.errstate(over="ignore"):  # values that overflow become infinite, and are refused later
            return (
                np.arange(rows.n, dtype=np.int32),
                np.full(rows.n, place, dtype=np.int16),
                fidelity,
                cells * part.factor,
            )
    lengths = np.array([len(cell) for cell in cells], dtype=np.int64)
    row = np.repeat(np.arange(rows.n, dtype=np.int32), lengths)
    steps = np.concatenate([np.empty(0), *(np.arange(1.0, length + 1) for length in lengths.tolist())])
    if spec.fidelity is not None:
        steps = _listed_fidelities(spec.fidelity, lengths, rows)
    elif part.fidelity is not None or spec.epochs is not None:
        raise BenchmarkError(f"{rows.file}: {column} holds lists, one value for each epoch: omit the epochs")
    return row, np.full(len(row), place, dtype=np.int16), steps, np.concatenate([np.empty(0), *cells]) * part.factor


def _fidelities(part: ColumnSpec, rows: Rows, spec: TableSpec) -> Array:
    if part.fidelity is not None:
        return np.full(rows.n, part.fidelity)
    if spec.fidelity is None:
        return np.full(rows.n, np.nan if spec.epochs is None else spec.epochs)
    cells = rows.numbers[spec.fidelity]
    if isinstance(cells, list):
        return np.full(rows.n, np.nan)
    wrong = ~((cells > 0) & np.isfinite(cells))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise BenchmarkError(
            f"{rows.place(row)}: {spec.fidelity} must be above 0 (got {cells[row]:g}). Rows like it: {wrong.sum():,}"
        )
    return cells


def _listed_fidelities(column: str, lengths: Index, rows: Rows) -> Array:
    cells = rows.numbers[column]
    if not isinstance(cells, list):
        raise BenchmarkError(f"{rows.file}: {column}: expected a list of epochs in each cell, as the values are lists")
    for row, (cell, length) in enumerate(zip(cells, lengths.tolist(), strict=True)):
        if len(cell) != length:
            raise BenchmarkError(
                f"{rows.place(row)}: {column}: expected {length} epochs, as many as values, got {len(cell)}"
            )
    return np.concatenate([np.empty(0), *cells])


class Arrangement(NamedTuple):
    """Where each run goes in arrays ``(n_architectures, n_repeats)`` by fidelity.

    Attributes
    ----------
    fidelities : tuple of float
    at : array of int, ``(n,)``
        Number of the fidelity of each value.
    architecture, repeat : array of int, ``(n,)``
    shape : tuple of int
    holes : int
        Number of runs that lack a fidelity. They come after the others, and are never drawn.
    """

    fidelities: tuple[float, ...]
    at: Index
    architecture: Index
    repeat: Index
    shape: tuple[int, int]
    holes: int

    def spread(self, values: Array) -> dict[float, Array]:
        """Arrange values by fidelity, ``(n_architectures, n_repeats)``; NaN where a run is missing."""
        tables = {}
        for number, fidelity in enumerate(self.fidelities):
            chosen = self.at == number
            width = self.shape[1] if self.holes else int(self.repeat[chosen].max()) + 1
            table = np.full((self.shape[0], width), np.nan)
            table[self.architecture[chosen], self.repeat[chosen]] = values[chosen]
            tables[fidelity] = table
        return tables


def run_labels(values: Values, rows: Rows, spec: TableSpec) -> Index:
    """Return a number for each value that tells the run among those of its architecture: the repeat, and the column."""
    if spec.repeat is None:
        return values.column.astype(np.int64)
    text = rows.texts[spec.repeat]
    named = np.array([level.strip() != "" for level in text.levels] + [False])
    lacking = ~named[text.codes]
    if lacking.any():
        row = int(np.flatnonzero(lacking)[0])
        raise BenchmarkError(f"{rows.place(row)}: {spec.repeat} is missing. Rows like it: {lacking.sum():,}")
    order = {level: place for place, level in enumerate(sorted(text.levels, key=_natural))}
    places = np.array([order[level] for level in text.levels] + [0], dtype=np.int64)
    return places[text.codes][values.row] * (int(values.column.max()) + 1) + values.column


def _natural(level: str) -> tuple[int, float, str]:
    """Sort numbers by value and before other texts."""
    try:
        number = float(level)
    except ValueError:
        return 1, 0.0, level
    return (0, number, level) if number == number else (1, 0.0, level)


class Runs(NamedTuple):
    """The runs of a table.

    Attributes
    ----------
    owner : array of int, ``(n_runs,)``
        Architecture of each run, ascending; the runs of an architecture are in the order of their labels.
    of : array of int, ``(n,)``
        Run of each value.
    lacking : array of bool, ``(n_runs,)``
        Whether the run lacks a fidelity.
    """

    owner: Index
    of: Index
    lacking: NDArray[np.bool_]


def runs_of(architecture: Index, label: Index, n_fidelities: int) -> Runs:
    """Find the runs to which values belong."""
    width = int(label.max()) + 1
    key = architecture * width + label
    runs, counts = np.unique(key, return_counts=True)
    lacking = counts < n_fidelities
    del counts  # the arrays are large
    of = np.searchsorted(runs, key)
    del key
    runs //= width
    return Runs(runs, of, lacking)


def arrange(
    values: Values,
    architecture: Index,
    n_architectures: int,
    label: Index,
    *,
    matched: bool,
    rows: Rows,
) -> Arrangement:
    """Number the runs of each architecture over all fidelities, those that lack none first.

    Parameters
    ----------
    values : Values
    architecture, label : array of int, ``(n,)``
    n_architectures : int
    matched : bool
        Whether a label tells the same run at every fidelity.
    rows : Rows

    Raises
    ------
    BenchmarkError
        If an architecture has no run that was recorded at every fidelity.
    """
    fidelities, at = fidelity_numbers(values.fidelity)
    if not matched:
        _refuse_absent(
            np.unique(architecture * len(fidelities) + at), n_architectures, fidelities, architecture, values, rows
        )
        repeat = numbered(architecture * len(fidelities) + at, label)
        shape = (n_architectures, int(repeat.max()) + 1)
        return Arrangement(tuple(fidelities.tolist()), at, architecture, repeat, shape, 0)
    owner, of, lacking = runs_of(architecture, label, len(fidelities))
    complete = np.bincount(owner[~lacking], minlength=n_architectures)
    if (complete == 0).any():
        _no_complete_run(np.flatnonzero(complete == 0), architecture, at, fidelities, values, rows)
    number = np.arange(len(owner))
    if lacking.any():
        number[np.lexsort((lacking, owner))] = np.arange(len(owner))
    number -= np.searchsorted(owner, np.arange(n_architectures))[owner]
    shape = (n_architectures, int(number.max()) + 1)
    return Arrangement(tuple(fidelities.tolist()), at, architecture, number[of], shape, int(lacking.sum()))


def numbered(group: Index, label: Index) -> Index:
    """Number the members of each group in the order of their labels."""
    order = np.lexsort((label, group))
    first = np.r_[True, group[order][1:] != group[order][:-1]]
    start = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order)) - start
    return number


def fidelity_numbers(fidelity: Array) -> tuple[Array, Index]:
    """Return the different fidelities, ascending, and the number of each value's fidelity among them."""
    fidelities: Array = np.unique(fidelity)
    return fidelities, np.searchsorted(fidelities, fidelity)


def refuse_twice(values: Values, architecture: Index, label: Index, rows: Rows, spec: TableSpec) -> None:
    """Refuse two rows that describe the same run.

    Raises
    ------
    BenchmarkError
        With the number of both rows, and the columns in which they differ.
    """
    at = fidelity_numbers(values.fidelity)[1]
    key = (architecture * (int(label.max()) + 1) + label) * (int(at.max()) + 1) + at
    key.sort()
    if not (key[1:] == key[:-1]).any():
        return
    del key
    order = np.lexsort((at, label, architecture))
    same = (np.diff(architecture[order]) == 0) & (np.diff(label[order]) == 0) & (np.diff(at[order]) == 0)
    pairs = np.stack([values.row[order[:-1]][same], values.row[order[1:]][same]], axis=1)
    pairs.sort(axis=1)
    first, second = map(int, pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))[0]])
    raise BenchmarkError(
        f"{rows.place(second)}: this run is already in row {rows.number(first)}; {way_out(rows, first, second, spec)}."
        f" Rows like it: {len(np.unique(pairs[:, 1])):,}"
    )


def _refuse_absent(present: Index, n: int, fidelities: Array, architecture: Index, values: Values, rows: Rows) -> None:
    absent = np.setdiff1d(np.arange(n * len(fidelities)), present)
    if len(absent):
        row = int(values.row[architecture == absent[0] // len(fidelities)][0])
        raise BenchmarkError(
            f"{rows.file}: the architecture in row {rows.number(row)} has no run at"
            f" {fidelities[absent[0] % len(fidelities)]:g} epochs. Every architecture needs a run at every fidelity."
            f" Architectures like it: {len(np.unique(absent // len(fidelities))):,}"
        )


def _no_complete_run(
    lacking: Index, architecture: Index, at: Index, fidelities: Array, values: Values, rows: Rows
) -> None:
    own = architecture == lacking[0]
    row = int(values.row[own][0])
    absent = np.setdiff1d(np.arange(len(fidelities)), at[own])
    where = (
        f"no run at {fidelities[absent[0]]:g} epochs" if len(absent) else "no run that was recorded at every fidelity"
    )
    raise BenchmarkError(
        f"{rows.file}: the architecture in row {rows.number(row)} has {where}. Every architecture needs a run at every"
        f" fidelity; pass --missing drop-architecture to leave such architectures out. Architectures like it:"
        f" {len(lacking):,}"
    )


def iterate_columns(parts: Sequence[ColumnSpec]) -> Iterator[str]:
    """Yield the names of the columns of a quantity."""
    for part in parts:
        yield from part.columns

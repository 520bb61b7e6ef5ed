"""Import user-defined tables on a known space: CSV files with one row per architecture."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.benchmark import Facts
from benchmarks.errors import BenchmarkError, unknown_name
from benchmarks.formats.csv import FIRST_ROW, numbers, read_csv
from benchmarks.registry import load_space
from benchmarks.spaces.base import SearchSpace
from benchmarks.storage.manifest import check_name
from benchmarks.table import TableBenchmark, build_table

Array = NDArray[np.float64]
Rows = NDArray[np.bool_]

SCALES: dict[str, tuple[tuple[float, float], Callable[[Array], Array]]] = {
    # name: (lowest and highest value allowed, error of a value)
    "accuracy-percent": ((0.0, 100.0), lambda values: 1.0 - values / 100.0),
    "accuracy": ((0.0, 1.0), lambda values: 1.0 - values),
    "error-percent": ((0.0, 100.0), lambda values: values / 100.0),
    "error": ((0.0, 1.0), lambda values: values),
}


@dataclass(frozen=True)
class ColumnSpec:
    """The columns of one quantity at one fidelity, written ``[FACTOR*]COLUMN[,COLUMN...]@FIDELITY``.

    Examples
    --------
    >>> ColumnSpec.parse("0.06*train_time@12")
    ColumnSpec(columns=('train_time',), fidelity=12.0, factor=0.06)
    """

    columns: tuple[str, ...]
    fidelity: float
    factor: float = 1.0

    @classmethod
    def parse(cls, text: str) -> ColumnSpec:
        """Read the notation.

        Raises
        ------
        BenchmarkError
            If the text does not follow it.
        """
        match = re.fullmatch(r"(?:(?P<factor>[^*@]+)\*)?(?P<columns>[^@*]+)@(?P<fidelity>[^@]+)", text.strip())
        try:
            if match is None:
                raise ValueError
            fidelity, factor = float(match["fidelity"]), float(match["factor"] or 1.0)
            columns = tuple(column.strip() for column in match["columns"].split(","))
            if not (0 < fidelity < np.inf and 0 < factor < np.inf and all(columns)):
                raise ValueError
            if float(f"{fidelity:g}") != fidelity:
                raise ValueError
        except ValueError:
            raise BenchmarkError(
                f"expected COLUMN@EPOCHS, COLUMN,COLUMN@EPOCHS for repeats, or FACTOR*COLUMN@EPOCHS, got {text!r};"
                " EPOCHS and FACTOR must be above 0, and EPOCHS must have at most six digits"
            ) from None
        return cls(columns, fidelity, factor)


@dataclass(frozen=True)
class ImportSpec:
    """Settings of an import, besides the file.

    Attributes
    ----------
    name, space : str
    architecture : str
        The column with the architecture, in any notation that the space reads.
    validation : tuple of ColumnSpec
        One per available fidelity. Several columns are repeats.
    test : tuple of ColumnSpec
        Mean test errors by fidelity, which are reported and never guide a search.
    cost : tuple of ColumnSpec
        Cumulative training seconds from scratch, one per fidelity, with one column for all repeats or one for each.
        Empty if no times were recorded.
    scale : str
        A key of ``SCALES``.
    """

    name: str
    space: str
    architecture: str
    validation: tuple[ColumnSpec, ...]
    test: tuple[ColumnSpec, ...] = ()
    cost: tuple[ColumnSpec, ...] = ()
    scale: str = "accuracy-percent"
    title: str = ""
    dataset: str = ""
    licence: str = "not stated"
    citation: str = "not stated"
    sisters: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    validation_share: float | None = None
    continuable: bool = field(default=False)


def import_table(spec: ImportSpec, file: Path) -> TableBenchmark:
    """Read a complete table of a known space.

    Raises
    ------
    BenchmarkError
        If the file cannot be read, lacks a column, has an architecture twice, lacks one, or has a value that is missing
        or out of range. The message names the file, column and row.
    """
    _check(spec)
    space = load_space(spec.space)
    wanted = [column for spec_ in (*spec.validation, *spec.test, *spec.cost) for column in spec_.columns]
    frame = read_csv(file, wanted, spec.architecture)
    frame = frame.loc[_order(frame[spec.architecture], space, file)]
    validation = sorted(spec.validation, key=lambda s: s.fidelity)
    errors = {s.fidelity: _errors(frame, s, spec.scale, file, optional=True) for s in validation}
    tests = {s.fidelity: _errors(frame, s, spec.scale, file, optional=False).mean(axis=1) for s in spec.test}
    costs = {s.fidelity: _seconds(frame, s, file) for s in spec.cost}
    facts = Facts(
        name=spec.name,
        title=spec.title or spec.name,
        dataset=spec.dataset or spec.name,
        space=spec.space,
        metric=f"{spec.scale} in {', '.join(c for s in spec.validation for c in s.columns)}",
        unit="fraction",
        valid_range=(0.0, 1.0),
        fidelities=tuple(errors),
        continuable=spec.continuable,
        provenance="recorded",
        licence=spec.licence,
        citation=spec.citation,
        source=f"imported from {file.name}",
        data_hash="",
        repeats=(0, 0),
        has_seconds=bool(costs),
        validation_share=spec.validation_share,
        sisters=spec.sisters,
        notes=spec.notes,
    )
    return build_table(facts, space, errors, costs, tests)


def _check(spec: ImportSpec) -> None:
    """Check that the settings are consistent, before the file is read."""
    check_name(spec.name)
    if spec.scale not in SCALES:
        raise BenchmarkError(unknown_name("scale", spec.scale, SCALES))
    if not spec.validation:
        raise BenchmarkError("nothing to search by: give at least one validation column, as COLUMN@EPOCHS")
    for columns in (spec.validation, spec.test, spec.cost):
        if len({column.fidelity for column in columns}) < len(columns):
            raise BenchmarkError("a fidelity is given twice; give repeats as COLUMN,COLUMN@EPOCHS")
        for column in columns:
            if len(set(column.columns)) < len(column.columns):
                raise BenchmarkError(
                    f"{', '.join(column.columns)}: a column is given twice; give each repeat a column of its own"
                )
    repeats = {column.fidelity: len(column.columns) for column in spec.validation}
    if spec.cost and {column.fidelity for column in spec.cost} != repeats.keys():
        raise BenchmarkError("give costs for exactly the fidelities of the validation columns, or omit them all")
    for column in spec.cost:
        if len(column.columns) not in (1, repeats[column.fidelity]):
            raise BenchmarkError(
                f"expected 1 or {repeats[column.fidelity]} cost columns at {column.fidelity:g} epochs, one for all"
                f" repeats or one for each, got {len(column.columns)}"
            )


def _order(architectures: pd.Series[str], space: SearchSpace, file: Path) -> NDArray[np.int64]:
    """Return the labels of the rows in the order of the space."""
    rows = np.full(space.size or 0, -1, dtype=np.int64)
    texts = architectures.fillna("")
    for label, text in zip(texts.index.tolist(), texts, strict=True):
        place = f"{file}, row {label + FIRST_ROW}: {architectures.name}"
        try:
            row = space.index(space.from_string(text))
        except BenchmarkError as error:
            raise BenchmarkError(f"{place}: {error}") from None
        if rows[row] >= 0:
            earlier = f"{text!r} is already in row {rows[row] + FIRST_ROW}"
            raise BenchmarkError(f"{place}: {earlier}; give every architecture once")
        rows[row] = label
    absent = np.flatnonzero(rows < 0)
    if len(absent):
        first = space.to_string(tuple(space.enumerate()[absent[0]].tolist()))
        raise BenchmarkError(
            f"{file}: {len(absent)} of the {space.size} architectures of space {space.name!r} are missing, the first is"
            f" {first}; give a complete table"
        )
    return rows


def _errors(frame: pd.DataFrame, spec: ColumnSpec, scale: str, file: Path, *, optional: bool) -> Array:
    """Return the errors at one fidelity, ``(n, repeats)``. If ``optional``, a row needs only one of its repeats."""
    values = _scaled(frame, spec, file)
    (low, high), to_error = SCALES[scale]
    lacking = np.all(np.isnan(values), axis=1) if optional else np.any(np.isnan(values), axis=1)
    _refuse(lacking, "is not a value; give every architecture a value", frame, spec, file)
    outside = np.any((values < low) | (values > high), axis=1)
    why = f"is outside [{low:g}, {high:g}]; correct it, or choose another --scale than {scale}"
    _refuse(outside, why, frame, spec, file)
    return to_error(values)


def _seconds(frame: pd.DataFrame, spec: ColumnSpec, file: Path) -> Array:
    """Return the training times at one fidelity [s], ``(n, 1)`` or ``(n, repeats)``."""
    values = _scaled(frame, spec, file)
    wrong = ~np.all((values > 0) & np.isfinite(values), axis=1)
    _refuse(wrong, "is not a time above 0 s; correct it, or omit --cost if no times were recorded", frame, spec, file)
    return values


def _scaled(frame: pd.DataFrame, spec: ColumnSpec, file: Path) -> Array:
    with np.errstate(over="ignore"):  # values that overflow become infinite, and are rejected later
        scaled: Array = numbers(frame, spec.columns, file) * spec.factor
    return scaled


def _refuse(bad: Rows, why: str, frame: pd.DataFrame, spec: ColumnSpec, file: Path) -> None:
    """Raise an error that names the first bad row of the file, if there is one."""
    if bad.any():
        first = frame.index[bad].min()
        times = f" times {spec.factor:g}" if spec.factor != 1 else ""
        raise BenchmarkError(
            f"{file}, row {first + FIRST_ROW}: {', '.join(spec.columns)}: got"
            f" {', '.join(map(str, frame.loc[first, list(spec.columns)]))}{times}, which {why}. Rows like it:"
            f" {bad.sum()}"
        )

"""Import of anybody's table on a known space: a CSV with one row an architecture."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError, unknown_name
from benchmarks.facts import Facts
from benchmarks.registry import load_space
from benchmarks.space import SearchSpace
from benchmarks.table import TableBenchmark, build_table

Array = NDArray[np.float64]

SCALES: dict[str, tuple[tuple[float, float], Callable[[Array], Array]]] = {
    # name: (lowest and highest value allowed, error of a value)
    "accuracy-percent": ((0.0, 100.0), lambda values: 1.0 - values / 100.0),
    "accuracy": ((0.0, 1.0), lambda values: 1.0 - values),
    "error-percent": ((0.0, 100.0), lambda values: values / 100.0),
    "error": ((0.0, 1.0), lambda values: values),
}


@dataclass(frozen=True)
class ColumnSpec:
    """Where one quantity at one fidelity stands: ``[FACTOR*]COLUMN[,COLUMN...]@FIDELITY``.

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
        except ValueError:
            raise BenchmarkError(
                f"{text!r} does not say where a value stands; write COLUMN@EPOCHS, COLUMN,COLUMN@EPOCHS for repeats, or"
                " FACTOR*COLUMN@EPOCHS"
            ) from None
        return cls(columns, fidelity, factor)


@dataclass(frozen=True)
class ImportSpec:
    """All that an import needs to know besides the file.

    Attributes
    ----------
    name, space : str
    architecture : str
        The column with the architecture, in any notation that the space reads.
    validation : tuple of ColumnSpec
        One an available fidelity; several columns are repeats.
    test : tuple of ColumnSpec
        Mean test errors by fidelity; reported, never a search signal.
    cost : tuple of ColumnSpec
        Cumulative training seconds from scratch, one a fidelity, with one column for all repeats or one for each; or
        none at all.
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


def read_csv(file: Path, columns: Sequence[str], text: str) -> pd.DataFrame:
    """Read a CSV (also gzipped) that must have these columns; the column ``text`` as text.

    Raises
    ------
    BenchmarkError
        If the file cannot be read as CSV, or lacks a column.
    """
    try:
        header = list(pd.read_csv(file, nrows=0).columns)
        absent = [column for column in dict.fromkeys([text, *columns]) if column not in header]
        if absent:
            raise BenchmarkError(f"{file}: " + "; ".join(unknown_name("column", c, header) for c in absent))
        # Not usecols=: it cuts off what a row has too many, be it a decimal comma that shifts the columns.
        frame = pd.read_csv(file, dtype={text: str}, low_memory=False)
        if not isinstance(frame.index, pd.RangeIndex):
            raise ValueError("its rows have more fields than its header")
        return frame
    except BenchmarkError:
        raise
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise BenchmarkError(f"{file} cannot be read as CSV: {error}") from error


def import_table(spec: ImportSpec, file: Path) -> TableBenchmark:
    """Read a complete table of a known space.

    Raises
    ------
    BenchmarkError
        If the file cannot be read, lacks a column, names an architecture twice, lacks one, or holds a value that is
        missing or outside its range; the message names file, column and row.
    """
    _check(spec)
    space = load_space(spec.space)
    wanted = [column for spec_ in (*spec.validation, *spec.test, *spec.cost) for column in spec_.columns]
    frame = read_csv(file, wanted, spec.architecture)
    frame = frame.iloc[_order(frame[spec.architecture], space, file)]
    (low, high), to_error = SCALES[spec.scale]
    errors = {
        s.fidelity: to_error(_values(frame, s, low, high, file, optional=True))
        for s in sorted(spec.validation, key=lambda s: s.fidelity)
    }
    tests = {s.fidelity: to_error(_values(frame, s, low, high, file).mean(axis=1)) for s in spec.test}
    costs = {s.fidelity: _values(frame, s, 0.0, np.inf, file) for s in spec.cost}
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
    """Refuse a specification that contradicts itself, before the file is read."""
    if spec.scale not in SCALES:
        raise BenchmarkError(unknown_name("scale", spec.scale, SCALES))
    if not spec.validation:
        raise BenchmarkError("nothing to search by: give at least one validation column, as COLUMN@EPOCHS")
    for columns in (spec.validation, spec.test, spec.cost):
        if len({column.fidelity for column in columns}) < len(columns):
            raise BenchmarkError("a fidelity is given twice; give repeats as COLUMN,COLUMN@EPOCHS")
    repeats = {column.fidelity: len(column.columns) for column in spec.validation}
    if spec.cost and {column.fidelity for column in spec.cost} != repeats.keys():
        raise BenchmarkError("costs must be given for just the fidelities of the validation columns, or for none")
    for column in spec.cost:
        if len(column.columns) not in (1, repeats[column.fidelity]):
            raise BenchmarkError(
                f"{len(column.columns)} cost columns for {repeats[column.fidelity]} repeats at {column.fidelity:g}"
                " epochs; give one for each repeat, or one for all"
            )


def _order(architectures: pd.Series[str], space: SearchSpace, file: Path) -> NDArray[np.int64]:
    """Rows of the file in the order of the space."""
    rows = np.full(space.size or 0, -1, dtype=np.int64)
    for line, text in enumerate(architectures):
        try:
            row = space.index(space.from_string(str(text)))
        except BenchmarkError as error:
            raise BenchmarkError(f"{file}, row {line + 2}: {error}") from None
        if rows[row] >= 0:
            raise BenchmarkError(f"{file}, row {line + 2}: architecture {text!r} stands in row {rows[row] + 2} already")
        rows[row] = line
    absent = np.flatnonzero(rows < 0)
    if len(absent):
        first = space.to_string(tuple(space.enumerate()[absent[0]].tolist()))
        raise BenchmarkError(
            f"{file}: {len(absent)} of the {space.size} architectures of space {space.name!r} are missing, the first"
            f" is {first}"
        )
    return rows


def _values(
    frame: pd.DataFrame, spec: ColumnSpec, low: float, high: float, file: Path, *, optional: bool = False
) -> Array:
    """Values of one quantity, ``(n, repeats)``; where ``optional`` all but one repeat of a row may be missing."""
    try:
        values = frame[list(spec.columns)].to_numpy(dtype=np.float64) * spec.factor
    except ValueError as error:
        raise BenchmarkError(f"{file}: column {', '.join(spec.columns)} is not numeric: {error}") from None
    absent = np.isnan(values)
    lacking = absent.all(axis=1) if optional else absent.any(axis=1)
    outside = ((values < low) | (values > high) | np.isinf(values)).any(axis=1)
    for bad, what in ((lacking, "is missing"), (outside, f"lies outside [{low:g}, {high:g}]")):
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise BenchmarkError(
                f"{file}, row {frame.index[row] + 2}: {', '.join(spec.columns)} {what} (got {values[row].tolist()};"
                f" {int(bad.sum())} rows are so)"
            )
    return values

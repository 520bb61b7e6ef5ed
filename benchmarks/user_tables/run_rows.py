"""Import user-defined tables with one row per training run, on a known space or on columns of choices.

A table that lacks architectures of its space becomes a pool.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.benchmark import Facts
from benchmarks.errors import BenchmarkError, unknown_name
from benchmarks.formats.csv import FIRST_ROW, numbers, read_csv
from benchmarks.registry import load_space
from benchmarks.spaces.base import ChoiceSpace, SearchSpace
from benchmarks.spaces.pool import PoolSpace
from benchmarks.storage.manifest import check_name
from benchmarks.table import TableBenchmark, build_table
from benchmarks.user_tables.architecture_rows import SCALES

Array = NDArray[np.float64]

COLUMNS = "columns:"
MAXIMISED = {"accuracy-percent": True, "accuracy": True, "error-percent": False, "error": False}


@dataclass(frozen=True)
class TableSpec:
    """Settings of an import, besides the file.

    Attributes
    ----------
    name : str
    space : str
        A known space, or ``columns:`` followed by the names of the columns that are its choices.
    objective : str
        The column to search by. ``maximise`` is its direction.
    scale : str or None
        A key of ``SCALES``, whose errors are fractions. None takes the objective as it is, negated if it is maximised.
    architecture : str
        On a known space, the column with the architecture.
    test, cost : str or None
        Columns with the test value, in the objective's scale, and with the cumulative seconds of training.
    fidelity, repeat : str or None
        Columns with the epochs, and with a label that tells runs of one architecture apart.
    epochs : float
        Fidelity of all rows if ``fidelity`` is None.
    test_signal : str or None
        The name of the objective again, to allow a search by test values.
    """

    name: str
    space: str
    objective: str
    maximise: bool
    scale: str | None = None
    architecture: str = "arch_str"
    test: str | None = None
    cost: str | None = None
    fidelity: str | None = None
    repeat: str | None = None
    epochs: float = 1.0
    test_signal: str | None = None
    title: str = ""
    dataset: str = ""
    unit: str = ""
    valid_range: tuple[float, float] = (-np.inf, np.inf)
    licence: str = "not stated"
    citation: str = "not stated"
    sisters: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


MOST_CHOICES = int(np.iinfo(np.int16).max)
"""The largest number of choices of a position: genotypes are 16-bit integers."""


def parse_objective(text: str) -> tuple[str, bool]:
    """Read ``COLUMN:max`` or ``COLUMN:min``: the column, and whether it is maximised.

    Raises
    ------
    BenchmarkError
        If the text has another form.
    """
    column, _, direction = text.rpartition(":")
    if not column or direction not in ("max", "min"):
        raise BenchmarkError(f"--objective: expected COLUMN:max or COLUMN:min, got {text!r}")
    return column, direction == "max"


def refuse_test_signal(columns: Sequence[str], allowed: str | None) -> None:
    """Reject test values as a search signal, unless the user allowed the column by name.

    Raises
    ------
    BenchmarkError
        If the name of a column contains "test" and is not the allowed one.
    """
    for column in columns:
        if "test" in column.lower() and column != allowed:
            raise BenchmarkError(
                f"column {column!r} looks like test values, which must not guide a search; name a validation column, or"
                f" pass --test-signal {column} to search by it anyway, which the benchmark's title then says"
            )


def import_runs(spec: TableSpec, file: Path) -> TableBenchmark:
    """Read a table of training runs, as a whole space or as a pool.

    Raises
    ------
    BenchmarkError
        If the file cannot be read, lacks a column, has a run twice, lacks a run of an architecture at some fidelity, or
        has a missing or impossible value. The message names the file, column and row.
    """
    _check(spec)
    choices = spec.space.removeprefix(COLUMNS).split(",") if spec.space.startswith(COLUMNS) else []
    texts = [column.strip() for column in choices] or [spec.architecture]
    named = [spec.objective, spec.test, spec.cost, spec.fidelity, spec.repeat]
    frame = read_frame(file, texts, [column for column in named if column])
    if not len(frame):
        raise BenchmarkError(f"{file} has no rows")
    of, genotypes = _choice_space(frame, texts, spec, file) if choices else _known_space(frame, spec, file)
    members, rows = np.unique(genotypes, axis=0, return_inverse=True)
    complete = len(members) == of.size
    space = of if complete else PoolSpace(spec.name, of, members)
    rows = of.indices(members)[rows.ravel()] if complete else rows.ravel()
    errors, tests, seconds = _Runs(frame, rows, spec, file).tables()
    return build_table(_facts(spec, space, file, tuple(errors), bool(seconds)), space, errors, seconds, tests)


def _check(spec: TableSpec) -> None:
    """Check that the settings are consistent, before the file is read."""
    check_name(spec.name)
    if not spec.space.startswith(COLUMNS):
        load_space(spec.space)
    if spec.scale is not None and spec.scale not in SCALES:
        raise BenchmarkError(unknown_name("scale", spec.scale, SCALES))
    if spec.scale is not None and MAXIMISED[spec.scale] != spec.maximise:
        raise BenchmarkError(
            f"scale {spec.scale!r} is {'maximised' if MAXIMISED[spec.scale] else 'minimised'}, but the objective"
            f" {spec.objective!r} is not; omit --scale, or change the direction of --objective"
        )
    refuse_test_signal([spec.objective], spec.test_signal)


def read_frame(file: Path, texts: Sequence[str], others: Sequence[str]) -> pd.DataFrame:
    """Read a CSV file, plain or gzipped, or a Parquet file.

    Parameters
    ----------
    file : Path
    texts, others : sequence of str
        Required columns. In a CSV file, the first of ``texts`` is read as text.

    Raises
    ------
    BenchmarkError
        If the file cannot be read or lacks a column.
    """
    if file.suffix != ".parquet":
        return read_csv(file, [*texts[1:], *others], texts[0])
    try:
        names = pq.read_schema(file).names
        wanted = list(dict.fromkeys([*texts, *others]))
        if absent := [column for column in wanted if column not in names]:
            raise BenchmarkError(f"{file}: " + "; ".join(unknown_name("column", c, map(str, names)) for c in absent))
        return pd.read_parquet(file, columns=wanted).reset_index(drop=True)
    except BenchmarkError:
        raise
    except (OSError, ValueError, pa.ArrowException) as error:
        raise BenchmarkError(f"{file} cannot be read as Parquet: {error}") from error


def _known_space(frame: pd.DataFrame, spec: TableSpec, file: Path) -> tuple[SearchSpace, NDArray[np.int16]]:
    """Return the known space, and the genotype of each row, ``(n, n_positions)``."""
    space = load_space(spec.space)
    genotypes = []
    for row, text in enumerate(frame[spec.architecture].astype(str)):
        try:
            genotypes.append(space.from_string(text))
        except BenchmarkError as error:
            raise BenchmarkError(f"{file}, row {row + FIRST_ROW}: {error}") from None
    return space, np.array(genotypes, dtype=np.int16)


def _choice_space(
    frame: pd.DataFrame, columns: Sequence[str], spec: TableSpec, file: Path
) -> tuple[SearchSpace, NDArray[np.int16]]:
    """Return a space of the values in the columns, sorted, and the genotype of each row, ``(n, n_positions)``."""
    choices: dict[str, list[Hashable]] = {}
    genotypes = np.empty((len(frame), len(columns)), dtype=np.int16)
    for position, column in enumerate(columns):
        cells = frame[column]
        if cells.isna().any():
            row = int(np.flatnonzero(cells.isna())[0])
            raise BenchmarkError(f"{file}, row {row + FIRST_ROW}: {column} is missing")
        as_numbers = pd.to_numeric(cells, errors="coerce")
        codes, levels = pd.factorize(cells.astype(str) if as_numbers.isna().any() else as_numbers, sort=True)
        if len(levels) > MOST_CHOICES:
            raise BenchmarkError(
                f"{file}: {column} has {len(levels):,} different values; expected at most {MOST_CHOICES:,}. Is"
                " it a measurement, or the name of a row? Leave it out of --space columns:..."
            )
        genotypes[:, position] = codes
        choices[column] = [f"{level:g}" if isinstance(level, float) else level for level in levels]
    return ChoiceSpace(f"{spec.name}-choices", choices), genotypes


class _Runs:
    """The training runs of a table, by architecture, fidelity and repeat."""

    def __init__(self, frame: pd.DataFrame, rows: NDArray[np.int64], spec: TableSpec, file: Path) -> None:
        self._frame, self._rows, self._spec, self._file = frame, rows, spec, file
        self._fidelities = np.full(len(frame), spec.epochs) if spec.fidelity is None else self._numbers(spec.fidelity)
        self._refuse((self._fidelities <= 0) | ~np.isfinite(self._fidelities), spec.fidelity or "", "must be above 0")

    def tables(self) -> tuple[dict[float, Array], dict[float, Array], dict[float, Array]]:
        """Return errors ``(n, repeats)``, mean test errors ``(n,)`` and seconds ``(n, repeats)``, by fidelity."""
        places = self._places()
        spec = self._spec
        errors = self._spread(self._errors(spec.objective), places)
        tests = {} if spec.test is None else self._spread(self._errors(spec.test), places)
        seconds = {} if spec.cost is None else self._spread(self._seconds(spec.cost), places)
        return errors, {fidelity: np.nanmean(values, axis=1) for fidelity, values in tests.items()}, seconds

    def _places(self) -> NDArray[np.int64]:
        """Number the repeats of each architecture and fidelity in the order of the repeat column, ``(n_rows,)``."""
        spec, frame = self._spec, self._frame
        keys = pd.DataFrame({"row": self._rows, "fidelity": self._fidelities})
        if spec.repeat is not None:
            keys["repeat"] = pd.factorize(frame[spec.repeat], sort=True)[0]
            self._refuse(frame[spec.repeat].isna().to_numpy(), spec.repeat, "is missing")
        twice = keys.duplicated(keep="first").to_numpy()
        way_out = (
            "name the column that tells repeats apart with --repeat" if spec.repeat is None else "keep one of them"
        )
        self._refuse(twice, "this run", f"occurs twice; {way_out}")
        if spec.repeat is None:
            return np.zeros(len(keys), dtype=np.int64)
        places = keys.sort_values("repeat", kind="stable").groupby(["row", "fidelity"]).cumcount()
        return places.sort_index().to_numpy().astype(np.int64)

    def _spread(self, values: Array, places: NDArray[np.int64]) -> dict[float, Array]:
        """Arrange the values of all rows by fidelity, ``(n_architectures, repeats)``; NaN where a run is missing."""
        n, tables = int(self._rows.max()) + 1, {}
        for fidelity in np.unique(self._fidelities).tolist():
            chosen = self._fidelities == fidelity
            table = np.full((n, int(places[chosen].max()) + 1), np.nan)
            table[self._rows[chosen], places[chosen]] = values[chosen]
            absent = np.isnan(table).all(axis=1)
            if absent.any():
                row = int(np.flatnonzero(self._rows == np.flatnonzero(absent)[0])[0])
                raise BenchmarkError(
                    f"{self._file}: the architecture in row {row + FIRST_ROW} has no run at {fidelity:g} epochs. Every"
                    f" architecture needs a run at every fidelity. Architectures like it: {int(absent.sum()):,}"
                )
            tables[fidelity] = table
        return tables

    def _errors(self, column: str) -> Array:
        values, spec = self._numbers(column), self._spec
        if spec.scale is None:
            low, high = spec.valid_range if not spec.maximise else (-spec.valid_range[1], -spec.valid_range[0])
        else:
            (low, high), _ = SCALES[spec.scale]
        self._refuse(
            ~np.isfinite(values) | (values < low) | (values > high), column, f"must lie in [{low:g}, {high:g}]"
        )
        if spec.scale is None:
            return -values if spec.maximise else values
        return SCALES[spec.scale][1](values)

    def _seconds(self, column: str) -> Array:
        values = self._numbers(column)
        self._refuse(~np.isfinite(values) | (values <= 0), column, "must be seconds above 0")
        return values

    def _numbers(self, column: str) -> Array:
        values: Array = numbers(self._frame, [column], self._file)[:, 0]
        self._refuse(np.isnan(values), column, "is missing; remove rows of runs that were not recorded")
        return values

    def _refuse(self, wrong: NDArray[np.bool_], column: str, what: str) -> None:
        """Raise an error that names the first wrong row, if there is one."""
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            got = f" (got {self._frame[column].iloc[row]})" if column in self._frame else ""
            place = f"{self._file}, row {row + FIRST_ROW}"
            raise BenchmarkError(f"{place}: {column} {what}{got}. Rows like it: {wrong.sum():,}")


def _facts(spec: TableSpec, space: SearchSpace, file: Path, fidelities: tuple[float, ...], has_seconds: bool) -> Facts:
    title, notes = spec.title or spec.name, spec.notes
    if spec.test_signal == spec.objective:
        title += ", searched by test values"
        notes = (*notes, f"the search signal, {spec.objective}, is a test value")
    if isinstance(space, PoolSpace):
        whole = f" of {space.of.size:,}" if space.of.size else ""
        notes = (*notes, f"a pool of {space.size:,}{whole} architectures: neighbours are the nearest recorded ones")
    unit = f"{spec.objective}{', negated' if spec.maximise else ''}" if spec.scale is None else "fraction"
    return Facts(
        name=spec.name,
        title=title,
        dataset=spec.dataset or spec.name,
        space=space.name,
        metric=f"{spec.objective}, {'maximised' if spec.maximise else 'minimised'}"
        + (f" ({spec.scale})" if spec.scale else ""),
        unit=spec.unit or unit,
        valid_range=spec.valid_range if spec.scale is None else (0.0, 1.0),
        fidelities=fidelities,
        continuable=False,
        provenance="recorded",
        licence=spec.licence,
        citation=spec.citation,
        source=f"imported from {file.name}",
        data_hash="",
        repeats=(0, 0),
        has_seconds=has_seconds,
        sisters=spec.sisters,
        notes=notes,
    )

"""Failed runs of a table, those without a value: refuse them, fill them in, or leave their architectures out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError, few
from benchmarks.user_tables.notation import Array
from benchmarks.user_tables.reading import Rows
from benchmarks.user_tables.runs import Index, Values, are_missing, columns_of, fidelity_numbers, run_labels, runs_of
from benchmarks.user_tables.specification import TableSpec

Bools = NDArray[np.bool_]


def with_unrecorded(values: Values, codes: Index, rows: Rows, spec: TableSpec) -> Values:
    """Add a value of NaN for each fidelity that a run lacks: a run that ended early failed from there on."""
    if not spec.matched:
        return values
    fidelities, at = fidelity_numbers(values.fidelity)
    runs = runs_of(codes[values.row], run_labels(values, rows, spec), len(fidelities))
    short = np.flatnonzero(runs.lacking)
    number = np.full(len(runs.owner), -1)
    number[short] = np.arange(len(short))
    own = runs.lacking[runs.of]
    recorded = np.zeros((len(short), len(fidelities)), dtype=np.bool_)
    recorded[number[runs.of[own]], at[own]] = True
    first = np.zeros(len(short), dtype=np.int64)
    first[number[runs.of[own]]] = np.flatnonzero(own)  # any value of the run
    which, fidelity = np.nonzero(~recorded)
    place = first[which]
    return Values(
        np.r_[values.row, values.row[place]],
        np.r_[values.column, values.column[place]],
        np.r_[values.fidelity, fidelities[fidelity]],
        np.r_[values.value, np.full(len(place), np.nan)],
        values.name,
    )


@dataclass
class Outcome:
    """The values after failed runs were settled.

    Attributes
    ----------
    values : Values
        Finite ones.
    costs : array or None
        Cumulative seconds of each, ``(n,)``.
    failed : array of bool, ``(n,)``
        Which values were filled in for failed runs.
    dropped : array of int
        Codes of the architectures that are left out.
    n_failed : int
        Number of failed runs.
    """

    values: Values
    costs: Array | None
    failed: Bools
    dropped: Index
    n_failed: int

    def of_rows(self, kept: Bools) -> Outcome:
        """Return the part of some rows of the file."""
        if kept.all():
            return self
        chosen = kept[self.values.row]
        costs = None if self.costs is None else self.costs[chosen]
        return replace(self, values=self.values.chosen(chosen), costs=costs, failed=self.failed[chosen])


def settle(values: Values, seconds: Array | None, rows: Rows, codes: Index, spec: TableSpec) -> Outcome:
    """Apply ``spec.missing`` to the runs without a value."""
    failed = ~np.isfinite(values.value)
    if spec.missing.policy == "refuse" and values.column.max() > 0:
        # Several columns hold repeats, and an empty one says that fewer were recorded.
        recorded = np.bincount(values.row[~failed], minlength=rows.n) > 0
        at = _row_at_fidelity(values)
        some = np.bincount(at[~failed], minlength=int(at.max()) + 1) > 0
        absent = np.isnan(values.value) & some[at] & recorded[values.row]
        if absent.any():
            values, failed = values.chosen(~absent), failed[~absent]
            seconds = None if seconds is None else seconds[~absent]
    n_failed = len(
        np.unique(values.row[failed].astype(np.int64) * (int(values.column.max()) + 1) + values.column[failed])
    )
    dropped = np.empty(0, dtype=np.int64)
    if failed.any():
        if spec.missing.policy == "refuse":
            raise _failed(values, failed, rows, spec)
        if spec.missing.policy == "drop-architecture":
            dropped = np.unique(codes[values.row[failed]])
        else:
            values = replace(values, value=np.where(failed, worst_values(values, failed, spec), values.value))
    if spec.missing.policy == "drop-architecture":
        dropped = np.union1d(dropped, _with_incomplete_run(values, codes, rows, spec))
    kept = ~np.isin(codes[values.row], dropped) if len(dropped) else np.ones(len(values.row), dtype=np.bool_)
    if not kept.any():
        raise BenchmarkError(f"{rows.file}: every architecture has a failed run, so nothing is left to search")
    if not kept.all():
        values, failed = values.chosen(kept), failed[kept]
        seconds = None if seconds is None else seconds[kept]
    if seconds is not None:
        _check_seconds(values, seconds, rows, spec)
    return Outcome(values, seconds, failed, dropped, n_failed)


def _row_at_fidelity(values: Values) -> Index:
    """Number the pairs of a row and a fidelity."""
    fidelities, at = fidelity_numbers(values.fidelity)
    numbers: Index = np.unique(values.row.astype(np.int64) * len(fidelities) + at, return_inverse=True)[1].ravel()
    return numbers


def _failed(values: Values, failed: Bools, rows: Rows, spec: TableSpec) -> BenchmarkError:
    row = int(values.row[failed].min())
    places = np.flatnonzero(failed & (values.row == row))
    empty = places[np.isnan(values.value[places])]
    if len(empty):
        what = are_missing(columns_of(values, empty, spec.signal))
    else:
        what = f"{columns_of(values, places[:1], spec.signal)[0]} is {values.value[places[0]]:g}"
    return BenchmarkError(
        f"{rows.place(row)}: {what}. If the run failed, deleting it would bias the benchmark: pass"
        " --missing worst to count it as the worst recorded error, or --missing drop-architecture. Rows like it:"
        f" {len(np.unique(values.row[failed])):,}"
    )


def worst_values(values: Values, failed: Bools, spec: TableSpec) -> Array:
    """Return what a failed run gets in place of each value: the worst one recorded at its fidelity, or the stated."""
    if spec.missing.value is not None:
        return np.full(len(values.value), spec.missing.value)
    fidelities, at = fidelity_numbers(values.fidelity)
    worst = np.full(len(fidelities), np.inf if spec.maximised else -np.inf)
    (np.minimum if spec.maximised else np.maximum).at(worst, at[~failed], values.value[~failed])
    if not np.isfinite(worst).all():
        raise BenchmarkError(
            f"no run succeeded at {fidelities[~np.isfinite(worst)][0]:g} epochs, so that no error is the worst recorded"
            " one; state a value, as in --missing worst=10"
        )
    by_value: Array = worst[at]
    return by_value


def _with_incomplete_run(values: Values, codes: Index, rows: Rows, spec: TableSpec) -> Index:
    """Return the codes of the architectures with a run that lacks a fidelity."""
    if not spec.matched:
        return np.empty(0, dtype=np.int64)
    n_fidelities = len(np.unique(values.fidelity))
    runs = runs_of(codes[values.row], run_labels(values, rows, spec), n_fidelities)
    short: Index = np.unique(runs.owner[runs.lacking])
    return short


def _check_seconds(values: Values, seconds: Array, rows: Rows, spec: TableSpec) -> None:
    wrong = ~(np.isfinite(seconds) & (seconds > 0))
    if wrong.any():
        place = int(np.flatnonzero(wrong)[np.argmin(values.row[wrong])])
        names = few(spec.cost)
        raise BenchmarkError(
            f"{rows.place(int(values.row[place]))}: {names}: got {seconds[place]:g}, which is not a time above 0 s;"
            " correct it, or omit --cost if no times were recorded. Failed runs need the time that they took, too, or"
            f" --missing drop-architecture. Rows like it: {len(np.unique(values.row[wrong])):,}"
        )

"""Checks of a table's values. Every message names the file, row and column."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.benchmark import Target
from benchmarks.errors import BenchmarkError, unknown_name
from benchmarks.table import noise_floor
from benchmarks.user_tables.failed_runs import worst_values
from benchmarks.user_tables.files import Source
from benchmarks.user_tables.notation import SCALES, Array, TestSpec
from benchmarks.user_tables.reading import Rows
from benchmarks.user_tables.runs import (
    Arrangement,
    Index,
    Values,
    are_missing,
    columns_of,
    fidelity_numbers,
    numbered,
    run_labels,
    values_of,
)
from benchmarks.user_tables.specification import TableSpec, refuse_doubt

Bools = NDArray[np.bool_]
ENOUGH = 20
"""Number of repeated architectures among the best from which their noise is the floor."""
BEST = 0.01
"""Share of the architectures that are called the best."""


def check_columns(spec: TableSpec, source: Source, columns: Sequence[str]) -> None:
    """Check that the file has each of some columns once, and say which options name those that it needs."""
    for column in dict.fromkeys(columns):
        number = source.names.count(column)
        if number > 1:
            raise BenchmarkError(f"{source.file}: column {column!r} occurs {number} times in the header")
        if not number:
            needed = [*spec.keys, *(name for part in spec.signal for name in part.columns)]
            advice = (
                ". Name the columns of the file with --space columns:... or --architecture, and with --validation or"
                " --objective"
                if column in needed
                else ""
            )
            comma = [name for name in source.names if "," in name and column in name]
            if comma:
                advice = f". A name with a comma cannot be given: rename {comma[0]!r}"
            raise BenchmarkError(f"{source.file}: {unknown_name('column', column, source.names)}{advice}")


def located(values: Values, spec: TableSpec) -> Values:
    """Return the values of the search signal with a fidelity for each."""
    default = 1.0 if spec.epochs is None else spec.epochs
    return replace(values, fidelity=np.where(np.isnan(values.fidelity), default, values.fidelity))


def costs(values: Values, rows: Rows, spec: TableSpec) -> Array | None:
    """Return the cumulative seconds of each value of the signal, ``(n,)``. None if no times were recorded."""
    if not spec.cost:
        return None
    found = located(values_of(spec.cost, rows, spec), spec)
    shared = {part.fidelity for part in spec.cost if len(part.columns) == 1}
    one_for_all = np.isin(values.fidelity, [f for f in shared if f is not None]) | (None in shared)
    if isinstance(rows.numbers[spec.cost[0].columns[0]], list) and spec.missing.policy != "worst":
        _check_lengths(values, found, rows)
    fidelities = np.unique(np.r_[values.fidelity, found.fidelity])
    width = int(max(values.column.max(), found.column.max())) + 1

    def key(row: NDArray[Any], fidelity: Array, column: NDArray[Any]) -> Index:
        numbers: Index = (
            row.astype(np.int64) * len(fidelities) + np.searchsorted(fidelities, fidelity)
        ) * width + column
        return numbers

    keys = key(found.row, found.fidelity, found.column)
    order = np.argsort(keys, kind="stable")
    wanted = key(values.row, values.fidelity, np.where(one_for_all, 0, values.column))
    place = np.minimum(np.searchsorted(keys[order], wanted), len(order) - 1)
    there = keys[order][place] == wanted
    seconds: Array = np.where(there, found.value[order][place], np.nan)
    return seconds


def _check_lengths(values: Values, found: Values, rows: Rows) -> None:
    """Check that each list of costs is as long as the list of values."""
    lengths = [np.bincount(one.row[one.column == 0], minlength=rows.n) for one in (values, found)]
    wrong = np.flatnonzero(lengths[0] != lengths[1])
    if len(wrong):
        row = int(wrong[0])
        raise BenchmarkError(
            f"{rows.place(row)}: {found.name}: expected {lengths[0][row]} costs, one for each value of {values.name},"
            f" got {lengths[1][row]}. Rows like it: {len(wrong):,}"
        )


def common_architectures(kept: Sequence[Index], specs: Sequence[TableSpec], rows: Rows, codes: Index) -> Index:
    """Return the codes of the architectures that all tables keep; refuse tables that record different ones."""
    common = kept[0]
    for own in kept[1:]:
        common = np.intersect1d(common, own)
    for own, spec in zip(kept, specs, strict=True):
        extra = np.setdiff1d(own, common)
        if len(extra) and spec.missing.policy != "drop-architecture":
            row = int(np.flatnonzero(codes == extra[0])[0])
            raise BenchmarkError(
                f"{rows.place(row)}: this architecture is recorded for {spec.dataset!r}, but not for all of"
                f" {', '.join(repr(one.dataset) for one in specs)}. Sister tables need the same architectures: pass"
                f" --missing drop-architecture to keep the common ones. Architectures like it: {len(extra):,}"
            )
    if not len(common):
        raise BenchmarkError(f"{rows.file}: no architecture is recorded in every table")
    return common


def check_costs(
    seconds: dict[float, Array], values: Values, arrangement: Arrangement, rows: Rows, spec: TableSpec
) -> None:
    """Check that cumulative costs do not fall, and that training can be continued if it is said to be."""
    if spec.continuable and not spec.matched:
        raise BenchmarkError(
            "--continuable: expected the same repeats at every fidelity, because a run is continued from one to the"
            " next"
        )
    for low, high in itertools.pairwise(sorted(seconds)):
        width = min(seconds[low].shape[1], seconds[high].shape[1])
        before, after = seconds[low][:, :width], seconds[high][:, :width]
        fallen, equal = after < before, after == before
        if fallen.any() and (spec.matched or fallen.all(axis=1).any()):
            what = _told(fallen, "falls", seconds, (low, high), values, arrangement, rows, spec)
            what = f"{what}, but costs are cumulative seconds from the beginning of training"
            if spec.continuable:
                raise BenchmarkError(
                    f"{what}; correct it, or, if the fidelities are separate trainings, omit --continuable and pass"
                    " --accept falling-costs"
                )
            refuse_doubt(spec, "falling-costs", what)
        elif spec.continuable and equal.any():
            what = _told(equal, "goes", seconds, (low, high), values, arrangement, rows, spec)
            raise BenchmarkError(f"{what}; with --continuable, expected times that rise")


def _told(
    where: Bools,
    verb: str,
    seconds: dict[float, Array],
    between: tuple[float, float],
    values: Values,
    arrangement: Arrangement,
    rows: Rows,
    spec: TableSpec,
) -> str:
    """Say how the cost of the first of some runs changes between two fidelities."""
    high = between[1]
    architecture, repeat = (int(place) for place in np.argwhere(where)[0])
    at = (arrangement.at == arrangement.fidelities.index(high)) & (arrangement.architecture == architecture)
    row = int(values.row[at & (arrangement.repeat == repeat)][0])
    column = next((part for part in spec.cost if part.fidelity == high), spec.cost[0])
    many = int(where.any(axis=1).sum())
    like = f" (and for {many - 1:,} more architectures)" if many > 1 else ""
    times = [f"{seconds[fidelity][architecture, repeat]:.10g} s at {fidelity:g}" for fidelity in between]
    return f"{rows.place(row)}: {column} {verb} from {times[0]} to {times[1]} epochs{like}"


def errors_of(values: Values, scale: str | None, maximise: bool, rows: Rows, spec: TableSpec) -> Array:
    """Return the errors of values, ``(n,)``."""
    value = values.value
    if scale is None:
        low, high = spec.valid_range if not maximise else (-spec.valid_range[1], -spec.valid_range[0])
    else:
        low, high = SCALES[scale].low, SCALES[scale].high
    wrong = ~(np.isfinite(value) & (value >= low) & (value <= high))
    if wrong.any():
        place = int(np.flatnonzero(wrong)[np.argmin(values.row[wrong])])
        remedy = "" if scale is None else f"; correct it, or choose another --scale than {scale}"
        raise BenchmarkError(
            f"{rows.place(int(values.row[place]))}: {values.name} must lie in [{low:g}, {high:g}] (got"
            f" {value[place]:g}){remedy}. Rows like it: {len(np.unique(values.row[wrong])):,}"
        )
    if scale is None:
        return -value if maximise else value
    if scale.endswith("-percent") and value.max() <= 1:
        other = scale.removesuffix("-percent")
        refuse_doubt(
            spec,
            "small-values",
            f"{rows.file}: all values of {values.name} are at most 1, but --scale {scale} expects up to 100: are they"
            f" --scale {other}?",
        )
    return SCALES[scale].error(value)


def reported_values(
    values: Values, signal: Values, of: Index, failed: Bools, test: TestSpec, rows: Rows, spec: TableSpec
) -> Values:
    """Return the values of a test with a fidelity for each, and with values for failed runs."""
    told = np.unique(signal.fidelity)
    lists = [isinstance(rows.numbers[part.columns[0]], list) for part in (test.column, spec.signal[0])]
    if any(part.fidelity is not None for part in spec.signal) or lists[0] != lists[1]:
        default = float(told.max())
    else:
        default = 1.0 if spec.epochs is None else spec.epochs
    values = replace(values, fidelity=np.where(np.isnan(values.fidelity), default, values.fidelity))
    values = values.chosen(of[values.row] >= 0)
    lacking = ~np.isfinite(values.value)
    if not lacking.any():
        return values
    fidelities, at = fidelity_numbers(values.fidelity)
    target = of[values.row] * len(fidelities) + at
    known = np.bincount(target[~lacking], minlength=int(target.max()) + 1) > 0
    excused = lacking & failed[values.row]
    refused = lacking & ~excused & ~known[target]
    if refused.any():
        row = int(values.row[refused].min())
        parts = [one.column for one in spec.tests if one.name == test.name]
        empty = columns_of(values, np.flatnonzero(refused & (values.row == row)), parts)
        raise BenchmarkError(
            f"{rows.place(row)}: {are_missing(empty)}; give every architecture a value, or omit --test. Rows like"
            f" it: {len(np.unique(values.row[refused])):,}"
        )
    alike = (test.scale, test.maximise) == (spec.scale, spec.maximised)
    missing = spec.missing if alike else replace(spec.missing, value=None)
    scaled = replace(spec, maximise=test.maximise, scale=None, missing=missing)
    filled = replace(values, value=np.where(lacking, worst_values(values, lacking, scaled), values.value))
    return filled.chosen(~lacking | excused)


class Reported(NamedTuple):
    """The recorded errors of a target that is reported, and never searched by.

    Attributes
    ----------
    means : array, ``(n,)``
    floor : float
        Their noise, 0 if no architecture has two values.
    most : int
        The largest number of values of an architecture.
    """

    means: Array
    floor: float
    most: int


def reported(
    name: str, values: Values, errors: Array, of: Index, n: int, rows: Rows, spec: TableSpec
) -> Iterator[tuple[str, Reported]]:
    """Yield the errors of a test by target."""
    label = run_labels(values, rows, spec)
    architecture = of[values.row]
    for fidelity in np.unique(values.fidelity).tolist():
        chosen = values.fidelity == fidelity
        repeat = numbered(architecture[chosen], label[chosen])
        table = np.full((n, int(repeat.max()) + 1), np.nan)
        table[architecture[chosen], repeat] = errors[chosen]
        counts = np.isfinite(table).sum(axis=1)
        if (counts == 0).any():
            raise BenchmarkError(
                f"{rows.file}: {values.name} at {fidelity:g} epochs is missing for {int((counts == 0).sum()):,}"
                " architectures; give every architecture a value, or omit --test"
            )
        yield str(Target(name, fidelity)), Reported(np.nanmean(table, axis=1), noise_floor(table), int(counts.max()))


def floor_basis(errors: Array) -> tuple[tuple[str, ...], bool]:
    """Say what the noise floor rests on, and whether too few of the best architectures were repeated to measure it.

    Parameters
    ----------
    errors : array, ``(n, repeats)``
        At the highest fidelity; NaN where not recorded.
    """
    counts = np.isfinite(errors).sum(axis=1)
    repeated = counts >= 2
    if not repeated.any():
        return (), True
    n_best = max(1, int(len(errors) * BEST))
    best = np.argsort(np.nanmean(errors, axis=1), kind="stable")[:n_best]
    among = int(repeated[best].sum())
    assumed = among < min(ENOUGH, n_best) or 2 * among < n_best
    text = (
        f"the floor rests on {int(repeated.sum()):,} architectures that were trained more than once, {among:,} of them"
        f" among the best 1 % ({n_best:,} architecture{'s' if n_best > 1 else ''})"
    )
    return (text + (": too few, so that it is called assumed" if assumed else ""),), assumed

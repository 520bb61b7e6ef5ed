"""Tabular benchmarks: arrays over a whole space, and look-ups in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.benchmark import Facts, Observation, Target, TargetFacts
from benchmarks.description import benchmark_html
from benchmarks.errors import BenchmarkError, unknown_name
from benchmarks.spaces.base import Architecture, Genotypes, SearchSpace

Array = NDArray[np.float64]
Kind = Literal["errors", "seconds", "true_errors", "layout", "model", "information"]
"""Kind of a stored array. ``layout``: stored by :mod:`benchmarks.storage.layout`; ``model``: a surrogate's file."""
T = TypeVar("T", bound=np.generic)

UNREPEATED_FLOOR = 0.01
UNREPEATED_NOTE = (
    "nothing was trained twice: the floor of the regret is 1 % of the way from optimum to median, not noise"
)


AGREEING_NOTE = (
    "the repeats of the best architectures agree exactly: the floor of the regret is 1 % of the way from optimum to"
    " median, not noise"
)


class RowIndex(Protocol):
    """A map from architectures to the rows of a table."""

    def index(self, architecture: Architecture) -> int:
        """Return the row of an architecture."""
        ...

    def indices(self, genotypes: ArrayLike) -> NDArray[np.int64]:
        """Return the rows ``(n,)`` of many architectures ``(n, n_positions)``."""
        ...

    def recorded(self) -> Genotypes:
        """Return one architecture for each row, ``(n_rows, n_positions)``."""
        ...

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays to store, by the name of the constructor's parameter."""
        ...


class TableBenchmark:
    """Recorded networks of every architecture of a space.

    Parameters
    ----------
    facts : Facts
    space : SearchSpace
    errors : dict
        Validation errors ``(n, repeats)`` by fidelity: recorded repeats first, then NaN.
    seconds : dict
        Cumulative training times from scratch by fidelity [s]: ``(n, repeats)``, or ``(n, 1)`` if all repeats share
        one. Empty if no times were recorded.
    true_errors : dict
        Mean errors ``(n,)`` by target.
    index : RowIndex, optional
        Maps architectures to rows. By default the rows are in the order of ``space.enumerate()``.
    information : dict, optional
        Recorded numbers ``(n,)`` other than errors, by name; NaN where not recorded.

    Attributes
    ----------
    index : RowIndex or None
    information : dict

    Raises
    ------
    BenchmarkError
        If an architecture has no error or no time at some fidelity.
    """

    def __init__(
        self,
        facts: Facts,
        space: SearchSpace,
        errors: Mapping[float, Array],
        seconds: Mapping[float, Array],
        true_errors: Mapping[str, Array],
        index: RowIndex | None = None,
        information: Mapping[str, Array] | None = None,
    ) -> None:
        self.facts = facts
        self.space = space
        self.index = index
        self._rows: RowIndex | SearchSpace = index or space
        self._errors = {f: _read_only(e) for f, e in errors.items()}
        self._true_errors = {target: _read_only(e) for target, e in true_errors.items()}
        self._mean_errors = {f: self._true_errors[facts.target(f)] for f in errors}
        self.information = {name: _read_only(values) for name, values in (information or {}).items()}
        self._seconds = {f: _read_only(s) for f, s in seconds.items()}
        for what, arrays in (("error", self._errors), ("time", self._seconds)):
            for fidelity, values in arrays.items():
                if not np.isfinite(values[:, 0]).all():
                    raise BenchmarkError(f"{facts.name}: an architecture has no {what} at {fidelity:g} epochs")
        # Computed on first use: opening a table must not read all of it.
        self._counts: dict[float, NDArray[np.uint16]] = {}
        self._mean_seconds: dict[float, Array] = {}

    def _repr_html_(self) -> str:
        return benchmark_html(self)

    def recorded(self) -> Genotypes:
        """Return one architecture for each row of the table, ``(n_rows, n_positions)``.

        Optimum, median and floor of the facts are over these.
        """
        return self.index.recorded() if self.index else self.space.enumerate()

    def _count(self, fidelity: float) -> NDArray[np.uint16]:
        """Count the repeats of each row that can be drawn, ``(n_rows,)``."""
        if fidelity not in self._counts:
            recorded = np.isfinite(self._errors[fidelity])
            if self.facts.matched_runs:
                recorded = np.logical_and.reduce([np.isfinite(errors) for errors in self._errors.values()])
            counts = recorded.sum(axis=1, dtype=np.uint16)
            self._counts[fidelity] = _read_only(counts)
        return self._counts[fidelity]

    def _mean_time(self, fidelity: float) -> Array:
        """Return the mean training time of each row, ``(n_rows,)`` [s]."""
        if fidelity not in self._mean_seconds:
            times = self._seconds[fidelity]
            means = times[:, 0] if times.shape[1] == 1 else np.nanmean(times, axis=1)
            self._mean_seconds[fidelity] = _read_only(means)
        return self._mean_seconds[fidelity]

    def arrays(self) -> dict[Kind, dict[str, Array]]:
        """Return all arrays, read-only, by kind and by fidelity, target or name."""
        return {
            "errors": {f"{fidelity:g}": values for fidelity, values in self._errors.items()},
            "seconds": {f"{fidelity:g}": values for fidelity, values in self._seconds.items()},
            "true_errors": dict(self._true_errors),
            "information": dict(self.information),
        }

    def observe(self, architecture: Architecture, fidelity: float, draw: int | None = None) -> Observation:
        """Look up one network. See :class:`benchmarks.benchmark.Benchmark`."""
        row = self._rows.index(architecture)
        if draw is None:
            error = self._mean_errors[fidelity].item(row)
            seconds = self._mean_time(fidelity).item(row) if self._seconds else np.nan
            return Observation(error, seconds, -1)
        repeat = draw % self._count(fidelity).item(row)
        if not self._seconds:
            return Observation(self._errors[fidelity].item(row, repeat), np.nan, repeat)
        times = self._seconds[fidelity]
        seconds = times.item(row, repeat if times.shape[1] > 1 else 0)
        return Observation(self._errors[fidelity].item(row, repeat), seconds, repeat)

    def validation_seconds(self, architecture: Architecture, fidelity: float) -> float:
        """Return the seconds of one validation pass, a known share of the mean training time of one epoch.

        Raises
        ------
        BenchmarkError
            If the share is not known for this benchmark.
        """
        if self.facts.validation_share is None:
            raise BenchmarkError(f"{self.facts.name}: the time of a validation pass is not known")
        seconds: float = self._mean_time(fidelity).item(self._rows.index(architecture))
        return seconds * (self.facts.validation_share / fidelity)

    def errors(self, genotypes: ArrayLike, fidelity: float) -> Array:
        """Return the errors of all repeats, ``(n, repeats)``; NaN where fewer were recorded."""
        return self._errors[fidelity][self._rows.indices(genotypes)]

    def repeats(self, genotypes: ArrayLike, fidelity: float) -> NDArray[np.int64]:
        """Return the number of repeats of each architecture that can be drawn, ``(n,)``."""
        return self._count(fidelity)[self._rows.indices(genotypes)].astype(np.int64)

    def seconds(self, genotypes: ArrayLike, fidelity: float) -> Array:
        """Return the mean cumulative training time to a fidelity, ``(n,)`` [s]; NaN if no times were recorded."""
        rows = self._rows.indices(genotypes)
        return self._mean_time(fidelity)[rows] if self._seconds else np.full(len(rows), np.nan)

    def true_errors(self, genotypes: ArrayLike, target: str) -> Array:
        """Return the mean error over the recorded repeats, ``(n,)``.

        Raises
        ------
        BenchmarkError
            If the benchmark has no such target.
        """
        if target not in self._true_errors:
            raise BenchmarkError(unknown_name(f"target of {self.facts.name}", target, self._true_errors))
        return self._true_errors[target][self._rows.indices(genotypes)]


def _read_only(values: NDArray[T]) -> NDArray[T]:
    """Return a read-only copy, or the array itself if it is already read-only (for example memory-mapped)."""
    if values.flags.writeable:
        values = values.copy()
        values.setflags(write=False)
    return values


def recorded_first(errors: Array, values: Array) -> Array:
    """Move the values of recorded repeats to the front of each row, keeping their order.

    Parameters
    ----------
    errors : array, ``(n, repeats)``
        NaN where not recorded.
    values : array, ``(n, repeats)``
        The errors themselves, or values that belong to them, such as times.

    Returns
    -------
    array, ``(n, repeats)``
        NaN at the end of each row, once for each error that is not recorded.
    """
    absent = np.isnan(errors)
    order = np.argsort(absent, axis=1, kind="stable")
    return np.take_along_axis(np.where(absent, np.nan, values), order, axis=1)


def noise_floor(errors: Array) -> float:
    """Return the standard error of the mean error, as the median over the best 1 % of the architectures.

    Parameters
    ----------
    errors : array, ``(n, repeats)``
        NaN where not recorded. Rows with fewer than two repeats carry no information on noise and are left out.

    Returns
    -------
    float
        In the unit of the errors. 0 if no row has two repeats.
    """
    counts = np.isfinite(errors).sum(axis=1)
    noisy = errors[counts >= 2]
    if len(noisy) == 0:
        return 0.0
    best = noisy[np.argsort(np.nanmean(noisy, axis=1), kind="stable")[: max(1, len(noisy) // 100)]]
    standard_errors = np.nanstd(best, axis=1, ddof=1) / np.sqrt(np.isfinite(best).sum(axis=1))
    return float(np.median(standard_errors))


def build_table(
    facts: Facts,
    space: SearchSpace,
    errors: Mapping[float, Array],
    seconds: Mapping[float, Array],
    test_errors: Mapping[float, Array] | None = None,
    index: RowIndex | None = None,
    others: Mapping[str, Array] | None = None,
    floors: Mapping[str, float] | None = None,
    information: Mapping[str, Array] | None = None,
) -> TableBenchmark:
    """Make a table benchmark, and compute the facts that follow from its arrays.

    Parameters
    ----------
    facts : Facts
        ``targets`` and ``repeats`` are replaced by the computed ones.
    space : SearchSpace
    errors, seconds : dict
        As for :class:`TableBenchmark`.
    test_errors : dict, optional
        Mean test errors ``(n,)`` by fidelity. Their floor is that of the validation error at the highest fidelity,
        because single test repeats are seldom recorded.
    index : RowIndex, optional
        As for :class:`TableBenchmark`.
    others : dict, optional
        Mean errors ``(n,)`` of further targets.
    floors : dict, optional
        Floors of further targets of which several values were recorded. The others have that of the test errors.
    information : dict, optional
        As for :class:`TableBenchmark`.

    Raises
    ------
    BenchmarkError
        If the regret has no scale: at least half of the architectures have the lowest error, and the noise is unknown.

    Notes
    -----
    If no architecture was trained twice, the noise is unknown. The floor, which logarithms of the regret need, is then
    1 % of the distance from the optimum to the median, and a note in the facts says so.
    """
    if not facts.matched_runs:
        seconds = {f: recorded_first(errors[f], s) if s.shape[1] > 1 else s for f, s in seconds.items()}
        errors = {f: recorded_first(e, e) for f, e in errors.items()}
    true_errors = {facts.target(f): np.nanmean(e, axis=1) for f, e in errors.items()}
    true_errors |= {str(Target("test", f)): np.asarray(e, dtype=np.float64) for f, e in (test_errors or {}).items()}
    true_errors |= others or {}
    highest = noise_floor(errors[max(errors)])
    known = {target: floor for target, floor in (floors or {}).items() if floor}
    known |= {facts.target(f): noise_floor(e) or highest for f, e in errors.items()}
    counts = np.isfinite(errors[max(errors)]).sum(axis=1)
    targets = {}
    for target, values in true_errors.items():
        optimum, median = float(values.min()), float(np.median(values))
        floor = known.get(target, highest) or UNREPEATED_FLOOR * (median - optimum)
        if floor <= 0:
            raise BenchmarkError(
                f"{facts.name}: at least half of the {len(values):,} architectures have the lowest {target} error"
                f" {optimum:g}, and the noise is unknown, so the regret has no scale; give more digits, repeats, or"
                " another column"
            )
        targets[target] = TargetFacts(optimum, floor, median)
    note = UNREPEATED_NOTE if counts.max() < 2 else AGREEING_NOTE
    notes = facts.notes if highest or note in facts.notes else (*facts.notes, note)
    if counts.max() >= 2 and not highest:
        facts = replace(facts, floor_assumed=True)
    facts = replace(facts, targets=targets, repeats=(int(counts.min()), int(counts.max())), notes=notes)
    return TableBenchmark(facts, space, errors, seconds, true_errors, index, information)

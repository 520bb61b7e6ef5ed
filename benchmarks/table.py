"""Tabular benchmarks: arrays over a whole space, and pure look-ups in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.benchmark import Facts, Observation, Target, TargetFacts
from benchmarks.errors import BenchmarkError, unknown_name
from benchmarks.spaces.base import Architecture, Genotypes, SearchSpace

Array = NDArray[np.float64]
Kind = Literal["errors", "seconds", "true_errors", "layout", "model"]
"""Of a stored array; ``layout`` is what :mod:`benchmarks.storage.layout` stores, ``model`` the file of a surrogate."""
T = TypeVar("T", bound=np.generic)

UNREPEATED_FLOOR = 0.01
UNREPEATED_NOTE = (
    "nothing was trained twice: the floor of the regret is 1 % of the way from optimum to median, not noise"
)


class RowIndex(Protocol):
    """Finds the row of an architecture."""

    def index(self, architecture: Architecture) -> int:
        """Row of an architecture."""
        ...

    def indices(self, genotypes: ArrayLike) -> NDArray[np.int64]:
        """Rows of many architectures ``(n, n_positions)``: ``(n,)``."""
        ...

    def recorded(self) -> Genotypes:
        """One architecture of every row, ``(n_rows, n_positions)``."""
        ...

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What it is made of, by name, to be stored."""
        ...


class TableBenchmark:
    """Recorded networks of every architecture of a space.

    Parameters
    ----------
    facts : Facts
    space : SearchSpace
    errors : dict
        By fidelity, the validation errors ``(n, repeats)``, recorded repeats first, then NaN.
    seconds : dict
        By fidelity, the cumulative training times from scratch ``(n, repeats)`` or, where all repeats share one,
        ``(n, 1)`` [s]; empty where none are recorded.
    true_errors : dict
        By target, ``(n,)``.
    index : RowIndex, optional
        Which row is whose. By default the rows are in the order of ``space.enumerate()``.

    Attributes
    ----------
    index : RowIndex or None

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
    ) -> None:
        self.facts = facts
        self.space = space
        self.index = index
        self._rows: RowIndex | SearchSpace = index or space
        self._errors = {f: _read_only(e) for f, e in errors.items()}
        self._true_errors = {target: _read_only(e) for target, e in true_errors.items()}
        self._mean_errors = {f: self._true_errors[str(Target("validation", f))] for f in errors}
        self._seconds = {f: _read_only(s) for f, s in seconds.items()}
        for what, arrays in (("error", self._errors), ("time", self._seconds)):
            for fidelity, values in arrays.items():
                if not np.isfinite(values[:, 0]).all():
                    raise BenchmarkError(f"{facts.name}: an architecture has no {what} at {fidelity:g} epochs")
        # Worked out when they are first needed: opening a table must not read it all.
        self._counts: dict[float, NDArray[np.uint8]] = {}
        self._mean_seconds: dict[float, Array] = {}

    def recorded(self) -> Genotypes:
        """One architecture of every row of the table, ``(n_rows, n_positions)``; over these are its facts."""
        return self.index.recorded() if self.index else self.space.enumerate()

    def _count(self, fidelity: float) -> NDArray[np.uint8]:
        """Recorded repeats, ``(n_rows,)``."""
        if fidelity not in self._counts:
            counts = np.isfinite(self._errors[fidelity]).sum(axis=1, dtype=np.uint8)
            self._counts[fidelity] = _read_only(counts)
        return self._counts[fidelity]

    def _mean_time(self, fidelity: float) -> Array:
        """Mean seconds, ``(n_rows,)``."""
        if fidelity not in self._mean_seconds:
            times = self._seconds[fidelity]
            means = times[:, 0] if times.shape[1] == 1 else np.nanmean(times, axis=1)
            self._mean_seconds[fidelity] = _read_only(means)
        return self._mean_seconds[fidelity]

    def arrays(self) -> dict[Kind, dict[str, Array]]:
        """All arrays, read-only, by kind (``errors``, ``seconds``, ``true_errors``) and fidelity or target."""
        return {
            "errors": {f"{fidelity:g}": values for fidelity, values in self._errors.items()},
            "seconds": {f"{fidelity:g}": values for fidelity, values in self._seconds.items()},
            "true_errors": dict(self._true_errors),
        }

    def observe(self, architecture: Architecture, fidelity: float, draw: int | None) -> Observation:
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
        """Seconds of one validation pass: a stated share of the mean epoch of training.

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
        """Errors of all repeats, ``(n, repeats)``; NaN where fewer were recorded."""
        return self._errors[fidelity][self._rows.indices(genotypes)]

    def seconds(self, genotypes: ArrayLike, fidelity: float) -> Array:
        """Mean cumulative training time to a fidelity, ``(n,)`` [s]; NaN where none is recorded."""
        rows = self._rows.indices(genotypes)
        return self._mean_time(fidelity)[rows] if self._seconds else np.full(len(rows), np.nan)

    def true_errors(self, genotypes: ArrayLike, target: str) -> Array:
        """Mean error over the recorded repeats, ``(n,)``.

        Raises
        ------
        BenchmarkError
            If the benchmark has no such target.
        """
        if target not in self._true_errors:
            raise BenchmarkError(unknown_name(f"target of {self.facts.name}", target, self._true_errors))
        return self._true_errors[target][self._rows.indices(genotypes)]


def _read_only(values: NDArray[T]) -> NDArray[T]:
    """A copy that cannot be written to; of an array that cannot either, such as a memory-mapped one, itself."""
    if values.flags.writeable:
        values = values.copy()
        values.setflags(write=False)
    return values


def recorded_first(errors: Array, values: Array) -> Array:
    """Move the values of each row's recorded repeats to the front, in their order: ``(n, repeats)``.

    Parameters
    ----------
    errors : array, ``(n, repeats)``
        NaN where not recorded.
    values : array, ``(n, repeats)``
        The errors themselves, or what goes with them; NaN in the answer where the error is not recorded.
    """
    absent = np.isnan(errors)
    order = np.argsort(absent, axis=1, kind="stable")
    return np.take_along_axis(np.where(absent, np.nan, values), order, axis=1)


def noise_floor(errors: Array) -> float:
    """Standard error of the mean error, the median over the best 1 % of the architectures.

    Parameters
    ----------
    errors : array, ``(n, repeats)``
        NaN where not recorded; rows with fewer than two repeats say nothing of noise and are left out.

    Returns
    -------
    float
        In the unit of the errors; 0 where no row has two repeats.
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
) -> TableBenchmark:
    """Make a table benchmark, and work out the facts that follow from its arrays.

    Parameters
    ----------
    facts : Facts
        Without ``targets`` and ``repeats``, which are filled in here.
    space : SearchSpace
    errors, seconds : dict
        As for :class:`TableBenchmark`.
    test_errors : dict, optional
        By fidelity, the mean test errors ``(n,)``. Their floor is that of the validation error at the highest
        fidelity, for single test repeats are seldom recorded.
    index : RowIndex, optional
        As for :class:`TableBenchmark`.

    Raises
    ------
    BenchmarkError
        If nothing gives the regret a scale: half of the architectures have the lowest error, and no noise is known.

    Notes
    -----
    Where no architecture was trained twice, nothing is known of the noise; the floor, which logarithms of the regret
    need, is then 1 % of the distance from the optimum to the median, and a note says so.
    """
    seconds = {f: recorded_first(errors[f], s) if s.shape[1] > 1 else s for f, s in seconds.items()}
    errors = {f: recorded_first(e, e) for f, e in errors.items()}
    true_errors = {str(Target("validation", f)): np.nanmean(e, axis=1) for f, e in errors.items()}
    true_errors |= {str(Target("test", f)): np.asarray(e, dtype=np.float64) for f, e in (test_errors or {}).items()}
    highest = noise_floor(errors[max(errors)])
    floors = {str(Target("validation", f)): noise_floor(e) or highest for f, e in errors.items()}
    counts = np.isfinite(errors[max(errors)]).sum(axis=1)
    targets = {}
    for target, values in true_errors.items():
        optimum, median = float(values.min()), float(np.median(values))
        floor = floors.get(target, highest) or UNREPEATED_FLOOR * (median - optimum)
        if floor <= 0:
            raise BenchmarkError(
                f"{facts.name}: at least half of the {len(values):,} architectures have the same lowest error"
                f" {optimum:g} of {target}, and no noise is known, so regret has no scale; give more digits,"
                " repeats, or another column"
            )
        targets[target] = TargetFacts(optimum, floor, median)
    notes = facts.notes if highest or UNREPEATED_NOTE in facts.notes else (*facts.notes, UNREPEATED_NOTE)
    facts = replace(facts, targets=targets, repeats=(int(counts.min()), int(counts.max())), notes=notes)
    return TableBenchmark(facts, space, errors, seconds, true_errors, index)

"""Read the runs of a recorded entry on a benchmark, and check them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.benchmark import Benchmark
from benchmarks.errors import BenchmarkError
from benchmarks.loading import load_benchmark
from benchmarks.spaces.base import Architecture, Genotypes
from harness.entries.trajectories.formats import FORMATS
from harness.entries.trajectories.patterns import trial_numbers
from harness.entries.trajectories.points import Invalid, Point
from harness.entries.trajectories.source import TrajectorySource
from harness.errors import ConfigurationError
from harness.simulation.trial import true_errors
from results.words import shortened

MOST_PROBLEMS = 10
"""Problems of an entry that are shown, at most."""
SAMPLE = 1000
"""Architectures over which the time of a training is averaged."""
REMEDY = "correct the files, or set skip_invalid = true (--skip-invalid) to use the valid rest"
NOTHING_LEFT = "correct the files without a valid choice, or leave them out"
LONGEST = 1e15
"""Latest time of a choice [s], which is also the largest budget."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RecordedRun:
    """The choices of one run, in the order of the search.

    Attributes
    ----------
    genotypes : array of int16, ``(n, n_positions)``
    seconds : array, ``(n,)``, or None
        When each choice was made, since the beginning of the run [s]. None if it is not recorded.
    epochs : array of int, ``(n,)``
        Completed epochs of the search.
    observed_error : array, ``(n,)``
        Of the shared weights. NaN where it is not recorded.
    """

    genotypes: Genotypes
    seconds: Floats | None
    epochs: NDArray[np.int64]
    observed_error: Floats


@dataclass(frozen=True)
class RecordedRuns:
    """All runs of a recorded entry on a benchmark.

    Attributes
    ----------
    runs : dict
        By trial, ascending.
    skipped : int
        Invalid parts that were left out.
    training_seconds : float or None
        Mean time of one training at the highest fidelity, over 1,000 architectures drawn from the space [s]. None if
        the benchmark has no times.
    """

    runs: dict[int, RecordedRun]
    skipped: int
    training_seconds: float | None

    def to_json(self) -> dict[str, Any]:
        """Return what ``experiment.json`` says of the runs."""
        return {"trials": list(self.runs), "skipped": self.skipped, "training_seconds": self.training_seconds}


def read_recorded(source: TrajectorySource, benchmark: Benchmark, targets: Sequence[str]) -> RecordedRuns:
    """Read and check the runs of an entry.

    Parameters
    ----------
    source : TrajectorySource
    benchmark : Benchmark
        Its space has the architectures of the runs.
    targets : sequence of str
        True errors that have to be recorded.

    Raises
    ------
    ConfigurationError
        With the file and the line of everything that is invalid, unless it is to be skipped; and if a run has no valid
        choice.
    """
    named = [
        (name or run, f"{path}, run {run}" if run else str(path), parts)
        for path, name in zip(source.paths, source.names, strict=True)
        for run, parts in _parts_by_run(source, benchmark, path)
    ]
    checker = _Checker(benchmark, targets, source.seconds_per_epoch)
    runs: dict[int, RecordedRun] = {}
    for trial, (_, place, parts) in zip(trial_numbers(name for name, _, _ in named), named, strict=True):
        if run := checker.check(parts, place):
            runs[trial] = run
    invalid = [f"{place}: {reason}" for place, reason in (*checker.invalid, *checker.empty)]
    if checker.empty or (invalid and not source.skip_invalid):
        more = [f"and {len(invalid) - MOST_PROBLEMS} more"] if len(invalid) > MOST_PROBLEMS else []
        remedy = [NOTHING_LEFT] if checker.empty else [REMEDY]
        raise ConfigurationError([*invalid[:MOST_PROBLEMS], *more, *remedy])
    training = training_seconds(benchmark.facts.name, benchmark.facts.data_hash)
    return RecordedRuns(dict(sorted(runs.items())), len(checker.invalid), training)


@lru_cache(maxsize=32)
def training_seconds(name: str, data_hash: str) -> float | None:
    """Return the mean time of a training at a benchmark's highest fidelity [s]; None if it has no times.

    The hash of its data keeps the times of another import apart.
    """
    benchmark = load_benchmark(name)
    if not benchmark.facts.has_seconds:
        return None
    rng = np.random.default_rng(0)
    drawn = np.array([benchmark.space.sample(rng) for _ in range(SAMPLE)], dtype=np.int16)
    return float(np.nanmean(benchmark.seconds(drawn, max(benchmark.facts.fidelities))))


def _parts_by_run(
    source: TrajectorySource, benchmark: Benchmark, path: Path
) -> Iterator[tuple[str, list[Point | Invalid]]]:
    """Read a file or a folder, and yield the name of each run in it, with its points and what is invalid."""
    parts: dict[str, list[Point | Invalid]] = {}
    run = ""
    for part in FORMATS[source.format].read(path, benchmark.space):
        run = part.run if isinstance(part, Point) else run
        parts.setdefault(run, []).append(part)
    if not parts:
        yield "", [Invalid(str(path), f"no choice of an architecture in the format {source.format}")]
    yield from parts.items()


class _Checker:
    """Checks runs one after another.

    Attributes
    ----------
    invalid, empty : list of Invalid
        What is invalid, and the runs without a valid choice.
    """

    def __init__(self, benchmark: Benchmark, targets: Sequence[str], seconds_per_epoch: float | None) -> None:
        self._benchmark, self._targets, self._seconds_per_epoch = benchmark, targets, seconds_per_epoch
        self._known: dict[str, Architecture | str] = {}
        self.invalid: list[Invalid] = []
        self.empty: list[Invalid] = []

    def check(self, parts: Sequence[Point | Invalid], name: str) -> RecordedRun | None:
        """Check a run, and return its valid choices; None if there are none."""
        epoch, seconds = -1, 0.0
        kept: list[tuple[int, float, Point, Architecture]] = []
        for part in parts:
            if isinstance(part, Invalid):
                self.invalid.append(part)
                continue
            now = part._replace(epoch=epoch + 1 if part.epoch is None else part.epoch)
            assert now.epoch is not None
            time = self._time(now)
            architecture = self._look_up(now.architecture)
            if reason := _disorder(now.epoch, epoch, time, seconds):
                self.invalid.append(Invalid(part.place, reason))
            elif isinstance(architecture, str):
                self.invalid.append(Invalid(part.place, architecture))
            else:
                epoch, seconds = now.epoch, seconds if math.isnan(time) else time
                kept.append((epoch, time, now, architecture))
        if not kept:
            self.empty.append(Invalid(name, "it has no valid choice of an architecture"))
            return None
        epochs, times, points, architectures = zip(*kept, strict=True)
        return RecordedRun(
            np.array(architectures, dtype=np.int16),
            None if math.isnan(times[0]) else np.array(times),
            np.array(epochs, dtype=np.int64),
            np.array([point.observed_error for point in points]),
        )

    def _time(self, point: Point) -> float:
        """Return the time of a choice [s]; NaN if it is not known."""
        if point.seconds is not None:
            return point.seconds
        return math.nan if self._seconds_per_epoch is None else self._seconds_per_epoch * (point.epoch or 0)

    def _look_up(self, text: str) -> Architecture | str:
        """Return an architecture, or the reason why it cannot be scored."""
        if text not in self._known:
            try:
                architecture = self._benchmark.space.from_string(text)
                self._known[text] = self._not_recorded(architecture) or architecture
            except BenchmarkError as error:
                self._known[text] = shortened(str(error), 600)
        return self._known[text]

    def _not_recorded(self, architecture: Architecture) -> str:
        """Name the true errors of an architecture that are not recorded; empty if all are."""
        one = np.array([architecture], dtype=np.int16)
        lacking = [target for target in self._targets if np.isnan(true_errors(self._benchmark, one, target)).any()]
        return f"the architecture has no recorded {', '.join(lacking)}" if lacking else ""


def _disorder(epoch: int, last_epoch: int, time: float, last_time: float) -> str:
    """Say in which way a choice does not follow on the one before it; empty if it does."""
    if epoch <= last_epoch:
        return f"expected epochs in ascending order, got {epoch} after {last_epoch}"
    if time < 0 or time > LONGEST:
        return f"expected a time from 0 s to {LONGEST:g} s, got {time:g}"
    if time < last_time:
        return f"the clock goes backwards, from {last_time:g} s to {time:g} s"
    return ""

"""Collect a whole official folder of NATS-Bench as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError
from benchmarks.natsbench.runs import Run, read_architecture
from benchmarks.spaces.base import SearchSpace

Array = NDArray[np.float64]

DATASETS = {
    # data set: (runs with a validation set, runs for testing, key of the test set)
    "cifar10": ("cifar10-valid", "cifar10", "ori-test"),
    "cifar100": ("cifar100", "cifar100", "x-test"),
    "imagenet16-120": ("ImageNet16-120", "ImageNet16-120", "x-test"),
}
VALIDATION = "x-valid"
REPEATS = 3


@dataclass(frozen=True)
class RunArrays:
    """Runs of all architectures, in the order of the space.

    Attributes
    ----------
    validation : array, ``(n, 3)``
        Accuracy [%] by seed; NaN where fewer runs were recorded.
    seconds : array, ``(n, 3)``
        Cumulative training time by seed [s].
    test : array, ``(n,)``
        Mean test accuracy over the seeds [%].
    """

    validation: Array
    seconds: Array
    test: Array

    @classmethod
    def empty(cls, n: int) -> RunArrays:
        """Make arrays of NaN for ``n`` architectures."""
        return cls(np.full((n, REPEATS), np.nan), np.full((n, REPEATS), np.nan), np.full(n, np.nan))


@dataclass(frozen=True)
class Collected:
    """The content of a folder.

    Attributes
    ----------
    schedules : tuple of str
        The shortest first.
    runs : dict
        Runs after the last epoch, by data set and schedule.
    curves : dict
        Runs of the longest schedule, by data set and epoch, without test values.
    validation_share : dict
        Seconds of a validation pass as a share of an epoch of training, by data set. Mean over all architectures.
    """

    schedules: tuple[str, ...]
    runs: dict[tuple[str, str], RunArrays]
    curves: dict[str, dict[int, RunArrays]]
    validation_share: dict[str, float]


def collect(
    folder: Path, space: SearchSpace, schedules: Sequence[str], curves: Sequence[str], epochs: Sequence[int]
) -> Collected:
    """Read the files of all architectures of a space, holding one in memory at a time.

    Parameters
    ----------
    folder : Path
    space : SearchSpace
    schedules : sequence of str
    curves : sequence of str
        Data sets whose longest schedule is kept at these ``epochs``.
    epochs : sequence of int

    Raises
    ------
    BenchmarkError
        If a file is missing, is damaged or lacks a run, or if two files are of the same architecture.
    """
    n = space.size or 0
    runs = {(dataset, schedule): RunArrays.empty(n) for dataset in DATASETS for schedule in schedules}
    kept = {dataset: {epoch: RunArrays.empty(n) for epoch in epochs} for dataset in curves}
    shares = {dataset: np.full(n, np.nan) for dataset in DATASETS}
    owners: dict[int, Path] = {}
    for file in sorted(folder.glob("[0-9]*.pickle.pbz2")):
        name, found = read_architecture(file)
        row = _row(name, space, file, owners)
        for (dataset, schedule), arrays in runs.items():
            place, last = f"{file}: schedule {schedule}, {dataset}", int(schedule)
            searched, tested, part = DATASETS[dataset]
            chosen = _runs_of(found, schedule, searched, place)
            _fill(arrays, row, chosen, last, place)
            tests = [_value(run, part, last, place) for run in _runs_of(found, schedule, tested, place)]
            arrays.test[row] = np.mean(tests)
            if schedule == schedules[-1]:
                for epoch, curve in kept.get(dataset, {}).items():
                    _fill(curve, row, chosen, epoch, place)
                shares[dataset][row] = _share(chosen[0], last, place)
    _refuse_absent(owners, space, folder)
    return Collected(tuple(schedules), runs, kept, {dataset: float(s.mean()) for dataset, s in shares.items()})


def _row(name: str, space: SearchSpace, file: Path, owners: dict[int, Path]) -> int:
    """Return the row of an architecture, and check that no other file has the same architecture."""
    try:
        row = space.index(space.from_string(name))
    except BenchmarkError as error:
        raise BenchmarkError(f"{file}: {error}; check that it is the right folder") from None
    if row in owners:
        raise BenchmarkError(f"{file} has the same architecture {name} as {owners[row].name}; remove one of them")
    owners[row] = file
    return row


def _runs_of(runs: list[Run], schedule: str, dataset: str, place: str) -> list[Run]:
    chosen = [run for run in runs if (run.schedule, run.dataset) == (schedule, dataset)]
    if not 0 < len(chosen) <= REPEATS:
        raise BenchmarkError(
            f"{place}: expected 1 to {REPEATS} runs on {dataset}, got {len(chosen)}; get the file again"
        )
    return chosen


def _fill(arrays: RunArrays, row: int, runs: list[Run], epoch: int, place: str) -> None:
    for repeat, run in enumerate(runs):
        arrays.validation[row, repeat] = _value(run, VALIDATION, epoch, place)
        if len(run.seconds) < epoch:
            raise BenchmarkError(
                f"{place}: expected {epoch} epochs of training, got {len(run.seconds)}; get the file again"
            )
        arrays.seconds[row, repeat] = run.seconds[epoch - 1]


def _value(run: Run, part: str, epoch: int, place: str) -> float:
    if (part, epoch) not in run.evaluations:
        raise BenchmarkError(
            f"{place}: seed {run.seed} lacks the accuracy {part} after epoch {epoch}; get the file again"
        )
    return run.evaluations[part, epoch]


def _share(run: Run, epoch: int, place: str) -> float:
    """Return the seconds of one validation pass as a share of one epoch of training."""
    seconds = run.evaluation_seconds.get((VALIDATION, epoch), np.nan)
    if not 0.0 < seconds < np.inf:
        raise BenchmarkError(
            f"{place}: seed {run.seed}: expected an evaluation time above 0 s, got {seconds} s; get the file again"
        )
    return seconds * epoch / float(run.seconds[epoch - 1])


def _refuse_absent(owners: dict[int, Path], space: SearchSpace, folder: Path) -> None:
    absent = sorted(set(range(space.size or 0)) - owners.keys())
    if absent:
        first = space.to_string(tuple(space.enumerate()[absent[0]].tolist()))
        raise BenchmarkError(
            f"{folder}: expected files of the {space.size:,} architectures of space {space.name!r}, got"
            f" {len(owners):,}; the first missing one is {first}. Unpack the whole archive again"
        )

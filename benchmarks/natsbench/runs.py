"""The official files of NATS-Bench, one pickle an architecture, as training runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError
from benchmarks.formats.plain_pickle import read_plain_pickle

Array = NDArray[np.float64]


class Run(NamedTuple):
    """One training run.

    Attributes
    ----------
    schedule : str
        The key of its schedule, such as ``12`` or ``200``.
    dataset : str
        Such as ``cifar10-valid``, which is trained on a part of the training set, or ``cifar10``, trained on all.
    seed : int
    evaluations : dict
        By the part of the data and the epoch that ended, counted from 1: accuracies in %.
    evaluation_seconds : dict
        Of one evaluation, by the same [s].
    seconds : array, ``(epochs,)``
        Cumulative training time after each epoch [s].
    """

    schedule: str
    dataset: str
    seed: int
    evaluations: dict[tuple[str, int], float]
    evaluation_seconds: dict[tuple[str, int], float]
    seconds: Array


def read_architecture(file: Path) -> tuple[str, list[Run]]:
    """Read the file of one architecture: its notation, and all runs, ordered by schedule, data set and seed.

    Raises
    ------
    BenchmarkError
        If it is damaged, malicious, or not such a file; the message names file and run.
    """
    results = read_plain_pickle(file)
    if not isinstance(results, dict) or not results:
        raise _wrong(file, "it holds no schedules")
    names, runs = set(), []
    for schedule, record in results.items():
        try:
            names.add(record["arch_str"])
            for (dataset, seed), run in record["all_results"].items():
                place = f"schedule {schedule}, data set {dataset}, seed {seed}"
                runs.append(_run(str(schedule), str(dataset), int(seed), run, file, place))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _wrong(file, f"schedule {schedule}: {error!r}") from error
    if len(names) != 1 or not isinstance(name := names.pop(), str):
        raise _wrong(file, "its schedules are not of one architecture")
    return name, sorted(runs, key=lambda run: run[:3])


def _run(schedule: str, dataset: str, seed: int, record: dict[str, Any], file: Path, place: str) -> Run:
    epochs = int(record["epochs"])
    times = np.array([record["train_times"][epoch] for epoch in range(epochs)], dtype=np.float64)
    if not epochs or not np.all(np.isfinite(times)) or times.min() <= 0:
        raise _wrong(file, f"{place}: its training times are {times}")
    accuracies = _by_epoch(record["eval_acc1es"])
    for (part, epoch), accuracy in accuracies.items():
        if not 0.0 <= accuracy <= 100.0:
            raise _wrong(file, f"{place}: the accuracy {part} after epoch {epoch} is {accuracy}, not in [0, 100]")
    return Run(schedule, dataset, seed, accuracies, _by_epoch(record["eval_times"]), np.cumsum(times))


def _by_epoch(record: dict[str, Any]) -> dict[tuple[str, int], float]:
    """Values by part and epoch, of keys such as ``x-valid@11``, which counts from 0."""
    keys = {key: key.rpartition("@") for key in record}
    return {(part, int(epoch) + 1): float(record[key]) for key, (part, _, epoch) in keys.items()}


def _wrong(file: Path, what: str) -> BenchmarkError:
    return BenchmarkError(f"{file} is no architecture of NATS-Bench: {what}; get it again")

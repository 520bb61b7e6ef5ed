"""Read the official files of NATS-Bench, one pickle per architecture, as training runs."""

from __future__ import annotations

import reprlib
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
        Key of the schedule, such as ``12`` or ``200``.
    dataset : str
        Such as ``cifar10-valid``, trained on a part of the training set, or ``cifar10``, trained on all of it.
    seed : int
    evaluations : dict
        Accuracies [%] by the part of the data and the number of finished epochs.
    evaluation_seconds : dict
        Time of one evaluation, by the same keys [s].
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
    """Read the file of one architecture.

    Returns
    -------
    name : str
        The architecture in the notation of its space.
    runs : list of Run
        All runs, ordered by schedule, data set and seed.

    Raises
    ------
    BenchmarkError
        If the file is damaged or malicious, or has another format. The message names the file and run.
    """
    results = read_plain_pickle(file)
    if not isinstance(results, dict) or not results:
        raise _wrong(file, "it has no schedules")
    names, runs = set(), []
    for schedule, record in results.items():
        try:
            names.add(record["arch_str"])
            for (dataset, seed), run in record["all_results"].items():
                place = f"schedule {schedule}, data set {dataset}, seed {seed}"
                runs.append(_run(str(schedule), str(dataset), int(seed), run, file, place))
        except BenchmarkError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _wrong(file, f"schedule {schedule}: {type(error).__name__}: {reprlib.repr(error.args)}") from error
    if len(names) != 1 or not isinstance(name := names.pop(), str):
        raise _wrong(file, "its schedules are not all of the same architecture")
    return name, sorted(runs, key=lambda run: run[:3])


def _run(schedule: str, dataset: str, seed: int, record: dict[str, Any], file: Path, place: str) -> Run:
    epochs = int(record["epochs"])
    times = np.array([record["train_times"][epoch] for epoch in range(epochs)], dtype=np.float64)
    if not epochs or not np.all(np.isfinite(times)) or times.min() <= 0:
        raise _wrong(file, f"{place}: expected training times above 0, got {times}")
    accuracies = _by_epoch(record["eval_acc1es"])
    for (part, epoch), accuracy in accuracies.items():
        if not 0.0 <= accuracy <= 100.0:
            raise _wrong(file, f"{place}: expected an accuracy {part} in [0, 100] after epoch {epoch}, got {accuracy}")
    return Run(schedule, dataset, seed, accuracies, _by_epoch(record["eval_times"]), np.cumsum(times))


def _by_epoch(record: dict[str, Any]) -> dict[tuple[str, int], float]:
    """Convert keys such as ``x-valid@11``, which count epochs from 0, to a part and a number of finished epochs."""
    keys = {key: key.rpartition("@") for key in record}
    return {(part, int(epoch) + 1): float(record[key]) for key, (part, _, epoch) in keys.items()}


def _wrong(file: Path, what: str) -> BenchmarkError:
    return BenchmarkError(f"{file} is not an architecture of NATS-Bench: {what}; get the file again")

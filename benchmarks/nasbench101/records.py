"""Read the official files of NAS-Bench-101, ``nasbench_full.tfrecord`` and ``nasbench_only108.tfrecord``.

A record is JSON: ``[hash, epochs, adjacency matrix by rows, operations, base64 of a ModelMetrics message]``. The files
of EC-NAS-Bench have the same format, with additional fields that are skipped.
"""

from __future__ import annotations

import json
import math
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.errors import BenchmarkError
from benchmarks.formats.protobuf import read_fields
from benchmarks.formats.tfrecord import REMEDY, read_tfrecord


class TrainedCell(NamedTuple):
    """One training run.

    Attributes
    ----------
    hash : str
        Hash of the cell, 32 hexadecimal digits.
    epochs : int
    matrix, operations : str
        The cell, in the notation of the file.
    parameters : int
    seconds : float
        Training time to the last epoch, without evaluation [s].
    train_accuracy, validation_accuracy, test_accuracy : float
        After the last epoch, in [0, 1].
    """

    hash: str
    epochs: int
    matrix: str
    operations: str
    parameters: int
    seconds: float
    train_accuracy: float
    validation_accuracy: float
    test_accuracy: float


def read_trained_cells(file: Path) -> Iterator[TrainedCell]:
    """Yield the training runs of a file, holding one in memory at a time.

    Raises
    ------
    BenchmarkError
        If the file is damaged or has another format. The message names the record.
    """
    for number, record in enumerate(read_tfrecord(file)):
        try:
            yield parse_record(record)
        except (ValueError, RecursionError) as error:
            raise BenchmarkError(
                f"{file}, record {number}: not a training run of NAS-Bench-101 ({error}); {REMEDY}, or choose another"
                " file"
            ) from error


def parse_record(record: bytes) -> TrainedCell:
    """Read one record.

    Raises
    ------
    ValueError
        If the record has another format, or impossible values.
    """
    fields = json.loads(record)
    if not isinstance(fields, list) or [type(field) for field in fields] != [str, int, str, str, str]:
        raise ValueError("expected [hash, epochs, matrix, operations, metrics]")
    name, epochs, matrix, operations, metrics = fields
    parameters, last = 0, b""
    for number, value in read_fields(b64decode(metrics.replace("\n", ""), validate=True)):
        if number == 1 and isinstance(value, bytes):
            last = value
        elif number == 2 and isinstance(value, int):
            parameters = value
    # The doubles of EvaluationData: 1 epoch, 2 training time, 3 train, 4 validation, 5 test accuracy.
    evaluation = {number: value for number, value in read_fields(last) if isinstance(value, float)}
    absent = [number for number in range(1, 6) if number not in evaluation]
    if absent:
        raise ValueError(f"its last evaluation lacks field {absent[0]}")
    epoch, seconds, *accuracies = (evaluation[number] for number in range(1, 6))
    if not all(0.0 <= accuracy <= 1.0 for accuracy in accuracies):
        raise ValueError(f"expected accuracies in [0, 1], got {accuracies}")
    if epoch != epochs or not 0.0 < seconds < math.inf:
        raise ValueError(f"expected a last evaluation at epoch {epochs}, got epoch {epoch} after {seconds} s")
    return TrainedCell(name, epochs, matrix, operations, parameters, seconds, *accuracies)

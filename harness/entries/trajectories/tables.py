"""Trajectories in CSV files, which any method can write."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.errors import unknown_name
from benchmarks.spaces.base import SearchSpace
from harness.entries.trajectories.points import Invalid, Point, error_of_percent, number_of
from results.words import shortened

COLUMNS = ("run", "epoch", "time_seconds", "architecture", "observed_accuracy", "observed_accuracy_percent")
LATEST_EPOCH = 10**9
"""Larger numbers of epochs are refused."""


def read_csv(file: Path, space: SearchSpace) -> Iterator[Point | Invalid]:
    """Read a table with one row per choice, in the order of the search.

    The columns are ``architecture``, ``time_seconds`` since the beginning of the search or the number of completed
    epochs ``epoch``, or both, and optionally ``run`` and the accuracy of the shared weights, as a fraction
    (``observed_accuracy``) or in percent (``observed_accuracy_percent``). An empty accuracy is not recorded.

    Parameters
    ----------
    file : Path
    space : SearchSpace
        Not used: the text has the notation of its space.
    """
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        rows = csv.reader(stream, strict=True)
        try:
            header = [name.strip() for name in next(rows, [])]
            if reason := _wrong_header(header):
                yield Invalid(f"{file}:1", reason)
                return
            for row in rows:
                if row:
                    yield _point(f"{file}:{rows.line_num}", header, row)
        except csv.Error as error:
            yield Invalid(f"{file}:{rows.line_num}", f"expected CSV: {error}")


def _wrong_header(header: Sequence[str]) -> str:
    """Return what is wrong with the names of the columns; empty if nothing is."""
    for name in header:
        if name not in COLUMNS:
            return unknown_name("column", name, COLUMNS)
    if len(set(header)) < len(header):
        return f"expected each column once, got {', '.join(header)}"
    if "architecture" not in header or not {"epoch", "time_seconds"} & set(header):
        return f"expected the columns architecture and time_seconds or epoch, got {', '.join(header) or 'none'}"
    if {"observed_accuracy", "observed_accuracy_percent"} <= set(header):
        return "expected one of observed_accuracy and observed_accuracy_percent, got both"
    return ""


def _point(place: str, header: Sequence[str], row: Sequence[str]) -> Point | Invalid:
    if len(row) != len(header):
        return Invalid(place, f"expected {len(header)} values, got {len(row)}; quote an architecture that has commas")
    values = dict(zip(header, (value.strip() for value in row), strict=True))
    try:
        epoch = _epoch(values["epoch"]) if "epoch" in values else None
        seconds = number_of("time_seconds", values["time_seconds"]) if "time_seconds" in values else None
        if seconds is not None and not math.isfinite(seconds):
            raise ValueError(f"expected a finite time_seconds, got {values['time_seconds']}")
        error = _error(values)
    except ValueError as problem:
        return Invalid(place, str(problem))
    return Point(place, epoch, seconds, values["architecture"], error, values.get("run", ""))


def _epoch(text: str) -> int:
    """Read a number of epochs, which some programs write as ``1.0``."""
    number = number_of("epoch", text)
    if not (number.is_integer() and 0 <= number < LATEST_EPOCH):
        raise ValueError(f"expected an epoch as a whole number from 0, got {shortened(repr(text), 60)}")
    return int(number)


def _error(values: dict[str, str]) -> float:
    """Return the observed error of a row; NaN if it is not recorded."""
    if fraction := values.get("observed_accuracy"):
        accuracy = number_of("observed_accuracy", fraction)
        if not (math.isnan(accuracy) or 0 <= accuracy <= 1):
            raise ValueError(
                f"expected an accuracy from 0 to 1, got {fraction}; name the column observed_accuracy_percent if it is"
                " in percent"
            )
        return 1 - accuracy
    percent = values.get("observed_accuracy_percent")
    return error_of_percent("observed_accuracy_percent", percent) if percent else math.nan

"""The record of a trial: its evaluations as columns, and the two hashes that identify its trace."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from results.words import printable

SCHEMA_VERSION = 1

EXPERIMENT_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"
"""Pattern of the names of experiments, which become names of folders."""

INCUMBENT = "incumbent_error:"
"""Prefix of the columns that hold the incumbent's true error. The target follows the prefix."""

COLUMNS: dict[str, str] = {
    "number": "int32",
    "worker": "int32",
    "start": "float64",
    "end": "float64",
    "architecture": "int16",
    "fidelity_from": "float64",
    "fidelity_to": "float64",
    "network": "int32",
    "repeat": "int16",
    "observed_error": "float64",
    "charged_seconds": "float64",
    "status": "U9",
    "duplicate": "bool",
    "incumbent": "int32",
    "ask_seconds": "float32",
    "tell_seconds": "float32",
}
"""The columns of every trial and their types. Each reported target adds ``incumbent_error:<target>`` (float64).

All columns have the shape ``(n_evaluations,)``, except ``architecture``: ``(n_evaluations, n_positions)``.
"""

REAL_TIME = ("ask_seconds", "tell_seconds")
"""Columns of real time. They differ between two runs of the same trial."""

DECISIONS = ("number", "worker", "architecture", "fidelity_from", "fidelity_to", "network")
OUTCOMES = (*DECISIONS, "start", "end", "repeat", "observed_error")
"""Columns that two runs of the same trial must have in common."""

Column = NDArray[Any]

ENDED = ("budget", "done", "stalled")


class ResultsError(ValueError):
    """Raised if a results folder, file or record is invalid, or a request does not fit the results.

    Control characters in the message, which may come from a file, are escaped.
    """

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


@dataclass(frozen=True)
class Trial:
    """One seeded run of one algorithm on one benchmark.

    Attributes
    ----------
    trial : int
        The number of the trial.
    ended : {"budget", "done", "stalled"}
        Why the run ended.
    columns : dict
        The evaluations by column, see :data:`COLUMNS`, in the order of submission.
    last_is_held : bool
        Whether the incumbent is always the last completed evaluation, as in a recorded trajectory.

    Raises
    ------
    ResultsError
        If the columns do not match :data:`COLUMNS`, if times run backwards, or if the incumbent's observed error rises
        within one fidelity. With `last_is_held` it may rise, but the incumbent must be the last.
    """

    trial: int
    ended: str
    columns: dict[str, Column]
    last_is_held: bool = False

    def __post_init__(self) -> None:
        columns = self.columns
        if self.ended not in ENDED:
            raise ResultsError(
                f"trial {self.trial}: expected ended to be one of {', '.join(ENDED)}, got {self.ended!r}"
            )
        known = {name for name in columns if not name.startswith(INCUMBENT)}
        if known != set(COLUMNS):
            raise ResultsError(
                f"trial {self.trial}: expected the columns {', '.join(sorted(COLUMNS))}, got {', '.join(sorted(known))}"
            )
        lengths = {name: len(values) for name, values in columns.items()}
        if len(set(lengths.values())) > 1:
            raise ResultsError(f"trial {self.trial}: expected columns of equal length, got {lengths}")
        for name, type_ in COLUMNS.items():
            if columns[name].dtype != np.dtype(type_):
                found = columns[name].dtype
                raise ResultsError(f"trial {self.trial}: expected column {name} as {type_}, got {found}")
        start, end = columns["start"], columns["end"]
        if not ((start >= 0).all() and (end >= start).all() and (start[1:] >= start[:-1]).all()):
            raise ResultsError(f"trial {self.trial}: times run backwards")
        self._check_incumbents()

    def _check_incumbents(self) -> None:
        order = completion_order(self.columns["end"], self.columns["status"])
        held = self.columns["incumbent"][order]
        if len(held) and not 0 <= held.min() <= held.max() < len(self.columns["incumbent"]):
            raise ResultsError(f"trial {self.trial}: a completed evaluation has no incumbent")
        if self.last_is_held:
            if np.any(held != order):
                raise ResultsError(
                    f"trial {self.trial}: expected the last evaluation as the incumbent, got another one"
                )
            return
        error, fidelity = self.columns["observed_error"][held], self.columns["fidelity_to"][held]
        if ((error[1:] > error[:-1]) & (fidelity[1:] == fidelity[:-1])).any():
            raise ResultsError(f"trial {self.trial}: the incumbent's observed error rises within one fidelity")

    @property
    def decisions(self) -> str:
        """Hash of the queries: number, worker, architecture, fidelity from and to, network."""
        return self.hashes[0]

    @property
    def outcomes(self) -> str:
        """Hash of the queries and their results: start, end, repeat and observed error."""
        return self.hashes[1]

    @property
    def hashes(self) -> tuple[str, str]:
        """Both hashes, see `trace_hashes`."""
        return trace_hashes(self.columns)


def trace_hashes(columns: Mapping[str, Column]) -> tuple[str, str]:
    """Return the hashes of the columns `DECISIONS` and `OUTCOMES` of a trial, whatever the machine's byte order.

    The outcomes begin with the decisions, so that their hash goes on from there.
    """
    digest = hashlib.sha256()
    _update(digest, columns, DECISIONS)
    decisions = digest.hexdigest()
    _update(digest, columns, OUTCOMES[len(DECISIONS) :])
    return decisions[:32], digest.hexdigest()[:32]


def _update(digest: hashlib._Hash, columns: Mapping[str, Column], names: Sequence[str]) -> None:
    for name in names:
        values = np.ascontiguousarray(columns[name])
        little = values.astype(values.dtype.newbyteorder("<"), copy=False)
        digest.update(little.data)


def completion_order(end: Column, status: Column) -> NDArray[np.int64]:
    """Return the positions of the completed evaluations in the order of (end, number)."""
    order = np.argsort(end, kind="stable")
    completed = status == "completed"
    return order if completed.all() else order[completed[order]]

"""Resolved experiments: a grid of cells."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.benchmark import Facts
from harness.entries.guest_files import guest_files
from harness.entries.sources import AlgorithmSource
from harness.entries.trajectories.runs import RecordedRuns
from harness.entries.trajectories.source import TrajectorySource
from harness.simulation.protocols import Protocol
from results.storage.records import SCHEMA_VERSION
from results.storage.stopping import StoppingRule


@dataclass(frozen=True)
class CellSpec:
    """One algorithm with its parameters, or one recorded entry, on one benchmark under one protocol.

    Attributes
    ----------
    label : str
        Name of the algorithm in tables and figures.
    source : AlgorithmSource or TrajectorySource
    parameters, changed : dict
        All hyperparameters, and those that differ from their defaults.
    version : int
        Version of the algorithm.
    bitwise_stable : bool
        Whether both the decisions of the algorithm and the answers of the benchmark are the same on every machine.
    libraries : tuple of str
        Optional libraries that the algorithm or the benchmark uses.
    benchmark, data_hash : str
    protocol : Protocol
    seed : int
        Seed of the experiment.
    time_limit : float or None
        For every call of a custom class [s]. It decides no result, and is not part of the id.
    recorded : RecordedRuns or None
        The runs of a recorded entry. They follow from the source, and are not part of the id.
    """

    label: str
    source: AlgorithmSource | TrajectorySource
    parameters: dict[str, Any]
    changed: dict[str, Any]
    version: int
    bitwise_stable: bool
    libraries: tuple[str, ...]
    benchmark: str
    data_hash: str
    protocol: Protocol
    seed: int
    time_limit: float | None = None
    recorded: RecordedRuns | None = None

    @property
    def id(self) -> str:
        """SHA-256 of the canonical JSON of everything that decides the result. The label does not."""
        decisive = {
            "algorithm": self.source.use,
            "source": self.source.revision,
            "parameters": self.changed,
            "version": self.version,
            "benchmark": self.benchmark,
            "data": self.data_hash,
            "protocol": self.protocol.model_dump(mode="json", exclude_defaults=True, exclude_none=True),
            "seed": self.seed,
            "schema": SCHEMA_VERSION,
        }
        canonical = json.dumps(decisive, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return the cell as it is stored in ``experiment.json``, for custom code with the hashes of its files."""
        files = guest_files(self.source) if isinstance(self.source, AlgorithmSource) else {}
        return (
            {
                "id": self.id,
                "label": self.label,
                "algorithm": self.source.use,
                "parameters": json.loads(json.dumps(self.parameters)),
                "version": self.version,
                "bitwise_stable": self.bitwise_stable,
                "benchmark": self.benchmark,
                "protocol": self.protocol.to_json(),
            }
            | ({} if self.recorded is None else {"recorded": self.recorded.to_json()})
            | ({"files": files} if files else {})
        )


@dataclass(frozen=True)
class Experiment:
    """A resolved experiment.

    Attributes
    ----------
    name, description : str
    seed : int
    trials : range
        Those that a cell has at most, if it is run until decided.
    cells : tuple of CellSpec
    facts : dict
        Facts by benchmark, including benchmarks that only a reported target belongs to.
    absent : tuple of str
        Benchmarks that match a pattern of the experiment, but whose data is missing.
    stopping : StoppingRule or None
        None if the number of trials is fixed.
    planned : mapping
        If it is run until decided: the number of trials until the next look, by label and benchmark. Default: a block.
    """

    name: str
    description: str
    seed: int
    trials: range
    cells: tuple[CellSpec, ...]
    facts: dict[str, Facts]
    absent: tuple[str, ...] = ()
    stopping: StoppingRule | None = None
    planned: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def trials_of(self, cell: CellSpec) -> Sequence[int]:
        """Return the trials that a cell is to have now: those of the experiment, or the runs that were recorded."""
        if cell.recorded is not None:
            return tuple(cell.recorded.runs)
        if self.stopping is None:
            return self.trials
        length = self.planned.get((cell.label, cell.benchmark), self.stopping.block)
        return range(self.trials.start, self.trials.start + length)

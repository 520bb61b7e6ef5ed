"""A result folder in memory: cells, their evaluations, and the facts of their benchmarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from results.storage.completed import CompletedRows, completed_rows
from results.storage.records import INCUMBENT as INCUMBENT
from results.storage.stopping import StoppingRule
from results.target import Target

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Cell:
    """All trials of one algorithm, with its parameters, on one benchmark under one protocol.

    Attributes
    ----------
    id : str
        SHA-256 of everything that determines the result.
    label, algorithm : str
        Its name in the experiment, and the registered or user-defined algorithm that it runs.
    parameters : dict
        All hyperparameters, including defaults.
    version : int
        The algorithm's version.
    bitwise_stable : bool
        Whether the algorithm has the same trace on every machine.
    benchmark : str
    protocol : dict
        The resolved accounting rules; ``protocol["budget"]`` is ``{"evaluations": n}`` or ``{"seconds": s}`` and
        ``protocol["report"]`` the list of targets.
    wanted : tuple of int
        The trials that the experiment asks for.
    evaluations : DataFrame
        One row per evaluation, sorted by (trial, number): ``trial, number, worker, start [s], end [s], fidelity_from,
        fidelity_to [epochs], network, repeat, observed_error, charged_seconds [s], status ("completed" or
        "truncated"), incumbent`` (number of the evaluation that is the incumbent once this one has completed; -1 if
        truncated), ``duplicate`` (whether the trial evaluated this architecture and fidelity before), one column
        ``incumbent_error:<target>`` per reported target (NaN if truncated), and ``ask_seconds, tell_seconds``
        [s of real time].
    trials : DataFrame
        Index ``trial``; columns ``ended`` ("budget", "done" or "stalled"), ``decisions`` and ``outcomes`` (hashes).
    failed : tuple of int
        The trials that raised an error and have no result.
    recorded : dict or None
        Of an entry that was recorded outside, instead of simulated: ``trials`` (its runs), ``skipped`` (invalid parts
        that were left out) and ``training_seconds`` (mean time of one training [s], or None). Its trials have nothing
        in common with those of other entries.
    """

    id: str
    label: str
    algorithm: str
    parameters: dict[str, Any]
    version: int
    bitwise_stable: bool
    benchmark: str
    protocol: dict[str, Any]
    wanted: tuple[int, ...]
    evaluations: pd.DataFrame
    trials: pd.DataFrame
    failed: tuple[int, ...] = ()
    recorded: dict[str, Any] | None = None

    @property
    def missing(self) -> tuple[int, ...]:
        """The requested trials that have no result yet, including the failed ones."""
        present = set(self.trials.index)
        return tuple(trial for trial in self.wanted if trial not in present)

    @cached_property
    def completed(self) -> CompletedRows:
        """Where the completed evaluations are. Found once, so the evaluations must not be changed afterwards.

        Raises
        ------
        ResultsError
            If there are evaluations of unknown trials.
        """
        return completed_rows(self)

    def loaded(self, columns: Sequence[str] | None = None) -> Cell:
        """Return the cell with its evaluations in memory, if they are not: with some columns, default all."""
        return self

    def reported(self, target: str | None = None) -> str | None:
        """Return the name under which this cell reports a target, or None if it does not.

        None stands for the first reported target. ``<this benchmark>/target``, the name that other benchmarks use, is
        this benchmark's own ``target``.
        """
        names: list[str] = self.protocol["report"]
        if target is None:
            return names[0]
        own = target.removeprefix(f"{self.benchmark}/")
        return next((name for name in (target, own) if name in names), None)


@dataclass(frozen=True)
class Stopping:
    """How a run until decided chose the numbers of its trials.

    Attributes
    ----------
    rule : StoppingRule
    first : int
        The first trial.
    n_pairs : mapping
        By benchmark: the number of pairs of algorithms in the experiment, over which the level of the tests is divided.
    """

    rule: StoppingRule
    first: int
    n_pairs: Mapping[str, int]


@dataclass(frozen=True)
class Study:
    """The content of a result folder.

    Attributes
    ----------
    name : str
        The name of the experiment.
    directory : Path
    cells : list of Cell
        In the order of the experiment.
    benchmarks : dict
        By benchmark: its stored facts ``title, dataset, space, metric, unit, provenance, licence, citation, data_hash,
        has_seconds, fidelities, targets``. ``targets[target]`` has ``optimum``, ``floor`` and ``median`` (errors, in
        the benchmark's unit).
    notes : list of str
        What is wrong with the folder, one sentence each.
    stopping : Stopping or None
        None if the number of trials was fixed beforehand.
    left_out : tuple of str
        Labels of recorded entries that `simulated` has left out.
    """

    name: str
    directory: Path
    cells: list[Cell]
    benchmarks: dict[str, dict[str, Any]]
    notes: list[str] = field(default_factory=list)
    stopping: Stopping | None = None
    left_out: tuple[str, ...] = ()

    @property
    def simulated(self) -> Study:
        """The study without recorded entries, whose runs are not paired with the trials of others."""
        recorded = tuple(dict.fromkeys(cell.label for cell in self.cells if cell.recorded))
        if not recorded:
            return self
        return replace(self, cells=[cell for cell in self.cells if not cell.recorded], left_out=recorded)

    def _repr_html_(self) -> str:
        from results.storage.study_html import study_html

        return study_html(self)

    def target_facts(self, benchmark: str, target: str) -> dict[str, Any]:
        """Return ``optimum``, ``floor`` and ``median`` of a target that a protocol reports.

        A target of another benchmark is written ``benchmark/target``.
        """
        parsed = Target.parse(target)
        facts: dict[str, Any] = self.benchmarks[parsed.benchmark or benchmark]["targets"][parsed.name]
        return facts

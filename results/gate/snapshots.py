"""Snapshots of results for the gate: the numbers and hashes of every trial, small enough to be committed."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, field_validator

from results.anytime.curves import default_axis, resolve_horizon
from results.anytime.regret import area_under_log_regret, end_regret, regret_floor
from results.gate.queries import packed, unpacked
from results.storage.chunks import DamagedError, check_hashes, trial_hashes
from results.storage.experiment_record import (
    LARGEST,
    ProtocolRecord,
    TrialNumber,
    read_experiment,
    texts_of,
    unsafe_characters,
)
from results.storage.files import atomic_write, read_content
from results.storage.loading import load
from results.storage.presence import cell_presence
from results.storage.records import EXPERIMENT_NAME, OUTCOMES, ResultsError
from results.storage.store import cell_folder, error_file, read_error, read_rows
from results.storage.study import Cell, Study

_DIGITS = 2


class TrialSnapshot(BaseModel):
    """One trial.

    Attributes
    ----------
    trial : int
    end_regret : float or None
        In the benchmark's unit; None if nothing was completed.
    area : float
        Area under log regret [dex].
    decisions, outcomes : str
        The hashes of :class:`results.storage.records.Trial`.
    trace : str
        Two characters per evaluation. Each pair is a digest of all evaluations up to it, so the first pair that differs
        between two traces is the first evaluation that differs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    trial: TrialNumber
    end_regret: FiniteFloat | None
    area: FiniteFloat
    decisions: str
    outcomes: str
    trace: str

    @property
    def length(self) -> int:
        """The number of evaluations."""
        return len(self.trace) // _DIGITS

    def first_difference(self, other: TrialSnapshot) -> int:
        """Return the number of the first evaluation that differs from another trial's, counted from 0."""
        pairs = zip(_pairs(self.trace), _pairs(other.trace), strict=False)
        shorter = min(self.length, other.length)
        return next((number for number, (mine, its) in enumerate(pairs) if mine != its), shorter)


class CellSnapshot(BaseModel):
    """All trials of one cell, and the settings that comparable cells share.

    Attributes
    ----------
    label, benchmark : str
        The key by which cells are compared.
    algorithm, version, bitwise_stable, parameters
        The algorithm.
    data_hash, protocol, seed
        The settings that make trials comparable.
    target, axis, horizon, floor
        The settings of the area.
    trials : tuple of TrialSnapshot
        In ascending order.
    missing : tuple of int
        Requested trials without a result.
    failure : str
        The first failed trial and its error. Empty if none failed. A baseline does not hold it.
    queries : str
        What was asked, see `results.gate.queries`. Empty in a baseline of an older version.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    benchmark: str
    algorithm: str
    version: int
    bitwise_stable: bool
    parameters: dict[str, Any]
    data_hash: str
    protocol: dict[str, Any]
    seed: int
    target: str
    axis: str
    horizon: FiniteFloat
    floor: FiniteFloat
    trials: tuple[TrialSnapshot, ...]
    missing: tuple[TrialNumber, ...] = ()
    failure: Annotated[str, Field(exclude=True)] = ""
    queries: str = ""

    @field_validator("protocol")
    @classmethod
    def _complete(cls, protocol: dict[str, Any]) -> dict[str, Any]:
        ProtocolRecord.model_validate(protocol)
        return protocol

    @field_validator("trials")
    @classmethod
    def _ascending(cls, trials: tuple[TrialSnapshot, ...]) -> tuple[TrialSnapshot, ...]:
        numbers = [trial.trial for trial in trials]
        if any(one >= other for one, other in pairwise(numbers)):
            raise ValueError("expected trials in ascending order, each once")
        return trials


class Reason(BaseModel):
    """Why a baseline was made or changed, when, and with which version and commit of Regretta.

    Neither is that of the user's code. The version is None in a baseline that an older version wrote.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Annotated[str, Field(min_length=1)]
    date: str
    commit: str | None
    version: str | None = None


class Snapshot(BaseModel):
    """Results at one time, of a result folder or a baseline.

    Attributes
    ----------
    name : str
        The name of the experiment.
    fingerprint : dict
        Versions and processor kernel that determine the last bits of linear algebra.
    reasons : tuple of Reason
        The reasons of a baseline, the latest last.
    cells : tuple of CellSnapshot
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_: Annotated[Literal[1], Field(alias="schema")] = 1
    name: Annotated[str, Field(pattern=EXPERIMENT_NAME)]
    fingerprint: dict[str, str | None]
    reasons: tuple[Reason, ...] = ()
    cells: tuple[CellSnapshot, ...]


def take_snapshot(directory: Path, budgets: Mapping[tuple[str, str], Mapping[str, float]] | None = None) -> Snapshot:
    """Take a snapshot of a result folder.

    Parameters
    ----------
    directory : Path
    budgets : mapping, optional
        By label and benchmark, a shorter budget of the same kind. Its cell is taken as if it had been run with that
        budget.

    Raises
    ------
    ResultsError
        If it is not a result folder, a file is damaged, or it was run until decided: the tests of the gate hold for
        numbers of trials that do not depend on the results.
    """
    study, record = load(directory), read_experiment(directory)
    if study.stopping is not None:
        raise ResultsError(
            f"{directory} was run until decided, so the number of its trials depends on their results, and the gate"
            " cannot use it. Run the experiment with a fixed number of trials, without --until and [stopping], and"
            " with another --out"
        )
    fingerprint = record.get("environment", {}).get("fingerprint", {})
    shorter = budgets or {}
    cells = tuple(_cell(study, c, record["seed"], shorter.get((c.label, c.benchmark))) for c in study.cells)
    return Snapshot(name=study.name, fingerprint=fingerprint, cells=cells)


def _cell(study: Study, cell: Cell, seed: int, budget: Mapping[str, float] | None) -> CellSnapshot:
    target, axis = cell.protocol["report"][0], default_axis(cell.protocol)
    if budget is not None:
        cell = shortened(cell, budget)
    traces, hashes, queries = _traces(study.directory, cell, is_shortened=budget is not None)
    measured = cell.trials.assign(
        **hashes,
        area=area_under_log_regret(cell, study, target, axis),
        end_regret=end_regret(cell, study, target).replace(np.nan, None),
        trace=pd.Series(traces, dtype=object),
    ).fillna({"trace": ""})
    names = [name for name in TrialSnapshot.model_fields if name != "trial"]
    trials = tuple(
        TrialSnapshot(trial=trial, **dict(zip(names, values, strict=True)))
        for trial, *values in measured[names].itertuples(name=None)
    )
    floor, _ = regret_floor(study.target_facts(cell.benchmark, target))
    return CellSnapshot(
        label=cell.label,
        benchmark=cell.benchmark,
        algorithm=cell.algorithm,
        version=cell.version,
        bitwise_stable=cell.bitwise_stable,
        parameters=cell.parameters,
        data_hash=study.benchmarks[cell.benchmark]["data_hash"],
        protocol=cell.protocol,
        seed=seed,
        target=target,
        axis=axis,
        horizon=resolve_horizon(cell.protocol, axis),
        floor=floor,
        trials=trials,
        missing=cell.missing,
        failure=_failure(study.directory, cell),
        queries=queries,
    )


def _failure(directory: Path, cell: Cell) -> str:
    """Return the first failed trial of a cell and its error as text; empty if none failed."""
    if not cell.failed:
        return ""
    folder = cell_folder(directory, cell.id, cell.label, cell.benchmark)
    return f"trial {cell.failed[0]}: {read_error(error_file(folder, cell.failed[0]))}"


def shortened(cell: Cell, budget: Mapping[str, float]) -> Cell:
    """Return a cell as if it had been run with a shorter budget of the same kind.

    With a budget in evaluations, or with ``overshoot = "keep"``, it must have a single worker: with several, an
    evaluation that the shorter budget leaves out can end before one that counts.

    Parameters
    ----------
    cell : Cell
    budget : mapping
        ``{"evaluations": n}`` or ``{"seconds": s}``.
    """
    axis, rows = default_axis(cell.protocol), cell.evaluations
    if axis == "seconds":
        rows = rows[(rows["start"] < budget[axis]).to_numpy()]
        if cell.protocol["overshoot"] == "drop":
            rows = rows.assign(status=rows["status"].where(rows["end"] <= budget[axis], "truncated"))
    else:
        free = rows["duplicate"] & (cell.protocol["duplicates"] == "cached")
        before = (~free).groupby(rows["trial"]).cumsum() - ~free
        rows = rows[(before < budget[axis]).to_numpy()]
    return replace(cell, evaluations=rows.reset_index(drop=True), protocol={**cell.protocol, "budget": dict(budget)})


def _traces(directory: Path, cell: Cell, *, is_shortened: bool) -> tuple[dict[int, str], dict[str, Any], str]:
    """Return by trial the digests of its evaluations, see `TrialSnapshot`; both hashes; and the queries of all trials.

    The hashes of a shortened cell are recomputed. Those of another cell are checked, and none are returned.
    """
    presence = cell_presence(directory, {"id": cell.id, "label": cell.label, "benchmark": cell.benchmark})
    rows = read_rows(presence, (), OUTCOMES)
    if not rows.num_columns:
        return {}, {}, ""
    try:
        check_hashes(rows, presence.done)
    except DamagedError as error:
        raise ResultsError(
            f"{cell.label} on {cell.benchmark} in {directory}: {error}. Delete its files and issue `regretta run` again"
        ) from error
    hashes: dict[str, Any] = {}
    if is_shortened:
        rows = _first(rows, cell)
        found = pd.DataFrame(trial_hashes(rows, cell.trials.index)).T
        hashes = {"decisions": found[0], "outcomes": found[1]} if len(found) else {}
    columns = {name: _bytes(rows[name]) for name in OUTCOMES}
    content = np.concatenate(list(columns.values()), axis=1)
    trials, starts = np.unique(rows["trial"].to_numpy(), return_index=True)
    parts = np.split(content, starts[1:])
    counts = {int(trial): len(part) for trial, part in zip(trials, parts, strict=True)}
    queries = packed(columns["architecture"].view(np.int16), rows["fidelity_to"].to_numpy(), counts)
    return {trial: _trace(part) for trial, part in zip(counts, parts, strict=True)}, hashes, queries


def _first(rows: pa.Table, cell: Cell) -> pa.Table:
    """Return the rows of the evaluations that a shortened cell has, which are the first ones of each trial."""
    kept = cell.evaluations.groupby("trial").size()
    numbers = pd.Series(rows["trial"].to_numpy()).map(kept).fillna(0).to_numpy()
    return rows.filter(pa.array(rows["number"].to_numpy() < numbers))


def _bytes(column: pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return a column's values as bytes, ``(n_rows, width)``."""
    n = len(column)
    combined = column.combine_chunks()
    flat = combined.flatten() if pa.types.is_fixed_size_list(combined.type) else combined
    return np.ascontiguousarray(flat.to_numpy(zero_copy_only=False)).view(np.uint8).reshape(n, -1)


def _trace(evaluations: np.ndarray[Any, np.dtype[np.uint8]]) -> str:
    digest, parts = hashlib.sha256(), []
    for evaluation in evaluations:
        digest.update(evaluation.tobytes())
        parts.append(base64.b64encode(digest.digest()[:2], altchars=b"-_")[:_DIGITS].decode())
    return "".join(parts)


def _pairs(trace: str) -> list[str]:
    return [trace[at : at + _DIGITS] for at in range(0, len(trace), _DIGITS)]


def write_baseline(file: Path, snapshot: Snapshot) -> None:
    """Write a snapshot as a baseline: JSON with one line per trial, and a hash of its content."""
    content = snapshot.model_dump(mode="json", by_alias=True)
    content["sha256"] = _content_hash(content)
    cells = content.pop("cells")
    lines = json.dumps(content, indent=1)[:-2] + ',\n "cells": ['
    blocks = []
    for cell in cells:
        trials = ",\n".join("   " + json.dumps(trial) for trial in cell.pop("trials"))
        blocks.append(f'\n  {json.dumps(cell)[:-1]}, "trials": [\n{trials}\n  ]}}')
    atomic_write(file, (lines + ",".join(blocks) + "\n ]\n}\n").encode())


def read_baseline(file: Path) -> Snapshot:
    """Read a baseline.

    Raises
    ------
    ResultsError
        If it does not exist, cannot be read, or was not written by ``regretta baseline update``.
    """
    remedy = "restore it from version control, or make a new one: regretta baseline update"
    try:
        content = json.loads(read_content(file, LARGEST))
        if unsafe := [text for text in texts_of(content) if unsafe_characters(text)]:
            raise ValueError(f"it has control characters in {unsafe[0][:80]!r}")
        expected = content.pop("sha256")
        snapshot = Snapshot.model_validate(content)
        for cell in snapshot.cells:
            if cell.queries:
                unpacked(cell.queries)
    except ResultsError:
        if file.exists():
            raise
        raise ResultsError(
            f"the baseline {file} does not exist; make it: regretta baseline update {file} --from DIR --reason '...'"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        detail = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise ResultsError(f"baseline {file} cannot be read ({detail}); {remedy}") from error
    if _content_hash(content) != expected:
        raise ResultsError(f"baseline {file} was changed by hand: its content does not match its hash; {remedy}")
    return snapshot


def _content_hash(content: Mapping[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def open_snapshot(where: Path) -> Snapshot:
    """Read a baseline file, or take a snapshot of a result folder."""
    return take_snapshot(where) if where.is_dir() else read_baseline(where)

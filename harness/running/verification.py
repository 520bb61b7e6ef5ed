"""Verify a results folder: read everything, recompute what can be recomputed, and run a sample again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from algorithms.registry import ALGORITHMS, algorithm_class, missing_library
from benchmarks.benchmark import Benchmark
from benchmarks.errors import BenchmarkError
from benchmarks.loading import load_benchmark
from harness.entries.source_code import code_hash
from harness.running.provenance import environment_with
from harness.simulation.protocols import Protocol
from harness.simulation.trial import incumbent_columns, run_trial
from results.storage.chunks import Chunk, DamagedError, check_hashes, open_chunk, trial_columns
from results.storage.experiment_record import EXPERIMENT, read_experiment
from results.storage.presence import cell_presence, unsealed_note
from results.storage.stopping import wanted_trials
from results.storage.store import Presence


@dataclass
class Verification:
    """The checks of a results folder, and their findings.

    Attributes
    ----------
    files, trials, evaluations : int
        Read, with both hashes of every trial recomputed from its rows.
    true_errors : int
        True errors of incumbents recomputed from the benchmark's table.
    rerun : int
        Trials that were run again, and gave the same trace.
    missing : int
        Wanted trials that have no result.
    problems : list of str
        Everything that is not as it was measured.
    left_out : list of str
        What could not be checked here, and why.
    """

    files: int = 0
    trials: int = 0
    evaluations: int = 0
    true_errors: int = 0
    rerun: int = 0
    missing: int = 0
    problems: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _StoredTrial:
    """A trial as the folder holds it, with what is needed to run it again."""

    cell: dict[str, Any]
    trial: int
    hashes: tuple[str, str]
    code: str | None


def verify_results(
    directory: Path, sample: int = 0, announce: Callable[[str], None] = lambda line: None
) -> Verification:
    """Check that a results folder holds what was measured.

    Every byte of every file is compared with its checksum; both hashes of every trial are recomputed from its rows; the
    incumbents and their true errors are recomputed from the rows and the tables of the benchmarks; the facts of the
    benchmarks are compared with the installed ones. No code of the folder is run: trials of custom classes and
    programs are not run again.

    Parameters
    ----------
    directory : Path
    sample : int
        Number of trials to run again. They are chosen evenly at random, and always the same ones.
    announce : callable, optional
        Called with a line about each step.

    Raises
    ------
    ResultsError
        If it is not a results folder, or the machine cannot read it now.
    """
    record, found = read_experiment(directory), Verification()
    unsealed = [] if record["sealed"] else [directory / EXPERIMENT]
    stored: list[_StoredTrial] = []
    for cell, wanted in zip(record["cells"], wanted_trials(record), strict=True):
        announce(f"{cell['label']} on {cell['benchmark']}")
        presence = cell_presence(directory, cell)
        unsealed += presence.unsealed
        found.problems += [f"{file}: {why}" for file, why in presence.damaged.items()]
        found.missing += sum(trial not in presence.done for trial in wanted)
        benchmark = _benchmark(cell["benchmark"], record, found)
        stored += _check_cell(cell, presence, benchmark, found)
    if unsealed:
        found.left_out.append(unsealed_note(unsealed))
    for trial in _sample(stored, sample):
        announce(f"again: {trial.cell['label']} on {trial.cell['benchmark']}, trial {trial.trial}")
        _run_again(trial, record, found)
    found.left_out = list(dict.fromkeys(found.left_out))
    return found


def _benchmark(name: str, record: dict[str, Any], found: Verification) -> Benchmark | None:
    """Load a benchmark whose data and facts are those of the results; None if there is none."""
    try:
        benchmark = load_benchmark(name)
    except BenchmarkError as error:
        found.left_out.append(f"the true errors on {name}: {error}")
        return None
    stored, installed = record["benchmarks"][name], benchmark.facts.to_json()
    if stored["data_hash"] != installed["data_hash"]:
        found.left_out.append(
            f"the true errors on {name}: the results are from data {stored['data_hash'][:12]}, the installed data is"
            f" {installed['data_hash'][:12]}"
        )
        return None
    for target, facts in stored["targets"].items():
        if facts != installed["targets"].get(target):
            problem = (
                f"{EXPERIMENT}: the facts of {target} on {name} are {facts}; expected"
                f" {installed['targets'].get(target)}"
            )
            if problem not in found.problems:
                found.problems.append(problem)
    return benchmark


def _check_cell(
    cell: dict[str, Any], presence: Presence, benchmark: Benchmark | None, found: Verification
) -> Iterator[_StoredTrial]:
    """Check the rows of every chunk of a cell, and yield its trials."""
    try:
        protocol = Protocol.model_validate_json(json.dumps(cell["protocol"]))
    except ValueError as error:
        found.problems.append(f"{EXPERIMENT}: the protocol of {cell['label']!r} is not valid: {error}")
        return
    for file in presence.files:
        try:
            chunk = open_chunk(file)
            columns = _checked_columns(chunk)
        except DamagedError as error:
            found.problems.append(f"{file}: {error}")
            continue
        found.files += 1
        for made in chunk.cells:
            _compare_cells(file, cell, made, found)
        code = chunk.code
        for trial, rows in columns.items():
            found.trials += 1
            found.evaluations += len(rows["number"])
            if benchmark is not None:
                _check_incumbents(f"{file}: trial {trial}", rows, benchmark, protocol, found)
            hashes = chunk.trials[trial]
            yield _StoredTrial(cell, trial, (hashes.decisions, hashes.outcomes), code[trial])


def _compare_cells(file: Path, cell: dict[str, Any], made: dict[str, Any], found: Verification) -> None:
    """Compare a cell of ``experiment.json`` with the cell for which trials of a chunk were made."""
    label, name = made.get("label"), cell["algorithm"]
    for key in ("id", "algorithm", "version", "benchmark"):
        if made.get(key, cell[key]) != cell[key]:
            found.problems.append(f"{file}: made for the {key} {made[key]!r}, but {EXPERIMENT} says {cell[key]!r}")
    for key in ("parameters", "protocol"):
        mine, its = cell[key], made.get(key) or {}
        for setting in sorted(mine.keys() & its.keys()):
            if mine[setting] != its[setting]:
                found.problems.append(
                    f"{file}: made with {setting} = {its[setting]!r}, but {EXPERIMENT} says {mine[setting]!r}"
                )
    if label != cell["label"]:
        renamed = (
            f"{file}: made as {label!r}, which {EXPERIMENT} now calls {cell['label']!r}; the algorithm is {name!r}"
        )
        if cell["label"] in ALGORITHMS and cell["label"] != name:
            found.problems.append(renamed)
        elif renamed not in found.left_out:
            found.left_out.append(renamed)


def _checked_columns(chunk: Chunk) -> dict[int, dict[str, NDArray[Any]]]:
    table = chunk.read()
    check_hashes(table, chunk.trials)
    return trial_columns(table, chunk.trials)


def _check_incumbents(
    place: str, rows: dict[str, NDArray[Any]], benchmark: Benchmark, protocol: Protocol, found: Verification
) -> None:
    try:
        expected = incumbent_columns(rows, benchmark, protocol)
    except (BenchmarkError, LookupError, ValueError) as error:
        found.problems.append(f"{place}: its evaluations cannot be looked up in {benchmark.facts.name} ({error})")
        return
    for name, values in expected.items():
        if name not in rows or not np.array_equal(rows[name], values, equal_nan=values.dtype.kind == "f"):
            found.problems.append(f"{place}: the column {name!r} differs from what its rows and the table give")
    found.true_errors += sum(int(np.isfinite(values).sum()) for name, values in expected.items() if ":" in name)


def _sample(stored: list[_StoredTrial], size: int) -> list[_StoredTrial]:
    rng = np.random.default_rng(0)
    chosen = rng.permutation(len(stored))[: max(0, size)]
    return [stored[at] for at in sorted(chosen)]


def _run_again(stored: _StoredTrial, record: dict[str, Any], found: Verification) -> None:
    """Run a trial again and compare both hashes."""
    cell = stored.cell
    name, where = cell["algorithm"], f"{cell['label']} on {cell['benchmark']}"
    if cell.get("recorded"):
        found.left_out.append(f"{where}: its runs were recorded elsewhere, and cannot be run again")
        return
    if name not in ALGORITHMS:
        found.left_out.append(f"{where}: {name!r} is not a registered algorithm, and is not run again")
        return
    cls = algorithm_class(name)
    if reason := missing_library(cls):
        found.left_out.append(f"{where}: not run again: {reason}")
        return
    if cls.version != cell["version"]:
        found.left_out.append(
            f"{where}: not run again: made by version {cell['version']} of {name}, not by the installed {cls.version}"
        )
        return
    libraries = [cls.library] if cls.library else []
    fingerprint = record["environment"].get("fingerprint", {})
    if not cell["bitwise_stable"] and environment_with(libraries)["fingerprint"] != fingerprint:
        found.left_out.append(
            f"{where}: not run again: it uses linear algebra, and was made with other libraries or another processor"
        )
        return
    try:
        benchmark = load_benchmark(cell["benchmark"])
        protocol = Protocol.model_validate_json(json.dumps(cell["protocol"]))
        with threadpool_limits(1):
            trial = run_trial(cls(**cell["parameters"]), name, benchmark, protocol, record["seed"], stored.trial)
    except (BenchmarkError, ValueError, TypeError) as error:
        found.left_out.append(f"{where}: cannot be run again: {error}")
        return
    if (trial.decisions, trial.outcomes) == stored.hashes:
        found.rerun += 1
    else:
        other = "" if stored.code == code_hash(name) else ". The code that made it is not the present code"
        found.problems.append(f"{where}, trial {stored.trial}: run again, it gives another trace{other}")

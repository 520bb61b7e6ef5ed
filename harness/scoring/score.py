"""Score recorded searches from their files alone: make the experiment, and find what they choose in the end."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.benchmark import Benchmark
from benchmarks.loading import load_benchmark
from harness.entries.grid import Entry
from harness.entries.trajectories.epoch_files import CONFOPT, ONE_SHOT, file_name, files_by_epoch
from harness.entries.trajectories.expansion import expand_trajectory
from harness.entries.trajectories.patterns import TRIAL, fields_of, find_runs
from harness.entries.trajectories.runs import RecordedRun, read_recorded
from harness.entries.trajectories.source import TRAJECTORY, TrajectorySource
from harness.errors import ConfigurationError
from harness.experiments.cells import Experiment
from harness.experiments.resolution import resolve_experiment
from harness.simulation.protocols import default_report

DEFAULT_LABEL = "recorded search"


class Request(NamedTuple):
    """Recorded searches to score.

    Attributes
    ----------
    files : sequence of str
        Files and folders, which are the runs of one entry; or patterns with fields, each with entries of its own.
    benchmark : str
    format : str or None
        None for ``csv`` if the name ends so, the format of a folder's files, and ``darts`` otherwise.
    label : str
        Of the entries. The fields of a pattern are added.
    seconds_per_epoch : float or None
        Time of an epoch of the search where none is recorded [s].
    horizon : float or None
        End of the time axis [s]. None for the end of the longest run.
    skip_invalid : bool
    """

    files: Sequence[str]
    benchmark: str
    format: str | None = None
    label: str = DEFAULT_LABEL
    seconds_per_epoch: float | None = None
    horizon: float | None = None
    skip_invalid: bool = False


def score_experiment(request: Request) -> Experiment:
    """Make the experiment of recorded searches on a benchmark.

    Its budget is the end of the longest run or, where no times are recorded, the largest number of choices.

    Raises
    ------
    ConfigurationError
        With everything that is wrong with the files.
    """
    tables = _tables(request)
    benchmark = load_benchmark(request.benchmark)
    problems: list[str] = []
    entries = [entry for label, table in tables.items() for entry in _expand(label, table, problems)]
    runs = list(_runs(entries, benchmark, problems))
    if problems:
        raise ConfigurationError(list(dict.fromkeys(problems)))
    raw: dict[str, Any] = {
        "schema": 1,
        "name": f"score-{request.benchmark}",
        "description": "recorded searches with shared weights",
        "trials": max(trial for trial, _ in runs) + 1,
        "benchmarks": [request.benchmark],
        "budget": _budget([run for _, run in runs], request.horizon, benchmark),
        "algorithms": tables,
    }
    return resolve_experiment(raw, Path())


def _runs(entries: Sequence[Entry], benchmark: Benchmark, problems: list[str]) -> Iterator[tuple[int, RecordedRun]]:
    """Read the runs of entries, with their trials. Every mistake is added to `problems`."""
    for entry in entries:
        assert isinstance(entry.source, TrajectorySource)
        try:
            yield from read_recorded(entry.source, benchmark, default_report(benchmark.facts)).runs.items()
        except ConfigurationError as error:
            problems += error.problems


def _budget(runs: Sequence[RecordedRun], horizon: float | None, benchmark: Benchmark) -> dict[str, float]:
    """Return the budget that holds all runs, or the horizon."""
    times = [run.seconds for run in runs if run.seconds is not None]
    if len(times) < len(runs) or not benchmark.facts.has_seconds:
        if horizon is not None:
            raise ConfigurationError(
                ["--horizon: no times are known for all runs, so there is no time axis; give --seconds-per-epoch"]
            )
        return {"evaluations": max(len(run.epochs) for run in runs)}
    if horizon is None:
        return {"seconds": float(max(math.ceil(max(run[-1] for run in times)), 1))}
    begun = max(float(run[0]) for run in times)
    if horizon < begun or horizon == 0:
        least = max(math.ceil(begun), 1)
        raise ConfigurationError(
            [f"--horizon: expected at least {least} s, when every run has made a choice, got {horizon:g}"]
        )
    return {"seconds": horizon}


def _expand(label: str, table: dict[str, Any], problems: list[str]) -> list[Entry]:
    return expand_trajectory(label, table, Path(), problems)


def _tables(request: Request) -> dict[str, dict[str, Any]]:
    """Return the tables of the entries, as in an experiment file, by label."""
    shared: dict[str, Any] = {"skip_invalid": True} if request.skip_invalid else {}
    if request.seconds_per_epoch is not None:
        shared["seconds_per_epoch"] = request.seconds_per_epoch
    plain = [file for file in request.files if not _is_pattern(file)]
    escaped = request.label.replace("{", "{{").replace("}", "}}")
    tables: dict[str, dict[str, Any]] = {}
    if plain:
        _check_present(plain)
        kinds = {request.format or format_of(Path(file)) for file in plain}
        if len(kinds) > 1:
            raise ConfigurationError([f"expected files of one format, got {', '.join(sorted(kinds))}; give --format"])
        tables[escaped] = {"use": TRAJECTORY, "files": plain, "format": kinds.pop()} | shared
    for pattern in (file for file in request.files if _is_pattern(file)):
        fields = [name for name in fields_of(pattern) if name != TRIAL]
        label = " ".join([escaped, *(f"{name}={{{name}}}" for name in fields)])
        if label in tables:
            raise ConfigurationError([f"two entries have the label {label!r}; give each a command of its own"])
        kind = request.format or format_of(find_runs(pattern, Path())[0].path)
        tables[label] = {"use": f"{TRAJECTORY}:{pattern}", "format": kind} | shared
    return tables


def _is_pattern(file: str) -> bool:
    return not Path(file).exists() and "{" in file


def _check_present(files: Sequence[str]) -> None:
    problems = []
    for file in (Path(file) for file in files):
        if not file.exists():
            got = "a link that leads nowhere" if file.is_symlink() else "nothing"
            problems.append(f"{file}: expected a file or a folder, got {got}")
    twice = [file for place, file in enumerate(files) if Path(file) in map(Path, files[:place])]
    problems += [f"{file}: given twice" for file in twice]
    if problems:
        raise ConfigurationError(problems)


def format_of(path: Path) -> str:
    """Return the format of a run by the name of the file, or of the files in the folder."""
    if path.is_dir():
        named = {"confopt": CONFOPT, "nasbench1shot1": ONE_SHOT}
        found = [name for name, pattern in named.items() if files_by_epoch(path, pattern)]
        if len(found) == 1:
            return found[0]
        files = " or ".join(map(file_name, named.values()))
        raise ConfigurationError(
            [f"{path}: expected a folder with files {files}, got {' and '.join(found) or 'neither'}"]
        )
    return "csv" if path.suffix == ".csv" else "darts"

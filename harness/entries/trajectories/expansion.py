"""Expand the table of a recorded trajectory into entries, one per combination of the pattern's fields."""

from __future__ import annotations

import string
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmarks.errors import unknown_name
from harness.entries.grid import Entry, label_of
from harness.entries.trajectories.epoch_files import file_name
from harness.entries.trajectories.formats import FORMATS
from harness.entries.trajectories.patterns import TRIAL, FoundRun, fields_of, find_runs
from harness.entries.trajectories.source import LONGEST_NAME, TRAJECTORY, TrajectorySource
from harness.errors import ConfigurationError, validation_problems


class TrajectoryTable(BaseModel):
    """The keys of the table of a recorded trajectory.

    Attributes
    ----------
    use : str
        ``trajectory:PATTERN``, or ``trajectory`` with `files`.
    format : str
    files : list of str
        The runs of one entry, in place of a pattern.
    seconds_per_epoch : float or None
        Time of an epoch of the search where none is recorded [s].
    skip_invalid : bool
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    use: str
    format: str
    files: list[str] = []
    seconds_per_epoch: Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)] | None = None
    skip_invalid: bool = False


def expand_trajectory(template: str, table: Mapping[str, Any], folder: Path, problems: list[str]) -> list[Entry]:
    """Expand a table whose ``use`` names recorded trajectories.

    Parameters
    ----------
    template : str
        The table's name: the template of the labels, with fields of the pattern in braces.
    table : mapping
        The table's content in the experiment file.
    folder : Path
        Folder that relative patterns and files start from.
    problems : list of str
        Every mistake is added to it.

    Returns
    -------
    list of Entry
        Its parameters are the format and the values of the fields.
    """
    place = f"algorithms.{template if template.isprintable() else repr(template)}"
    try:
        given = TrajectoryTable.model_validate({"use": template} | dict(table))
    except ValidationError as error:
        problems += validation_problems(place, error, {place: TrajectoryTable.model_fields})
        return []
    if given.format not in FORMATS:
        problems.append(f"{place}.format: {unknown_name('format of trajectories', given.format, FORMATS)}")
        return []
    try:
        groups = _groups(given, folder)
        return [_entry(template, given, fields, runs, place) for fields, runs in groups]
    except ConfigurationError as error:
        problems += [problem if problem.startswith(place) else f"{place}: {problem}" for problem in error.problems]
        return []


def _groups(given: TrajectoryTable, folder: Path) -> list[tuple[dict[str, str], list[FoundRun]]]:
    """Find the runs, and group them by the fields that are not the trial."""
    pattern = given.use.partition(":")[2]
    if bool(pattern) == bool(given.files):
        raise ConfigurationError(
            [f"expected either use = '{TRAJECTORY}:PATTERN' or use = '{TRAJECTORY}' with files = [...], got"
             f" {'both' if pattern else 'neither'}"]
        )  # fmt: skip
    if given.files:
        found = [FoundRun(folder / file, {}, "") for file in given.files]
    else:
        reserved = {*TrajectoryTable.model_fields} & set(fields_of(pattern))
        if reserved:
            raise ConfigurationError(
                [f"the pattern {pattern!r}: a field cannot be named {', '.join(sorted(reserved))}"]
            )
        found = find_runs(pattern, folder)
    _check_kinds(found, given.format)
    groups: dict[tuple[tuple[str, str], ...], list[FoundRun]] = {}
    for run in found:
        groups.setdefault(tuple(run.fields.items()), []).append(run)
    return [(dict(fields), runs) for fields, runs in groups.items()]


def _check_kinds(found: list[FoundRun], name: str) -> None:
    """Check that runs are files or folders, as their format says, and that folders have files of the format."""
    known = FORMATS[name]
    for run in found:
        if known.names is None and not run.path.is_file():
            raise ConfigurationError([f"{run.path}: expected a file, as a run of the format {name} is, got none"])
        if known.names is not None and not (run.path.is_dir() and known.files(run.path)):
            raise ConfigurationError(
                [f"{run.path}: expected a folder with files {file_name(known.names)}, as a run of the format {name} is"]
            )


def _entry(template: str, given: TrajectoryTable, fields: dict[str, str], runs: list[FoundRun], place: str) -> Entry:
    parameters: dict[str, Any] = {"format": given.format} | fields
    if given.seconds_per_epoch is not None:
        parameters["seconds_per_epoch"] = given.seconds_per_epoch
    if given.skip_invalid:
        parameters["skip_invalid"] = True
    source = TrajectorySource(
        _name(given.use, fields),
        tuple(run.path for run in runs),
        tuple(run.trial for run in runs),
        given.format,
        given.seconds_per_epoch,
        given.skip_invalid,
    )
    return Entry(label_of(template, parameters, place), source, parameters)


def _name(use: str, fields: Mapping[str, str]) -> str:
    """Name a source by the last part of the pattern, with the values of the fields."""
    last = use.partition(":")[2].rstrip("/").rpartition("/")[2]
    if not last:
        return TRAJECTORY
    text = "".join(
        literal + ("" if name is None else fields.get(name, f"{{{TRIAL}}}"))
        for literal, name, _, _ in string.Formatter().parse(last)
    )
    return f"{TRAJECTORY}:{text[-LONGEST_NAME:]}"

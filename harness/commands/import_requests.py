"""Requests of ``regretta data import``, built from its options. Every wrong combination of options is an error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from benchmarks.errors import BenchmarkError, unknown_name
from benchmarks.registry import load_space
from benchmarks.spaces.base import LISTABLE
from benchmarks.storage.manifest import check_own_name
from benchmarks.storage.official_files import known_imports
from benchmarks.user_tables.architecture_rows import ColumnSpec, ImportSpec
from benchmarks.user_tables.run_rows import COLUMNS, TableSpec, parse_objective, refuse_test_signal

ARCHITECTURE, NOT_STATED, SCALE = "arch_str", "not stated", "accuracy-percent"
"""Defaults of ``--architecture``, of ``--licence`` and ``--citation``, and of ``--scale`` without ``--objective``."""


@dataclass(frozen=True)
class TableOptions:
    """The options that describe a user's table, named as on the command line. None or empty if not given."""

    space: str | None = None
    name: str | None = None
    architecture: str | None = None
    objective: str | None = None
    fidelity: str | None = None
    repeat: str | None = None
    epochs: float | None = None
    test_signal: str | None = None
    validation: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    cost: tuple[str, ...] = ()
    scale: str | None = None
    licence: str | None = None
    citation: str | None = None

    def given(self) -> list[str]:
        """Return the names of the options that were given."""
        return [field.name for field in fields(self) if getattr(self, field.name) not in (None, ())]


@dataclass(frozen=True)
class OfficialFile:
    """Import a known benchmark from its official file."""

    name: str
    file: Path


@dataclass(frozen=True)
class OfficialFolder:
    """Import every official file in a folder."""

    folder: Path


@dataclass(frozen=True)
class ArchitectureTable:
    """Import a user's table with one row per architecture."""

    spec: ImportSpec
    file: Path


@dataclass(frozen=True)
class RunTable:
    """Import a user's table with one row per training run."""

    spec: TableSpec
    file: Path


Request = OfficialFile | OfficialFolder | ArchitectureTable | RunTable


def import_request(arguments: Sequence[str], all_from: Path | None, options: TableOptions) -> Request:
    """Build the request that the options describe. No file is read.

    Parameters
    ----------
    arguments : sequence of str
        ``NAME FILE`` for a known benchmark, ``FILE`` for a user's table, nothing with ``all_from``.
    all_from : Path or None
    options : TableOptions

    Raises
    ------
    BenchmarkError
        If the options do not fit together, or one of them is wrong.
    """
    if all_from is not None:
        _refuse(options, options.given(), "it cannot be combined with --all-from")
        if arguments:
            raise BenchmarkError(f"with --all-from, expected no NAME and no FILE, got {' '.join(arguments)}")
        return OfficialFolder(all_from)
    if options.space is None:
        _refuse(options, options.given(), "only with --space, for your own table")
        return _official_file(arguments)
    if len(arguments) != 1:
        raise BenchmarkError(f"with --space, expected one FILE, got {' '.join(arguments) or 'none'}")
    if not options.name:
        raise BenchmarkError("--name is missing: give the table a name to use in experiments")
    check_own_name(options.name)
    file = Path(arguments[0])
    if options.objective is not None:
        return RunTable(_run_spec(options, options.space, options.name, options.objective), file)
    return ArchitectureTable(_architecture_spec(options, options.space, options.name), file)


def _official_file(arguments: Sequence[str]) -> OfficialFile:
    known = known_imports()
    if len(arguments) != 2:
        raise BenchmarkError(
            f"expected NAME FILE, got {' '.join(arguments) or 'nothing'}. NAME is one of {', '.join(known)}. For your"
            " own table, give --space"
        )
    name, file = arguments
    if name not in known:
        raise BenchmarkError(unknown_name("benchmark to import", name, known) + ". For your own table, give --space")
    return OfficialFile(name, Path(file))


def _architecture_spec(options: TableOptions, space: str, name: str) -> ImportSpec:
    _refuse(
        options, ("fidelity", "repeat", "epochs"), "only with --objective, for a table with one row per training run"
    )
    size = 0 if space.startswith(COLUMNS) else load_space(space).size or 0
    if size > LISTABLE or not size:
        raise BenchmarkError(
            f"--space {space} needs --objective COLUMN:max or COLUMN:min, and a table with one row per training run"
        )
    validation, test, cost = (
        tuple(map(ColumnSpec.parse, texts)) for texts in (options.validation, options.test, options.cost)
    )
    for column in validation:
        refuse_test_signal(column.columns, options.test_signal)
    return ImportSpec(
        name=name,
        space=space,
        architecture=options.architecture or ARCHITECTURE,
        validation=validation,
        test=test,
        cost=cost,
        scale=options.scale or SCALE,
        licence=options.licence or NOT_STATED,
        citation=options.citation or NOT_STATED,
    )


def _run_spec(options: TableOptions, space: str, name: str, objective: str) -> TableSpec:
    if options.validation:
        raise BenchmarkError(
            "--objective is for a table with one row per training run, --validation for one with one row per"
            " architecture: give one of them"
        )
    if options.fidelity is not None and options.epochs is not None:
        raise BenchmarkError(
            f"--epochs {options.epochs:g} is for a table without a column of epochs, but --fidelity"
            f" {options.fidelity} names one: give one of them"
        )
    if space.startswith(COLUMNS):
        _refuse(options, ("architecture",), f"only with a known space, got --space {space}")
    column, maximise = parse_objective(objective)
    return TableSpec(
        name=name,
        space=space,
        objective=column,
        maximise=maximise,
        scale=options.scale,
        architecture=options.architecture or ARCHITECTURE,
        test=_single("test", options.test),
        cost=_single("cost", options.cost),
        fidelity=options.fidelity,
        repeat=options.repeat,
        epochs=1.0 if options.epochs is None else options.epochs,
        test_signal=options.test_signal,
        licence=options.licence or NOT_STATED,
        citation=options.citation or NOT_STATED,
    )


def _single(option: str, columns: Sequence[str]) -> str | None:
    """Return the one column of an option, or None if the option was not given."""
    if len(columns) > 1 or any("@" in column for column in columns):
        raise BenchmarkError(f"--{option} {' '.join(columns)}: with --objective, expected one column without @EPOCHS")
    return columns[0] if columns else None


def _refuse(options: TableOptions, names: Sequence[str], reason: str) -> None:
    """Refuse those of these options that were given."""
    if given := [f"--{name.replace('_', '-')}" for name in options.given() if name in names]:
        raise BenchmarkError(f"{', '.join(given)}: {reason}")

"""Requests of ``regretta data import``, built from its options. Every wrong combination of options is an error."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from benchmarks.errors import BenchmarkError, unknown_name
from benchmarks.storage.manifest import check_own_name
from benchmarks.storage.official_files import known_imports
from benchmarks.user_tables.notation import ColumnSpec, Condition, InformationSpec, Missing, Order, TestSpec
from benchmarks.user_tables.specification import DOUBTS, TableSpec, check_spec

ARCHITECTURE, NOT_STATED = "arch_str", "not stated"
"""Defaults of ``--architecture``, and of ``--licence`` and ``--citation``."""


@dataclass(frozen=True)
class TableOptions:
    """The options that describe a user's table, named as on the command line. Empty if not given."""

    space: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    architecture: tuple[str, ...] = ()
    architecture_index: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    conditional: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    objective: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()
    test_signal: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    cost: tuple[str, ...] = ()
    info: tuple[str, ...] = ()
    scale: tuple[str, ...] = ()
    fidelity: tuple[str, ...] = ()
    epochs: tuple[str, ...] = ()
    repeat: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    continuable: bool | tuple[()] = ()
    accept: tuple[str, ...] = ()
    licence: tuple[str, ...] = ()
    citation: tuple[str, ...] = ()

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> TableOptions:
        """Take the options of a table from all parameters of the command line."""
        given: dict[str, Any] = {}
        for field in fields(cls):
            value = parameters[field.name]
            given[field.name] = value if value is True else tuple(value or ())
        return cls(**given)

    def given(self) -> list[str]:
        """Return the names of the options that were given."""
        return [field.name for field in fields(self) if getattr(self, field.name) != ()]

    def single(self, name: str) -> str | None:
        """Return the value of an option that may be given once, or None.

        Raises
        ------
        BenchmarkError
            If it was given several times.
        """
        values: tuple[str, ...] = getattr(self, name)
        if len(values) > 1:
            raise BenchmarkError(f"{_option(name)} is given {len(values)} times: {', '.join(values)}; give it once")
        return values[0] if values else None

    def command(self) -> str:
        """Return the options as they are written on a command line."""
        words: list[str] = []
        for name in self.given():
            value = getattr(self, name)
            words += [_option(name)] if value is True else [word for one in value for word in (_option(name), one)]
        return shlex.join(words)


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
class UserTable:
    """Import a user's table."""

    spec: TableSpec
    file: Path


Request = OfficialFile | OfficialFolder | UserTable


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
    space = options.single("space")
    if space is None:
        if options.given():
            raise BenchmarkError(
                "--space is missing: for your own table, give --space columns:A,B,... with the columns that hold the"
                f" choices, or a known space; for an official file, omit {', '.join(map(_option, options.given()))}"
            )
        return _official_file(arguments)
    if len(arguments) != 1:
        raise BenchmarkError(f"with --space, expected one FILE, got {' '.join(arguments) or 'none'}")
    name = options.single("name")
    if not name:
        raise BenchmarkError("--name is missing: give the table a name to use in experiments")
    check_own_name(name)
    spec = _table_spec(options, space, name)
    check_spec(spec)
    return UserTable(spec, Path(arguments[0]))


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


def _table_spec(options: TableOptions, space: str, name: str) -> TableSpec:
    signal, maximise, kind = _signal(options)
    index = options.single("architecture_index")
    column = options.single("architecture")
    if index is not None and column is not None:
        raise BenchmarkError("--architecture and --architecture-index: give one of them")
    spec = TableSpec(
        name=name,
        space=space,
        signal=signal,
        maximise=maximise,
        scale=options.single("scale"),
        signal_kind=kind,
        architecture=index or column or ARCHITECTURE,
        architecture_index=index is not None,
        tests=tuple(map(TestSpec.parse, options.test)),
        cost=tuple(map(ColumnSpec.parse, options.cost)),
        information=tuple(InformationSpec.parse(one) for text in options.info for one in text.split(",")),
        fidelity=options.single("fidelity"),
        repeat=options.single("repeat"),
        epochs=_epochs(options),
        where=_where(options.where),
        missing=Missing.parse(options.single("missing") or "refuse"),
        continuable=bool(options.continuable),
        ordered=tuple(Order.parse(one) for text in options.ordered for one in text.split(",")),
        conditions=tuple(map(Condition.parse, options.conditional)),
        absent=options.single("absent"),
        accept=frozenset(options.accept),
        licence=options.single("licence") or NOT_STATED,
        citation=options.single("citation") or NOT_STATED,
        command=options.command(),
    )
    for doubt in spec.accept:
        if doubt not in DOUBTS:
            raise BenchmarkError(f"--accept: {unknown_name('doubt', doubt, DOUBTS)}")
    if spec.choices:
        _refuse(options, ("architecture", "architecture_index"), f"only with a known space, got --space {space}")
    return spec


def _signal(options: TableOptions) -> tuple[tuple[ColumnSpec, ...], bool | None, Literal["validation", "test"]]:
    """Return the columns of the search signal, its direction if it is told, and its kind."""
    objective, test = options.single("objective"), options.single("test_signal")
    if objective is not None and options.validation:
        raise BenchmarkError("--objective and --validation both name the search signal: give one of them")
    column, maximise = parse_objective(objective) if objective is not None else (None, None)
    parts = (ColumnSpec.parse(column),) if column else tuple(map(ColumnSpec.parse, options.validation))
    if test is None:
        return parts, maximise, "validation"
    signal = ColumnSpec.parse(test)
    named = {name for part in parts for name in part.columns}
    if named - set(signal.columns):
        raise BenchmarkError(
            f"--test-signal {test}: nothing else is searched by; omit {', '.join(sorted(named - set(signal.columns)))}"
        )
    return parts or (signal,), maximise, "test"


def parse_objective(text: str) -> tuple[str, bool]:
    """Read ``COLUMN:max`` or ``COLUMN:min``: the column, and whether it is maximised.

    Raises
    ------
    BenchmarkError
        If the text has another form.
    """
    column, _, direction = text.rpartition(":")
    if not column or direction not in ("max", "min"):
        raise BenchmarkError(f"--objective: expected COLUMN:max or COLUMN:min, got {text!r}")
    return column, direction == "max"


def _epochs(options: TableOptions) -> float | None:
    text = options.single("epochs")
    try:
        return None if text is None else float(text)
    except ValueError:
        raise BenchmarkError(f"--epochs: expected a number, got {text!r}") from None


def _where(texts: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Read ``COLUMN=VALUE``. Several values of a column give a table each."""
    found: dict[str, list[str]] = {}
    for text in texts:
        column, equals, value = text.partition("=")
        if not equals or not column or not value:
            raise BenchmarkError(f"--where: expected COLUMN=VALUE, got {text!r}")
        found.setdefault(column, []).append(value)
    several = [column for column, values in found.items() if len(values) > 1]
    if len(several) > 1:
        raise BenchmarkError(
            f"--where: expected several values of one column at most, got them of {', '.join(several)}"
        )
    for column, values in found.items():
        if len(set(values)) < len(values):
            raise BenchmarkError(f"--where: a value of {column} is given twice")
    return tuple((column, tuple(values)) for column, values in found.items())


def _refuse(options: TableOptions, names: Sequence[str], reason: str) -> None:
    """Refuse those of these options that were given."""
    if given := [_option(name) for name in options.given() if name in names]:
        raise BenchmarkError(f"{', '.join(given)}: {reason}")


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"

"""The content of a user's table: the settings of an import, and the checks that need no file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from benchmarks.errors import BenchmarkError, few, unknown_name
from benchmarks.registry import load_space
from benchmarks.storage.manifest import check_name
from benchmarks.user_tables.cost_columns import check_cost_columns
from benchmarks.user_tables.notation import (
    PLACE,
    REFUSE,
    SCALES,
    ColumnSpec,
    Condition,
    InformationSpec,
    Missing,
    Order,
    TestSpec,
)

COLUMNS = "columns:"
"""The beginning of ``--space`` if columns of the table hold the choices."""

Doubt = Literal["small-values", "falling-costs", "minimised-accuracy", "maximised-error", "unequal-repeats"]
DOUBTS: dict[Doubt, str] = {
    "small-values": "percentages that are all at most 1",
    "falling-costs": "a cumulative cost that falls from one fidelity to the next",
    "minimised-accuracy": "a minimised column whose name says accuracy",
    "maximised-error": "a maximised column whose name says error or loss",
    "unequal-repeats": "a different number of repeats at different fidelities, which are then separate trainings",
}
"""Probable mistakes, which an import refuses unless they are accepted by name."""


@dataclass(frozen=True)
class TableSpec:
    """Settings of an import, besides the file.

    Attributes
    ----------
    name : str
    space : str
        A known space, or ``columns:`` followed by the names of the columns that hold the choices.
    signal : tuple of ColumnSpec
        The columns to search by.
    maximise : bool or None
        Direction of the signal. None for that of the scale.
    scale : str or None
        A key of ``SCALES``. None takes the values as they are, negated if they are maximised.
    signal_kind : {"validation", "test"}
        What the signal is. A search by test values is stated in the title.
    architecture : str
        On a known space: the column with the architecture, in any notation that the space reads.
    architecture_index : bool
        Whether that column holds the official number of the architecture instead.
    tests : tuple of TestSpec
        Errors that are reported and never guide a search.
    cost : tuple of ColumnSpec
        Cumulative training seconds from scratch, with one column for all repeats or one for each. Empty if no times
        were recorded.
    information : tuple of InformationSpec
    fidelity, repeat : str or None
        Columns with the epochs, and with a label that tells the runs of an architecture apart.
    epochs : float or None
        Fidelity of all rows if nothing else tells it. Default: 1.
    where : mapping
        By column: the values of the rows to import. With several values, each gets a table of its own.
    missing : Missing
    continuable : bool
        Whether the fidelities of a run are prefixes of one training.
    ordered : tuple of Order
        Choices whose neighbouring values are one step away.
    conditions : tuple of Condition
    absent : str or None
        The cell of a choice where it does not apply.
    accept : frozenset of str
        Keys of ``DOUBTS``.
    official : bool
        Whether the file is that of a known benchmark. It must then be complete, and its test values may be both the
        signal and the test error. A user's incomplete table becomes a pool.
    command : str
        The options of the command line, to be kept with the table.
    unit : str
        Without a scale: name of the unit. Default: the name of the column.
    valid_range : tuple of float
        Without a scale: lowest and highest error.
    """

    name: str
    space: str
    signal: tuple[ColumnSpec, ...]
    maximise: bool | None = None
    scale: str | None = None
    signal_kind: Literal["validation", "test"] = "validation"
    architecture: str = "arch_str"
    architecture_index: bool = False
    tests: tuple[TestSpec, ...] = ()
    cost: tuple[ColumnSpec, ...] = ()
    information: tuple[InformationSpec, ...] = ()
    fidelity: str | None = None
    repeat: str | None = None
    epochs: float | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    missing: Missing = REFUSE
    continuable: bool = False
    ordered: tuple[Order, ...] = ()
    conditions: tuple[Condition, ...] = ()
    absent: str | None = None
    accept: frozenset[str] = frozenset()
    official: bool = False
    command: str = ""
    title: str = ""
    dataset: str = ""
    unit: str = ""
    valid_range: tuple[float, float] = (-np.inf, np.inf)
    licence: str = "not stated"
    citation: str = "not stated"
    sisters: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    validation_share: float | None = None

    @property
    def choices(self) -> tuple[str, ...]:
        """The columns that hold the choices. Empty on a known space."""
        if not self.space.startswith(COLUMNS):
            return ()
        return tuple(column.strip() for column in self.space.removeprefix(COLUMNS).split(","))

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that tell the architecture of a row."""
        return self.choices or (self.architecture,)

    @property
    def matched(self) -> bool:
        """Whether a repeat is the same run at every fidelity: there are as many columns of repeats at each."""
        return len({len(part.columns) for part in self.signal}) == 1

    @property
    def maximised(self) -> bool:
        """Direction of the signal."""
        return SCALES[self.scale].maximised if self.scale is not None else bool(self.maximise)

    @property
    def tables(self) -> dict[str, str]:
        """By value of the column of ``where`` that has several: the name of its table. Empty for a single table.

        Characters that a name cannot have are replaced by '-'.
        """
        several = next((values for _, values in self.where if len(values) > 1), ())
        return {value: f"{self.name}-{re.sub(r'[^A-Za-z0-9._-]+', '-', value).strip('-')}" for value in several}

    def scaled(self, test: TestSpec) -> TestSpec:
        """Return a test with the direction and the scale that it has."""
        scale = test.scale or (self.scale if test.maximise in (None, self.maximised) else None)
        maximise = SCALES[scale].maximised if scale else self.maximised if test.maximise is None else test.maximise
        return replace(test, scale=scale, maximise=maximise)


def check_spec(spec: TableSpec) -> None:
    """Check that the settings are consistent, before the file is read.

    Raises
    ------
    BenchmarkError
        If they are not. The message says which option to change.
    """
    check_name(spec.name)
    for name in spec.tables.values():
        check_name(name)
    if len(set(spec.tables.values())) < len(spec.tables):
        raise BenchmarkError(
            f"--where: the values {few(list(spec.tables))} would give tables of the same name,"
            f" {few(list(spec.tables.values()))}; import each by a command of its own, with another --name"
        )
    _check_space(spec)
    _check_signal(spec)
    _check_fidelities(spec)
    _check_roles(spec)


def _check_space(spec: TableSpec) -> None:
    if not spec.choices:
        _check_known_space(spec)
        return
    if len(set(spec.choices)) < len(spec.choices) or not all(spec.choices):
        raise BenchmarkError(f"--space {spec.space}: expected different names of columns, separated by commas")
    for option, names in (
        ("ordered", [order.choice for order in spec.ordered]),
        ("conditional", [name for condition in spec.conditions for name in (condition.choice, condition.other)]),
    ):
        for name in names:
            if name not in spec.choices:
                raise BenchmarkError(f"--{option}: {unknown_name('choice', name, spec.choices)}")
    twice = [c.choice for c in spec.conditions]
    for condition in spec.conditions:
        if condition.choice == condition.other or twice.count(condition.choice) > 1:
            raise BenchmarkError(
                f"--conditional: expected one condition for {condition.choice}, on another choice than itself"
            )


def _check_known_space(spec: TableSpec) -> None:
    if "," in spec.space:
        raise BenchmarkError(
            f"--space {spec.space}: expected a known space; to name columns of the file, write --space"
            f" {COLUMNS}{spec.space}"
        )
    load_space(spec.space)
    for option, given in (("ordered", spec.ordered), ("conditional", spec.conditions), ("absent", spec.absent)):
        if given not in ((), None):
            raise BenchmarkError(f"--{option}: only with --space columns:..., got --space {spec.space}")


def _check_signal(spec: TableSpec) -> None:
    if not spec.signal:
        raise BenchmarkError(
            "nothing to search by: give --validation COLUMN@EPOCHS, --objective COLUMN:max or COLUMN:min, or, if only"
            " test values were recorded, --test-signal COLUMN"
        )
    if spec.signal_kind == "validation" and not spec.official:
        refuse_test_signal([column for part in spec.signal for column in part.columns])
    for scale in (spec.scale, *(test.scale for test in spec.tests)):
        if scale is not None and scale not in SCALES:
            raise BenchmarkError(unknown_name("scale", scale, SCALES))
    if spec.scale is None and spec.maximise is None:
        raise BenchmarkError(
            f"--scale is missing: say whether {spec.signal[0]} holds accuracy-percent (such as 93.1), accuracy (0.931),"
            " error-percent (6.9) or error (0.069). For another quantity, give its direction instead, as in"
            f" --objective {spec.signal[0].columns[0]}:min"
        )
    if spec.scale is not None and spec.maximise not in (None, SCALES[spec.scale].maximised):
        raise BenchmarkError(
            f"scale {spec.scale!r} is {_direction(SCALES[spec.scale].maximised)}, but the objective"
            f" {spec.signal[0].columns[0]!r} is not; omit --scale, or change the direction of --objective"
        )
    _check_tests(spec)
    _check_doubts(spec)


def _check_doubts(spec: TableSpec) -> None:
    """Refuse names and values that contradict the direction and the scale."""
    if spec.scale and spec.scale.endswith("-percent") and spec.missing.value is not None and spec.missing.value <= 1:
        refuse_doubt(
            spec,
            "small-values",
            f"--missing worst={spec.missing.value:g} is at most 1, but --scale {spec.scale} expects up to 100",
        )
    for columns, maximise in (
        *((part.columns, spec.maximised) for part in spec.signal),
        *((test.column.columns, spec.scaled(test).maximise) for test in spec.tests),
    ):
        for column in columns:
            if not maximise and re.search(r"acc(?![a-z])|accuracy", column.lower()):
                refuse_doubt(spec, "minimised-accuracy", f"{column} is minimised, although its name says accuracy")
            if maximise and re.search(r"(?<![a-z])(err|error|errors|loss|losses)(?![a-z])", column.lower()):
                refuse_doubt(spec, "maximised-error", f"{column} is maximised, although its name says error or loss")


def _check_tests(spec: TableSpec) -> None:
    for test in spec.tests:
        if test.name == spec.signal_kind:
            raise BenchmarkError(
                f"--test: the search signal is already called {test.name!r}; give the column another name, as in"
                f" --test second={test.column}"
            )
        scaled = spec.scaled(test)
        if test.scale is not None and test.maximise not in (None, SCALES[test.scale].maximised):
            raise BenchmarkError(
                f"--test {test.column}: scale {test.scale!r} is {_direction(SCALES[test.scale].maximised)}; omit the"
                " other direction"
            )
        if (scaled.scale is None) != (spec.scale is None):
            raise BenchmarkError(
                f"--test {test.column}: expected {'a scale' if spec.scale else 'no scale'}, as the search signal has;"
                " errors of a table share one unit. Other numbers belong to --info"
            )


def _direction(maximised: bool) -> str:
    return "maximised" if maximised else "minimised"


def refuse_test_signal(columns: Sequence[str]) -> None:
    """Reject test values as a search signal.

    Raises
    ------
    BenchmarkError
        If the name of a column contains "test".
    """
    for column in columns:
        if "test" in column.lower():
            raise BenchmarkError(
                f"column {column!r} looks like test values, which must not guide a search; name a validation column, or"
                f" pass --test-signal {column} to search by it anyway, which the benchmark's title then says"
            )


def _check_fidelities(spec: TableSpec) -> None:
    """Check that the columns of all quantities agree on how fidelities are told."""
    known = [part.fidelity is not None for part in spec.signal]
    if any(known) and not all(known):
        raise BenchmarkError("give every search signal an EPOCHS, as COLUMN@EPOCHS, or none of them")
    if len(spec.signal) > 1 and not any(known):
        raise BenchmarkError(
            f"{' and '.join(map(str, spec.signal))}: several search signals need their EPOCHS, as COLUMN@EPOCHS; give"
            " repeats as COLUMN,COLUMN"
        )
    _check_epochs(spec, told=all(known) or any(part.is_pattern for part in spec.signal))
    for parts in (spec.signal, spec.cost, *_by_name(spec.tests).values()):
        fidelities = [part.fidelity for part in parts]
        if len(set(fidelities)) < len(fidelities):
            raise BenchmarkError("a fidelity is given twice; give repeats as COLUMN,COLUMN@EPOCHS")
        for part in parts:
            if part.is_pattern and (len(parts) > 1 or len(part.columns) > 1 or part.fidelity is not None):
                raise BenchmarkError(f"{part}: a pattern with {PLACE} stands alone, without other columns and EPOCHS")
    _check_repeats(spec)


def _check_epochs(spec: TableSpec, *, told: bool) -> None:
    """Check the options that tell the fidelity of rows, which the columns may tell already."""
    if spec.epochs is not None and not (0 < spec.epochs < np.inf):
        raise BenchmarkError(f"--epochs: expected a number above 0, got {spec.epochs:g}")
    if spec.fidelity is not None and spec.epochs is not None:
        raise BenchmarkError(
            f"--epochs {spec.epochs:g} is for a table without a column of epochs, but --fidelity {spec.fidelity} names"
            " one: give one of them"
        )
    if told and (spec.fidelity is not None or spec.epochs is not None):
        option = "fidelity" if spec.fidelity is not None else "epochs"
        raise BenchmarkError(f"--{option}: the columns of the search signal already tell the epochs; omit it")


def _check_repeats(spec: TableSpec) -> None:
    """Check that costs fit the repeats, and the repeats each other."""
    if any(part.is_pattern for part in (*spec.signal, *spec.cost)):
        return  # they are compared when the columns of the file are known
    check_cost_columns(spec.signal, spec.cost)
    if spec.signal and not spec.matched:
        refuse_doubt(
            spec,
            "unequal-repeats",
            "the fidelities have different numbers of repeats, so that a repeat at one fidelity cannot be told to be"
            " the same run as one at another",
        )


def _by_name(tests: Sequence[TestSpec]) -> dict[str, list[ColumnSpec]]:
    groups: dict[str, list[ColumnSpec]] = {}
    for test in tests:
        groups.setdefault(test.name, []).append(test.column)
    return groups


def _check_roles(spec: TableSpec) -> None:
    """Check that no column has two roles that exclude each other."""
    roles: dict[str, str] = {}
    given: list[tuple[str | None, str]] = [(spec.repeat, "--repeat"), (spec.fidelity, "--fidelity")]
    given = [(key, "--space" if spec.choices else "--architecture") for key in spec.keys] + given
    signal = [(column, "the search signal") for part in spec.signal for column in part.columns]
    tests = [(column, f"--test {test.name}") for test in spec.tests for column in test.column.columns]
    for column, role in (*given, *signal, *([] if spec.official else tests)):
        if column is None:
            continue
        if column in roles:
            other = roles[column]
            what = "given twice" if other == role else f"both {other} and {role}"
            raise BenchmarkError(f"column {column!r} is {what}; give each role, and each repeat, a column of its own")
        roles[column] = role


def refuse_doubt(spec: TableSpec, doubt: Doubt, what: str) -> None:
    """Refuse what is probably a mistake, unless it is accepted by name.

    Raises
    ------
    BenchmarkError
        If it is not.
    """
    if doubt not in spec.accept:
        raise BenchmarkError(f"{what}; correct it, or pass --accept {doubt} if that is so")

"""The notation of an import: columns, tests, recorded numbers, orders, conditions and the treatment of failed runs."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError

Array = NDArray[np.float64]

PLACE = "{fidelity}"
"""Stands for the fidelity in the name of a column."""


@dataclass(frozen=True)
class Scale:
    """How values become errors: the range that they lie in, and the error of a value."""

    low: float
    high: float
    maximised: bool
    error: Callable[[Array], Array]


SCALES = {
    "accuracy-percent": Scale(0.0, 100.0, True, lambda values: 1.0 - values / 100.0),
    "accuracy": Scale(0.0, 1.0, True, lambda values: 1.0 - values),
    "error-percent": Scale(0.0, 100.0, False, lambda values: values / 100.0),
    "error": Scale(0.0, 1.0, False, lambda values: values),
}
"""Scales by name. Their errors are fractions."""


@dataclass(frozen=True)
class ColumnSpec:
    """The columns of one quantity, written ``[FACTOR*]COLUMN[,COLUMN...][@FIDELITY]``.

    Attributes
    ----------
    columns : tuple of str
        Several columns are repeats. A name may contain ``{fidelity}``, which stands for a number: the columns are then
        those of the file that match.
    fidelity : float or None
        In epochs. None if the rows, the names of the columns or lists in the cells tell it.
    factor : float
        By which the numbers are multiplied. Written as a number, or as a fraction such as ``1/3``.

    Examples
    --------
    >>> ColumnSpec.parse("0.06*train_time@12")
    ColumnSpec(columns=('train_time',), fidelity=12.0, factor=0.06)
    """

    columns: tuple[str, ...]
    fidelity: float | None = None
    factor: float = 1.0

    @classmethod
    def parse(cls, text: str) -> ColumnSpec:
        """Read the notation.

        Raises
        ------
        BenchmarkError
            If the text does not follow it.
        """
        match = re.fullmatch(r"(?:(?P<factor>[^*@]+)\*)?(?P<columns>[^*@]+)(?:@(?P<fidelity>[^@]+))?", text.strip())
        try:
            if match is None:
                raise ValueError
            fidelity = None if match["fidelity"] is None else float(match["fidelity"])
            numerator, slash, denominator = (match["factor"] or "1").partition("/")
            factor = float(numerator) / float(denominator if slash else 1)
            columns = tuple(column.strip() for column in match["columns"].split(","))
            if not (0 < factor < np.inf and all(columns)):
                raise ValueError
            if fidelity is not None and not (0 < fidelity < np.inf and float(f"{fidelity:g}") == fidelity):
                raise ValueError
        except (ValueError, ZeroDivisionError):
            raise BenchmarkError(
                f"expected COLUMN@EPOCHS, COLUMN,COLUMN@EPOCHS for repeats, or FACTOR*COLUMN@EPOCHS, got {text!r};"
                " EPOCHS and FACTOR must be above 0, FACTOR may be a fraction such as 1/3, and EPOCHS must have at most"
                " six digits"
            ) from None
        return cls(columns, fidelity, factor)

    @property
    def is_pattern(self) -> bool:
        """Whether a name contains ``{fidelity}``."""
        return any(PLACE in column for column in self.columns)

    def __str__(self) -> str:
        """Write the notation."""
        factor = "" if self.factor == 1 else f"{self.factor:g}*"
        return f"{factor}{','.join(self.columns)}{'' if self.fidelity is None else f'@{self.fidelity:g}'}"


@dataclass(frozen=True)
class TestSpec:
    """A further error to report, written ``[NAME=]COLUMN[,COLUMN...][@FIDELITY][:min|:max][:SCALE]``.

    Attributes
    ----------
    column : ColumnSpec
    name : str
        Kind of the target, such as ``test`` in ``test@200``.
    maximise : bool or None
        None for the direction of the search signal.
    scale : str or None
        None for the scale of the search signal.
    """

    __test__ = False  # pytest would collect it for its name

    column: ColumnSpec
    name: str = "test"
    maximise: bool | None = None
    scale: str | None = None

    @classmethod
    def parse(cls, text: str) -> TestSpec:
        """Read the notation.

        Raises
        ------
        BenchmarkError
            If the text does not follow it.
        """
        body, maximise, scale = text, None, None
        while ":" in body:
            rest, _, word = body.rpartition(":")
            if word in ("min", "max") and maximise is None:
                maximise = word == "max"
            elif word in SCALES and scale is None:
                scale = word
            else:
                break
            body = rest
        name, equals, column = body.rpartition("=")
        if equals and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,39}", name):
            raise BenchmarkError(
                f"--test {text}: expected NAME=COLUMN with a NAME of at most 40 letters, digits, '-' and '_', got"
                f" {name!r}"
            )
        return cls(ColumnSpec.parse(column), name or "test", maximise, scale)


@dataclass(frozen=True)
class InformationSpec:
    """A recorded number other than an error, such as a latency, written ``COLUMN`` or ``NAME:[FACTOR*]COLUMN``."""

    name: str
    column: ColumnSpec

    @classmethod
    def parse(cls, text: str) -> InformationSpec:
        """Read the notation.

        Raises
        ------
        BenchmarkError
            If the text does not follow it.
        """
        name, colon, column = text.strip().partition(":")
        spec = ColumnSpec.parse(column if colon else name)
        if spec.fidelity is not None or len(spec.columns) > 1 or spec.is_pattern:
            raise BenchmarkError(f"--info {text}: expected one column, as COLUMN or NAME:FACTOR*COLUMN")
        name = name if colon else spec.columns[0]
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+-]{0,39}", name):
            raise BenchmarkError(
                f"--info {text}: {name!r} cannot name a number: use at most 40 letters, digits, '-' and '_', as in"
                f" --info 'latency:{spec.columns[0]}'"
            )
        return cls(name, spec)


@dataclass(frozen=True)
class Order:
    """A choice whose values have an order, written ``CHOICE`` or ``CHOICE:FIRST<SECOND<...``.

    Attributes
    ----------
    choice : str
    values : tuple of str
        All of them, ascending. Empty if they are numbers.
    """

    choice: str
    values: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Order:
        """Read the notation.

        Raises
        ------
        BenchmarkError
            If the text does not follow it.
        """
        choice, colon, listed = text.partition(":")
        values = tuple(value.strip() for value in listed.split("<")) if colon else ()
        if colon and (len(values) < 2 or len(set(values)) < len(values) or not all(values)):
            raise BenchmarkError(f"--ordered {text}: expected CHOICE, or different values as in CHOICE:low<medium<high")
        return cls(choice.strip(), values)


@dataclass(frozen=True)
class Condition:
    """When a choice applies, written ``CHOICE if OTHER OPERATOR VALUE``.

    The operators are ``==``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, and ``in`` with values separated by ``|``.
    """

    choice: str
    other: str
    operator: str
    value: str

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Read the notation.

        Raises
        ------
        BenchmarkError
            If the text does not follow it.
        """
        match = re.fullmatch(r"\s*(\S+)\s+if\s+(\S+?)\s*(==|!=|<=|>=|<|>|\sin\s)\s*(\S.*?)\s*", text)
        if match is None:
            raise BenchmarkError(
                f"--conditional {text!r}: expected 'CHOICE if OTHER >= VALUE', such as 'op2 if layers>=2'"
            )
        return cls(match[1], match[2], match[3].strip(), match[4])

    def holds(self, text: str) -> bool:
        """Return whether the choice applies if the other one has this value.

        Raises
        ------
        BenchmarkError
            If the values cannot be compared because one is not a number.
        """
        if self.operator in ("==", "!=", "in"):
            wanted = self.value.split("|") if self.operator == "in" else [self.value]
            return (text in wanted) != (self.operator == "!=")
        try:
            left, right = float(text), float(self.value)
        except ValueError:
            raise BenchmarkError(
                f"--conditional '{self.choice} if {self.other}{self.operator}{self.value}': expected numbers to"
                f" compare, got {text!r} and {self.value!r}"
            ) from None
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[self.operator]


Policy = Literal["refuse", "worst", "drop-architecture"]
POLICIES: dict[str, Policy] = {policy: policy for policy in get_args(Policy)}


@dataclass(frozen=True)
class Missing:
    """The treatment of failed runs, those without a value.

    Attributes
    ----------
    policy : {"refuse", "worst", "drop-architecture"}
    value : float or None
        With ``worst``: the value that failed runs get, in the scale of the column. None for the worst recorded one.
    """

    policy: Policy = "refuse"
    value: float | None = None

    @classmethod
    def parse(cls, text: str) -> Missing:
        """Read ``refuse``, ``worst``, ``worst=VALUE`` or ``drop-architecture``.

        Raises
        ------
        BenchmarkError
            If the text is none of them.
        """
        if text in POLICIES:
            return cls(POLICIES[text])
        policy, _, value = text.partition("=")
        with contextlib.suppress(ValueError):
            if policy == "worst" and math.isfinite(number := float(value)):
                return cls("worst", number)
        raise BenchmarkError(f"--missing: expected refuse, worst, worst=VALUE or drop-architecture, got {text!r}")


REFUSE = Missing()
"""Failed runs are refused."""

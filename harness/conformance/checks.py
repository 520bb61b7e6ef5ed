"""The parts of a contract check: a statement, a hint, the code that verifies it, and its verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


class CheckFailed(AssertionError):
    """An algorithm, a search space or a benchmark breaks its contract."""


def demand(holds: bool, otherwise: str) -> None:
    """Raise CheckFailed with the message ``otherwise``, unless the condition holds."""
    if not holds:
        raise CheckFailed(otherwise)


@dataclass(frozen=True)
class Verdict:
    """The result of a check.

    Attributes
    ----------
    statement : str
    passed : bool
    failure : str
        Where the contract was first broken, and how; empty if the check passed.
    hint : str
        Advice on how to keep the contract; empty if the check passed.
    """

    statement: str
    passed: bool
    failure: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Check(Generic[T]):
    """One rule of a contract.

    Attributes
    ----------
    statement : str
        The rule, as the command line prints it.
    hint : str
        Advice for somebody whose code breaks the rule.
    run : callable
        ``run(subject)`` raises an exception if the subject breaks the rule: :class:`CheckFailed`, or whatever the
        subject itself raises.
    """

    statement: str
    hint: str
    run: Callable[[T], None]

    def verdict(self, subject: T, place: str = "") -> Verdict:
        """Run the check. ``place`` precedes the reason of a failure."""
        try:
            self.run(subject)
        except (Exception, SystemExit) as error:  # custom code may raise anything
            reason = str(error) if isinstance(error, CheckFailed) else f"{type(error).__name__}: {error}"
            return Verdict(self.statement, False, f"{place}{reason}", self.hint)
        return Verdict(self.statement, True)

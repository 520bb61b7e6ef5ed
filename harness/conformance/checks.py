"""The parts of a contract check: a statement, a hint, the code that verifies it, and its verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


class CheckFailed(AssertionError):
    """An algorithm, a search space or a benchmark breaks its contract."""


class DoesNotApply(Exception):
    """A check says nothing about this subject."""


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
        Advice on how to keep the contract; empty if the check passed, or if the subject itself raised an error.
    error : str
        The error that the subject itself raised, with its place; empty if there is none.
    skipped : str
        Why the check says nothing about the subject; empty if it was run.
    """

    statement: str
    passed: bool
    failure: str = ""
    hint: str = ""
    error: str = ""
    skipped: str = ""


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
        subject itself raises. It raises :class:`DoesNotApply` if the rule cannot be checked on this subject.
    """

    statement: str
    hint: str
    run: Callable[[T], None]

    def verdict(self, subject: T, place: str = "") -> Verdict:
        """Run the check. ``place`` precedes the reason of a failure."""
        return self.judge(self.attempt(subject), place)

    def attempt(self, subject: T) -> BaseException | None:
        """Run the check, and return what it raised."""
        try:
            self.run(subject)
        except (Exception, SystemExit) as error:  # custom code may raise anything
            return error
        return None

    def judge(self, raised: BaseException | None, place: str = "") -> Verdict:
        """Return the verdict that follows from what `attempt` returned."""
        if raised is None:
            return Verdict(self.statement, True)
        if isinstance(raised, DoesNotApply):
            return Verdict(self.statement, True, skipped=f"{place}{raised}")
        reason = str(raised) if isinstance(raised, CheckFailed) else f"{type(raised).__name__}: {raised}"
        return Verdict(self.statement, False, f"{place}{reason}", self.hint)

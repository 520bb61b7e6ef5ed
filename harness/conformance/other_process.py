"""Answers computed in another process, to compare with those of this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from harness.conformance.checks import CheckFailed
from harness.entries.isolated import FunctionFailed, ProcessDied, fresh_process

P = ParamSpec("P")
T = TypeVar("T")

HASH_SEED = "4242"


def elsewhere(function: Callable[P, T], *arguments: P.args, **keywords: P.kwargs) -> T:
    """Run a function in a new process with another hash seed, and return its result.

    Raises
    ------
    CheckFailed
        If the function raises an exception there, or the process ends.
    """
    try:
        with fresh_process({"PYTHONHASHSEED": HASH_SEED}) as process:
            return process.call(function, *arguments, **keywords)
    except (FunctionFailed, ProcessDied) as error:
        raise CheckFailed(f"another process failed: {error}") from error

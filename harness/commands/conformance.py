"""The commands ``regretta test``: check the contract of an algorithm or a benchmark, with one verdict per check."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text
from threadpoolctl import threadpool_limits

from benchmarks.loading import load_benchmark
from harness.commands.console import make_console
from harness.commands.exit_codes import OK, REGRESSION
from harness.conformance.checks import Verdict
from harness.conformance.suite import algorithm_verdicts, benchmark_verdicts, find_subject
from harness.errors import ConfigurationError
from results.words import counted

BENCHMARKS = ("synthetic", "nasbench201-cifar10")
"""Default benchmarks: one with several continuable fidelities and 480 architectures, one with one and 15,625."""


def test_algorithm_command(use: str, names: Sequence[str], settings: Sequence[str]) -> int:
    """Run all checks of an algorithm, and print one line per check."""
    console = make_console()
    subject = find_subject(use, Path(), dict(map(_setting, settings)), names or BENCHMARKS)
    console.print(Text(f"{use} on {', '.join(subject.benchmarks)}"))
    with threadpool_limits(1):
        return print_verdicts(algorithm_verdicts(subject), console)


def test_benchmark_command(name: str) -> int:
    """Run all checks of a benchmark and its space, and print one line per check."""
    console = make_console()
    benchmark = load_benchmark(name)
    console.print(Text(f"{name}, on space {benchmark.space.name}"))
    return print_verdicts(benchmark_verdicts(benchmark), console)


def print_verdicts(found: Iterable[Verdict], console: Console) -> int:
    """Print verdicts as they come, and return the exit code."""
    failed = 0
    for verdict in found:
        mark = Text("passed  ", style="green") if verdict.passed else Text("failed  ", style="bold red")
        console.print(mark + Text(verdict.statement))
        if not verdict.passed:
            failed += 1
            console.print(Text(f"        {verdict.failure}"))
            console.print(Text(f"        hint: {verdict.hint}"))
    console.print(Text(f"{counted(failed, 'check')} failed." if failed else "All checks passed.", style="bold"))
    return REGRESSION if failed else OK


def _setting(text: str) -> tuple[str, Any]:
    """Read ``NAME=VALUE``. The value is read as TOML, or else as text."""
    name, equals, value = text.partition("=")
    if not equals or not text.isprintable():
        raise ConfigurationError([f"--set: expected NAME=VALUE, as in population=10, got {text!r}"])
    try:
        return name, tomllib.loads(f"value = {value}")["value"]
    except (ValueError, RecursionError):
        return name, value

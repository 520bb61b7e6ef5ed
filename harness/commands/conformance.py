"""What the verb ``test`` does: the promises of an algorithm or a benchmark, with a verdict each."""

from __future__ import annotations

import inspect
import itertools
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text
from threadpoolctl import threadpool_limits

from benchmarks.loading import load_benchmark
from harness.commands.console import make_console
from harness.commands.exit_codes import OK, REGRESSION
from harness.conformance.algorithm_checks import Case
from harness.conformance.benchmark_checks import BENCHMARK_CHECKS
from harness.conformance.space_checks import SPACE_CHECKS
from harness.conformance.suite import Verdict, reason, verdicts
from harness.entries.hyperparameters import hyperparameters
from harness.entries.sources import find_source
from harness.errors import ConfigurationError
from results.words import counted

BENCHMARKS = ("synthetic", "nasbench201-cifar10")
"""Several fidelities that can be gone on with, and one; 480 architectures, and 15,625."""


def test_algorithm_command(use: str, names: Sequence[str], settings: Sequence[str]) -> int:
    """Hold an algorithm to what every algorithm promises; a line each."""
    console = make_console()
    source = find_source(use, Path())
    cls = source.load()
    parameters = hyperparameters(cls, dict(map(_setting, settings)), use)
    benchmarks = [load_benchmark(name) for name in names or BENCHMARKS]
    refusals = {found.facts.name: Case(cls, use, parameters, found, 1).refusal() for found in benchmarks}
    fitting = [found for found in benchmarks if not refusals[found.facts.name]]
    if not fitting:
        raise ConfigurationError([f"--benchmark: {use} on {name}: {refusal}" for name, refusal in refusals.items()])
    console.print(Text(f"{use} on {', '.join(found.facts.name for found in fitting)}"))
    with threadpool_limits(1):
        return _say(verdicts(source, parameters, fitting), console)


def test_benchmark_command(name: str) -> int:
    """Hold a benchmark and its space to what all promise; a line each."""
    console = make_console()
    benchmark = load_benchmark(name)
    console.print(Text(f"{name}, on space {benchmark.space.name}"))
    on_space = (_verdict(check, benchmark.space) for check in SPACE_CHECKS)
    on_benchmark = (_verdict(check, benchmark) for check in BENCHMARK_CHECKS)
    return _say(itertools.chain(on_space, on_benchmark), console)


def _verdict(check: Callable[[Any], None], thing: object) -> Verdict:
    promise = inspect.getdoc(check) or ""
    try:
        check(thing)
    except Exception as error:  # whatever somebody's space raises breaks the promise
        return Verdict(promise, False, reason(error))
    return Verdict(promise, True)


def _say(found: Iterable[Verdict], console: Console) -> int:
    """Print verdicts as they come."""
    broken = 0
    for verdict in found:
        mark = Text("kept    ", style="green") if verdict.kept else Text("broken  ", style="bold red")
        console.print(mark + Text(verdict.promise))
        if not verdict.kept:
            broken += 1
            console.print(Text(f"        {verdict.broken}"))
            if verdict.hint:
                console.print(Text(f"        hint: {verdict.hint}"))
    are_broken = f"{counted(broken, 'promise')} {'is' if broken == 1 else 'are'} broken."
    console.print(Text(are_broken if broken else "All promises are kept.", style="bold"))
    return REGRESSION if broken else OK


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not text.isprintable():
        raise ConfigurationError([f"--set: wanted is NAME=VALUE, as in population=10; got {text!r}"])
    try:
        return name, tomllib.loads(f"value = {value}")["value"]
    except (ValueError, RecursionError):
        return name, value

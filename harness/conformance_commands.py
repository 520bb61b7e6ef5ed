"""What the verb ``test`` does: the promises of an algorithm, with a verdict each."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.text import Text
from threadpoolctl import threadpool_limits

from benchmarks.registry import load_benchmark
from harness.conformance import Case, verdicts
from harness.console import make_console
from harness.errors import ConfigurationError
from harness.exit_codes import OK, REGRESSION
from harness.guests import find_contender, hyperparameters

BENCHMARKS = ("synthetic", "nasbench201-cifar10")
"""Several fidelities that can be gone on with, and one; 480 architectures, and 15,625."""


def test_algorithm_command(use: str, names: Sequence[str], settings: Sequence[str]) -> int:
    """Hold an algorithm to what every algorithm promises; a line each."""
    console = make_console()
    contender = find_contender(use, Path())
    cls = contender.load()
    parameters = hyperparameters(cls, dict(map(_setting, settings)), use)
    benchmarks = [load_benchmark(name) for name in names or BENCHMARKS]
    refusals = {found.facts.name: Case(cls, use, parameters, found, 1).refusal() for found in benchmarks}
    fitting = [found for found in benchmarks if not refusals[found.facts.name]]
    if not fitting:
        raise ConfigurationError([f"--benchmark: {use} on {name}: {refusal}" for name, refusal in refusals.items()])
    console.print(Text(f"{use} on {', '.join(found.facts.name for found in fitting)}"))
    broken = 0
    with threadpool_limits(1):
        for verdict in verdicts(contender, parameters, fitting):
            mark = Text("kept    ", style="green") if verdict.kept else Text("broken  ", style="bold red")
            console.print(mark + Text(verdict.promise))
            if not verdict.kept:
                broken += 1
                console.print(Text(f"        {verdict.broken}"))
                console.print(Text(f"        hint: {verdict.hint}"))
    console.print(Text("All promises are kept." if not broken else f"{broken} promises are broken.", style="bold"))
    return REGRESSION if broken else OK


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not text.isprintable():
        raise ConfigurationError([f"--set: wanted is NAME=VALUE, as in population=10; got {text!r}"])
    try:
        return name, tomllib.loads(f"value = {value}")["value"]
    except (ValueError, RecursionError):
        return name, value

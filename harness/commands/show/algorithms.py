"""Show an algorithm: hyperparameters, presets, needs, paper, and a table for an experiment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from harness.commands.console import plain_table, verbatim
from harness.entries.description import AlgorithmDescription, HyperparameterDescription, describe
from harness.entries.programs import Program
from harness.entries.sources import find_source
from harness.entries.toml_text import toml_key, toml_pairs, toml_value
from harness.errors import ConfigurationError


@dataclass(frozen=True)
class AlgorithmShown:
    """Facts of an algorithm.

    Attributes
    ----------
    algorithm : AlgorithmDescription
    missing : str or None
        How to install the library that it needs, if it is missing.
    toml : str
        A table for an experiment, with every hyperparameter.
    """

    algorithm: AlgorithmDescription
    missing: str | None
    toml: str


def show_algorithm(use: str) -> AlgorithmShown:
    """Describe a registered algorithm, or a custom class as ``file.py:Class`` or ``package.module:Class``."""
    from algorithms.registry import ALGORITHMS, algorithm_class, missing_library

    cls = algorithm_class(use) if use in ALGORITHMS else find_source(use, Path()).load()
    if issubclass(cls, Program):
        raise ConfigurationError(
            [f"expected an algorithm of Regretta or a class, got {use!r}; a program alone knows its hyperparameters"]
        )
    description = describe(cls, use)
    return AlgorithmShown(description, missing_library(cls), "\n".join(_toml(description)) + "\n")


def _toml(algorithm: AlgorithmDescription) -> Iterator[str]:
    label = algorithm.name if ":" not in algorithm.name else algorithm.name.rpartition(":")[2]
    yield f"[algorithms.{toml_key(label)}]"
    if label != algorithm.name:
        yield f"use = {toml_value(algorithm.name)}"
    if algorithm.presets:
        yield f"# preset = {toml_value(next(iter(algorithm.presets)))}    # or {', '.join(list(algorithm.presets)[1:])}"
    rows = []
    for one in algorithm.hyperparameters:
        if one.required:
            rows.append((f"{toml_key(one.name)} = ...", f"required: {kind_of(one)}"))
        elif one.default is None:
            rows.append((f"# {toml_key(one.name)} = ...", f"{kind_of(one)}; none by default"))
        else:
            rows.append((f"{toml_key(one.name)} = {toml_value(one.default)}", kind_of(one)))
    width = max((len(setting) for setting, _ in rows), default=0)
    yield from (f"{setting:<{width}}    # {kind}" for setting, kind in rows)


def kind_of(one: HyperparameterDescription) -> str:
    """Return the type and the bounds of a hyperparameter, in words."""
    if one.choices:
        kind = f"{one.type} {', '.join(map(str, one.choices))}"
        return kind if one.type.startswith("one of") else f"{one.type}: {', '.join(map(str, one.choices))}"
    return f"{one.type}, {one.bounds}" if one.bounds else one.type


def algorithm_parts(shown: AlgorithmShown) -> Iterator[RenderableType]:
    """Lay out an algorithm for the terminal."""
    algorithm = shown.algorithm
    yield Text(algorithm.summary)
    yield Text()
    facts = plain_table("", "", header=False)
    for name, value in _facts(shown):
        facts.add_row(Text(name), Text(value))
    yield facts
    if algorithm.hyperparameters:
        yield Text()
        table = plain_table("hyperparameter", "default", "values", "meaning", kept=1)
        for one in algorithm.hyperparameters:
            default = "required" if one.required else _value(one.default)
            table.add_row(*map(Text, (one.name, default, kind_of(one), one.description)))
        yield table
    if algorithm.presets:
        yield Text()
        table = plain_table("preset", "hyperparameters that differ from the defaults", kept=1)
        for preset, values in algorithm.presets.items():
            table.add_row(Text(preset), Text(", ".join(toml_pairs(values)) or "none"))
        yield table
    for paragraph in algorithm.text:
        yield Text()
        yield Text(paragraph)
    yield Text("\nIn an experiment:\n", style="bold")
    yield verbatim(shown.toml)


def _value(value: Any) -> str:
    return "none" if value is None else f"{value:.4g}" if isinstance(value, float) else toml_value(value)


def _needed_fidelities(algorithm: AlgorithmDescription) -> str:
    """Return how many fidelities an algorithm needs. Custom code may use any number of them."""
    if algorithm.minimum_fidelities == 1 and ":" not in algorithm.name:
        return "one fidelity; uses the highest only"
    return f"{algorithm.minimum_fidelities} or more fidelities"


def _facts(shown: AlgorithmShown) -> Iterator[tuple[str, str]]:
    algorithm = shown.algorithm
    yield "paper", algorithm.reference
    library = shown.missing or f"the library {algorithm.library}, which is installed"
    yield "needs", _needed_fidelities(algorithm)
    yield "library", library if algorithm.library else "none"
    yield "version", str(algorithm.version)
    stable = "equal on every machine" if algorithm.bitwise_stable else "may differ in the last bits between machines"
    yield "traces", stable

"""The pages of the documentation that are written from the code, so that they cannot disagree with it."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

os.environ["REGRETTA_DATA"] = os.devnull  # only embedded data, so that the pages are the same everywhere

from algorithms import ALGORITHMS, Algorithm, algorithm_class
from benchmarks import BENCHMARKS, Benchmark, DataAbsentError, load_benchmark
from harness.experiments.files import shipped_experiments
from harness.simulation.protocols import PRESETS, Preset

FOLDER = "generated"


def write(reference: Path) -> None:
    """Write all pages below ``reference/generated``."""
    shutil.rmtree(reference / FOLDER, ignore_errors=True)
    pages = {
        **{f"algorithms/{name}.rst": algorithm_page(name) for name in ALGORITHMS},
        "algorithms.rst": algorithms_page(),
        "benchmarks.md": benchmarks_table(),
        "protocols.rst": protocols_page(),
        "experiments.rst": experiments_page(),
        "command-line.md": command_line_page(),
    }
    for name, text in pages.items():
        file = reference / FOLDER / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def heading(text: str, line: str = "=") -> str:
    """Return a heading of reStructuredText."""
    return f"{text}\n{line * len(text)}\n\n"


def table(rows: list[tuple[str, ...]]) -> str:
    """Return a table of reStructuredText, headings first. A cell is one line."""
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in rows:
        lines += [f"   {'* -' if i == 0 else '  -'} {cell}" for i, cell in enumerate(row)]
    return "\n".join(lines) + "\n\n"


def code(text: object) -> str:
    """Return text in code format."""
    return f"``{text}``"


def algorithms_page() -> str:
    """Return the list of the algorithms."""
    rows = [("name", "paper", "presets", "needs")]
    for name in ALGORITHMS:
        cls = algorithm_class(name)
        needs = [f"{cls.minimum_fidelities} fidelities"] if cls.minimum_fidelities > 1 else []
        needs += [code(f"regretta[{cls.library}]")] if cls.library else []
        link = f":doc:`{name} <algorithms/{name}>`"
        rows.append((link, cls.reference, ", ".join(map(code, cls.presets)), ", ".join(needs)))
    toctree = ".. toctree::\n   :hidden:\n\n" + "".join(f"   algorithms/{name}\n" for name in ALGORITHMS)
    return (
        heading("Algorithms")
        + "``regretta list algorithms`` prints this list. Every algorithm has a page with its hyperparameters.\n\n"
        + table(rows)
        + toctree
    )


def algorithm_page(name: str) -> str:
    """Return the page of an algorithm: hyperparameters, presets, and the documentation of its class."""
    cls = algorithm_class(name)
    module, _, class_name = ALGORITHMS[name].partition(":")
    fields = [("hyperparameter", "type", "default")]
    fields += [(code(key), kind, default) for key, kind, default in hyperparameters(cls)]
    parts = [heading(name)]
    parts.append(f".. code-block:: toml\n\n   [algorithms.{name}]\n\n")
    if len(fields) > 1:
        parts += [heading("Hyperparameters", "-"), table(fields)]
    if cls.presets:
        parts += [heading("Presets", "-"), table([("preset", "values"), *preset_rows(cls)])]
    parts += [heading("Documentation", "-"), f".. autoclass:: {module}.{class_name}\n   :no-index-entry:\n"]
    return "".join(parts)


def hyperparameters(cls: type[Algorithm]) -> Iterator[tuple[str, str, str]]:
    """Yield the name of each hyperparameter, its type with bounds, and its default."""
    hints = get_type_hints(cls, include_extras=True)
    for field in dataclasses.fields(cls):
        default = "required" if field.default is dataclasses.MISSING else code(repr(field.default))
        if field.default is dataclasses.MISSING and field.default_factory is not dataclasses.MISSING:
            default = code(repr(field.default_factory()))
        yield field.name, type_words(hints[field.name]), default


def type_words(hint: Any) -> str:
    """Return a type with its bounds in words, such as "int, at least 1"."""
    if get_origin(hint) is Annotated:
        inner, *bounds = get_args(hint)
        words = [f"{word} {limit}" for bound in bounds for word, limit in limits(bound)]
        return ", ".join([type_words(inner), *words])
    if arguments := get_args(hint):
        if isinstance(arguments[0], str):
            return " or ".join(code(repr(one)) for one in arguments)
        return " or ".join("None" if one is type(None) else type_words(one) for one in arguments)
    return getattr(hint, "__name__", str(hint))


BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}


def limits(bound: object) -> Iterator[tuple[str, object]]:
    """Yield each limit of a bound with its words."""
    for key, word in BOUNDS.items():
        if (limit := getattr(bound, key, None)) is not None:
            yield word, limit


def preset_rows(cls: type[Algorithm]) -> Iterator[tuple[str, str]]:
    """Yield each preset with its values."""
    for preset, values in cls.presets.items():
        yield code(preset), ", ".join(code(f"{key} = {value!r}") for key, value in values.items())


def benchmarks_table() -> str:
    """Return the facts of the embedded benchmarks, as a table of Markdown."""
    rows = [("name", "architectures", "fidelities", "repeats", "unit", "optimum", "noise floor")]
    for name in BENCHMARKS:
        try:
            rows.append(benchmark_row(load_benchmark(name)))
        except DataAbsentError:
            continue
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]]) + "\n"


def plain(text: str) -> str:
    """Escape what reStructuredText would read as markup."""
    return re.sub(r"([*`|_\\])", r"\\\1", text)


def benchmark_row(benchmark: Benchmark) -> tuple[str, ...]:
    """Return the facts of a benchmark as a row."""
    facts = benchmark.facts
    few = facts.fidelities if len(facts.fidelities) <= 6 else (facts.fidelities[0], "...", facts.fidelities[-1])
    first = next(iter(facts.targets.values()))
    low, high = facts.repeats
    return (
        f"`{facts.name}`",
        f"{benchmark.space.size:,}",
        ", ".join(one if isinstance(one, str) else f"{one:g}" for one in few),
        f"{low}" if low == high else f"{low} to {high}",
        facts.unit,
        f"{first.optimum:.4g}",
        f"{first.floor:.2g}",
    )


def protocols_page() -> str:
    """Return the presets of the protocol, and its rules."""
    rows = [("preset", "summary", "fields", "budget")]
    rows += [(code(name), preset.summary, fields_of(preset), budgets_of(preset)) for name, preset in PRESETS.items()]
    return (
        heading("Protocols")
        + "A protocol is the set of rules by which evaluations are charged and counted. An experiment names a preset,"
        " and can replace each of its rules.\n\n"
        + table(rows)
        + heading("Rules", "-")
        + ".. autoclass:: harness.simulation.protocols.Protocol\n   :no-index-entry:\n"
    )


def fields_of(preset: Preset) -> str:
    """Return the rules that a preset sets."""
    return ", ".join(code(f"{key} = {value!r}") for key, value in preset.fields.items()) or "the defaults"


def budgets_of(preset: Preset) -> str:
    """Return the budgets of a preset by data set."""
    words = [f"{budget}" if key == "*" else f"{key}: {budget}" for key, budget in preset.budgets.items()]
    return ", ".join(words) or "none: the experiment sets it"


def experiments_page() -> str:
    """Return the shipped experiments with their files."""
    parts = [
        heading("Shipped experiments"),
        "``regretta run NAME`` runs one of these. A file is also a good start for an experiment of your own.\n\n",
    ]
    for name, file in shipped_experiments().items():
        content = tomllib.loads(file.read_text())
        parts += [heading(name, "-"), f"{plain(content.get('description', ''))}\n\n", ".. code-block:: toml\n\n"]
        parts += [f"   {line}\n" if line else "\n" for line in file.read_text().splitlines()]
        parts.append("\n")
    return "".join(parts)


def command_line_page() -> str:
    """Return the help of all commands, as typer writes it."""
    words = [sys.executable, "-m", "typer", "harness.cli.app", "utils", "docs", "--name", "regretta"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "120"})
    body = re.sub(r"^# `regretta`$", "# Command line", done.stdout, count=1, flags=re.MULTILINE)
    return body.replace("```console", "```text")

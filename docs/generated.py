"""The pages of the documentation that are written from the code, so that they cannot disagree with it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

os.environ["REGRETTA_DATA"] = os.devnull  # only embedded data, so that the pages are the same everywhere

from algorithms import ALGORITHMS, algorithm_class
from benchmarks import BENCHMARKS, Benchmark, DataAbsentError, load_benchmark
from harness.commands.schemas import OUTPUTS, SHOWN, schema_of
from harness.commands.show.algorithms import kind_of, show_algorithm
from harness.entries.toml_text import toml_pairs, toml_value
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
        "json.rst": json_page(),
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
    shown = show_algorithm(name)
    module, _, class_name = ALGORITHMS[name].partition(":")
    fields = [("hyperparameter", "values", "default")]
    fields += [
        (code(one.name), kind_of(one), "none" if one.default is None else code(toml_value(one.default)))
        for one in shown.algorithm.hyperparameters
    ]
    presets = [("preset", "values")]
    presets += [
        (code(preset), ", ".join(code(pair) for pair in toml_pairs(values)))
        for preset, values in shown.algorithm.presets.items()
    ]
    table_to_paste = "".join(f"   {line}\n" for line in shown.toml.splitlines())
    parts = [heading(name), f".. code-block:: toml\n\n{table_to_paste}\n"]
    if len(fields) > 1:
        parts += [heading("Hyperparameters", "-"), table(fields)]
    if len(presets) > 1:
        parts += [heading("Presets", "-"), table(presets)]
    parts += [heading("Documentation", "-"), f".. autoclass:: {module}.{class_name}\n   :no-index-entry:\n"]
    return "".join(parts)


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


def json_page() -> str:
    """Return the JSON schemas of what the commands print with ``--json``."""
    parts = [
        heading("JSON output"),
        "Every verb that reads has the option ``--json``. It prints one JSON value on the standard output, and nothing"
        " else; progress and warnings go to the standard error. A number that is not known or infinite is ``null``."
        " The exit code is the same as without the option. ``--quiet`` prints nothing: the exit code tells the result."
        " Each section below has a `JSON schema <https://json-schema.org>`_.\n\n",
    ]
    for verb, output in OUTPUTS.items():
        parts += [heading(f"``regretta {verb}``", "-"), schema_block(output)]
        if verb == "show":
            parts.append("The ``description`` depends on the kind:\n\n")
            for kind, description in SHOWN.items():
                parts += [heading(f"The kind {kind}", "~"), schema_block(description)]
    return "".join(parts)


def schema_block(output: Any) -> str:
    """Return a JSON schema, folded."""
    text = json.dumps(schema_of(output), indent=1)
    lines = "".join(f"      {line}\n" for line in text.splitlines())
    return f".. dropdown:: schema\n\n   .. code-block:: json\n\n{lines}\n"


def command_line_page() -> str:
    """Return the help of all commands, as typer writes it."""
    words = [sys.executable, "-m", "typer", "harness.cli.app", "utils", "docs", "--name", "regretta"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "120"})
    body = re.sub(r"^# `regretta`$", "# Command line", done.stdout, count=1, flags=re.MULTILINE)
    return body.replace("```console", "```text")

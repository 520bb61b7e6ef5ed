"""Write the chosen settings as an experiment file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.tuning.settings import TuningFile

TUNED_FILE = "tuned.toml"
BARE = re.compile(r"[A-Za-z0-9_-]+")
"""A key that needs no quotes."""


def tuned_experiment(file: TuningFile, entries: Mapping[str, Mapping[str, Any]], seal: str, version: str) -> str:
    """Return an experiment with the settings of the final race, with where they come from.

    Parameters
    ----------
    file : TuningFile
    entries : mapping
        The tables of the algorithms by template of the label.
    seal : str
        Hash of the choice.
    version : str
        Version of Regretta.
    """
    lines = [
        f"# Settings that `regretta tune` chose on {', '.join(file.section.train)}, with Regretta {version}.",
        f"# The experiment: {file.name}, seed {file.seed}. Hash of the choice: {seal}.",
        "schema = 1",
        f"name = {_value(f'{file.name}-tuned')}",
        f"seed = {file.seed}",
        f"trials = {file.section.final_trials}",
        f"benchmarks = {_value(file.section.test)}",
    ]
    tests = file.section.test
    budgets = {key: value for key, value in file.raw.get("budgets", {}).items() if key in tests}
    if "budget" in file.raw:
        lines.append(f"budget = {_value(file.raw['budget'])}")
    for section, content in (("budgets", budgets), ("protocol", file.raw.get("protocol", {}))):
        if content:
            lines += ["", f"[{section}]", *(_pairs(content))]
    for template, table in entries.items():
        lines += ["", f"[algorithms.{_value(template)}]", *(_pairs(table))]
    return "\n".join(lines) + "\n"


def _pairs(table: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        if value is not None:  # TOML has no null: the default of such a hyperparameter is None
            yield f"{key if BARE.fullmatch(key) else _value(key)} = {_value(value)}"


def _value(value: Any) -> str:
    """Write a value as TOML, which agrees with JSON but for tables."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_pairs(value)) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False)

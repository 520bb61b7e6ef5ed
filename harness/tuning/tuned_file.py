"""Write the chosen settings as an experiment file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.entries.sources import is_custom_class
from harness.entries.toml_text import toml_pairs, toml_value
from harness.tuning.settings import TuningFile

TUNED_FILE = "tuned.toml"


def tuned_experiment(
    file: TuningFile,
    entries: Mapping[str, Mapping[str, Any]],
    trials: range,
    directory: Path,
    seal: str,
    version: str,
) -> str:
    """Return an experiment with the settings of the final race, with where they come from.

    Parameters
    ----------
    file : TuningFile
    entries : mapping
        The tables of the algorithms by template of the label.
    trials : range
        The fresh trials of the final race.
    directory : Path
        The folder of the new file. Paths of custom classes start from it.
    seal : str
        Hash of the choice.
    version : str
        Version of Regretta.
    """
    lines = [
        f"# Settings that `regretta tune` chose on {', '.join(file.section.train)}, with Regretta {version}.",
        f"# The experiment: {file.name}, seed {file.seed}. Hash of the choice: {seal}.",
        *_place(file, entries),
        "schema = 1",
        f"name = {toml_value(f'{file.name}-tuned')}",
        f"seed = {file.seed}",
        f"trials = [{trials.start}, {trials.stop}]",
        f"benchmarks = {toml_value(file.section.test)}",
    ]
    tests, start = file.section.test, None if _place(file, entries) else directory
    budgets = {key: value for key, value in file.raw.get("budgets", {}).items() if key in tests}
    if "budget" in file.raw:
        lines.append(f"budget = {toml_value(file.raw['budget'])}")
    for section, content in (("budgets", budgets), ("protocol", file.raw.get("protocol", {}))):
        if content:
            lines += ["", f"[{section}]", *(toml_pairs(content))]
    for template, table in entries.items():
        lines += [
            "",
            f"[algorithms.{toml_value(template)}]",
            *(toml_pairs(_moved(template, table, file.folder, start))),
        ]
    return "\n".join(lines) + "\n"


def _moved(template: str, table: Mapping[str, Any], old: Path, new: Path | None) -> dict[str, Any]:
    """Return a table with the path of a custom class relative to another folder, or absolute."""
    use = table.get("use", template)
    where, _, name = str(use).rpartition(":")
    if not is_custom_class(use) or not where.endswith(".py"):
        return dict(table)
    path = (old / where).resolve()
    if new is not None and not Path(where).is_absolute():
        path = Path(os.path.relpath(path, new.resolve()))
    return {"use": f"{path.as_posix()}:{name}"} | {key: value for key, value in table.items() if key != "use"}


def _place(file: TuningFile, entries: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a comment if an entry is found only from the folder of the tuning file, whatever its path."""
    uses = [str(table.get("use", template)) for template, table in entries.items()]
    if all(":" not in use or (use.rpartition(":")[0].endswith(".py") and is_custom_class(use)) for use in uses):
        return []
    return [f"# Programs, modules and trajectories are sought from {file.folder.resolve()}: move this file there."]

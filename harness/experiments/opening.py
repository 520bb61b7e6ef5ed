"""Open an experiment: read its file or mapping, change some of its values, and resolve it into cells."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from harness.errors import ConfigurationError
from harness.experiments.cells import Experiment
from harness.experiments.files import STOPPING, experiment_file, read_experiment_file
from harness.experiments.resolution import resolve_experiment


def open_experiment(
    name: str,
    trials: str | None = None,
    replacements: Sequence[str] = (),
    *,
    until_decided: bool = False,
    stopping: Mapping[str, Any] | None = None,
) -> Experiment:
    """Open an experiment with the options of the command line.

    Parameters
    ----------
    name : str
        A ``.toml`` file, or the name of a shipped experiment.
    trials : str, optional
        ``N`` or ``A:B`` in place of the trials of the file.
    replacements : sequence of str
        Values to replace, as ``path.to.key=value``. The value is read as TOML, or else as text.
    until_decided : bool
        Whether to run until decided, also if the file has no section ``[stopping]``.
    stopping : mapping, optional
        Values of that section to replace.

    Returns
    -------
    Experiment

    Raises
    ------
    ConfigurationError
        If the experiment has mistakes. The error lists all of them.
    """
    file = experiment_file(name)

    def change(raw: dict[str, Any], problems: list[str]) -> None:
        if trials is not None:
            raw["trials"] = _trials(trials, problems)
        for replacement in replacements:
            _replace_text(raw, replacement, problems)
        paths = [replacement.partition("=")[0] for replacement in replacements]
        twice = [key for key in stopping or {} if f"{STOPPING}.{key}" in paths]
        problems += [f"--{key.replace('_', '-')}: also given by --set; leave out one of them" for key in twice]
        fixed = trials if trials is not None else ("trials" in paths or None)
        _stop(raw, fixed, stopping or {}, problems, until_decided=until_decided)

    return _opened(read_experiment_file(file), file.parent, change)


def open_changed(
    experiment: str | Path | Mapping[str, Any],
    trials: int | Sequence[int] | None,
    changes: Mapping[str, Any],
    *,
    until_decided: bool = False,
) -> Experiment:
    """Open an experiment with the arguments of :func:`harness.run`, which documents them.

    Raises
    ------
    ConfigurationError
        If the experiment has mistakes. The error lists all of them.
    """
    if isinstance(experiment, Mapping):
        raw, folder = deepcopy(dict(experiment)), Path.cwd()
    else:
        file = experiment_file(str(experiment))
        raw, folder = read_experiment_file(file), file.parent

    def change(raw: dict[str, Any], problems: list[str]) -> None:
        if trials is not None:
            raw["trials"] = trials if isinstance(trials, int) else list(trials)
        for path, value in changes.items():
            _replace(raw, path, value, f"changes[{path!r}]", problems)
        fixed = trials if trials is not None else ("trials" in changes or None)
        _stop(raw, fixed, {}, problems, until_decided=until_decided)

    return _opened(raw, folder, change)


def _opened(raw: dict[str, Any], folder: Path, change: Callable[[dict[str, Any], list[str]], None]) -> Experiment:
    """Apply changes and resolve, and report the problems of both together."""
    problems: list[str] = []
    change(raw, problems)
    try:
        experiment = resolve_experiment(raw, folder)
    except ConfigurationError as error:
        raise ConfigurationError([*problems, *error.problems]) from None
    if problems:
        raise ConfigurationError(problems)
    return experiment


def _stop(
    raw: dict[str, Any], trials: object, given: Mapping[str, Any], problems: list[str], *, until_decided: bool
) -> None:
    """Add the section ``[stopping]`` if it is asked for, and replace values of it."""
    if until_decided:
        raw.setdefault(STOPPING, {})
    if STOPPING not in raw:
        problems += [f"--{key.replace('_', '-')}: has no effect without --until decided" for key in given]
        return
    if trials is not None:
        problems.append(
            "trials: a run until decided has no fixed number of trials; limit it by max_trials (--max-trials)"
        )
    if isinstance(raw[STOPPING], dict):
        raw[STOPPING] |= given


def _trials(text: str, problems: list[str]) -> int | list[int]:
    try:
        numbers = [int(part) for part in text.split(":")]
        if len(numbers) > 2:
            raise ValueError
    except ValueError:
        problems.append(f"--trials: expected N or A:B with whole numbers, got {text!r}")
        return 1
    return numbers[0] if len(numbers) == 1 else numbers


def _replace_text(raw: dict[str, Any], replacement: str, problems: list[str]) -> None:
    path, equals, text = replacement.partition("=")
    if not equals or not replacement.isprintable():
        problems.append(f"--set: expected PATH=VALUE, as in budget.evaluations=50, got {replacement!r}")
        return
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        value = text
    path = path.strip()
    if other := _other_limit(raw, path):
        section, _, key = path.rpartition(".")
        problems.append(
            f"--set {replacement}: this budget is in {other}; replace it as a whole: --set '{section}={{{key}={text}}}'"
        )
        return
    _replace(raw, path, value, f"--set {replacement}", problems)


def _other_limit(raw: dict[str, Any], path: str) -> str | None:
    """Return the limit that a budget already has, if the path is that of the other one."""
    *parents, key = path.split(".")
    table: Any = raw
    for parent in parents:
        table = table.get(parent) if isinstance(table, dict) else None
    other = {"evaluations": "seconds", "seconds": "evaluations"}.get(key)
    is_budget = parents[:1] in (["budget"], ["budgets"]) and isinstance(table, dict)
    return other if is_budget and other in table else None


def _replace(raw: dict[str, Any], path: str, value: Any, place: str, problems: list[str]) -> None:
    """Set the value at a dotted path, and make the tables on the way to it."""
    *parents, key = path.split(".")
    table = raw
    for parent in parents:
        table = table.setdefault(parent, {})
        if not isinstance(table, dict):
            problems.append(f"{place}: {parent!r} is not a table in this experiment")
            return
    table[key] = value

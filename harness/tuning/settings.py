"""Tuning files: experiments with a section ``[tuning]`` and hyperparameters to search."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from benchmarks.errors import unknown_name
from benchmarks.loading import benchmark_names
from benchmarks.registry import BENCHMARKS
from harness.errors import ConfigurationError, validation_problems
from harness.experiments.files import STOPPING, TUNING, experiment_file, read_experiment_file, read_sections

SEARCH = "search"
"""The key of an algorithm's table with the hyperparameters to search."""
DEFAULT, TUNED, ORACLE = "default", "tuned", "oracle"
ROLES = (DEFAULT, TUNED, ORACLE)
"""The settings of a tuned algorithm in the final race."""


class Range(BaseModel):
    """Values between two bounds, both included: whole numbers if both bounds are."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    low: Annotated[int | float, Field(allow_inf_nan=False)]
    high: Annotated[int | float, Field(allow_inf_nan=False)]
    log: bool = False

    @model_validator(mode="after")
    def _is_a_range(self) -> Range:
        if not self.low < self.high:
            raise ValueError(f"expected low below high, got {self.low} and {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"expected low above 0 with log = true, got {self.low}")
        return self

    @property
    def whole(self) -> bool:
        """Whether the values are whole numbers."""
        return isinstance(self.low, int) and isinstance(self.high, int)


SAME_DATA = ("-12-200", "-curves", "-test", "-pool", "-surrogate")
"""Endings of the names of benchmarks: other records of the same networks, a part of them, or a model of them."""
Values = Range | tuple[Any, ...]
"""The values of a hyperparameter: a range, or all of them."""


class TuningSection(BaseModel):
    """The section ``[tuning]``.

    Attributes
    ----------
    train, test : list of str
        Benchmarks, or patterns: those that the choice rests on, and those that it is judged on.
    configurations : int
        Number of configurations of each algorithm, at most. A larger grid, or a range, is sampled.
    trials : int
        Number of trials of every configuration in the first step. The total doubles with each further step.
    final_trials : int
        Number of fresh trials of the settings that are compared at the end.
    oracle : bool
        Whether the best setting on the test benchmarks themselves is sought, too.
    transfer : bool
        Whether the algorithm is also tuned on each benchmark alone, and every such setting raced on all of them.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    train: Annotated[list[str], Field(min_length=1)]
    test: Annotated[list[str], Field(min_length=1)]
    configurations: Annotated[int, Field(ge=2, le=10_000)] = 64
    trials: Annotated[int, Field(ge=2, le=10_000)] = 20
    final_trials: Annotated[int, Field(ge=2, le=100_000)] = 100
    oracle: bool = True
    transfer: bool = False


@dataclass(frozen=True)
class TuningFile:
    """A tuning file.

    Attributes
    ----------
    raw : dict
        The experiment, without ``[tuning]``, ``benchmarks``, ``trials`` and the values to search.
    folder : Path
        Folder that relative paths of custom algorithms start from.
    section : TuningSection
        With patterns replaced by names.
    search : dict
        By label and hyperparameter: the values.
    """

    raw: dict[str, Any]
    folder: Path
    section: TuningSection
    search: dict[str, dict[str, Values]]

    @property
    def name(self) -> str:
        """The name of the experiment."""
        return str(self.raw.get("name"))

    @property
    def seed(self) -> int:
        """The seed of the experiment."""
        return int(self.raw.get("seed", 0))

    def sealed(self) -> dict[str, Any]:
        """Return what must not change once the choice is sealed: how it is made, and how it is judged."""
        return {
            "seed": self.seed,
            "budget": self.raw.get("budget", {}),
            "budgets": self.raw.get("budgets", {}),
            "protocol": self.raw.get("protocol", {}),
            "tuning": self.section.model_dump(),
            "algorithms": {
                label: self.raw["algorithms"][label]
                | {
                    SEARCH: {
                        name: values.model_dump() if isinstance(values, Range) else list(values)
                        for name, values in search.items()
                    }
                }
                for label, search in self.search.items()
            },
        }


def open_tuning(name: str) -> TuningFile:
    """Read a tuning file, without opening any benchmark.

    Parameters
    ----------
    name : str
        A ``.toml`` file, or the name of a shipped experiment.

    Raises
    ------
    ConfigurationError
        If the section or the values to search have mistakes. The error lists all of them.
    """
    file = experiment_file(name)
    raw = deepcopy(read_experiment_file(file))
    problems: list[str] = []
    content = raw.pop(TUNING, None)
    if not isinstance(content, Mapping):
        raise ConfigurationError(
            [f"{file}: expected a section [tuning] with train and test benchmarks; `regretta run` is for others"]
        )
    for key in ("benchmarks", "trials", "exclude"):
        if key in raw:
            problems.append(f"{key}: in a tuning file, [tuning] names all benchmarks and numbers of trials; remove it")
    if STOPPING in raw:
        problems.append(f"{STOPPING}: a tuning has fixed numbers of trials; remove it")
    try:
        section = TuningSection.model_validate(dict(content))
    except ValidationError as error:
        known = {"tuning": list(TuningSection.model_fields)}
        raise ConfigurationError([*problems, *validation_problems("tuning", error, known)]) from None
    section = section.model_copy(
        update={part: _named(getattr(section, part), f"tuning.{part}", problems) for part in ("train", "test")}
    )
    if both := sorted(set(section.train) & set(section.test)):
        problems.append(f"tuning: {', '.join(both)}: in train and in test; a test benchmark must not guide the choice")
    problems += _same_data(section)
    search = _search(raw, problems)
    problems += _added_labels(raw, search)
    names = [*section.train, *section.test]
    for name in raw["budgets"] if isinstance(raw.get("budgets"), dict) else ():
        if name not in names:
            problems.append(f"budgets: {unknown_name('benchmark of this tuning', name, names)}")
    problems += read_sections(raw | {"benchmarks": [], "trials": 1})[1]
    if problems:
        raise ConfigurationError(problems)
    return TuningFile(raw, file.parent, section, search)


def _same_data(section: TuningSection) -> list[str]:
    """Report test benchmarks that are a train benchmark under another name."""
    train: dict[str, str] = {}
    for name in section.train:
        train.setdefault(_data(name), name)
    return [
        f"tuning: {name}: the same data as {found} in train; a test benchmark must not guide the choice"
        for name in section.test
        if name not in section.train and (found := train.get(_data(name)))
    ]


def _data(name: str) -> str:
    """Return the name without the endings that tell tables of the same networks apart, for shipped benchmarks."""
    if name in BENCHMARKS:
        for ending in SAME_DATA:
            name = name.removesuffix(ending)
    return name


def label_of_role(label: str, role: str) -> str:
    """Return the label of a setting in the final race."""
    return f"{label} ({role})"


def _added_labels(raw: Mapping[str, Any], search: Mapping[str, object]) -> list[str]:
    """Report labels of the file that the tuning itself gives to settings of a tuned algorithm."""
    return [
        f"algorithms.{added}: `regretta tune` gives this label to a setting of {label}; use another one"
        for label in search
        for added in (label_of_role(label, role) for role in ROLES)
        if added in raw["algorithms"]
    ]


def _named(entries: list[str], place: str, problems: list[str]) -> list[str]:
    """Replace patterns by the names that match, and report unknown names."""
    known, names = benchmark_names(), []
    for entry in entries:
        matches = fnmatch.filter(known, entry)
        if not matches:
            problems.append(f"{place}: {unknown_name('benchmark', entry, known)}")
        names += matches
    return list(dict.fromkeys(names))


def _search(raw: dict[str, Any], problems: list[str]) -> dict[str, dict[str, Values]]:
    """Take the values to search out of the tables of the algorithms."""
    found: dict[str, dict[str, Values]] = {}
    algorithms = raw.get("algorithms")
    for label, table in algorithms.items() if isinstance(algorithms, dict) else ():
        if not isinstance(table, dict) or SEARCH not in table:
            continue
        place = f"algorithms.{label}.{SEARCH}"
        search = table.pop(SEARCH)
        if not isinstance(search, dict) or not search:
            problems.append(f"{place}: expected hyperparameters with their values, got {search!r}")
            continue
        for name in ("grid", "zip"):
            if name in table:
                problems.append(f"algorithms.{label}: {name} and {SEARCH} exclude each other; remove one of them")
        if given := sorted(search.keys() & table.keys()):
            problems.append(f"{place}: {', '.join(given)}: also given a value; remove one of the two")
        found[label] = {
            name: values for name, one in search.items() if (values := _values(one, f"{place}.{name}", problems))
        }
    if not found and not problems:
        problems.append(
            "algorithms: nothing to tune: give an algorithm a table such as search = { population = [10, 100] }"
        )
    return found


def _values(content: Any, place: str, problems: list[str]) -> Values | None:
    if isinstance(content, list):
        if len(content) > 1 and all(content.count(value) == 1 for value in content):
            return tuple(content)
        problems.append(f"{place}: expected at least two different values, got {content!r}")
        return None
    if not isinstance(content, dict):
        problems.append(f"{place}: expected a list of values, or {{ low = ..., high = ... }}, got {content!r}")
        return None
    try:
        return Range.model_validate(content)
    except ValidationError as error:
        problems += validation_problems(place, error, {place: list(Range.model_fields)})
        return None

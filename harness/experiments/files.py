"""Experiment files: finding and reading them, and the types of their sections."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from benchmarks.errors import unknown_name
from harness.errors import ConfigurationError, validation_problems
from harness.simulation.protocols import Budget
from results.storage.records import EXPERIMENT_NAME
from results.storage.stopping import StoppingRule


def _as_range(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return (0, value)
    return tuple(value) if isinstance(value, list) else value


def _as_protocol(value: object) -> object:
    if isinstance(value, str):
        raise ValueError(f"expected a table, as in protocol = {{ preset = {value!r} }}")
    return value


def _as_alternatives(value: object) -> object:
    names = value if isinstance(value, list) else [value]
    if not names or not all(isinstance(name, str) for name in names):
        raise ValueError("expected a name, or a list of alternative names, of which the first available one is used")
    return value


STOPPING = "stopping"
"""The section that makes an experiment run until it is decided."""
TUNING = "tuning"
"""The section that makes an experiment one for `regretta tune`."""
LARGEST = 1 << 20
"""Largest size of an experiment file [bytes]."""
MOST_PARTS = 64
"""Largest number of parts of a dotted key."""
LONG_KEY = re.compile(rf"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){{{MOST_PARTS}}}""")
"""A longer key. Quantifiers do not backtrack, and a match begins where a word begins: the search takes linear time."""
MOST_BITS = 4096
"""Largest size of an integer. Python refuses to print integers that are much larger."""
DEEPEST = 32
"""Deepest nesting of tables and lists."""


class Exclusion(BaseModel):
    """Cells to leave out: those of an algorithm, those of a benchmark, or one of both."""

    model_config = ConfigDict(extra="forbid", strict=True)

    algorithm: str | None = None
    benchmark: str | None = None


class ExperimentFile(BaseModel):
    """The sections of an experiment file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    schema_: Annotated[Literal[1], Field(alias="schema")]
    name: Annotated[str, Field(pattern=EXPERIMENT_NAME)]
    description: str = ""
    long: bool = False
    seed: Annotated[int, Field(ge=0)] = 0
    trials: Annotated[
        tuple[Annotated[int, Field(ge=0, le=10**6)], Annotated[int, Field(ge=0, le=10**6)]], BeforeValidator(_as_range)
    ]
    stopping: StoppingRule | None = None
    benchmarks: list[Annotated[str | list[str], BeforeValidator(_as_alternatives)]]
    budget: Budget | None = None
    budgets: dict[str, Budget] = {}
    protocol: Annotated[dict[str, Any], BeforeValidator(_as_protocol)] = {}
    algorithms: dict[str, dict[str, Any]]
    exclude: list[Exclusion] = []


_PLACEHOLDERS: dict[str, Any] = {"schema": 1, "name": "unnamed", "trials": 1, "benchmarks": [], "algorithms": {}}
"""Values of required sections that are wrong, so that the other sections can still be checked."""


def check_size(raw: Mapping[str, Any]) -> None:
    """Refuse values that no experiment has, and that take long to check or to print.

    Raises
    ------
    ConfigurationError
        If an integer has more than 4,096 bits, or tables are nested more than 32 levels deep.
    """
    level: list[Any] = [raw]
    for _ in range(DEEPEST):
        for value in level:
            if isinstance(value, int) and value.bit_length() > MOST_BITS:
                raise ConfigurationError(
                    [f"an integer has {value.bit_length():,} bits; expected at most {MOST_BITS:,}"]
                )
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return
    raise ConfigurationError([f"expected at most {DEEPEST} levels of nested tables and lists, got more"])


def read_sections(raw: dict[str, Any]) -> tuple[ExperimentFile, list[str], set[str]]:
    """Check the sections of an experiment one by one, and leave out the wrong ones.

    Parameters
    ----------
    raw : dict
        The experiment as parsed from TOML.

    Returns
    -------
    file : ExperimentFile
        The valid sections.
    problems : list of str
        All mistakes.
    lost : set of str
        The sections that are missing or incomplete because of a mistake.

    Raises
    ------
    ConfigurationError
        If a value is larger than any experiment needs, or the experiment is one for `regretta tune`.
    """
    check_size(raw)
    if STOPPING in raw and "trials" not in raw:
        raw = raw | {"trials": [0, 1]}  # a run until decided has no end, and begins with trial 0
    if TUNING in raw:
        raise ConfigurationError([f"this experiment has a section [{TUNING}]: `regretta tune` runs it"])
    try:
        return ExperimentFile.model_validate(raw), [], set()
    except ValidationError as error:
        sections = [field.alias or name for name, field in ExperimentFile.model_fields.items()]
        budget = Budget.model_fields.keys()
        known = {
            "": sections,
            "exclude": Exclusion.model_fields.keys(),
            "budget": budget,
            "budgets": budget,
            STOPPING: StoppingRule.model_fields.keys(),
        }
        problems = validation_problems("", error, known)
        wrong = {found["loc"][:2] for found in error.errors()}
    right: dict[str, Any] = {}
    for section, content in raw.items():
        if section in ("algorithms", "budgets") and isinstance(content, dict):
            right[section] = {key: value for key, value in content.items() if (section, key) not in wrong}
        elif section in ("benchmarks", "exclude") and isinstance(content, list):
            right[section] = [value for at, value in enumerate(content) if (section, at) not in wrong]
        elif all(place[0] != section for place in wrong):
            right[section] = content
    return ExperimentFile.model_validate(_PLACEHOLDERS | right), problems, {str(place[0]) for place in wrong}


def shipped_experiments() -> dict[str, Path]:
    """Return the files of the shipped experiments, by name."""
    folder = Path(str(files("harness.experiments"))) / "shipped"
    return {file.stem: file for file in sorted(folder.glob("*.toml"))}


def experiment_file(name: str) -> Path:
    """Find the file of an experiment.

    Parameters
    ----------
    name : str
        A ``.toml`` file, or the name of a shipped experiment.

    Raises
    ------
    ConfigurationError
        If the file does not exist, or no shipped experiment has that name.
    """
    if name.endswith(".toml") or "/" in name:
        if not Path(name).is_file():
            raise ConfigurationError([f"experiment file {name!r} does not exist or is not a file"])
        return Path(name)
    shipped = shipped_experiments()
    if name not in shipped:
        raise ConfigurationError([unknown_name("experiment", name, shipped) + ". Or give a file ending in .toml"])
    return shipped[name]


def read_experiment_file(file: Path) -> dict[str, Any]:
    """Read an experiment file.

    Raises
    ------
    ConfigurationError
        If the file cannot be read, or is not TOML.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ConfigurationError([f"{file}: expected at most {LARGEST:,} bytes, got more"])
        text = content.decode("utf-8-sig")
        if LONG_KEY.search(text):
            raise ConfigurationError([f"{file}: a key has more than {MOST_PARTS} parts"])
        return tomllib.loads(text)
    except ConfigurationError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{file} cannot be read: {error}"]) from error
    except (ValueError, RecursionError) as error:
        raise ConfigurationError([f"{file} is not TOML: {error}"]) from error

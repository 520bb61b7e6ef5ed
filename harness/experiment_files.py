"""Experiment files: where they are, their TOML, and the types of their top level."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from benchmarks.errors import unknown_name
from harness.errors import ConfigurationError
from harness.protocols import Budget


def _as_range(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return (0, value)
    return tuple(value) if isinstance(value, list) else value


class Exclusion(BaseModel):
    """Pairs that are not raced: of an algorithm, of a benchmark, or one pair."""

    model_config = ConfigDict(extra="forbid", strict=True)

    algorithm: str | None = None
    benchmark: str | None = None


class ExperimentFile(BaseModel):
    """The top level of an experiment file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    schema_: Annotated[Literal[1], Field(alias="schema")]
    name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    description: str = ""
    long: bool = False
    seed: Annotated[int, Field(ge=0)] = 0
    trials: Annotated[
        tuple[Annotated[int, Field(ge=0, le=10**6)], Annotated[int, Field(ge=0, le=10**6)]], BeforeValidator(_as_range)
    ]
    benchmarks: Annotated[list[str | Annotated[list[str], Field(min_length=1)]], Field(min_length=1)]
    budget: Budget | None = None
    budgets: dict[str, Budget] = {}
    protocol: dict[str, Any] = {}
    algorithms: Annotated[dict[str, dict[str, Any]], Field(min_length=1)]
    exclude: list[Exclusion] = []


def shipped_experiments() -> dict[str, Path]:
    """The experiments that come with the package, by name."""
    folder = Path(str(files("harness"))) / "experiments"
    return {file.stem: file for file in sorted(folder.glob("*.toml"))}


def experiment_file(name: str) -> Path:
    """Find an experiment: a .toml file, or the name of a shipped one.

    Raises
    ------
    ConfigurationError
        If there is neither.
    """
    if name.endswith(".toml") or "/" in name:
        if not Path(name).is_file():
            raise ConfigurationError([f"experiment file {name!r} does not exist or is no file"])
        return Path(name)
    shipped = shipped_experiments()
    if name not in shipped:
        raise ConfigurationError([unknown_name("experiment", name, shipped) + "; or give a file ending in .toml"])
    return shipped[name]


def read_experiment_file(file: Path) -> dict[str, Any]:
    """Read the TOML of an experiment.

    Raises
    ------
    ConfigurationError
        If it cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{file} cannot be read: {error}"]) from error
    except (ValueError, RecursionError) as error:
        raise ConfigurationError([f"{file} is not TOML: {error}"]) from error

"""Hyperparameters of an algorithm: defaults, presets, and checks of the values that an experiment gives."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Mapping
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from algorithms.base import Algorithm
from benchmarks.errors import unknown_name
from harness.entries.programs import Program
from harness.errors import ConfigurationError, validation_problems


def hyperparameters(cls: type[Algorithm], given: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Return the values of all hyperparameters of an algorithm.

    Given values take precedence over those of a preset, and these over the defaults.

    Parameters
    ----------
    cls : type
        The algorithm's class.
    given : mapping
        Values by name. The key ``preset`` names a preset of the class.
    place : str
        Where the values come from, such as ``algorithms.bananas``. Error messages begin with it.

    Raises
    ------
    ConfigurationError
        With every unknown name, every value that has the wrong type, is out of bounds or cannot be written as JSON.
    """
    if issubclass(cls, Program):
        return cls.checked(given, place)
    given = dict(given)
    problems: list[str] = []
    preset = given.pop("preset", None)
    if isinstance(preset, str) and preset in cls.presets:
        given = cls.presets[preset] | given
    elif preset is not None:
        problems.append(f"{place}.preset: {unknown_name('preset', str(preset), cls.presets)}")
    fields, hints = _fields(cls), _hints(cls, place)
    values: dict[str, Any] = {}
    unknown = [name for name in given if name not in fields]
    problems += [f"{place}: {unknown_name('hyperparameter', name, fields)}" for name in unknown]
    for name, field in fields.items():
        try:
            default = _default(field)
            values[name] = _checked(given[name], hints[name]) if name in given else default
            json.dumps([value for value in (default, values[name]) if value is not dataclasses.MISSING])
        except ValidationError as error:
            problems += validation_problems(f"{place}.{name}", error)
        except Exception as error:  # the hint or the default of a custom class may be anything
            problems.append(
                f"{place}.{name}: expected a type hint, a default and a value that JSON can hold: a number, text, a"
                " boolean, None, or a list, tuple or dict of these; got"
                f" {type(error).__name__}: {error}"
            )
        if values.get(name) is dataclasses.MISSING:
            problems.append(f"{place}.{name}: is required and missing")
    if problems:
        raise ConfigurationError(problems)
    return values


def read_setting(text: str) -> tuple[str, Any]:
    """Read ``NAME=VALUE`` of the command line. The value is read as TOML, or else as text.

    Raises
    ------
    ConfigurationError
        If the text does not have that form.
    """
    name, equals, value = text.partition("=")
    if not equals or not text.isprintable():
        raise ConfigurationError([f"--set: expected NAME=VALUE, as in population=10, got {text!r}"])
    try:
        return name, tomllib.loads(f"value = {value}")["value"]
    except (ValueError, RecursionError):
        return name, value


def changed_parameters(cls: type[Algorithm], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the hyperparameters that differ from their defaults.

    All hyperparameters of a program count as changed, except its time limit, which affects no result.
    """
    if issubclass(cls, Program):
        return {name: value for name, value in parameters.items() if name != "time_limit"}
    fields = _fields(cls)
    return {name: value for name, value in parameters.items() if value != _default(fields[name])}


def _checked(value: Any, hint: Any) -> Any:
    """Check a value as strictly as JSON allows, where a tuple is written as a list."""
    return TypeAdapter(hint).validate_json(json.dumps(value), strict=True)


def _hints(cls: type[Algorithm], place: str) -> dict[str, Any]:
    try:
        return get_type_hints(cls, include_extras=True)
    except Exception as error:  # the annotations of a custom class may name anything
        raise ConfigurationError(
            [f"{place}: the type hints of {cls.__name__} cannot be read ({type(error).__name__}: {error})"]
        ) from error


def declared_hyperparameters(cls: type[Algorithm]) -> frozenset[str]:
    """Return the names of the hyperparameters of a class."""
    return frozenset(_fields(cls))


def _fields(cls: Any) -> dict[str, dataclasses.Field[Any]]:
    """Return the hyperparameters by name. A class that is not a dataclass has none."""
    return {f.name: f for f in dataclasses.fields(cls) if f.init} if dataclasses.is_dataclass(cls) else {}


def _default(field: dataclasses.Field[Any]) -> Any:
    """Return the default of a field, or ``MISSING``."""
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default

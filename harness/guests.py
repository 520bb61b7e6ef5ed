"""Algorithms by name, from a file, or from a module; and their hyperparameters, checked."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import inspect
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from algorithms.base import Algorithm
from algorithms.registry import ALGORITHMS, algorithm_class
from benchmarks.errors import unknown_name
from harness.errors import ConfigurationError, validation_problems


@dataclass(frozen=True)
class Contender:
    """Where an algorithm's class comes from.

    Attributes
    ----------
    use : str
        A registered name, or ``module:Class``, or ``file.py:Class`` without its folder; names the random stream.
    file : Path or None
        Of a guest's class.
    source_hash : str or None
        SHA-256 of a guest's source.
    """

    use: str
    file: Path | None = None
    source_hash: str | None = None

    def load(self) -> type[Algorithm]:
        """Import the class."""
        if ":" not in self.use:
            return algorithm_class(self.use)
        cls: type[Algorithm] = getattr(self.module(), self.use.rpartition(":")[2])
        return cls

    def module(self) -> ModuleType:
        """Import the module of a guest's class."""
        if self.file:
            return _import_file(self.file, str(self.source_hash))
        return importlib.import_module(self.use.rpartition(":")[0])


def find_contender(use: Any, folder: Path) -> Contender:
    """Find what ``use`` names: a registered algorithm, ``path/to/file.py:Class``, or ``package.module:Class``.

    Parameters
    ----------
    use : str
    folder : Path
        What a relative path starts from.

    Raises
    ------
    ConfigurationError
        If there is no such class, its source raises, or it is no :class:`Algorithm` dataclass.
    """
    if not isinstance(use, str):
        raise ConfigurationError([f"use: wanted is a name or 'file.py:Class'; got {use!r}"])
    if ":" not in use:
        if use not in ALGORITHMS:
            guest = "; a class of your own is use = 'path/to/file.py:Class'"
            raise ConfigurationError([unknown_name("algorithm", use, ALGORITHMS) + guest])
        return Contender(use)
    where, _, name = use.rpartition(":")
    file = None
    try:
        file = (folder / where).resolve() if where.endswith(".py") else None
        if file is not None:
            source_hash = hashlib.sha256(file.read_bytes()).hexdigest()
            contender = Contender(f"{file.name}:{name}", file, source_hash)
        else:
            source = inspect.getsourcefile(importlib.import_module(where))
            content = Path(source).read_bytes() if source else b""
            contender = Contender(use, None, hashlib.sha256(content).hexdigest())
        source_module = contender.module()
    except (Exception, SystemExit) as error:  # a guest's source may raise anything, and its author must see what
        raise ConfigurationError([f"use = {use!r} cannot be loaded: {type(error).__name__}: {error}"]) from error
    cls: Any = getattr(source_module, name, None)
    if cls is None:
        classes = [known for known, value in vars(source_module).items() if isinstance(value, type)]
        raise ConfigurationError([f"use = {use!r}: {unknown_name(f'class of {where}', name, classes)}"])
    if not isinstance(cls, type) or not issubclass(cls, Algorithm):
        raise ConfigurationError([f"use = {use!r} is no subclass of algorithms.Algorithm"])
    if inspect.isabstract(cls):
        raise ConfigurationError([f"use = {use!r} lacks {', '.join(sorted(cls.__abstractmethods__))}"])
    return contender


def _import_file(file: Path, source_hash: str) -> ModuleType:
    """Import a guest's source as it was when the experiment was resolved.

    Raises
    ------
    ImportError
        If the file has changed since.
    """
    name = f"regretta_guest_{source_hash[:16]}"
    if name not in sys.modules:
        source = file.read_bytes()
        if hashlib.sha256(source).hexdigest() != source_hash:
            raise ImportError(f"{file} has changed since the run began; issue it again")
        module = ModuleType(name)
        module.__file__ = str(file)
        sys.modules[name] = module
        try:
            exec(compile(source, str(file), "exec"), module.__dict__)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]


def hyperparameters(cls: type[Algorithm], given: Mapping[str, Any], place: str) -> dict[str, Any]:
    """All hyperparameters of an algorithm: the given ones over those of a preset over the defaults.

    Raises
    ------
    ConfigurationError
        With every unknown name, every value of a wrong type or outside its bounds, and every one that JSON cannot hold.
    """
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
        except Exception as error:  # a guest's hint or default may be anything
            problems.append(
                f"{place}.{name}: a hyperparameter is a number, text, true, false, None, or a list, tuple or dict of"
                f" these, in its hint, its default and its value ({type(error).__name__}: {error})"
            )
        if values.get(name) is dataclasses.MISSING:
            problems.append(f"{place}.{name}: is required and missing")
    if problems:
        raise ConfigurationError(problems)
    return values


def _checked(value: Any, hint: Any) -> Any:
    """Check a value as strictly as JSON allows, which has lists for tuples."""
    return TypeAdapter(hint).validate_json(json.dumps(value), strict=True)


def _hints(cls: type[Algorithm], place: str) -> dict[str, Any]:
    try:
        return get_type_hints(cls, include_extras=True)
    except Exception as error:  # a guest's annotations may name anything
        raise ConfigurationError(
            [f"{place}: the type hints of {cls.__name__} cannot be read ({type(error).__name__}: {error})"]
        ) from error


def changed_parameters(cls: type[Algorithm], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Those hyperparameters that differ from the defaults."""
    fields = _fields(cls)
    return {name: value for name, value in parameters.items() if value != _default(fields[name])}


def _fields(cls: Any) -> dict[str, dataclasses.Field[Any]]:
    """The hyperparameters by name; none of a class that is no dataclass."""
    return {f.name: f for f in dataclasses.fields(cls) if f.init} if dataclasses.is_dataclass(cls) else {}


def _default(field: dataclasses.Field[Any]) -> Any:
    """The default of a field, or MISSING."""
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default

"""Algorithms by name, from a file, or from a module; and their hyperparameters, checked."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import inspect
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
        if self.file is None and ":" not in self.use:
            return algorithm_class(self.use)
        module, _, name = self.use.rpartition(":")
        source = _import_file(self.file, str(self.source_hash)) if self.file else importlib.import_module(module)
        cls: type[Algorithm] = getattr(source, name)
        return cls


def find_contender(use: str, folder: Path) -> Contender:
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
        cls: Any = contender.load()
    except (Exception, SystemExit) as error:  # a guest's source may raise anything, and its author must see what
        raise ConfigurationError([f"use = {use!r} cannot be loaded: {type(error).__name__}: {error}"]) from error
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
        With every unknown name and every value of a wrong type or outside its bounds.
    """
    given = dict(given)
    preset = given.pop("preset", None)
    if preset is not None:
        if not isinstance(preset, str) or preset not in cls.presets:
            raise ConfigurationError([f"{place}.preset: {unknown_name('preset', str(preset), cls.presets)}"])
        given = cls.presets[preset] | given
    fields = _fields(cls)
    hints = get_type_hints(cls, include_extras=True)
    problems: list[str] = []
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in fields:
            problems.append(f"{place}: {unknown_name('hyperparameter', name, fields)}")
            continue
        value = tuple(value) if isinstance(value, list) else value
        try:
            values[name] = TypeAdapter(hints[name]).validate_python(value, strict=True)
        except ValidationError as error:
            problems += validation_problems(f"{place}.{name}", error)
    for name, field in fields.items():
        if name not in given:
            values[name] = _default(field)
            if values[name] is dataclasses.MISSING:
                problems.append(f"{place}.{name}: is required and missing")
    if problems:
        raise ConfigurationError(problems)
    return {name: values[name] for name in fields}


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

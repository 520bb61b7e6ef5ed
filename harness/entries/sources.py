"""Algorithms by name, from a file, or from a module; and their hyperparameters, checked."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import importlib.metadata
import inspect
import json
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from algorithms.base import Algorithm
from algorithms.registry import ALGORITHMS, algorithm_class, missing_library
from benchmarks.errors import unknown_name
from harness.entries.programs import PREFIX, Program, program_class, source_hash
from harness.errors import ConfigurationError, validation_problems

OURS = ("algorithms", "benchmarks", "harness", "plots", "results")
"""The import packages of Regretta; a guest in the same process cannot have others of these names."""


@dataclass(frozen=True)
class Contender:
    """Where an algorithm's class comes from.

    Attributes
    ----------
    use : str
        A registered name, or ``module:Class``, or ``file.py:Class`` without its folder, or ``program:`` and a command;
        names the random stream.
    where : Path or None
        The file of a guest's class, the folder in which a program runs, or from which a module may be imported.
    source : str or None
        SHA-256 of a guest's source; of an algorithm that drives a library, that and its version.
    """

    use: str
    where: Path | None = None
    source: str | None = None

    def load(self) -> type[Algorithm]:
        """Import the class.

        Raises
        ------
        ImportError
            If the source has changed since the experiment was resolved.
        """
        if ":" not in self.use:
            return algorithm_class(self.use)
        if self.where and self.use.startswith(PREFIX):
            self._check(source_hash(self.use, self.where))
            return program_class(self.use, self.where)
        cls: type[Algorithm] = getattr(self.module(), self.use.rpartition(":")[2])
        return cls

    def module(self) -> ModuleType:
        """Import the module of a guest's class."""
        assert self.where is not None
        if self.where.is_dir():
            module, digest = _import_module(self.use.rpartition(":")[0], self.where)
        else:
            module, digest = _import_file(self.where, self.source)
        self._check(digest)
        return module

    def _check(self, digest: str) -> None:
        if digest != self.source:
            raise ImportError(f"the source of {self.use!r} has changed since the run began; issue it again")


def find_contender(use: Any, folder: Path) -> Contender:
    """Find what ``use`` names.

    A registered algorithm, ``path/to/file.py:Class``, ``package.module:Class``, or ``program:`` and a command.

    Parameters
    ----------
    use : str
    folder : Path
        What a relative path starts from, and where a program runs.

    Raises
    ------
    ConfigurationError
        If there is no such class, its source raises, it is no :class:`Algorithm` dataclass, or it needs a library
        that is not installed.
    """
    if not isinstance(use, str):
        raise ConfigurationError([f"use: wanted is a name or 'file.py:Class'; got {use!r}"])
    if ":" not in use:
        if use not in ALGORITHMS:
            guest = "; a class of your own is use = 'path/to/file.py:Class', a program 'program:python my_search.py'"
            raise ConfigurationError([unknown_name("algorithm", use, ALGORITHMS) + guest])
        return Contender(use, source=_library(use, algorithm_class(use)))
    if use.startswith(PREFIX):
        program_class(use, folder)
        return Contender(use, folder.resolve(), source_hash(use, folder))
    where, _, name = use.rpartition(":")
    try:
        if where.endswith(".py"):
            file = (folder / where).resolve()
            source, digest = _import_file(file)
            contender = Contender(f"{file.name}:{name}", file, digest)
        else:
            source, digest = _import_module(where, folder.resolve())
            contender = Contender(use, folder.resolve(), digest)
    except (Exception, SystemExit) as error:  # a guest's source may raise anything, and its author must see what
        hint = _shadowed(error, folder / where) or _not_found(error, where, folder)
        place = _line(error, folder / where)
        raise ConfigurationError(
            [f"use = {use!r} cannot be loaded: {type(error).__name__}: {error}{place}{hint}"]
        ) from error
    cls: Any = getattr(source, name, None)
    if cls is None:
        defined = {known: value for known, value in vars(source).items() if isinstance(value, type)}
        classes = [known for known, value in defined.items() if value.__module__ == source.__name__]
        raise ConfigurationError([f"use = {use!r}: {unknown_name(f'class of {where}', name, classes)}"])
    if not isinstance(cls, type) or not issubclass(cls, Algorithm):
        raise ConfigurationError([f"use = {use!r} is no subclass of algorithms.Algorithm"])
    if inspect.isabstract(cls):
        raise ConfigurationError([f"use = {use!r} lacks {', '.join(sorted(cls.__abstractmethods__))}"])
    _library(use, cls)
    return contender


def _library(use: str, cls: type[Algorithm]) -> str | None:
    """The library that an algorithm drives, and its version; None if it needs none."""
    if missing := missing_library(cls):
        raise ConfigurationError([f"use = {use!r} cannot run here: {missing}"])
    return f"{cls.library} {importlib.metadata.version(cls.library)}" if cls.library else None


_GUESTS: dict[tuple[Path, str], tuple[ModuleType, str]] = {}


def _import_file(file: Path, expected: str | None = None) -> tuple[ModuleType, str]:
    """Run a guest's source; return its module, and the hash of it with all that it imports from its own folder.

    Those imports are its own: another guest with helpers of the same name gets others. They work while the source is
    run, so they stand at its top.
    """
    if expected and (file, expected) in _GUESTS:
        return _GUESTS[file, expected]
    source = file.read_bytes()
    module = ModuleType(f"regretta_guest_{hashlib.sha256(source).hexdigest()[:16]}")
    module.__file__ = str(file)
    before = set(sys.modules)
    sys.modules[module.__name__] = module
    sys.path.append(str(file.parent))
    importlib.invalidate_caches()
    try:
        exec(compile(source, str(file), "exec"), module.__dict__)
    finally:
        sys.path.remove(str(file.parent))
        new = {name: sys.modules[name] for name in sys.modules.keys() - before - {module.__name__}}
        own = {name: found for name, found in new.items() if _is_below(found, file.parent)}
        for name in own:
            del sys.modules[name]
    digest = hashlib.sha256(source)
    for name in sorted(own):
        digest.update(name.encode() + Path(str(own[name].__file__)).read_bytes())
    found = module, digest.hexdigest()
    _GUESTS[file, digest.hexdigest()] = found
    return found


@lru_cache(maxsize=8)
def _import_module(name: str, folder: Path) -> tuple[ModuleType, str]:
    """Import an installed module, or else one from a folder, which stays on the path for what it imports later.

    The hash is of its file or, of a part of a package, of every source file of the package.
    """
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
        importlib.invalidate_caches()
    module = importlib.import_module(name)
    top = sys.modules[name.partition(".")[0]]
    roots = [Path(path) for path in getattr(top, "__path__", ())]
    files = [file for root in roots for file in sorted(root.rglob("*.py"))]
    digest = hashlib.sha256()
    for file in files or [Path(str(module.__file__))]:
        digest.update(file.name.encode() + file.read_bytes())
    return module, digest.hexdigest()


def _not_found(error: BaseException, module: str, folder: Path) -> str:
    """What to do if a module is nowhere."""
    name = getattr(error, "name", None)
    if not isinstance(error, ModuleNotFoundError) or name not in (module, module.partition(".")[0]):
        return ""
    return f"; it is neither installed nor in {folder.resolve()}; a file is use = 'path/to/file.py:Class'"


def _line(error: BaseException, file: Path) -> str:
    """Where in a guest's file an error was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename).name == file.name]
    return f" (in line {lines[-1]})" if lines else ""


def _is_below(module: ModuleType, folder: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).resolve().is_relative_to(folder)


def _shadowed(error: BaseException, file: Path) -> str:
    """What to do if a guest wanted a package of its own that has the name of one of ours."""
    name = (getattr(error, "name", None) or "").partition(".")[0]
    if name not in OURS or not any((file.parent / candidate).exists() for candidate in (name, f"{name}.py")):
        return ""
    return (
        f"; {name!r} is a package of Regretta, and hides the one of that name beside your file: rename yours, or run"
        " your code as a program (use = 'program:python my_search.py')"
    )


def hyperparameters(cls: type[Algorithm], given: Mapping[str, Any], place: str) -> dict[str, Any]:
    """All hyperparameters of an algorithm: the given ones over those of a preset over the defaults.

    Raises
    ------
    ConfigurationError
        With every unknown name, every value of a wrong type or outside its bounds, and every one that JSON cannot hold.
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
    """Those hyperparameters that differ from the defaults; a program's time limit decides no result."""
    if issubclass(cls, Program):
        return {name: value for name, value in parameters.items() if name != "time_limit"}
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

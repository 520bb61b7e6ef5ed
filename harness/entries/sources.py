"""Sources of algorithms: a registered name, a class in a file or a module, or a program."""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import inspect
import sys
import traceback
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from algorithms.base import Algorithm
from algorithms.registry import ALGORITHMS, algorithm_class, missing_library
from benchmarks.errors import unknown_name
from harness.entries.imports import with_imports
from harness.entries.programs import PREFIX, program_class, source_hash
from harness.entries.trajectories.source import is_trajectory
from harness.errors import ConfigurationError

OURS = ("algorithms", "benchmarks", "harness", "plots", "results")
"""The import packages of Regretta. A custom class in the same process cannot import other packages of these names."""


@dataclass(frozen=True)
class AlgorithmSource:
    """The place that an algorithm's class is loaded from.

    Attributes
    ----------
    use : str
        A registered name, ``module:Class``, ``file.py:Class`` (without the file's folder), or ``program:`` followed by
        a command. It names the algorithm's random stream.
    where : Path or None
        The file of a custom class; or the folder in which a program runs, or which is added to the import path. None
        for a registered algorithm.
    revision : str or None
        For custom code, the SHA-256 of its source. For a registered algorithm that drives a library, the library's name
        and version. None otherwise.
    """

    use: str
    where: Path | None = None
    revision: str | None = None

    @property
    def is_custom_class(self) -> bool:
        """Whether it is a class of the user, which runs only in a process of its own."""
        return is_custom_class(self.use)

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
        """Import the module that defines a custom class."""
        return self._imported().module

    def files(self) -> tuple[Path, ...]:
        """Import the module that defines a custom class, and return the files that its hash covers."""
        return self._imported().files

    def _imported(self) -> _Imported:
        assert self.where is not None
        if self.where.is_dir():
            imported = _import_module(self.use.rpartition(":")[0], self.where)
        else:
            imported = _import_file(self.where, self.revision)
        self._check(imported.digest)
        return imported

    def _check(self, digest: str) -> None:
        if digest != self.revision:
            raise ImportError(f"the source of {self.use!r} has changed since the run began; start the run again")


def is_custom_class(use: object) -> bool:
    """Return whether ``use`` names a class in a file or a module.

    It is neither a registered algorithm, nor a program, nor a recorded trajectory.
    """
    return isinstance(use, str) and ":" in use and not use.startswith(PREFIX) and not is_trajectory(use)


def find_source(use: Any, folder: Path) -> AlgorithmSource:
    """Find the source of an algorithm, and check that its class can be raced.

    Parameters
    ----------
    use : str
        A registered name, ``path/to/file.py:Class``, ``package.module:Class``, or ``program:`` followed by a command.
    folder : Path
        Folder that relative paths start from, and in which a program runs.

    Raises
    ------
    ConfigurationError
        If the class does not exist, its module raises an error when imported, it is not a subclass of
        :class:`Algorithm`, or it needs a library that is not installed.
    """
    if not isinstance(use, str):
        raise ConfigurationError([f"use: expected a name or 'file.py:Class', got {use!r}"])
    if is_trajectory(use):
        raise ConfigurationError([f"use = {use!r} is a recorded trajectory, which is not an algorithm"])
    if ":" not in use:
        if use not in ALGORITHMS:
            custom = (
                "; for a custom class write use = 'path/to/file.py:Class', for a program 'program:python search.py'"
            )
            raise ConfigurationError([unknown_name("algorithm", use, ALGORITHMS) + custom])
        return AlgorithmSource(use, revision=_library(use, algorithm_class(use)))
    if use.startswith(PREFIX):
        program_class(use, folder)
        return AlgorithmSource(use, folder.resolve(), source_hash(use, folder))
    return _find_class(use, folder)


def _find_class(use: str, folder: Path) -> AlgorithmSource:
    """Find a custom class in a file or a module."""
    where, _, name = use.rpartition(":")
    try:
        if where.endswith(".py"):
            file = (folder / where).resolve()
            imported = _import_file(file)
            source = AlgorithmSource(f"{file.name}:{name}", file, imported.digest)
        else:
            imported = _import_module(where, folder.resolve())
            source = AlgorithmSource(use, folder.resolve(), imported.digest)
    except (Exception, SystemExit) as error:  # custom code may raise anything, and its author needs to see it
        hint = _shadowed(error, folder / where) or _not_found(error, where, folder)
        place = _line(error, folder / where)
        raise ConfigurationError(
            [f"use = {use!r} cannot be loaded: {type(error).__name__}: {error}{place}{hint}"]
        ) from error
    module = imported.module
    cls: Any = getattr(module, name, None)
    if cls is None:
        defined = {known: value for known, value in vars(module).items() if isinstance(value, type)}
        classes = [known for known, value in defined.items() if value.__module__ == module.__name__]
        raise ConfigurationError([f"use = {use!r}: {unknown_name(f'class of {where}', name, classes)}"])
    if not isinstance(cls, type) or not issubclass(cls, Algorithm):
        raise ConfigurationError([f"use = {use!r} is not a subclass of algorithms.Algorithm"])
    if inspect.isabstract(cls):
        raise ConfigurationError([f"use = {use!r} does not define {', '.join(sorted(cls.__abstractmethods__))}"])
    version: Any = cls.version
    if not isinstance(version, int) or isinstance(version, bool):
        raise ConfigurationError([f"use = {use!r}: expected a whole number as version of {name}, got {version!r}"])
    _library(use, cls)
    return source


def _library(use: str, cls: type[Algorithm]) -> str | None:
    """Return the name and version of the library that an algorithm drives, or None if it needs none."""
    if missing := missing_library(cls):
        raise ConfigurationError([f"use = {use!r} cannot run here: {missing}"])
    return f"{cls.library} {importlib.metadata.version(cls.library)}" if cls.library else None


class _Imported(NamedTuple):
    """A module of a custom class, the hash of its source, and the files that the hash covers."""

    module: ModuleType
    digest: str
    files: tuple[Path, ...]


_IMPORTED_FILES: dict[tuple[Path, str], _Imported] = {}


def _import_file(file: Path, expected: str | None = None) -> _Imported:
    """Run a source file. The hash covers the file and all that it imports from its own folder.

    Modules from its own folder are private to the file: another file may import a different helper of the same name.
    They can be imported only while the file is being run, so the imports must stand at its top.
    """
    if expected and (file, expected) in _IMPORTED_FILES:
        return _IMPORTED_FILES[file, expected]
    source = file.read_bytes()
    module = ModuleType(f"regretta_custom_{hashlib.sha256(source).hexdigest()[:16]}")
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
    files = {name: Path(str(own[name].__file__)) for name in sorted(own)}
    for name, path in files.items():
        digest.update(name.encode() + path.read_bytes())
    found = _Imported(module, digest.hexdigest(), (file, *files.values()))
    _IMPORTED_FILES[file, digest.hexdigest()] = found
    return found


@lru_cache(maxsize=8)
def _import_module(name: str, folder: Path) -> _Imported:
    """Import an installed module, or one from a folder.

    The folder stays on the import path, for later imports of the module. The hash covers the module's file or, if it
    belongs to a package, every source file of the package; and what these import from the folder, if they are in it.
    """
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
        importlib.invalidate_caches()
    module = importlib.import_module(name)
    top = sys.modules[name.partition(".")[0]]
    roots = [Path(path) for path in getattr(top, "__path__", ())]
    files = [file for root in roots for file in sorted(root.rglob("*.py"))]
    files = files or [Path(str(module.__file__))]
    own = [file for file in files if file.is_relative_to(folder) and not file.is_relative_to(sys.prefix)]
    files += sorted(with_imports(own, folder) - set(own))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + file.read_bytes())
    return _Imported(module, digest.hexdigest(), tuple(files))


def _not_found(error: BaseException, module: str, folder: Path) -> str:
    """Return a hint if the module itself was not found, else an empty string."""
    name = getattr(error, "name", None)
    if not isinstance(error, ModuleNotFoundError) or name not in (module, module.partition(".")[0]):
        return ""
    return f"; it is neither installed nor in {folder.resolve()}; for a file write use = 'path/to/file.py:Class'"


def _line(error: BaseException, file: Path) -> str:
    """Return the line of a file in which an error was raised, as text; empty if it was raised elsewhere."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename).name == file.name]
    return f" (in line {lines[-1]})" if lines else ""


def _is_below(module: ModuleType, folder: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).resolve().is_relative_to(folder)


def _shadowed(error: BaseException, file: Path) -> str:
    """Return a hint if a package beside the file has the name of one of Regretta's packages, else an empty string."""
    name = (getattr(error, "name", None) or "").partition(".")[0]
    if name not in OURS or not any((file.parent / candidate).exists() for candidate in (name, f"{name}.py")):
        return ""
    return (
        f"; Regretta's own package {name!r} hides the package of that name beside your file: rename yours, or run your"
        " code as a program (use = 'program:python my_search.py')"
    )

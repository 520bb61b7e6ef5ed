"""Official files, and the benchmarks that are made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.errors import DataAbsentError
from benchmarks.folder import StoredBenchmark, open_table
from benchmarks.registry import known_imports
from benchmarks.table import TableBenchmark


@dataclass(frozen=True)
class Source:
    """A file, or a folder of files, as its authors publish it.

    Attributes
    ----------
    names : tuple of str
        The benchmarks made of it.
    files : tuple of str
        What it is called: names or shell patterns, below the folder that somebody keeps it in.
    read : callable
        ``read(path, names)`` yields the tables of these benchmarks.
    what : str
        What it is and who publishes it, for somebody who has to get it.
    libraries : tuple of str
        Optional libraries without which the benchmarks can be neither imported nor raced on.
    extra : str
        The extra of Regretta that installs them.
    """

    names: tuple[str, ...]
    files: tuple[str, ...]
    read: Callable[[Path, Sequence[str]], Iterator[StoredBenchmark]]
    what: str
    libraries: tuple[str, ...] = ()
    extra: str = ""

    def find(self, folder: Path) -> Path | None:
        """The first of its files that a folder holds."""
        found = (path for pattern in self.files for path in sorted(folder.glob(pattern)))
        return next(found, None)

    def missing_library(self) -> str | None:
        """Say how to install the libraries that are not here; None if all are."""
        missing = [library for library in self.libraries if find_spec(library) is None]
        return f"{' and '.join(missing)} not installed: pip install 'regretta[{self.extra}]'" if missing else None


def load(name: str) -> TableBenchmark:
    """Open an imported table.

    Raises
    ------
    DataAbsentError
        If it was not imported yet; the message says of what, and how.
    """
    table = load_imported(name)
    assert isinstance(table, TableBenchmark)
    return table


def load_imported(name: str) -> StoredBenchmark:
    """Open an imported benchmark, a table or a model.

    Raises
    ------
    DataAbsentError
        If it was not imported yet; the message says of what, and how.
    """
    try:
        return open_table(name)
    except DataAbsentError:
        source = known_imports()[name]
        file = Path(source.files[0]).name
        raise DataAbsentError(
            f"benchmark {name!r}: its data is not here. Import it from {source.what}: `regretta data import {name}"
            f" PATH/TO/{file}`"
        ) from None

"""Official files, and the benchmarks that are made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import DataAbsentError
from benchmarks.folder import open_table
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
    """

    names: tuple[str, ...]
    files: tuple[str, ...]
    read: Callable[[Path, Sequence[str]], Iterator[TableBenchmark]]
    what: str

    def find(self, folder: Path) -> Path | None:
        """The first of its files that a folder holds."""
        found = (path for pattern in self.files for path in sorted(folder.glob(pattern)))
        return next(found, None)


def load(name: str) -> TableBenchmark:
    """Open an imported benchmark.

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

"""Official files, and the benchmarks that are made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.benchmark import Provenance
from benchmarks.errors import BenchmarkError, DataAbsentError
from benchmarks.registry import SOURCES, resolve
from benchmarks.storage.tables import StoredBenchmark, open_table


@dataclass(frozen=True)
class Download:
    """Where the authors of a file offer it.

    Attributes
    ----------
    address : str
        Of the file itself.
    sha256 : str
        As its authors publish it.
    megabytes : int
    """

    address: str
    sha256: str
    megabytes: int

    @property
    def file(self) -> str:
        """What the file is called."""
        return self.address.rpartition("/")[2]


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
    size : str
        How many architectures.
    licence : str
    citation : str
    downloads : tuple of Download
        Files that `regretta data fetch` can get, the best first; empty where the authors publish no address with a
        checksum.
    provenance : str
    libraries : tuple of str
        Optional libraries without which the benchmarks can be neither imported nor raced on.
    extra : str
        The extra of Regretta that installs them.
    fitted_by : str
        The command that makes the benchmarks, where they are not imported.
    """

    names: tuple[str, ...]
    files: tuple[str, ...]
    read: Callable[[Path, Sequence[str]], Iterator[StoredBenchmark]]
    what: str
    size: str
    licence: str
    citation: str
    downloads: tuple[Download, ...] = ()
    provenance: Provenance = "recorded"
    libraries: tuple[str, ...] = ()
    extra: str = ""
    fitted_by: str = ""

    def missing(self) -> list[str]:
        """Its benchmarks that are not here, or damaged, or of an older format."""
        return [name for name in self.names if not _is_sound(name)]

    def remedy(self, name: str) -> str:
        """What to do where the data of one of its benchmarks is not here."""
        if self.fitted_by:
            return f"Fit it: `{self.fitted_by}`"
        importing = f"mport it from {self.what}: `regretta data import {name} PATH/TO/{Path(self.files[0]).name}`"
        if self.downloads:
            return f"Fetch it ({self.downloads[0].megabytes:,} MB): `regretta data fetch {name}`; or i{importing}"
        missing = self.missing_library()
        return f"{missing}; then i{importing}" if missing else f"I{importing}"

    def find(self, folder: Path) -> Path | None:
        """The first of its files that a folder holds."""
        found = (path for pattern in self.files for path in sorted(folder.glob(pattern)))
        return next(found, None)

    def missing_library(self) -> str | None:
        """Say how to install the libraries that are not here; None if all are."""
        missing = [library for library in self.libraries if find_spec(library) is None]
        return f"{' and '.join(missing)} not installed: pip install 'regretta[{self.extra}]'" if missing else None


def _is_sound(name: str) -> bool:
    try:
        open_table(name)
    except BenchmarkError:
        return False
    return True


def known_imports() -> dict[str, Source]:
    """By benchmark, the official file that it is imported from."""
    sources: list[Source] = [source for reference in SOURCES for source in resolve(reference)]
    return {name: source for source in sources for name in source.names}


def load(name: str) -> StoredBenchmark:
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
        raise DataAbsentError(f"benchmark {name!r}: its data is not here. {source.remedy(name)}") from None

"""Official files, and the benchmarks that are imported from them."""

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
    """A file that its authors offer for download.

    Attributes
    ----------
    address : str
        URL of the file.
    sha256 : str
        Checksum that the authors publish.
    megabytes : int
    """

    address: str
    sha256: str
    megabytes: int

    @property
    def file(self) -> str:
        """Name of the file."""
        return self.address.rpartition("/")[2]


@dataclass(frozen=True)
class Source:
    """A file, or a folder of files, as its authors publish it.

    Attributes
    ----------
    names : tuple of str
        The benchmarks that are imported from it.
    files : tuple of str
        File names or glob patterns, relative to the user's folder.
    read : callable
        ``read(path, names)`` yields the tables of these benchmarks.
    what : str
        Description of the file and its publisher, for users who have to get it.
    size : str
        Number of architectures.
    licence : str
    citation : str
    downloads : tuple of Download
        Files that ``regretta data fetch`` can get, the best first. Empty if the authors publish no address with a
        checksum.
    provenance : str
    libraries : tuple of str
        Optional libraries that importing and searching the benchmarks require.
    extra : str
        The extra of Regretta that installs these libraries.
    fitted_by : str
        The command that fits the benchmarks, if they are fitted instead of imported.
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
        """List its benchmarks that are missing, damaged, or of an older format."""
        return [name for name in self.names if not _is_sound(name)]

    def command(self, name: str) -> str:
        """Return the command that gets one of its benchmarks."""
        if self.fitted_by:
            return self.fitted_by
        if self.downloads:
            return f"regretta data fetch {name}"
        return f"regretta data import {name} PATH/TO/{Path(self.files[0]).name}"

    def remedy(self, name: str) -> str:
        """Say what to do if the data of one of its benchmarks is missing."""
        if self.fitted_by:
            return f"Fit it: `{self.fitted_by}`"
        importing = f"mport it from {self.what}: `regretta data import {name} PATH/TO/{Path(self.files[0]).name}`"
        if self.downloads:
            return f"Fetch it ({self.downloads[0].megabytes:,} MB): `regretta data fetch {name}`; or i{importing}"
        missing = self.missing_library()
        return f"{missing}; then i{importing}" if missing else f"I{importing}"

    def find(self, folder: Path) -> Path | None:
        """Return the first of its files that a folder holds. Return None if the folder holds none."""
        found = (path for pattern in self.files for path in sorted(folder.glob(pattern)))
        return next(found, None)

    def missing_library(self) -> str | None:
        """Say how to install the missing libraries. Return None if all are installed."""
        missing = [library for library in self.libraries if find_spec(library) is None]
        return f"{' and '.join(missing)} not installed: pip install 'regretta[{self.extra}]'" if missing else None


def _is_sound(name: str) -> bool:
    try:
        open_table(name)
    except BenchmarkError:
        return False
    return True


def known_imports() -> dict[str, Source]:
    """Return the official file of each benchmark that has one, by the name of the benchmark."""
    sources: list[Source] = [source for reference in SOURCES for source in resolve(reference)]
    return {name: source for source in sources for name in source.names}


def load(name: str) -> StoredBenchmark:
    """Open an imported table or model.

    Raises
    ------
    DataAbsentError
        If it was not imported yet. The message says how to import it, and from which file.
    """
    try:
        return open_table(name)
    except DataAbsentError:
        source = known_imports()[name]
        raise DataAbsentError(f"benchmark {name!r}: its data is missing. {source.remedy(name)}") from None

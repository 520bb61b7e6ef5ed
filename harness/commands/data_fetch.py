"""What ``regretta data fetch`` does: an official file, from its authors' address to tables."""

from __future__ import annotations

from pathlib import Path

import pooch
from requests import RequestException
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bar

from benchmarks.errors import BenchmarkError, unknown_name
from benchmarks.registry import BENCHMARKS
from benchmarks.storage.official_files import Download, Source, known_imports
from benchmarks.storage.tables import data_folder
from harness.commands.data_import import import_source
from harness.commands.exit_codes import OK

DOWNLOADS = ".downloads"
"""Below the data folder: where a file is until its tables are imported."""


def fetch_command(name: str, file: str | None, *, replace: bool) -> int:
    """Download what a benchmark is made of, import all tables in it, and remove the download.

    Raises
    ------
    BenchmarkError
        If it cannot be fetched, was not reached, or is not what its authors published; with what to do instead.
    """
    source = _source(name)
    download = _download(source, name, file)
    if not replace and not (wanted := source.missing()):
        print(f"{name}: is here already; pass --replace to fetch it again")
        return OK
    path = _fetched(download, name)
    import_source(source, path, source.names if replace else wanted)
    path.unlink()
    return OK


def _source(name: str) -> Source:
    known = known_imports()
    if name in known:
        return known[name]
    if name in BENCHMARKS:
        raise BenchmarkError(f"benchmark {name!r} comes with Regretta: there is nothing to fetch")
    raise BenchmarkError(unknown_name("benchmark", name, known))


def _download(source: Source, name: str, file: str | None) -> Download:
    if not source.downloads:
        raise BenchmarkError(
            f"benchmark {name!r} cannot be fetched: its authors publish no address with a checksum."
            f" {source.remedy(name)}"
        )
    offered = {download.file: download for download in source.downloads}
    if file is not None and file not in offered:
        raise BenchmarkError(f"--file: {unknown_name('file', file, offered)}")
    return offered[file] if file else source.downloads[0]


def _fetched(download: Download, name: str) -> Path:
    folder = data_folder() / DOWNLOADS
    console = Console(stderr=True, highlight=False)
    with _Shown(download.file, console) as bar:
        try:
            found = pooch.retrieve(
                download.address,
                known_hash=f"sha256:{download.sha256}",
                fname=download.file,
                path=folder,
                downloader=pooch.HTTPDownloader(progressbar=bar, timeout=60),
            )
        except (RequestException, ValueError) as error:
            raise BenchmarkError(
                f"{download.address} was not fetched: {error}. Try again; or get the file in another way, and"
                f" `regretta data import {name} PATH/TO/{download.file}`"
            ) from None
    return Path(found)


class _Shown:
    """A progress bar of rich, as pooch wants one."""

    def __init__(self, file: str, console: Console) -> None:
        self._bar = Bar(
            TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
            TimeRemainingColumn(), console=console, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task(file, total=None)

    def __enter__(self) -> _Shown:
        self._bar.__enter__()
        return self

    def __exit__(self, *how: object) -> None:
        self._bar.stop()

    @property
    def total(self) -> float | None:
        """How many bytes there will be."""
        return self._bar.tasks[0].total

    @total.setter
    def total(self, size: int) -> None:
        self._bar.update(self._task, total=size or None)

    def update(self, size: int) -> None:
        """Take note of so many more bytes."""
        self._bar.advance(self._task, size)

    def reset(self) -> None:
        """Begin anew."""
        self._bar.update(self._task, completed=0)

    def close(self) -> None:
        """Nothing more comes; the bar goes when the download is left."""

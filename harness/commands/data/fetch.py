"""The command ``regretta data fetch``."""

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
from harness.commands.data.imports import import_source
from harness.commands.exit_codes import OK

DOWNLOADS = ".downloads"
"""Folder in the data folder that holds a file until its tables are imported."""


def fetch_command(name: str, file: str | None, *, replace: bool) -> int:
    """Download the official file of a benchmark, import all tables in it, and remove the download.

    Parameters
    ----------
    name : str
        The benchmark.
    file : str or None
        Which of its official files to fetch. Default: the first.
    replace : bool
        Whether to replace tables that were imported before.

    Raises
    ------
    BenchmarkError
        If the authors publish no address with a checksum, if the download fails, or if the file does not have that
        checksum. The message says what to do instead.
    """
    source = _source(name)
    download = _download(source, name, file)
    chosen = list(source.names) if replace else source.missing()
    if not chosen:
        print(f"{name}: already imported. Pass --replace to fetch it again")
        return OK
    path = _fetched(download, name)
    import_source(source, path, chosen)
    path.unlink()
    return OK


def _source(name: str) -> Source:
    known = known_imports()
    if name in known:
        return known[name]
    if name in BENCHMARKS:
        raise BenchmarkError(f"benchmark {name!r} comes with Regretta and needs no download")
    raise BenchmarkError(unknown_name("benchmark", name, known))


def _download(source: Source, name: str, file: str | None) -> Download:
    if not source.downloads:
        raise BenchmarkError(
            f"benchmark {name!r} cannot be fetched: its authors do not publish an address with a checksum."
            f" {source.remedy(name)}"
        )
    offered = {download.file: download for download in source.downloads}
    if file is not None and file not in offered:
        raise BenchmarkError(f"--file: {unknown_name('file', file, offered)}")
    return offered[file] if file else source.downloads[0]


def _fetched(download: Download, name: str) -> Path:
    """Download a file, compare it with its checksum, and return its path."""
    folder = data_folder() / DOWNLOADS
    console = Console(stderr=True, highlight=False)
    with _ProgressBar(download.file, console) as bar:
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
                f"cannot fetch {download.address}: {error}. Try again, or get the file in another way and import it:"
                f" `regretta data import {name} PATH/TO/{download.file}`"
            ) from None
    return Path(found)


class _ProgressBar:
    """A progress bar of rich with the interface that pooch expects."""

    def __init__(self, file: str, console: Console) -> None:
        self._bar = Bar(
            TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
            TimeRemainingColumn(), console=console, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task(file, total=None)

    def __enter__(self) -> _ProgressBar:
        self._bar.__enter__()
        return self

    def __exit__(self, *how: object) -> None:
        self._bar.stop()

    @property
    def total(self) -> float | None:
        """Size of the file in bytes, or None if unknown."""
        return self._bar.tasks[0].total

    @total.setter
    def total(self, size: int) -> None:
        self._bar.update(self._task, total=size or None)

    def update(self, size: int) -> None:
        """Advance by a number of bytes."""
        self._bar.advance(self._task, size)

    def reset(self) -> None:
        """Start again from zero."""
        self._bar.update(self._task, completed=0)

    def close(self) -> None:
        """Do nothing: the bar disappears when the ``with`` block ends."""

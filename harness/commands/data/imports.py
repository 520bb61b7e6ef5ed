"""The command ``regretta data import``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import rich.progress
from rich.console import Console

from benchmarks.errors import BenchmarkError
from benchmarks.loading import load_benchmark
from benchmarks.storage.official_files import Source, known_imports
from benchmarks.storage.tables import StoredBenchmark, check_replaceable, write_table
from benchmarks.user_tables.importing import import_tables
from benchmarks.user_tables.reading import Progress
from harness.commands.data.import_requests import OfficialFile, OfficialFolder, Request
from harness.commands.exit_codes import OK

LARGE = 20 << 20
"""Bytes of a file from which the progress of reading it is shown."""
MOST_TARGETS = 8
"""The largest number of targets that are printed: those of the highest fidelities."""


def import_command(request: Request, *, replace: bool) -> int:
    """Import what is requested, and print a line per table."""
    if isinstance(request, OfficialFolder):
        return _import_folder(request.folder, replace=replace)
    if not request.file.exists():
        raise BenchmarkError(f"{request.file} does not exist")
    if isinstance(request, OfficialFile):
        for table in known_imports()[request.name].read(request.file, [request.name]):
            _keep(table, replace=replace)
    else:
        with _progress(request.file) as progress:
            tables = import_tables(request.spec, request.file, progress)
        check_replaceable([table.facts.name for table in tables], replace=replace)
        for table in tables:
            _keep(table, replace=replace)
    return OK


@contextlib.contextmanager
def _progress(file: Path) -> Iterator[Progress | None]:
    """Show the progress of reading a large file, with the time left."""
    if file.stat().st_size < LARGE:
        yield None
        return
    with rich.progress.Progress(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(f"reading {file.name}", total=1.0)
        yield lambda share: shown.update(task, completed=share)


def _import_folder(folder: Path, *, replace: bool) -> int:
    """Import every official file in a folder. Undamaged tables that are already imported stay as they are."""
    if not folder.is_dir():
        raise BenchmarkError(f"{folder} is not a folder")
    sources = dict.fromkeys(known_imports().values())
    found = {source: path for source in sources if (path := source.find(folder))}
    if not found:
        files = sorted(file for source in sources for file in source.files)
        raise BenchmarkError(f"{folder} holds none of the official files: {', '.join(files)}")
    for source, path in found.items():
        if missing := source.missing_library():
            print(f"{', '.join(source.names)}: not imported: {missing}")
            continue
        chosen = list(source.names) if replace else source.missing()
        for name in source.names:
            if name not in chosen:
                print(f"{name}: already imported")
        import_source(source, path, chosen)
    return OK


def import_source(source: Source, path: Path, names: Sequence[str]) -> None:
    """Import benchmarks of a source, and replace those that were imported before."""
    for table in source.read(path, names) if names else ():
        _keep(table, replace=True)


def _keep(table: StoredBenchmark, *, replace: bool) -> None:
    """Write a table to the data folder, and print a summary of it."""
    folder = write_table(table, replace=replace)
    load_benchmark.cache_clear()
    targets = list(table.facts.targets.items())[-MOST_TARGETS:]
    optima = ", ".join(f"{target} {facts.optimum:.5f}" for target, facts in targets)
    size = "unknown" if table.space.size is None else f"{table.space.size:,}"
    print(f"{table.facts.name}: {size} architectures in {folder}; lowest errors: {optima}")
    for note in table.facts.notes:
        print(f"  {note}")

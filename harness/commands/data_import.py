"""What ``regretta data`` does. Each verb returns an exit code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.embedded import verify_embedded
from benchmarks.errors import BenchmarkError, DataAbsentError, unknown_name
from benchmarks.loading import benchmark_names, load_benchmark
from benchmarks.registry import load_space
from benchmarks.spaces.base import LISTABLE
from benchmarks.storage.manifest import check_own_name
from benchmarks.storage.official_files import Source, known_imports
from benchmarks.storage.tables import StoredBenchmark, imported_names, verify_table, write_table
from benchmarks.user_tables.architecture_rows import ColumnSpec, ImportSpec, import_table
from benchmarks.user_tables.run_rows import COLUMNS, refuse_test_signal
from harness.commands.exit_codes import OK

SHOWN = 8
"""So many targets are printed, those of the highest fidelities."""


def import_known(arguments: Sequence[str], *, replace: bool) -> int:
    """Import a known benchmark from its official file."""
    known = known_imports()
    if len(arguments) != 2:
        raise BenchmarkError(
            f"wanted are NAME FILE, with NAME one of {', '.join(known)}; or --space for a table of your own; got"
            f" {' '.join(arguments) or 'nothing'}"
        )
    name, file = arguments
    if name not in known:
        raise BenchmarkError(unknown_name("import", name, known) + "; a table of your own needs --space")
    for table in known[name].read(existing_path(Path(file)), [name]):
        keep_table(table, replace=replace)
    return OK


def import_own(arguments: Sequence[str], options: dict[str, Any], *, replace: bool) -> int:
    """Import a table of one's own on a known space."""
    check_own(arguments, options["name"])
    size = 0 if options["space"].startswith(COLUMNS) else load_space(options["space"]).size or 0
    if size > LISTABLE or not size:
        raise BenchmarkError(
            f"--space {options['space']} needs --objective COLUMN:max or COLUMN:min, and a table with one row a"
            " training run"
        )
    columns = {key: tuple(map(ColumnSpec.parse, options[key])) for key in ("validation", "test", "cost")}
    for column in columns["validation"]:
        refuse_test_signal(column.columns, options["test_signal"])
    given = {key: value for key, value in options.items() if key != "test_signal"} | columns
    keep_table(import_table(ImportSpec(**given), existing_path(Path(arguments[0]))), replace=replace)
    return OK


def check_absent(options: Mapping[str, object], needed: str, where: str) -> None:
    """Refuse options that say something only together with another one."""
    given = ", ".join(f"--{option}" for option, value in options.items() if value is not None)
    if given:
        raise BenchmarkError(f"{given}: only with {needed}, for {where}")


def check_own(arguments: Sequence[str], name: str | None) -> None:
    """Refuse an import of one's own table without one file and a name of its own."""
    if len(arguments) != 1:
        raise BenchmarkError(f"with --space, wanted is just one FILE; got {' '.join(arguments) or 'none'}")
    if not name:
        raise BenchmarkError("--name is missing: the table needs a name to be raced by")
    check_own_name(name)


def import_all(folder: Path, *, replace: bool) -> int:
    """Import every known file that a folder holds; what is here already, and sound, is left alone."""
    if not folder.is_dir():
        raise BenchmarkError(f"{folder} is no folder")
    sources = dict.fromkeys(known_imports().values())
    found = {source: path for source in sources if (path := source.find(folder))}
    if not found:
        files = sorted(file for source in sources for file in source.files)
        raise BenchmarkError(f"{folder} holds none of the known files: {', '.join(files)}")
    for source, path in found.items():
        if missing := source.missing_library():
            print(f"{', '.join(source.names)}: left out, for {missing}")
            continue
        wanted = list(source.names) if replace else source.missing()
        for name in source.names:
            if name not in wanted:
                print(f"{name}: is here already")
        import_source(source, path, wanted)
    return OK


def import_source(source: Source, path: Path, wanted: Sequence[str]) -> None:
    """Import these benchmarks of a source, whatever is here."""
    for table in source.read(path, wanted) if wanted else ():
        keep_table(table, replace=True)


def existing_path(path: Path) -> Path:
    """Return a path that exists; refuse another."""
    if not path.exists():
        raise BenchmarkError(f"{path} does not exist")
    return path


def keep_table(table: StoredBenchmark, *, replace: bool) -> None:
    """Write a table to the data folder, and say what it is."""
    folder = write_table(table, replace=replace)
    load_benchmark.cache_clear()
    targets = list(table.facts.targets.items())[-SHOWN:]
    optima = ", ".join(f"{target} {facts.optimum:.5f}" for target, facts in targets)
    size = "unknown" if table.space.size is None else f"{table.space.size:,}"
    print(f"{table.facts.name}: {size} architectures in {folder}; lowest errors: {optima}")
    for note in table.facts.notes:
        print(f"  {note}")


def verify_command(names: Sequence[str]) -> int:
    """Check the hashes of the data that is here, all of it whatever is wrong with some.

    Raises
    ------
    BenchmarkError
        With every problem, a line each.
    """
    for name in names:
        if name not in benchmark_names():
            raise BenchmarkError(unknown_name("benchmark", name, benchmark_names()))
    imported = [name for name in names or imported_names() if name in {*imported_names(), *known_imports()}]
    checks: dict[str, Callable[[], None]] = {name: partial(verify_table, name) for name in imported}
    if not names or set(names) - set(imported):
        checks["embedded data"] = verify_embedded
    problems = []
    for what, check in checks.items():
        try:
            check()
            print(f"{what}: every file is as it should be")
        except DataAbsentError as error:
            print(f"{what}: not here")
            problems.append(str(error))
        except (BenchmarkError, OSError) as error:
            print(f"{what}: damaged")
            problems.append(str(error))
    if problems:
        raise BenchmarkError("\n".join(problems))
    return OK

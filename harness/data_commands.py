"""What ``regretta data`` does. Each verb returns an exit code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from benchmarks.embedded import verify_embedded
from benchmarks.errors import BenchmarkError, DataAbsentError, unknown_name
from benchmarks.folder import data_folder, imported_names, open_table, verify_table, write_table
from benchmarks.importing import ColumnSpec, ImportSpec, import_table
from benchmarks.manifest import check_name
from benchmarks.registry import BENCHMARKS, benchmark_names, known_imports, load_benchmark
from harness.console import make_console
from harness.exit_codes import OK


def list_command() -> int:
    """List every benchmark's data."""
    console = make_console()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("benchmark", "here", "architectures", "provenance", "licence", "source"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("benchmark", "algorithm"))
    absent: list[str] = []
    citations: dict[str, None] = {}
    for name in benchmark_names():
        try:
            benchmark = load_benchmark(name)
        except DataAbsentError as error:
            absent.append(str(error))
            table.add_row(Text(name), "no", "", "", "", "")
            continue
        except BenchmarkError as error:
            absent.append(str(error))
            table.add_row(Text(name), "damaged", "", "", "", "")
            continue
        facts = benchmark.facts
        size = "unknown" if benchmark.space.size is None else f"{benchmark.space.size:,}"
        row = (name, "yes", size, facts.provenance, facts.licence, facts.source)
        table.add_row(*(Text(value) for value in row))
        citations[facts.citation] = None
    console.print(table)
    console.print(Text(f"\nImported tables are kept in {data_folder()} (REGRETTA_DATA names another folder)."))
    console.print("Please cite: " + "; ".join(citations))
    for line in absent:
        console.print(Text(f"- {line}"))
    return OK


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
    _import(known[name][1](name), Path(file), replace=replace)
    return OK


def import_own(arguments: Sequence[str], options: dict[str, Any], *, replace: bool) -> int:
    """Import a table of one's own on a known space."""
    name = options["name"]
    if len(arguments) != 1:
        raise BenchmarkError(f"with --space, wanted is just one FILE; got {' '.join(arguments) or 'none'}")
    if not name:
        raise BenchmarkError("--name is missing: the table needs a name to be raced by")
    check_name(name)
    if name in BENCHMARKS:
        raise BenchmarkError(f"--name {name!r} is that of a known benchmark; choose another")
    columns = {key: tuple(map(ColumnSpec.parse, options[key])) for key in ("validation", "test", "cost")}
    _import(ImportSpec(**(options | columns)), Path(arguments[0]), replace=replace)
    return OK


def import_all(folder: Path, *, replace: bool) -> int:
    """Import every known file that a folder holds; what is here already, and sound, is left alone."""
    if not folder.is_dir():
        raise BenchmarkError(f"{folder} is no folder")
    found = {name: folder / file for name, (file, _) in known_imports().items() if (folder / file).exists()}
    if not found:
        files = sorted({file for file, _ in known_imports().values()})
        raise BenchmarkError(f"{folder} holds none of the known files: {', '.join(files)}")
    for name, file in found.items():
        if not replace and _is_sound(name):
            print(f"{name}: is here already")
        else:
            _import(known_imports()[name][1](name), file, replace=True)
    return OK


def _is_sound(name: str) -> bool:
    """Whether a table is here and can be opened; a damaged one, or one of an older format, can be imported anew."""
    try:
        open_table(name)
    except BenchmarkError:
        return False
    return True


def _import(spec: ImportSpec, file: Path, *, replace: bool) -> None:
    if not file.is_file():
        raise BenchmarkError(f"{file} does not exist or is no file")
    table = import_table(spec, file)
    folder = write_table(table, replace=replace)
    load_benchmark.cache_clear()
    optima = ", ".join(f"{target} {facts.optimum:.5f}" for target, facts in table.facts.targets.items())
    print(f"{spec.name}: {table.space.size:,} architectures in {folder}; lowest errors: {optima}")


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

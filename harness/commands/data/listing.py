"""The command ``regretta data list``: one row per family of benchmarks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from rich.table import Table
from rich.text import Text

from benchmarks.errors import BenchmarkError, DataAbsentError
from benchmarks.loading import benchmark_names, load_benchmark
from benchmarks.nasbench101.cell_index import CellIndex
from benchmarks.registry import BENCHMARKS
from benchmarks.storage.official_files import Source, known_imports
from benchmarks.storage.tables import data_folder
from benchmarks.table import TableBenchmark
from harness.commands.console import make_console, plain_table, print_json
from harness.commands.exit_codes import OK

Available = Literal["yes", "no", "damaged"]


@dataclass(frozen=True)
class DataRow:
    """The data of a benchmark.

    Attributes
    ----------
    name : str
    family : str
        The first word of the name of a registered benchmark. A table of the user is a family of its own.
    available : {"yes", "no", "damaged"}
    architectures : str
        Number of architectures, or what is known of it.
    provenance, licence, citation, source : str
        Empty if unknown.
    remedy : str
        What to do if the data is missing or damaged; else empty.
    """

    name: str
    family: str
    available: Available
    architectures: str
    provenance: str
    licence: str
    citation: str
    source: str
    remedy: str


def list_command(*, as_json: bool = False, names_only: bool = False) -> int:
    """Print a row per family of benchmarks, and how to get the data that is missing.

    Parameters
    ----------
    as_json : bool
        Whether to print a row per benchmark, as JSON.
    names_only : bool
        Whether to print the names of the available benchmarks alone, one per line.
    """
    rows = [data_row(name) for name in benchmark_names()]
    if as_json:
        print_json([asdict(row) for row in rows])
        return OK
    if names_only:
        for row in rows:
            if row.available == "yes":
                print(row.name)
        return OK
    console = make_console()
    console.print(_families(rows))
    console.print(Text(f"\nImported tables are in {data_folder()}. Set REGRETTA_DATA to use another folder."))
    console.print(Text("`regretta data show NAME` describes a family or a benchmark, and its official files."))
    if any(row.remedy for row in rows):
        console.print(Text("\nMissing:"))
    for line in _remedies(rows):
        console.print(Text(f"- {line}"))
    return OK


def _families(rows: Sequence[DataRow]) -> Table:
    table = plain_table("family", "available", "benchmarks", "architectures", "provenance", kept=1, right=RIGHT)
    for family in dict.fromkeys(row.family for row in rows):
        members = [row for row in rows if row.family == family]
        sizes = dict.fromkeys(row.architectures for row in members if row.architectures)
        provenance = ", ".join(dict.fromkeys(row.provenance for row in members if row.provenance))
        cells = (family, _availability(members), str(len(members)), " / ".join(sizes), provenance)
        table.add_row(*map(Text, cells))
    return table


RIGHT = ("benchmarks",)


def _availability(members: Sequence[DataRow]) -> str:
    if len(members) == 1:
        return members[0].available
    here = sum(row.available == "yes" for row in members)
    words = "all" if here == len(members) else "none" if not here else f"{here} of {len(members)}"
    return f"{words}, some damaged" if any(row.available == "damaged" for row in members) else words


def _remedies(rows: Sequence[DataRow]) -> list[str]:
    """Return what to do about damaged data, and the commands that get the missing data, one line per source."""
    known = known_imports()
    groups: dict[str, list[str]] = {}
    for row in rows:
        if row.available == "no":
            source = known[row.name]
            groups.setdefault(f"`{source.command(source.names[0])}`", []).append(row.name)
        elif row.remedy:
            groups.setdefault(row.remedy, []).append(row.name)
    return [f"{folded(names)}: {remedy}" for remedy, names in groups.items()]


def members_of(family: str) -> list[DataRow]:
    """Return the benchmarks of a family; none if there is no such family."""
    return [data_row(name) for name in benchmark_names() if family_of(name) == family]


def members_table(rows: Sequence[DataRow]) -> Table:
    """Lay out the benchmarks of a family."""
    table = plain_table("benchmark", "available", "architectures", "provenance", "licence", kept=1)
    for row in rows:
        cells = (row.name, row.available, row.architectures, row.provenance, row.licence)
        table.add_row(*map(Text, cells))
    return table


def family_of(name: str) -> str:
    """Return the family of a benchmark: the first word of a registered name, or the name of a user's table."""
    return name.partition("-")[0] if name in BENCHMARKS else name


def remedies(absent: Iterable[str]) -> list[str]:
    """Return how to get benchmarks whose data is missing, one line per source."""
    known = known_imports()
    groups: dict[Source, list[str]] = {}
    for name in absent:
        groups.setdefault(known[name], []).append(name)
    return [f"{folded(names)}: {source.remedy(names[0])}" for source, names in groups.items()]


def data_row(name: str) -> DataRow:
    """Describe the data of a benchmark.

    Missing benchmarks of one source get the same remedy, that of the first.
    """
    family = family_of(name)
    try:
        benchmark = load_benchmark(name)
    except DataAbsentError:
        source = known_imports()[name]
        remedy = source.remedy(source.names[0])
        return DataRow(name, family, "no", source.size, source.provenance, source.licence, source.citation, "", remedy)
    except BenchmarkError as error:
        return DataRow(name, family, "damaged", "", "", "", "", "", str(error))
    facts = benchmark.facts
    size = "unknown" if benchmark.space.size is None else f"{benchmark.space.size:,}"
    if isinstance(benchmark, TableBenchmark) and isinstance(benchmark.index, CellIndex):
        size = f"{len(benchmark.index):,} cells"
    return DataRow(name, family, "yes", size, facts.provenance, facts.licence, facts.citation, facts.source, "")


def folded(names: list[str]) -> str:
    """Join names, with their common first and last words written once: ``fcnet-{naval, slice}``."""
    words = [name.split("-") for name in names]
    start = _alike(words)
    end = _alike([rest[::-1] for rest in (name[start:] for name in words)])
    if len(names) == 1 or not start:
        return ", ".join(names)
    middle = ", ".join("-".join(name[start : len(name) - end]) for name in words)
    return "-".join([*words[0][:start], f"{{{middle}}}", *words[0][len(words[0]) - end :]])


def _alike(words: list[list[str]]) -> int:
    """Count the first words that all names share. At least one word of the shortest is not counted."""
    columns = list(zip(*words, strict=False))[: min(map(len, words)) - 1]
    return next((at for at, column in enumerate(columns) if len(set(column)) > 1), len(columns))

"""The command ``regretta data list``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rich.table import Table
from rich.text import Text

from benchmarks.errors import BenchmarkError, DataAbsentError
from benchmarks.loading import benchmark_names, load_benchmark
from benchmarks.nasbench101.cell_index import CellIndex
from benchmarks.registry import BENCHMARKS
from benchmarks.storage.official_files import Source, known_imports
from benchmarks.storage.tables import data_folder
from benchmarks.table import TableBenchmark
from harness.commands.console import make_console
from harness.commands.exit_codes import OK


class _Row(NamedTuple):
    available: str
    size: str
    provenance: str
    licence: str
    citation: str
    source: str
    remedy: str


def list_command() -> int:
    """Print the data of every benchmark: availability, size, provenance, licence, source, and how to get it."""
    rows = [(name, _row(name)) for name in benchmark_names()]
    citations = list(dict.fromkeys(row.citation for _, row in rows if row.citation))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("benchmark", "available", "architectures", "provenance", "licence", "source", "cite"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "architectures" else "left")
    remedies = []
    groups: dict[tuple[_Row, str], list[str]] = {}
    for name, row in rows:
        groups.setdefault((row, "" if name in BENCHMARKS else name), []).append(name)
    for (row, _), group in groups.items():
        names = folded(group)
        cite = f"[{citations.index(row.citation) + 1}]" if row.citation else ""
        cells = (names, row.available, row.size, row.provenance, row.licence, row.source, cite)
        table.add_row(*(Text(cell) for cell in cells))
        if row.remedy:
            remedies.append(f"{names}: {row.remedy}")
    console = make_console()
    console.print(table)
    console.print(Text(f"\nImported tables are in {data_folder()}. Set REGRETTA_DATA to use another folder."))
    console.print(Text("Please cite:"))
    for number, citation in enumerate(citations, 1):
        console.print(Text(f"[{number}] {citation}"))
    if remedies:
        console.print(Text("\nMissing:"))
    for remedy in remedies:
        console.print(Text(f"- {remedy}"))
    return OK


def remedies(absent: Iterable[str]) -> list[str]:
    """Return how to get benchmarks whose data is missing, one line per source."""
    known = known_imports()
    groups: dict[Source, list[str]] = {}
    for name in absent:
        groups.setdefault(known[name], []).append(name)
    return [f"{folded(names)}: {source.remedy(names[0])}" for source, names in groups.items()]


def _row(name: str) -> _Row:
    """Describe the data of a benchmark.

    Missing benchmarks of one source get the same remedy, that of the first, so that they share a row.
    """
    try:
        benchmark = load_benchmark(name)
    except DataAbsentError:
        source = known_imports()[name]
        return _Row(
            "no", source.size, source.provenance, source.licence, source.citation, "", source.remedy(source.names[0])
        )
    except BenchmarkError as error:
        return _Row("damaged", "", "", "", "", "", str(error))
    facts = benchmark.facts
    size = "unknown" if benchmark.space.size is None else f"{benchmark.space.size:,}"
    if isinstance(benchmark, TableBenchmark) and isinstance(benchmark.index, CellIndex):
        size = f"{len(benchmark.index):,} cells"
    return _Row("yes", size, facts.provenance, facts.licence, facts.citation, facts.source, "")


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

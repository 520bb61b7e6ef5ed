"""The commands ``regretta data show``, ``remove`` and ``export``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.table import Table
from rich.text import Text

from benchmarks.benchmark import Benchmark, Facts
from benchmarks.errors import BenchmarkError, unknown_name
from benchmarks.loading import benchmark_names, load_benchmark
from benchmarks.registry import BENCHMARKS
from benchmarks.spaces.base import Genotypes, SearchSpace
from benchmarks.spaces.pool import PoolSpace
from benchmarks.spaces.structured import StructuredChoiceSpace
from benchmarks.storage.tables import imported_names, remove_table
from benchmarks.table import TableBenchmark
from harness.commands.conformance import print_verdicts
from harness.commands.console import make_console
from harness.commands.exit_codes import OK
from harness.commands.output_paths import check_file
from harness.conformance.suite import benchmark_verdicts
from results.storage.files import atomic_write
from results.words import counted

SUFFIXES = (".csv", ".csv.gz", ".parquet")
TIDY = ("epochs", "repeat", "error", "seconds")
"""Columns of every exported table."""
MOST_TARGETS = 12
"""The largest number of targets that are shown: those of the highest fidelities."""


def show_command(name: str, *, check: bool) -> int:
    """Print what is known about a benchmark, and, if wanted, the verdict on each of its promises."""
    benchmark = load_benchmark(name)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column()
    table.add_column(overflow="fold")
    for label, content in _facts(benchmark):
        if not content:
            continue
        table.add_row(Text(label), Text(content))
    console = make_console()
    console.print(table)
    if not check:
        console.print(Text(f"\n`regretta data show {name} --check` or `regretta test benchmark {name}` checks it."))
        return OK
    console.print()
    return print_verdicts(benchmark_verdicts(benchmark), console)


def _facts(benchmark: Benchmark) -> Iterator[tuple[str, str]]:
    """Yield the labels and facts of a benchmark."""
    facts, space = benchmark.facts, benchmark.space
    yield "name", facts.name
    yield "title", facts.title
    yield "provenance", facts.provenance
    yield "metric", f"{facts.metric}; errors in {facts.unit}"
    yield "space", _space(space)
    epochs = ", ".join(f"{fidelity:g}" for fidelity in facts.fidelities[:20])
    yield "fidelities", f"{epochs}{' ...' if len(facts.fidelities) > 20 else ''} epochs{_relation(facts)}"
    yield "repeats", " to ".join(dict.fromkeys(map(str, facts.repeats))) + " per architecture at the highest fidelity"
    yield "times", "recorded" if facts.has_seconds else "not recorded: budgets are in evaluations"
    targets = list(facts.targets.items())[-MOST_TARGETS:]
    for number, (target, known) in enumerate(targets):
        floor = f"floor {known.floor:.3g}{' (assumed)' if facts.floor_assumed or facts.repeats[1] < 2 else ''}"
        numbers = f"optimum {known.optimum:.6g}, median {known.median:.6g}, {floor}"
        yield "" if number else "errors", f"{target}: {numbers}"
    yield from _information(benchmark)
    for number, note in enumerate(facts.notes):
        yield "" if number else "notes", note
    yield "sibling data sets", ", ".join(facts.sisters)
    yield "licence", facts.licence
    yield "citation", facts.citation
    yield "source", facts.source
    if facts.command:
        yield "imported by", f"regretta data import FILE {facts.command}"
    yield "data hash", facts.data_hash


def _relation(facts: Facts) -> str:
    if len(facts.fidelities) == 1:
        return ""
    return ", prefixes of one training run" if facts.continuable else ", separate trainings"


def _space(space: SearchSpace) -> str:
    size = "an unknown number of" if space.size is None else f"{space.size:,}"
    if isinstance(space, PoolSpace):
        return f"a pool of {size} architectures of {_space(space.of)}"
    parts = [f"{space.name}: {size} architectures"]
    choices = getattr(space, "choices", {})
    for key, values in choices.items():
        shown = ", ".join(value or "''" for value in values[:8]) + (f", ... ({len(values)})" if len(values) > 8 else "")
        order = " (ordered)" if isinstance(space, StructuredChoiceSpace) and key in space.ordered else ""
        parts.append(f"{key} in {{{shown}}}{order}")
    if isinstance(space, StructuredChoiceSpace):
        parts += [f"{key} if {other} in {{{', '.join(v)}}}" for key, (other, v) in space.conditions.items()]
    return "; ".join(parts)


def _information(benchmark: Benchmark) -> Iterator[tuple[str, str]]:
    information = benchmark.information if isinstance(benchmark, TableBenchmark) else {}
    for number, (name, values) in enumerate(information.items()):
        known = np.isfinite(values)
        low, high = (float(values[known].min()), float(values[known].max())) if known.any() else (np.nan, np.nan)
        absent = "" if known.all() else f", not recorded for {int((~known).sum()):,}"
        yield "" if number else "information", f"{name}: {low:.6g} to {high:.6g}{absent}"


def remove_command(names: list[str]) -> int:
    """Remove imported tables. Either all of them exist, or none is removed."""
    known = imported_names()
    for name in names:
        if name not in known:
            raise BenchmarkError(unknown_name("imported table", name, known))
    for name in names:
        folder = remove_table(name)
        load_benchmark.cache_clear()
        remedy = f"; `regretta data fetch {name}` gets it again" if name in BENCHMARKS else ""
        print(f"{name}: removed {folder}{remedy}")
    return OK


def export_command(name: str, file: Path) -> int:
    """Write the recorded runs of a benchmark as a tidy table, one row per run and fidelity."""
    check_file("FILE", file)
    if not file.name.endswith(SUFFIXES):
        raise BenchmarkError(f"{file}: expected a name that ends in {', '.join(SUFFIXES)}")
    benchmark = load_benchmark(name)
    if not isinstance(benchmark, TableBenchmark):
        raise BenchmarkError(
            f"{name} is {benchmark.facts.provenance} without a table, so there is nothing recorded to export; the"
            f" tables are {', '.join(sorted(n for n in benchmark_names() if n in imported_names()))}"
        )
    frame = tidy(benchmark)
    if file.suffix == ".parquet":
        content = frame.to_parquet(index=False)
    else:
        text = frame.to_csv(index=False, lineterminator="\n").encode()
        content = _gzipped(text) if file.suffix == ".gz" else text
    atomic_write(file, content)
    print(f"{file}: {counted(len(frame), 'row')}")
    return OK


def _gzipped(content: bytes) -> bytes:
    import gzip

    return gzip.compress(content, mtime=0)


def tidy(table: TableBenchmark) -> pd.DataFrame:
    """Return one row per recorded run and fidelity, with its error, its seconds, and the mean errors of other targets.

    An architecture has a column for each of its choices, or, on a known space, one with its notation. The table can be
    imported again from these columns.
    """
    genotypes = table.recorded()
    described = _described(table.space, genotypes)
    frames = []
    for fidelity in table.facts.fidelities:
        errors = table.arrays()["errors"][f"{fidelity:g}"]
        row, repeat = np.nonzero(np.isfinite(errors))
        columns: dict[str, object] = {
            **{name: texts[row] for name, texts in described.items()},
            "epochs": fidelity,
            "repeat": repeat,
            "error": errors[row, repeat],
        }
        if table.facts.has_seconds:
            seconds = table.arrays()["seconds"][f"{fidelity:g}"]
            columns["seconds"] = seconds[row, np.minimum(repeat, seconds.shape[1] - 1)]
        for target in table.facts.targets:
            kind, _, at = target.partition("@")
            if kind != table.facts.signal and at == f"{fidelity:g}":
                columns[f"{kind}_error"] = table.true_errors(genotypes, target)[row]
        columns |= {name: values[row] for name, values in table.information.items()}
        frames.append(pd.DataFrame(columns))
    order = [*described, "epochs", "repeat"]
    return pd.concat(frames, ignore_index=True).sort_values(order, ignore_index=True)


def _described(space: SearchSpace, genotypes: Genotypes) -> dict[str, NDArray[np.object_]]:
    """Return the texts that describe architectures, by column."""
    choices: Mapping[str, Sequence[str]] = getattr(space.of if isinstance(space, PoolSpace) else space, "choices", {})
    if not choices:
        names = [space.to_string(tuple(row)) for row in genotypes.tolist()]
        return {"architecture": np.array(names, dtype=object)}
    return {
        f"choice_{name}" if name in TIDY else name: np.array(values, dtype=object)[genotypes[:, position]]
        for position, (name, values) in enumerate(choices.items())
    }

"""The commands ``regretta data show``, ``remove`` and ``export``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.text import Text

from benchmarks.errors import BenchmarkError, unknown_name
from benchmarks.loading import benchmark_names, load_benchmark, unknown_benchmark
from benchmarks.registry import BENCHMARKS
from benchmarks.spaces.base import Genotypes, SearchSpace
from benchmarks.spaces.pool import PoolSpace
from benchmarks.storage.tables import imported_names, remove_table
from benchmarks.table import TableBenchmark
from harness.commands.conformance import print_verdicts
from harness.commands.console import make_console, print_json, print_parts
from harness.commands.data.listing import family_of, folded, members_of, members_table, remedies
from harness.commands.exit_codes import OK
from harness.commands.output_paths import check_file
from harness.commands.show.benchmarks import benchmark_parts, show_benchmark
from harness.conformance.suite import benchmark_verdicts
from results.storage.files import atomic_write
from results.words import counted

SUFFIXES = (".csv", ".csv.gz", ".parquet")
TIDY = ("epochs", "repeat", "error", "seconds")
"""Columns of every exported table."""


def show_command(name: str, *, check: bool, as_json: bool = False) -> int:
    """Print what is known about a benchmark, and, if wanted, the verdict on each of its promises.

    The name of a family of several benchmarks shows a row for each of them.

    Raises
    ------
    BenchmarkError
        If there is no such benchmark, its data is damaged, or it is to be checked and its data is missing.
    """
    members = members_of(name)
    if name not in benchmark_names() and not members:
        raise BenchmarkError(unknown_benchmark(name, map(family_of, benchmark_names())))
    if check:
        load_benchmark(name)
    shown = show_benchmark(name) if name in benchmark_names() else None
    if as_json:
        print_json(asdict(shown) if shown else [asdict(row) for row in members])
        return OK
    console = make_console()
    if shown is None:
        console.print(members_table(members))
        for line in dict.fromkeys(f"cite: {row.citation}" for row in members if row.citation):
            console.print(Text(f"\n{line}"))
        for line in remedies(row.name for row in members if row.available == "no"):
            console.print(Text(f"\n{line}"))
        return OK
    print_parts(benchmark_parts(shown), console)
    if others := [row.name for row in members if row.name != name]:
        console.print(Text(f"\nThe same family: {folded(others)}"))
    if not check:
        console.print(Text(f"\n`regretta data show {name} --check` or `regretta test benchmark {name}` checks it."))
        return OK
    console.print()
    return print_verdicts(benchmark_verdicts(load_benchmark(name)), console)


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
    if isinstance(space, PoolSpace):
        return _described(space.of, space.members[space.indices(genotypes)])
    choices: Mapping[str, Sequence[str]] = getattr(space, "choices", {})
    if not choices:
        names = [space.to_string(tuple(row)) for row in genotypes.tolist()]
        return {"architecture": np.array(names, dtype=object)}
    return {
        f"choice_{name}" if name in TIDY else name: np.array(values, dtype=object)[genotypes[:, position]]
        for position, (name, values) in enumerate(choices.items())
    }

"""The command ``analyze``: make a study of benchmarks or results folders, and write its tables and figures."""

from __future__ import annotations

import fnmatch
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.benchmark import Benchmark
from benchmarks.errors import DataAbsentError, unknown_name
from benchmarks.loading import benchmark_names, load_benchmark
from harness.analyses.registry import STUDIES, Finding
from harness.commands.console import make_console, print_json, print_table
from harness.commands.exit_codes import OK, TRIALS
from harness.commands.output_paths import check_folder
from harness.commands.stale_data import load_study
from harness.errors import ConfigurationError
from results.storage.files import atomic_write
from results.storage.study import Study

MOST_ROWS = 30
"""The largest number of rows of a table that are printed."""


def analyze_command(name: str, targets: Sequence[str], out: Path | None, *, as_json: bool) -> int:
    """Make a study, write its tables as CSV, its figures and its text, and print what it found.

    Parameters
    ----------
    name : str
        A key of `harness.analyses.registry.STUDIES`.
    targets : sequence of str
        Names or patterns of benchmarks, or results folders, as the study takes them.
    out : Path or None
        The folder of its files. Default: ``runs/analyses/NAME``.
    as_json : bool
        Whether to print tables and text as JSON.
    """
    if name not in STUDIES:
        raise ConfigurationError([unknown_name("study", name, STUDIES)])
    study, folder = STUDIES[name], out or Path("runs") / "analyses" / name
    check_folder("--out", folder)
    loaded: Sequence[Any] = open_results(targets) if study.takes == "results" else open_benchmarks(targets)
    if study.takes == "results" and not _have_trials(loaded):
        return TRIALS
    finding = study.compute(loaded)
    files = _write(finding, study.draw(finding.tables), folder, name)
    if as_json:
        print_json(_content(name, targets, finding))
    else:
        _print(finding, study.shown, files, make_console())
    return OK


def open_results(targets: Sequence[str]) -> list[Study]:
    """Load results folders, and report what is wrong with them on stderr."""
    twice = [target for place, target in enumerate(targets) if Path(target) in map(Path, targets[:place])]
    if twice:
        raise ConfigurationError([f"expected each results folder once, got {twice[0]!r} twice"])
    studies = [load_study(Path(target)) for target in targets]
    for study in studies:
        for note in study.notes:
            print(f"regretta: {study.directory}: {note}", file=sys.stderr)
    return studies


def _have_trials(studies: Sequence[Study]) -> bool:
    """Whether every study has trials; those that have none are named on stderr."""
    empty = [study for study in studies if not any(len(cell.trials) for cell in study.cells)]
    for study in empty:
        print(f"regretta: {study.directory}: {study.name!r} has no completed trials yet", file=sys.stderr)
    return not empty


def open_benchmarks(targets: Sequence[str]) -> list[Benchmark]:
    """Load benchmarks by name or pattern.

    Each benchmark is loaded once. Those that match a pattern and whose data is missing are left out, and named on
    stderr.
    """
    known, found = benchmark_names(), dict[str, Benchmark]()
    for target in targets:
        pattern = bool(set("*?[") & set(target))
        matches = fnmatch.filter(known, target) if pattern else [target]
        if not matches:
            raise ConfigurationError([f"no benchmark matches {target!r}: see `regretta list benchmarks`"])
        for name in matches:
            try:
                found.setdefault(name, load_benchmark(name))
            except DataAbsentError:
                if not pattern:
                    raise
                print(f"regretta: left out: {name}: its data is missing: see `regretta data list`", file=sys.stderr)
    if not found:
        patterns = ", ".join(targets)
        raise ConfigurationError([f"the data of all matches of {patterns} is missing: see `regretta data list`"])
    return list(found.values())


def _write(finding: Finding, figures: dict[str, Any], folder: Path, name: str) -> list[Path]:
    """Write a CSV per table, the figures, and the text; return the files."""
    from plots.drawing.export import save, spreadsheet_safe

    files = []
    for table, data in finding.tables.items():
        if table in figures:
            files += save(figures[table], data, folder / table)
        else:
            files.append(folder / f"{table}.csv")
            atomic_write(files[-1], spreadsheet_safe(data).to_csv(index=False, lineterminator="\n").encode())
    files.append(folder / f"{name}.md")
    atomic_write(files[-1], "".join(f"- {sentence}\n" for sentence in finding.sentences).encode())
    return files


def _content(name: str, targets: Sequence[str], finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON. Numbers that are not known or infinite are null."""
    return {
        "study": name,
        "targets": list(targets),
        "tables": {
            table: json.loads(data.to_json(orient="records", double_precision=15))
            for table, data in finding.tables.items()
        },
        "text": finding.sentences,
    }


def _print(finding: Finding, shown: Mapping[str, Sequence[str]], files: Sequence[Path], console: Console) -> None:
    for name, columns in shown.items():
        data = finding.tables[name][list(columns)]
        if data.empty:
            continue
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for column in columns:
            heading = column.replace("_", " ")
            table.add_column(
                Text(heading),
                justify="right" if pd.api.types.is_numeric_dtype(data[column]) else "left",
                overflow="fold",
                no_wrap=column == columns[0],
                min_width=max(map(len, heading.split())),
            )
        for row in data.head(MOST_ROWS).itertuples(index=False):
            table.add_row(*(Text(_text(value)) for value in row))
        print_table(table, console)
        if len(data) > MOST_ROWS:
            console.print(Text(f"and {len(data) - MOST_ROWS:,} more rows in {name}.csv", style="dim"))
        console.print()
    for sentence in finding.sentences:
        console.print(Text(f"- {sentence}"))
    for file in files:
        if file.suffix in (".pdf", ".csv", ".md"):
            console.print(Text(str(file), style="dim"))


def _text(value: Any) -> str:
    """Write a value of a table; a dash where it is not known."""
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return str(value)

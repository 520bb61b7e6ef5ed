"""``regretta data import`` of a table with one row a training run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.errors import BenchmarkError
from benchmarks.user_tables.run_rows import TableSpec, import_runs, parse_objective
from harness.commands.data_import import check_own, existing_path, keep_table
from harness.commands.exit_codes import OK


def import_table_of_runs(arguments: Sequence[str], options: Mapping[str, Any], *, replace: bool) -> int:
    """Import a table of one's own, searched by ``--objective``."""
    check_own(arguments, options["name"])
    if options["validation"]:
        raise BenchmarkError(
            "--objective is for a table with one row a training run, --validation for one with one row an architecture;"
            " give one of them"
        )
    if options["fidelity"] is not None and options["epochs"] is not None:
        raise BenchmarkError(
            f"--epochs {options['epochs']:g} is for a table without a column of epochs, and --fidelity"
            f" {options['fidelity']} names one; give one of them"
        )
    column, maximise = parse_objective(options["objective"])
    same = (
        "name",
        "space",
        "scale",
        "architecture",
        "fidelity",
        "repeat",
        "test_signal",
        "licence",
        "citation",
    )
    given: dict[str, Any] = {key: options[key] for key in same}
    given["epochs"] = 1.0 if options["epochs"] is None else options["epochs"]
    given |= {key: _single(key, options[key]) for key in ("test", "cost")}
    spec = TableSpec(objective=column, maximise=maximise, **given)
    keep_table(import_runs(spec, existing_path(Path(arguments[0]))), replace=replace)
    return OK


def _single(option: str, columns: Sequence[str]) -> str | None:
    if len(columns) > 1 or any("@" in column for column in columns):
        raise BenchmarkError(f"--{option} {' '.join(columns)}: with --objective, give one column, without @EPOCHS")
    return columns[0] if columns else None

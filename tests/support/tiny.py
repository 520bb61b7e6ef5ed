"""A table small enough to be written, damaged and read a thousand times: eight architectures, two fidelities."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from benchmarks import ChoiceSpace
from benchmarks.storage.tables import MANIFEST, data_folder
from benchmarks.table import TableBenchmark
from benchmarks.user_tables.importing import import_table
from benchmarks.user_tables.notation import ColumnSpec, TestSpec
from benchmarks.user_tables.specification import TableSpec

SPACES = {"tiny": "tiny:space"}
"""Spaces that a test adds to ``benchmarks.registry.SPACES``."""

SPEC = TableSpec(
    name="mine",
    space="tiny",
    architecture="cell",
    signal=(ColumnSpec(("v0", "v1"), 9.0), ColumnSpec(("early",), 1.0)),
    tests=(TestSpec(ColumnSpec(("test",), 9.0)),),
    cost=(ColumnSpec(("time",), 9.0), ColumnSpec(("time",), 1.0, 0.125)),
    scale="accuracy-percent",
    accept=frozenset({"unequal-repeats"}),
    official=True,
)

CSV = "cell,v0,v1,early,test,time\n" + "".join(
    f'"depth={i // 2},skip={i % 2}",{60 + 3 * i},{61.5 + 3 * i},{40 + i},{58 + 3 * i},{100 + i}\n' for i in range(8)
)


def space() -> ChoiceSpace:
    return ChoiceSpace("tiny", {"depth": range(4), "skip": range(2)})


def table(folder: Path, content: bytes = CSV.encode(), name: str = "tiny.csv") -> TableBenchmark:
    """Import the table, or what a test made of its text, from a file in this folder."""
    file = folder / name
    file.write_bytes(content)
    return import_table(SPEC, file)


def read_manifest() -> Any:
    """The manifest of the imported table, as JSON gives it."""
    return json.loads((data_folder() / SPEC.name / MANIFEST).read_text())


def write_manifest(manifest: Any) -> None:
    (data_folder() / SPEC.name / MANIFEST).write_text(json.dumps(manifest))


def sign(manifest: Any) -> None:
    """Make a changed manifest bear the hash of what it says now, as if it had been imported so."""
    content = {key: manifest[key] for key in ("facts", "arrays", "layout", "training") if key in manifest}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    manifest["sha256"] = hashlib.sha256(canonical.encode()).hexdigest()

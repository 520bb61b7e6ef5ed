"""Tell whether a table was replaced since results were made on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.errors import BenchmarkError
from benchmarks.storage.tables import imported_names, read_manifest

if TYPE_CHECKING:
    from results.storage.study import Study


def load_study(directory: Path, *, streamed: bool = False) -> Study:
    """Read a results folder, with a note for each benchmark whose table was replaced since."""
    from results.storage.loading import load  # imports pandas, which `stale_data` does not need

    study = load(directory, streamed=streamed)
    return replace(study, notes=[*study.notes, *stale_data(study.benchmarks)])


def stale_data(benchmarks: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each benchmark whose imported table has other data than the results.

    Only manifests are read. Embedded tables are checked when they are opened, and cannot be replaced.
    """
    imported, notes = set(imported_names()), []
    for name, facts in benchmarks.items():
        if name not in imported:
            continue
        try:
            installed = read_manifest(name).facts.data_hash
        except BenchmarkError as error:
            notes.append(str(error))
            continue
        if installed != facts["data_hash"]:
            notes.append(
                f"{name} is stale: its table was replaced since these results were made (data"
                f" {facts['data_hash'][:12]}, now {installed[:12]}); `regretta run` runs its trials again"
            )
    return notes

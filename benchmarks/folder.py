"""Imported tables: one folder of memory-mapped arrays and a manifest each, below the data folder."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from benchmarks.errors import BenchmarkError, DataAbsentError
from benchmarks.facts import Facts, TargetFacts
from benchmarks.space import SearchSpace
from benchmarks.table import TableBenchmark

FORMAT = 1
MANIFEST = "manifest.json"


def data_folder() -> Path:
    """Folder of imported tables: ``$REGRETTA_DATA``, or the platform's folder for user data."""
    given = os.environ.get("REGRETTA_DATA")
    return Path(given).expanduser() if given else Path(platformdirs.user_data_path("regretta"))


def imported_names() -> list[str]:
    """List the tables in the data folder."""
    return sorted(manifest.parent.name for manifest in data_folder().glob(f"[!.]*/{MANIFEST}"))


def write_table(table: TableBenchmark, *, replace: bool = False) -> Path:
    """Write a table to the data folder, whole or not at all.

    Raises
    ------
    BenchmarkError
        If the name is no folder name, or a table of that name is there and ``replace`` is not set.
    """
    name = table.facts.name
    if not name or name.startswith(".") or any(c in name for c in "/\\\0") or Path(name).name != name:
        raise BenchmarkError(f"{name!r} cannot be a benchmark's name: use letters, digits, '-', '_' and '.'")
    final = data_folder() / name
    if final.exists() and not replace:
        raise BenchmarkError(f"a table {name!r} is in {data_folder()} already; pass --replace to write over it")
    data_folder().mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".importing-", dir=data_folder()))
    try:
        _write_arrays(table, draft)
        draft.chmod(0o755)
        _put(draft, final)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(final / "replaced", ignore_errors=True)
    return final


def _put(draft: Path, final: Path) -> None:
    """Rename the draft; what was in its place is inside it then, or back in its place if that fails."""
    aside = draft / "replaced"
    if final.exists():
        os.replace(final, aside)
    try:
        os.replace(draft, final)
    except OSError:
        if aside.exists():
            aside.rename(final)
        raise


def _write_arrays(table: TableBenchmark, folder: Path) -> None:
    arrays = []
    for kind, group in table.arrays().items():
        for key, values in group.items():
            file = f"{kind}-{key}.npy"
            np.save(folder / file, np.ascontiguousarray(values, dtype=np.float64))
            arrays.append({"file": file, "kind": kind, "key": key, "shape": list(values.shape)})
    for entry in arrays:
        entry["sha256"] = _sha256(folder / str(entry["file"]))
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "space": table.space.name,
        "facts": table.facts.to_json(),
        "arrays": arrays,
    }
    digest = hashlib.sha256("".join(str(entry["sha256"]) for entry in arrays).encode()).hexdigest()
    manifest["facts"]["data_hash"] = digest
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_manifest(name: str) -> dict[str, Any]:
    """Read the manifest of an imported table.

    Raises
    ------
    DataAbsentError
        If there is no such table.
    BenchmarkError
        If its manifest cannot be read.
    """
    file = data_folder() / name / MANIFEST
    if not file.exists():
        raise DataAbsentError(
            f"benchmark {name!r}: its data is not in {data_folder()}. `regretta data list` says how to get it"
        )
    try:
        manifest: dict[str, Any] = json.loads(file.read_text())
        if manifest["format"] != FORMAT:
            raise BenchmarkError(
                f"{file} has format {manifest['format']}, this version reads {FORMAT}; import the table again"
            )
        if {"space", "facts", "arrays"} <= manifest.keys():
            return manifest
        raise KeyError("space, facts or arrays")
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise BenchmarkError(f"{file} is damaged ({error}); import the table again with --replace") from error


def facts_from_json(record: dict[str, Any]) -> Facts:
    """Turn the facts of a manifest back into :class:`Facts`."""
    lists: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in record.items()}
    lists["targets"] = {target: TargetFacts(**facts) for target, facts in record["targets"].items()}
    low, high = record["valid_range"]
    lists["valid_range"] = (-math.inf if low is None else low, math.inf if high is None else high)
    return Facts(**lists)


def open_table(name: str) -> TableBenchmark:
    """Open an imported table, its arrays memory-mapped; sizes, shapes and the optima are checked.

    Raises
    ------
    DataAbsentError
        If there is no such table.
    BenchmarkError
        If a file is missing, of another shape, or does not have the optimum that the manifest states.
    """
    manifest = read_manifest(name)
    folder = data_folder() / name
    groups: dict[str, dict[str, np.ndarray[Any, np.dtype[np.float64]]]] = {}
    try:
        facts = facts_from_json(manifest["facts"])
        for entry in manifest["arrays"]:
            values = np.load(folder / Path(entry["file"]).name, mmap_mode="r", allow_pickle=False)
            if list(values.shape) != entry["shape"]:
                raise ValueError(f"{entry['file']} has shape {values.shape}, the manifest says {entry['shape']}")
            groups.setdefault(entry["kind"], {})[entry["key"]] = values
        for target, known in facts.targets.items():
            lowest = float(groups["true_errors"][target].min())
            if lowest != known.optimum:
                raise ValueError(f"the lowest error of {target} is {lowest}, the manifest says {known.optimum}")
        return TableBenchmark(
            facts,
            _space(manifest["space"]),
            {float(key): values for key, values in groups["errors"].items()},
            {float(key): values for key, values in groups.get("seconds", {}).items()},
            groups["true_errors"],
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BenchmarkError(
            f"the table in {folder} is damaged: {error}; import it again with --replace (`regretta data verify` checks"
            " every byte)"
        ) from error


def _space(name: str) -> SearchSpace:
    from benchmarks.registry import load_space

    return load_space(name)


def verify_table(name: str) -> list[str]:
    """Compare every file of an imported table with its SHA-256; return what is wrong."""
    folder = data_folder() / name
    problems = []
    for entry in read_manifest(name)["arrays"]:
        file = folder / Path(entry["file"]).name
        if not file.exists():
            problems.append(f"{file} is missing; import the table again with --replace")
        elif (found := _sha256(file)) != entry["sha256"]:
            problems.append(f"{file} has SHA-256 {found}, not {entry['sha256']}; import the table again with --replace")
    return problems

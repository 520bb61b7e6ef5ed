"""Imported tables: one folder of memory-mapped arrays and a manifest each, below the data folder."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import numpy as np
import platformdirs
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError, DataAbsentError
from benchmarks.registry import MODELS, load_space, resolve
from benchmarks.storage.layout import array_dtype, describe, restore
from benchmarks.storage.manifest import ArrayEntry, Manifest, check_name, manifest_text
from benchmarks.surrogate import SurrogateBenchmark
from benchmarks.table import Kind, TableBenchmark

StoredBenchmark = TableBenchmark | SurrogateBenchmark
MANIFEST = "manifest.json"
DRAFT = ".importing-"
ARRAY = re.compile(r"(errors|seconds|true_errors|layout|model)-.*\.npy")


def data_folder() -> Path:
    """Folder of imported tables: ``$REGRETTA_DATA``, or the platform's folder for user data."""
    given = os.environ.get("REGRETTA_DATA")
    return Path(given).expanduser() if given else Path(platformdirs.user_data_path("regretta"))


def imported_names() -> list[str]:
    """List the tables in the data folder, damaged ones too."""
    return sorted(file.parent.name for file in data_folder().glob(f"[!.]*/{MANIFEST}") if os.path.isfile(file))


def write_table(table: StoredBenchmark, *, replace: bool = False, training: dict[str, Any] | None = None) -> Path:
    """Write a table, or a model, to the data folder, whole or not at all, also where the process is killed.

    A table is what its manifest names, and the manifest comes last, in one step. ``training`` is the report of a
    fitted surrogate, which the manifest keeps.

    Raises
    ------
    BenchmarkError
        If the name is not allowed, or a table of that name is there and ``replace`` is not set.
    """
    name = table.facts.name
    check_name(name)
    folder = data_folder() / name
    with _drafts() as draft:
        if os.path.isfile(folder / MANIFEST) and not replace:
            raise BenchmarkError(f"a table {name!r} is in {data_folder()} already; pass --replace to write over it")
        files = {entry.file for entry in _write(table, draft, training).arrays}
        folder.mkdir(exist_ok=True)
        for file in sorted(files):
            os.replace(draft / file, folder / file)
        os.replace(draft / MANIFEST, folder / MANIFEST)
        for found in folder.iterdir():
            if ARRAY.fullmatch(found.name) and found.name not in files:
                found.unlink()
    return folder


@contextlib.contextmanager
def _drafts() -> Iterator[Path]:
    """A folder for drafts, while no other import is at work; what a killed one left behind is deleted."""
    folder = data_folder()
    if folder.exists() and not folder.is_dir():
        raise BenchmarkError(f"{folder} is no folder; let REGRETTA_DATA name the one for imported tables")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(f"{DRAFT}*"):
            shutil.rmtree(left)
        with tempfile.TemporaryDirectory(prefix=DRAFT, dir=folder) as draft:
            yield Path(draft)


def _write(table: StoredBenchmark, folder: Path, training: dict[str, Any] | None) -> Manifest:
    """Write arrays and manifest.

    An array's name holds part of its hash, so that a new one never takes the place of an old one that is still named
    by the old manifest, or open in another process.
    """
    entries = []
    layout, layout_arrays = describe(table.space, table.index)
    groups: dict[Kind, dict[str, NDArray[Any]]] = {**table.arrays(), "layout": layout_arrays}
    for kind, group in groups.items():
        for key, values in group.items():
            draft = folder / "draft.npy"
            np.save(draft, np.ascontiguousarray(values, dtype=array_dtype(kind, key)))
            sha256 = _sha256(draft)
            file = f"{kind}-{key}-{sha256[:12]}.npy"
            draft.rename(folder / file)
            entries.append(ArrayEntry(file=file, kind=kind, key=key, shape=values.shape, sha256=sha256))
    text = manifest_text(table.facts, entries, layout, training)
    (folder / MANIFEST).write_text(text)
    return Manifest.read(text.encode())


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_manifest(name: str) -> Manifest:
    """Read the manifest of an imported table.

    Raises
    ------
    DataAbsentError
        If there is no such table.
    BenchmarkError
        If its manifest is damaged, was changed after the import, or is that of another table.
    """
    file = data_folder() / name / MANIFEST
    if not os.path.isfile(file):
        raise DataAbsentError(
            f"benchmark {name!r}: its data is not in {data_folder()}. `regretta data list` says how to get it"
        )
    try:
        manifest = Manifest.read(file.read_bytes())
    except (OSError, BenchmarkError) as error:
        raise _damaged(file, error) from None
    if manifest.facts.name != name:
        raise _damaged(file, f"it is that of {manifest.facts.name!r}; the folder has another name")
    return manifest


def _damaged(file: Path, problem: object) -> BenchmarkError:
    return BenchmarkError(
        f"the table in {file.parent} is damaged: {file.name}: {problem}. Make it anew with --replace (`regretta data"
        " import`, or `regretta surrogate fit`), or delete the folder"
    )


def open_table(name: str) -> StoredBenchmark:
    """Open an imported table or model, its arrays memory-mapped; sizes, shapes and a table's optima are checked.

    Raises
    ------
    DataAbsentError
        If there is no such table.
    BenchmarkError
        If a file is missing, of another shape, or does not have the optimum that the manifest states.
    """
    manifest = read_manifest(name)
    facts, folder = manifest.facts, data_folder() / name
    groups: dict[Kind, dict[str, NDArray[Any]]] = {kind: {} for kind in get_args(Kind)}
    for entry in manifest.arrays:
        if entry.kind == "model":  # small, and wrong in every answer where a bit is wrong
            _check_hash(folder / entry.file, entry)
        dtype = array_dtype(entry.kind, entry.key)
        values = groups[entry.kind][entry.key] = _open_array(folder / entry.file, entry.shape, dtype)
        if entry.kind == "true_errors" and values.min() != (stated := facts.targets[entry.key].optimum):
            problem = f"the lowest error is {values.min()}, the manifest says {stated}"
            raise _damaged(folder / entry.file, problem)
    for kind, content in groups["model"].items():
        return SurrogateBenchmark(facts, load_space(facts.space), resolve(MODELS[kind])(content), kind)
    try:
        space, index = restore(facts.space, manifest.layout, groups["layout"])
        return TableBenchmark(
            facts,
            space,
            {float(key): values for key, values in groups["errors"].items()},
            {float(key): values for key, values in groups["seconds"].items()},
            groups["true_errors"],
            index,
        )
    except BenchmarkError as error:
        raise _damaged(folder / MANIFEST, error) from None


def _open_array(file: Path, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    if not os.path.isfile(file):
        raise _damaged(file, "is missing")
    try:
        values: NDArray[Any] = np.lib.format.open_memmap(file, mode="r")
    except Exception as error:  # numpy evaluates the text of the header, and raises whatever Python's parser does
        raise _damaged(file, error) from error
    if values.shape != shape or values.dtype != dtype:
        raise _damaged(file, f"it holds {values.dtype} of shape {values.shape}, wanted is {dtype} of shape {shape}")
    return values


def verify_table(name: str) -> None:
    """Compare every file of an imported table with its SHA-256.

    Raises
    ------
    DataAbsentError
        If there is no such table.
    BenchmarkError
        If a file is not as it was imported.
    """
    folder = data_folder() / name
    for entry in read_manifest(name).arrays:
        _check_hash(folder / entry.file, entry)
    open_table(name)


def _check_hash(file: Path, entry: ArrayEntry) -> None:
    if not os.path.isfile(file):
        raise _damaged(file, "is missing")
    if (found := _sha256(file)) != entry.sha256:
        raise _damaged(file, f"it has SHA-256 {found}, not {entry.sha256}")

"""Imported tables: a folder of memory-mapped arrays with a manifest for each, in the data folder."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
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
ARRAY = re.compile(r"(errors|seconds|true_errors|layout|model|information)-.*\.npy")


def data_folder() -> Path:
    """Return the folder of imported tables: ``$REGRETTA_DATA``, or the platform's folder for user data."""
    given = os.environ.get("REGRETTA_DATA")
    return Path(given).expanduser() if given else Path(platformdirs.user_data_path("regretta"))


def imported_names() -> list[str]:
    """List the tables in the data folder, including damaged ones."""
    return sorted(file.parent.name for file in data_folder().glob(f"[!.]*/{MANIFEST}") if os.path.isfile(file))


def write_table(table: StoredBenchmark, *, replace: bool = False, training: dict[str, Any] | None = None) -> Path:
    """Write a table or a model to the data folder, completely or not at all, even if the process is killed.

    A table consists of the files that its manifest names, and the manifest is put in place last, in one step.

    Parameters
    ----------
    table : StoredBenchmark
    replace : bool
        Whether to overwrite a table of the same name.
    training : dict, optional
        Report of a fitted surrogate, to be kept in the manifest.

    Returns
    -------
    Path
        Folder of the table.

    Raises
    ------
    BenchmarkError
        If the name is not allowed, or a table of that name exists and ``replace`` is not set.
    """
    name = table.facts.name
    check_name(name)
    folder = data_folder() / name
    with _drafts() as draft:
        check_replaceable([name], replace=replace)
        files = {entry.file for entry in _write(table, draft, training).arrays}
        folder.mkdir(exist_ok=True)
        for file in sorted(files):
            os.replace(draft / file, folder / file)
        os.replace(draft / MANIFEST, folder / MANIFEST)
        for found in folder.iterdir():
            if ARRAY.fullmatch(found.name) and found.name not in files:
                found.unlink()
    return folder


def check_replaceable(names: Sequence[str], *, replace: bool) -> None:
    """Check that no table of these names exists, unless it may be replaced.

    Raises
    ------
    BenchmarkError
        If one exists and ``replace`` is not set.
    """
    for name in names:
        if os.path.isfile(data_folder() / name / MANIFEST) and not replace:
            raise BenchmarkError(f"a table {name!r} already exists in {data_folder()}; pass --replace to overwrite it")


@contextlib.contextmanager
def _drafts() -> Iterator[Path]:
    """Yield a folder for drafts while no other import is running. Delete the drafts that a killed import left."""
    folder = data_folder()
    if folder.exists() and not folder.is_dir():
        raise BenchmarkError(f"REGRETTA_DATA: expected a folder for imported tables, got {folder}, which is a file")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(f"{DRAFT}*"):
            shutil.rmtree(left)
        with tempfile.TemporaryDirectory(prefix=DRAFT, dir=folder) as draft:
            yield Path(draft)


def _write(table: StoredBenchmark, folder: Path, training: dict[str, Any] | None) -> Manifest:
    """Write the arrays and the manifest.

    The file name of an array contains part of its hash. So a new file never replaces a different one that the old
    manifest still names, or that is open in another process.
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


def remove_table(name: str) -> Path:
    """Remove an imported table, its manifest first, and return the folder that it had.

    Raises
    ------
    DataAbsentError
        If the table does not exist.
    """
    check_name(name)
    folder = data_folder() / name
    with _drafts():
        if not os.path.isfile(folder / MANIFEST):
            raise DataAbsentError(f"there is no imported table {name!r} in {data_folder()}")
        (folder / MANIFEST).unlink()
        shutil.rmtree(folder)
    return folder


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_manifest(name: str) -> Manifest:
    """Read the manifest of an imported table.

    Raises
    ------
    DataAbsentError
        If the table does not exist.
    BenchmarkError
        If its manifest is damaged, was changed after the import, or belongs to another table.
    """
    file = data_folder() / name / MANIFEST
    if not os.path.isfile(file):
        raise DataAbsentError(
            f"benchmark {name!r}: its data is missing from {data_folder()}: `regretta data list` says how to get it"
        )
    try:
        manifest = Manifest.read(file.read_bytes())
    except (OSError, BenchmarkError) as error:
        raise _damaged(file, error) from None
    if manifest.facts.name != name:
        raise _damaged(file, f"expected the manifest of {name!r}, got that of {manifest.facts.name!r}")
    return manifest


def _damaged(file: Path, problem: object) -> BenchmarkError:
    return BenchmarkError(
        f"the table in {file.parent} is damaged: {file.name}: {problem}. Replace it (`regretta data import --replace`"
        " or `regretta surrogate fit --replace`), or delete the folder"
    )


def open_table(name: str) -> StoredBenchmark:
    """Open an imported table or model with memory-mapped arrays.

    Shapes and types, the optima of a table and the hash of a model are checked.

    Raises
    ------
    DataAbsentError
        If the table does not exist.
    BenchmarkError
        If a file is missing, has another shape, or does not have the optimum that the manifest states.
    """
    manifest = read_manifest(name)
    facts, folder = manifest.facts, data_folder() / name
    groups: dict[Kind, dict[str, NDArray[Any]]] = {kind: {} for kind in get_args(Kind)}
    for entry in manifest.arrays:
        if entry.kind == "model":  # the file is small, and one wrong bit can change every prediction
            _check_hash(folder / entry.file, entry)
        dtype = array_dtype(entry.kind, entry.key)
        values = groups[entry.kind][entry.key] = _open_array(folder / entry.file, entry.shape, dtype)
        if entry.kind == "true_errors" and values.min() != (stated := facts.targets[entry.key].optimum):
            problem = f"the lowest error is {values.min()}, but the manifest states {stated}"
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
            groups["information"],
        )
    except BenchmarkError as error:
        raise _damaged(folder / MANIFEST, error) from None


def _open_array(file: Path, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    if not os.path.isfile(file):
        raise _damaged(file, "the file is missing")
    try:
        values: NDArray[Any] = np.lib.format.open_memmap(file, mode="r")
    except Exception as error:  # numpy parses the header as Python code, which can raise many kinds of errors
        raise _damaged(file, error) from error
    if values.shape != shape or values.dtype != dtype:
        raise _damaged(file, f"expected {dtype} of shape {shape}, got {values.dtype} of shape {values.shape}")
    return values


def verify_table(name: str) -> None:
    """Check the SHA-256 of every file of an imported table.

    Raises
    ------
    DataAbsentError
        If the table does not exist.
    BenchmarkError
        If a file was changed after the import.
    """
    folder = data_folder() / name
    for entry in read_manifest(name).arrays:
        _check_hash(folder / entry.file, entry)
    open_table(name)


def _check_hash(file: Path, entry: ArrayEntry) -> None:
    if not os.path.isfile(file):
        raise _damaged(file, "the file is missing")
    if (found := _sha256(file)) != entry.sha256:
        raise _damaged(file, f"expected SHA-256 {entry.sha256}, got {found}")

"""The store of trials: chunks of one Parquet file each, written atomically and verified when they are read."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from results.storage.records import COLUMNS, INCUMBENT, SCHEMA_VERSION, ResultsError, Trial

TRIALS = "trials"
ID_LENGTH = 16
_METADATA = b"regretta"


def atomic_write(file: Path, content: bytes) -> None:
    """Write a file completely or not at all. An existing file is replaced."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(draft, 0o644)
        os.replace(draft, file)
    finally:
        Path(draft).unlink(missing_ok=True)


def cell_folder(directory: Path, cell_id: str, label: str, benchmark: str) -> Path:
    """Return the folder of a cell's trials.

    An existing folder with the cell's id is used, even if the label has changed since.
    """
    short = cell_id[:ID_LENGTH]
    existing = sorted((directory / TRIALS).glob(f"*--{short}"))
    if existing:
        return existing[0]
    readable = re.sub(r"[^A-Za-z0-9._=+,-]+", "_", label)[:60].strip("_.") or "algorithm"
    return directory / TRIALS / f"{readable}--{benchmark}--{short}"


def write_chunk(folder: Path, trials: Sequence[Trial], metadata: Mapping[str, Any]) -> Path:
    """Write trials of one cell to one file, ``FIRST-LAST.parquet``.

    Parameters
    ----------
    folder : Path
        The folder of the cell.
    trials : sequence of Trial
        At least one, in ascending order.
    metadata : mapping
        Provenance to store in the file, as JSON.

    Returns
    -------
    Path
        The file.
    """
    columns = _concatenate(trials)
    table = pa.table(columns)
    record = {
        **metadata,
        "schema": SCHEMA_VERSION,
        "rows": table.num_rows,
        "trials": {
            str(trial.trial): {"ended": trial.ended, "decisions": trial.decisions, "outcomes": trial.outcomes}
            for trial in trials
        },
    }
    sink = pa.BufferOutputStream()
    described = table.replace_schema_metadata({_METADATA: json.dumps(record).encode()})
    pq.write_table(described, sink, compression="zstd", write_page_checksum=True)
    file = folder / f"{trials[0].trial:05d}-{trials[-1].trial:05d}.parquet"
    atomic_write(file, sink.getvalue())
    return file


def _concatenate(trials: Sequence[Trial]) -> dict[str, pa.Array]:
    lengths = [len(trial.columns["number"]) for trial in trials]
    columns = {"trial": pa.array(np.repeat(np.array([t.trial for t in trials], dtype=np.int32), lengths))}
    for name in trials[0].columns:
        values = np.concatenate([trial.columns[name] for trial in trials])
        if name == "architecture":
            columns[name] = pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])
        elif name == "status":
            columns[name] = pa.array(values).dictionary_encode()
        else:
            columns[name] = pa.array(values)
    return columns


@dataclass
class Presence:
    """The trials of a cell that are on disk.

    Attributes
    ----------
    done : dict
        By trial: ``ended``, ``decisions`` and ``outcomes``.
    real_seconds : float
        The total time they took [s].
    files : list of Path
        The complete files.
    damaged : dict
        By file: the defect. The trials of a damaged file count as missing.
    failed : dict
        By trial: the file with the traceback, if the trial has no result.
    """

    done: dict[int, dict[str, str]] = field(default_factory=dict)
    real_seconds: float = 0.0
    files: list[Path] = field(default_factory=list)
    damaged: dict[Path, str] = field(default_factory=dict)
    failed: dict[int, Path] = field(default_factory=dict)


def scan(folder: Path) -> Presence:
    """Find the trials of a cell from the footers of its files.

    Raises
    ------
    ResultsError
        If a trial is in two files with different outcomes, or a file has another result schema.
    """
    presence = Presence()
    for file in sorted(folder.glob("[0-9]*.parquet")):
        try:
            footer = pq.read_metadata(file)
            record = json.loads(footer.metadata[_METADATA])
            record["schema"], record["trials"]
            _check_place(record, folder, footer.num_rows)
        except (pa.ArrowInvalid, OSError, KeyError, TypeError, ValueError) as error:
            presence.damaged[file] = str(error).splitlines()[0]
            continue
        if record["schema"] != SCHEMA_VERSION:
            raise ResultsError(
                f"{file}: expected result schema {SCHEMA_VERSION}, got {record['schema']}; use another --out"
            )
        for key, entry in record["trials"].items():
            known = presence.done.setdefault(int(key), entry)
            if known["outcomes"] != entry["outcomes"]:
                raise ResultsError(
                    f"trial {key} is in two files of {folder} with different outcomes, the second is {file.name};"
                    " the code changed between them: delete the file that you do not want"
                )
        presence.real_seconds += record.get("real_seconds", 0.0)
        presence.files.append(file)
    for file in folder.glob("[0-9]*.error.json"):
        trial = int(file.name.split(".")[0]) if file.name.split(".")[0].isdigit() else -1
        if trial not in presence.done:
            presence.failed[trial] = file
    return presence


def _check_place(record: Mapping[str, Any], folder: Path, rows: int) -> None:
    """Raise an error if a file was copied from another cell, or has lost or gained rows."""
    cell = record.get("cell")
    short = folder.name.rpartition("--")[2]
    if cell is not None and cell["id"][:ID_LENGTH] != short:
        found = f"{cell['id'][:ID_LENGTH]} ({cell['label']!r})"
        raise ValueError(f"expected trials of cell {short}, got those of cell {found}")
    if record.get("rows", rows) != rows:
        raise ValueError(f"expected {record['rows']} rows, got {rows}")


def write_error(folder: Path, trial: int, record: Mapping[str, Any]) -> None:
    """Write what a failed trial raised to ``TRIAL.error.json``."""
    atomic_write(folder / f"{trial:05d}.error.json", json.dumps(record, indent=1).encode())


def clear_error(folder: Path, trial: int) -> None:
    """Remove the file that an earlier failure of a trial left."""
    (folder / f"{trial:05d}.error.json").unlink(missing_ok=True)


def read_rows(presence: Presence, targets: Sequence[str], columns: Sequence[str] | None = None) -> pa.Table:
    """Read the evaluations of a cell, sorted by (trial, number). A trial that is in two files is read once.

    Parameters
    ----------
    presence : Presence
    targets : sequence of str
        The targets that the cell reports.
    columns : sequence of str, optional
        Columns to read in addition to ``trial`` and ``number``. Default: all but the architecture.

    Raises
    ------
    ResultsError
        If a file does not match its checksums or lacks a column.
    """
    everything = [*(name for name in COLUMNS if name != "architecture"), *(INCUMBENT + target for target in targets)]
    wanted = list(dict.fromkeys(["trial", "number", *(everything if columns is None else columns)]))
    tables: list[pa.Table] = []
    seen: set[int] = set()
    for file in presence.files:
        try:
            with pq.ParquetFile(file, page_checksum_verification=True) as source:
                if lacking := [name for name in wanted if name not in source.schema_arrow.names]:
                    raise ResultsError(
                        f"{file} lacks the columns {', '.join(lacking)}; it has {', '.join(source.schema_arrow.names)}."
                        " No version of Regretta writes such files: move it away and run `regretta run` again"
                    )
                table = source.read(columns=wanted)
        except (pa.ArrowInvalid, OSError) as error:
            raise ResultsError(
                f"{file} is damaged ({str(error).splitlines()[0]}); delete it and run `regretta run` again"
            ) from error
        trials = set(table["trial"].unique().to_pylist())
        if trials & seen:
            table = table.filter(
                pa.compute.invert(pa.compute.is_in(table["trial"], pa.array(trials & seen, pa.int32())))
            )
        seen |= trials
        tables.append(table)
    if not tables:
        return pa.table({})
    merged = pa.concat_tables(tables).unify_dictionaries()
    trial = merged["trial"].to_numpy()
    return (
        merged if np.all(trial[1:] >= trial[:-1]) else merged.sort_by([("trial", "ascending"), ("number", "ascending")])
    )


def empty_columns(targets: Sequence[str]) -> dict[str, Any]:
    """Return the columns of a cell without trials."""
    types = {name: "object" if type_.startswith("U") else type_ for name, type_ in COLUMNS.items()}
    del types["architecture"]
    return {"trial": np.array([], dtype="int32")} | {
        name: np.array([], dtype=type_) for name, type_ in (types | {INCUMBENT + t: "float64" for t in targets}).items()
    }

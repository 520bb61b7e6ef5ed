"""Reading and writing a result folder: its ``experiment.json``, and its content as a :class:`Study`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from results.storage.records import SCHEMA_VERSION, ResultsError
from results.storage.store import ID_LENGTH, TRIALS, Presence, atomic_write, cell_folder, empty_columns, read_rows, scan
from results.storage.study import Cell, Study
from results.target import Target

EXPERIMENT = "experiment.json"


def read_experiment(directory: Path) -> dict[str, Any]:
    """Read ``experiment.json`` of a result folder.

    Raises
    ------
    ResultsError
        If the file is missing or cannot be read.
    """
    file = directory / EXPERIMENT
    if not file.exists():
        raise ResultsError(f"{directory} is not a result folder: it has no {EXPERIMENT}; `regretta run` makes one")
    try:
        record: dict[str, Any] = json.loads(file.read_text())
        schema = record["schema"]
        absent = {"name", "seed", "trials", "cells", "benchmarks"} - record.keys()
        if not absent:
            range(*record["trials"])
            for cell in record["cells"]:
                cell["id"], cell["label"], cell["bitwise_stable"]
                for target in cell["protocol"]["report"]:
                    parsed = Target.parse(target)
                    record["benchmarks"][parsed.benchmark or cell["benchmark"]]["targets"][parsed.name]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"it has no {error}" if isinstance(error, KeyError) else f"{type(error).__name__}: {error}"
        raise ResultsError(
            f"{file} cannot be read ({why}); move it away and repeat the command that made it: the trials are kept"
        ) from error
    if schema != SCHEMA_VERSION:
        raise ResultsError(f"{file}: expected result schema {SCHEMA_VERSION}, got {schema!r}; use another --out")
    if absent:
        raise ResultsError(
            f"{file} lacks {', '.join(sorted(absent))}; move it away and run `regretta run` again: the trials are kept"
        )
    return record


def write_experiment(directory: Path, record: dict[str, Any]) -> None:
    """Write ``experiment.json``. Earlier grids that differ are kept under ``history``.

    Raises
    ------
    ResultsError
        If the folder belongs to an experiment of another name.
    """
    history: list[Any] = []
    if (directory / EXPERIMENT).exists():
        earlier = read_experiment(directory)
        if earlier["name"] != record["name"]:
            raise ResultsError(
                f"{directory} has results of {earlier['name']!r}, not of {record['name']!r}; use another --out"
            )
        history = earlier.pop("history", [])
        grid = ("seed", "trials", "cells")
        if any(earlier[key] != record[key] for key in grid):
            history.append({key: earlier.get(key) for key in (*grid, "environment")})
    content = {**record, "schema": SCHEMA_VERSION, "history": history}
    atomic_write(directory / EXPERIMENT, (json.dumps(content, indent=1) + "\n").encode())


def cell_presence(directory: Path, cell: dict[str, Any]) -> Presence:
    """Find the trials of a cell of ``experiment.json`` that are on disk."""
    return scan(cell_folder(directory, cell["id"], cell["label"], cell["benchmark"]))


def stale_folders(directory: Path, cells: Sequence[dict[str, Any]]) -> list[Path]:
    """Return the folders of cells that are not in the resolved grid."""
    wanted = {cell["id"][:ID_LENGTH] for cell in cells}
    folders = sorted((directory / TRIALS).glob("*--*"))
    return [folder for folder in folders if folder.name.rpartition("--")[2] not in wanted]


def load(directory: Path | str, columns: Sequence[str] | None = None) -> Study:
    """Read a result folder, finished or not.

    Parameters
    ----------
    directory : Path or str
    columns : sequence of str, optional
        Columns of the evaluations to read. Default: all but the architecture.

    Raises
    ------
    ResultsError
        If it is not a result folder, or if a file is damaged or lacks a column.
    """
    directory = Path(directory)
    record = read_experiment(directory)
    notes = [f"{folder.name} is on disk but not in the grid" for folder in stale_folders(directory, record["cells"])]
    wanted = tuple(range(*record["trials"]))
    cells = []
    for entry in record["cells"]:
        presence = cell_presence(directory, entry)
        notes += [f"{file} is damaged ({why}); its trials count as missing" for file, why in presence.damaged.items()]
        cells.append(_load_cell(entry, presence, wanted, columns))
    return Study(record["name"], directory, cells, record["benchmarks"], notes)


def _load_cell(
    entry: dict[str, Any], presence: Presence, wanted: tuple[int, ...], columns: Sequence[str] | None
) -> Cell:
    rows = read_rows(presence, entry["protocol"]["report"], columns)
    frame = rows.to_pandas() if rows.num_columns else pd.DataFrame(empty_columns(entry["protocol"]["report"]))
    chosen = [trial for trial in wanted if trial in presence.done]
    if len(chosen) < len(presence.done):
        frame = frame[frame["trial"].isin(chosen)].reset_index(drop=True)
    trials = pd.DataFrame(
        [presence.done[trial] for trial in chosen],
        index=pd.Index(chosen, name="trial", dtype="int64"),
        columns=["ended", "decisions", "outcomes"],
    )
    return Cell(
        id=entry["id"],
        label=entry["label"],
        algorithm=entry["algorithm"],
        parameters=entry["parameters"],
        version=entry["version"],
        bitwise_stable=entry["bitwise_stable"],
        benchmark=entry["benchmark"],
        protocol=entry["protocol"],
        wanted=wanted,
        evaluations=frame,
        trials=trials,
        failed=tuple(sorted(trial for trial in presence.failed if trial in wanted)),
    )

"""Contents of a results folder, without reading its evaluations.

This module does not import pandas, which takes longer than to look through a folder.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from results.storage.chunks import ID_LENGTH
from results.storage.store import TRIALS, Presence, cell_folder, chunk_files, scan

MOST_NAMED = 3
"""Files that a warning names, at most."""


def cell_presence(
    directory: Path, cell: dict[str, Any], within: range | None = None, *, trust_footers: bool = False
) -> Presence:
    """Find the trials of a cell of ``experiment.json`` that are on disk; see `results.storage.store.scan`."""
    folder = cell_folder(directory, cell["id"], cell["label"], cell["benchmark"])
    return scan(folder, within, trust_footers=trust_footers)


def stale_folders(directory: Path, cells: Sequence[dict[str, Any]]) -> list[Path]:
    """Return the folders of cells that are not in the resolved grid."""
    wanted = {cell["id"][:ID_LENGTH] for cell in cells}
    folders = sorted((directory / TRIALS).glob("*--*"))
    return [folder for folder in folders if folder.name.rpartition("--")[2] not in wanted]


def trials_size(directory: Path) -> int:
    """Return the size of the files of trials of a results folder [bytes]."""
    size = 0
    for folder in (directory / TRIALS).glob("*--*"):
        for file in chunk_files(folder):
            with contextlib.suppress(FileNotFoundError):  # compacted meanwhile
                size += file.stat().st_size
    return size


def unsealed_note(files: Sequence[Path]) -> str:
    """Return the warning about files that no checksum covers."""
    named = ", ".join(str(file) for file in files[:MOST_NAMED])
    more = f" and {len(files) - MOST_NAMED} more" if len(files) > MOST_NAMED else ""
    return (
        f"{named}{more}: written without a checksum, by an older version of Regretta or changed since. The"
        " evaluations agree with their stored hashes; `regretta verify` checks the rest"
    )
